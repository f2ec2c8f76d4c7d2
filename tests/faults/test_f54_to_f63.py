"""The failures F54 to F63, those of DynamoDB. Each test has the name of its row."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from chalicelib.adapters.aws import ledger_rows
from chalicelib.adapters.aws.family import AwsAdapters
from chalicelib.bootstrap import Services
from chalicelib.costs.mode import ModeName
from chalicelib.domain.charge import ChargeState, Limits
from chalicelib.domain.document import DocumentRef, ReadDocument
from chalicelib.domain.record import Status
from chalicelib.errors import BudgetExhaustedError, ConfigurationError, ConflictError, UnavailableError
from chalicelib.ports import InvoiceQuery
from chalicelib.settings import Settings
from tests.at_once import at_once
from tests.builders import (
    SetClock,
    a_charge,
    a_clock,
    a_completed_record,
    a_document,
    a_line_item,
    a_read_document,
    a_record,
    a_stored_document,
    an_id,
    an_invoice,
    an_outcome,
)
from tests.families import an_aws_family, aws_settings, create_resources, moto
from tests.wire import Wire, an_answer, an_error

KEY = "uploads/a.pdf"
FREELY = Limits(day_usd=Decimal(9), month_usd=Decimal(9), invoice_usd=Decimal(9))


@pytest.fixture(scope="module")
def aws() -> Iterator[None]:
    """AWS itself."""
    with moto():
        yield


@pytest.fixture
def family(aws: None) -> AwsAdapters:
    """An empty family."""
    return an_aws_family()


def cancelled(*reasons: str) -> AWSResponse:
    """A transaction that was cancelled for these reasons."""
    return an_error("TransactionCanceledException", 400, CancellationReasons=[{"Code": reason} for reason in reasons])


def table_wire(family: AwsAdapters, operation: str, *replies: Any) -> Wire:
    return Wire(family._clients.dynamodb(), operation, replies)


def test_f54_a_condition_that_does_not_hold_is_an_answer_and_no_trouble(
    family: AwsAdapters, caplog: pytest.LogCaptureFixture
) -> None:
    document = a_stored_document()
    first = family.invoices().register(a_record(document=document))
    wire = table_wire(family, "TransactWriteItems")

    same = family.invoices().register(a_record(document=document))
    with pytest.raises(ConflictError):
        family.invoices().save(first.model_copy(update={"revision": 7}))

    assert same == first
    assert len(wire.requests) == 2
    assert [line for line in caplog.records if line.name.startswith("smart-invoice")] == []


@pytest.mark.parametrize("reason", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_f55_what_passes_is_tried_again_until_it_is_written_once(family: AwsAdapters, reason: str) -> None:
    wire = table_wire(family, "TransactWriteItems", *[cancelled("None", reason)] * 4)
    record = family.invoices().register(a_record())

    assert family.invoices().load(record.invoice_id) == record
    assert len(wire.requests) == 5


@pytest.mark.parametrize(
    ("reasons", "expected"),
    [
        (("ConditionalCheckFailed", "TransactionConflict"), ConflictError),
        (("ThrottlingError", "ConditionalCheckFailed"), ConflictError),
        (("ValidationError", "TransactionConflict"), ConfigurationError),
        (("ConditionalCheckFailed", "ValidationError"), ConfigurationError),
    ],
    ids=str,
)
def test_f55_of_mixed_reasons_the_one_that_does_not_pass_counts(
    family: AwsAdapters, reasons: tuple[str, ...], expected: type[Exception]
) -> None:
    record = family.invoices().register(a_record())
    wire = table_wire(family, "TransactWriteItems", cancelled(*reasons))

    with pytest.raises(expected):
        family.invoices().save(record)

    assert len(wire.requests) == 1


@pytest.mark.parametrize(
    "fault",
    [
        an_error("ThrottlingException", 400),
        an_error("RequestLimitExceeded", 400),
        an_error("InternalServerError", 500),
        ConnectTimeoutError(endpoint_url="https://x"),
        ReadTimeoutError(endpoint_url="https://x"),
    ],
    ids=["throttled", "too_many_requests", "server_error", "connect_timeout", "read_timeout"],
)
def test_f56_a_fault_that_passes_is_not_noticed(family: AwsAdapters, fault: Any) -> None:
    record = family.invoices().register(a_record())
    wire = table_wire(family, "GetItem", fault)

    assert family.invoices().load(record.invoice_id) == record
    assert len(wire.requests) == 2


def test_f56_after_three_attempts_the_service_is_unavailable(family: AwsAdapters) -> None:
    wire = table_wire(family, "GetItem", *[an_error("ThrottlingException", 400)] * 5)

    with pytest.raises(UnavailableError):
        family.invoices().check()

    assert len(wire.requests) == 3


def test_f55_transactions_that_meet_in_one_row_are_tried_again(family: AwsAdapters) -> None:
    wire = table_wire(family, "TransactWriteItems", cancelled("TransactionConflict", "None"))
    record = a_record()

    assert family.invoices().register(record) == record
    assert family.invoices().load(record.invoice_id) == record
    assert len(wire.requests) == 2


def test_f55_transactions_that_meet_again_and_again_end_as_unavailable(family: AwsAdapters) -> None:
    wire = table_wire(family, "TransactWriteItems", *[cancelled("None", "TransactionConflict")] * 9)

    with pytest.raises(UnavailableError) as told:
        family.invoices().register(a_record())

    assert told.value.code == "dynamodb_transaction_conflict"
    assert len(wire.requests) == 5


def test_f57_a_save_whose_answer_was_lost_is_recognised_and_not_its_own_rival(family: AwsAdapters) -> None:
    """DynamoDB answers a repeated token with success; without the token the condition would fail on its own write."""
    record = family.invoices().register(a_record())
    wire = table_wire(family, "TransactWriteItems", lost, an_answer(200, {}))

    saved = family.invoices().save(record.model_copy(update={"status": Status.PROCESSING}))

    assert family.invoices().load(record.invoice_id) == saved
    first, second = wire.requests
    assert first["ClientRequestToken"] == second["ClientRequestToken"]


def lost(_: AWSResponse) -> AWSResponse:
    """The write was done, and then something broke."""
    return an_error("InternalServerError", 500)


def test_f57_a_save_that_is_not_recognised_any_more_is_refused_and_not_done_twice(family: AwsAdapters) -> None:
    """As after ten minutes, when DynamoDB has forgotten the token: the condition holds the second write back."""
    record = family.invoices().register(a_record())
    table_wire(family, "TransactWriteItems", lost)

    with pytest.raises(ConflictError):
        family.invoices().save(record.model_copy(update={"status": Status.PROCESSING}))

    stored = family.invoices().load(record.invoice_id)
    assert stored is not None
    assert (stored.status, stored.revision) == (Status.PROCESSING, 1)


def test_f58_an_invoice_of_2000_lines_is_stored_whole_and_its_row_stays_small(family: AwsAdapters) -> None:
    lines = [a_line_item(description=f"Oak board number {number}, planed on all sides") for number in range(2000)]
    record = a_completed_record(outcome=an_outcome(invoice=an_invoice(line_items=lines)))
    wire = table_wire(family, "TransactWriteItems")

    family.invoices().register(record)

    assert family.invoices().load(record.invoice_id) == record
    assert len(json.dumps(wire.requests[0])) < 400_000


def test_f59_a_mode_that_has_ended_is_not_in_force_though_its_row_is_still_there(aws: None) -> None:
    clock = a_clock()
    family = an_aws_family(clock)
    switches = Services(family._settings, family).switches
    switches.set_mode(ModeName.REJECT, "too many", "anna", clock.now() + timedelta(hours=1))
    with pytest.raises(BudgetExhaustedError):
        switches.check_uploads()

    clock.advance(hours=1)

    Services(family._settings, family).switches.check_uploads()
    stored = family.shared_state().load("mode")
    assert stored is not None
    assert "reject" in stored.value


def test_f61_a_zombie_that_writes_after_it_has_lost_its_claim_changes_nothing(aws: None) -> None:
    """It reads for longer than it may have the document; another one takes over and finishes before it wakes."""
    family = SlowAdapters(aws_settings(textract=False, models=""), a_clock())
    create_resources(family.settings)
    services = Services(family.settings, family)
    record = services.receive(a_document(), "invoice.pdf").record
    ref = DocumentRef(key=record.document.key)
    family.while_reading.append(lambda: services.process(ref, "the-next"))

    end = services.process(ref, "the-zombie")

    assert end == family.invoices().load(record.invoice_id)
    assert (end.status, end.attempts) == (Status.COMPLETED, 2)
    assert len(family.invoices().page(InvoiceQuery()).records) == 1


class SlowAdapters(AwsAdapters):
    """The AWS adapters with a reader that takes half an hour when something is to happen meanwhile."""

    def __init__(self, settings: Settings, clock: SetClock) -> None:
        super().__init__(settings, clock)
        self.settings = settings
        self.while_reading: list[Callable[[], object]] = []
        self._set_clock = clock

    def reader(self) -> "SlowAdapters":
        """This one."""
        return self

    def read(self, _content: bytes) -> ReadDocument:
        """One word, perhaps late."""
        if self.while_reading:
            self._set_clock.advance(minutes=30)
            self.while_reading.pop()()
        return a_read_document()


def test_f62_a_missing_table_is_a_matter_of_configuration(aws: None) -> None:
    family = AwsAdapters(aws_settings())

    with pytest.raises(ConfigurationError):
        family.invoices().check()


@pytest.mark.parametrize("operation", ["GetItem", "TransactWriteItems", "Query", "BatchGetItem"])
def test_f62_a_missing_right_is_a_matter_of_configuration_and_nothing_is_tried_again(
    family: AwsAdapters, operation: str
) -> None:
    record = family.invoices().register(a_completed_record())
    wire = table_wire(family, operation, an_error("AccessDeniedException", 400))

    with pytest.raises(ConfigurationError):
        _ = family.invoices().page(InvoiceQuery()), family.invoices().save(record)

    assert len(wire.requests) == 1


def test_f63_the_sum_of_a_day_takes_far_more_than_textract_may_be_asked(family: AwsAdapters) -> None:
    """One item takes 1,000 write units a second; in a transaction a write of up to 1 KB costs two of them."""
    wire = table_wire(family, "TransactWriteItems")
    charge = a_charge(state=ChargeState.RESERVED)
    family.ledger().reserve(charge, FREELY)
    family.ledger().settle(a_charge(state=ChargeState.RELEASED))

    sums = [item["Update"] for request in wire.requests for item in request["TransactItems"] if "Update" in item]
    of_the_day = [update for update in sums if update["Key"] == ledger_rows.day_key(charge.day)]
    calls_a_second = 1_000 / (2 * len(of_the_day))

    assert max(len(json.dumps(update)) for update in of_the_day) < 1_024
    assert len(of_the_day) == 2
    assert calls_a_second >= 50 * 5  # DetectDocumentText's default quota in most regions


def test_f63_of_many_who_book_at_once_nobody_is_lost(family: AwsAdapters) -> None:
    charges = [
        a_charge(invoice_id=an_id(), charge_id=f"ocr-{number}", state=ChargeState.RESERVED) for number in range(24)
    ]

    at_once([lambda charge=charge: family.ledger().reserve(charge, FREELY) for charge in charges])  # type: ignore[misc]  # mypy infers no lambda with a default

    assert family.ledger().spending(charges[0].day).day_usd == sum(charge.usd for charge in charges)


def test_f56_rows_that_a_busy_table_left_out_are_asked_for_again(family: AwsAdapters) -> None:
    records = [family.invoices().register(a_completed_record()) for _ in range(3)]
    wire = table_wire(family, "BatchGetItem", one_left_out)

    assert family.invoices().page(InvoiceQuery()).records == tuple(records[::-1])
    assert [keys_asked_for(request) for request in wire.requests] == [3, 1]


def one_left_out(answer: AWSResponse) -> AWSResponse:
    """What moto found, but for the last row."""
    body = json.loads(answer.content)
    ((table, rows),) = body["Responses"].items()
    left = {name: rows[-1][name] for name in ("pk", "sk")}
    return an_answer(200, {"Responses": {table: rows[:-1]}, "UnprocessedKeys": {table: {"Keys": [left]}}})


def keys_asked_for(request: Mapping[str, Any]) -> int:
    (asked,) = request["RequestItems"].values()
    return len(asked["Keys"])
