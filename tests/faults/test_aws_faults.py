"""AWS in bad moods: boto3's own retries, and ours, against faults on the wire."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from chalicelib.adapters.aws.family import AwsAdapters
from chalicelib.domain.document import DocumentRef, MediaType
from chalicelib.domain.record import Status
from chalicelib.errors import UnavailableError
from chalicelib.ports import InvoiceQuery
from tests.builders import a_completed_record, a_document, a_record
from tests.families import an_aws_family, moto
from tests.wire import Wire, an_answer, an_error, shortened

KEY = "uploads/a.pdf"


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
def test_a_fault_that_passes_is_not_noticed(family: AwsAdapters, fault: Any) -> None:
    record = family.invoices().register(a_record())
    wire = table_wire(family, "GetItem", fault)

    assert family.invoices().load(record.invoice_id) == record
    assert len(wire.requests) == 2


def test_after_three_attempts_the_service_is_unavailable(family: AwsAdapters) -> None:
    wire = table_wire(family, "GetItem", *[an_error("ThrottlingException", 400)] * 5)

    with pytest.raises(UnavailableError):
        family.invoices().check()

    assert len(wire.requests) == 3


def test_transactions_that_meet_in_one_row_are_tried_again(family: AwsAdapters) -> None:
    wire = table_wire(family, "TransactWriteItems", cancelled("TransactionConflict", "None"))
    record = a_record()

    assert family.invoices().register(record) == record
    assert family.invoices().load(record.invoice_id) == record
    assert len(wire.requests) == 2


def test_transactions_that_meet_again_and_again_end_as_unavailable(family: AwsAdapters) -> None:
    wire = table_wire(family, "TransactWriteItems", *[cancelled("None", "TransactionConflict")] * 9)

    with pytest.raises(UnavailableError) as told:
        family.invoices().register(a_record())

    assert told.value.code == "dynamodb_transaction_conflict"
    assert len(wire.requests) == 5


def test_a_save_whose_answer_was_lost_is_recognised_and_not_its_own_rival(family: AwsAdapters) -> None:
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


def test_rows_that_a_busy_table_left_out_are_asked_for_again(family: AwsAdapters) -> None:
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


def test_an_upload_survives_a_slow_bucket(family: AwsAdapters) -> None:
    slow = an_answer(503, "<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>")
    wire = Wire(family._clients.s3(), "PutObject", [slow])

    family.documents().put(KEY, a_document(), MediaType.PDF)

    assert family.documents().get(DocumentRef(key=KEY)) == a_document()
    assert len(wire.requests) == 2


def test_a_download_that_breaks_off_is_unavailable_and_never_half_a_document(family: AwsAdapters) -> None:
    family.documents().put(KEY, a_document(), MediaType.PDF)
    Wire(family._clients.s3(), "GetObject", [lambda answer: shortened(answer, 10)])

    with pytest.raises(UnavailableError):
        family.documents().get(DocumentRef(key=KEY))
