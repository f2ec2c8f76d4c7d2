"""The ledger in bad moods of DynamoDB: nothing is booked twice, and nothing that was booked is lost."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError

from chalicelib.adapters.aws.family import AwsAdapters
from chalicelib.domain.charge import ChargeState, Limits
from chalicelib.errors import SmartInvoiceError, UnavailableError
from tests.builders import a_charge
from tests.families import an_aws_family, moto
from tests.wire import Wire, an_answer, an_error

LIMITS = Limits(day_usd=Decimal(5), month_usd=Decimal(100), invoice_usd=Decimal("0.25"))
RESERVED = a_charge(state=ChargeState.RESERVED, usd=Decimal("0.01"))
SETTLED = a_charge(usd=Decimal("0.0015"))
SHARED = a_charge(charge_id="infrastructure-1-1", state=ChargeState.SHARED, usd=Decimal("0.0003"))
HELD, FAILED, MET, BUSY = "None", "ConditionalCheckFailed", "TransactionConflict", "ThrottlingError"


@pytest.fixture(scope="module")
def aws() -> Iterator[None]:
    """AWS itself."""
    with moto():
        yield


@pytest.fixture
def family(aws: None) -> AwsAdapters:
    """An empty family."""
    return an_aws_family()


def wire_of(family: AwsAdapters, *replies: object) -> Wire:
    return Wire(family._clients.dynamodb(), "TransactWriteItems", replies)  # type: ignore[arg-type]  # of any kind


def cancelled(*reasons: str) -> AWSResponse:
    """A transaction that was cancelled for these reasons: of the charge, the invoice, the month and the day."""
    return an_error("TransactionCanceledException", 400, CancellationReasons=[{"Code": reason} for reason in reasons])


def lost(_: AWSResponse) -> AWSResponse:
    """The write was done, and then something broke."""
    return an_error("InternalServerError", 500)


def test_a_reservation_whose_answer_was_lost_is_recognised_by_its_token(family: AwsAdapters) -> None:
    """DynamoDB answers a repeated token with success; without the token the charge would be its own rival."""
    wire = wire_of(family, lost, an_answer(200, {}))

    family.ledger().reserve(RESERVED, LIMITS)

    assert family.ledger().charges_of(RESERVED.invoice_id) == (RESERVED,)
    assert family.ledger().spending(RESERVED.day).day_usd == RESERVED.usd
    first, second = wire.requests
    assert first["ClientRequestToken"] == second["ClientRequestToken"]


def test_a_settlement_whose_answer_was_lost_is_recognised_even_without_its_token(family: AwsAdapters) -> None:
    family.ledger().reserve(RESERVED, LIMITS)
    wire_of(family, lost)

    family.ledger().settle(SETTLED)

    assert family.ledger().charges_of(SETTLED.invoice_id) == (SETTLED,)
    assert family.ledger().spending(SETTLED.day).day_usd == SETTLED.usd


def test_a_share_whose_answer_was_lost_is_counted_once(family: AwsAdapters) -> None:
    wire_of(family, lost)

    family.ledger().share(SHARED)

    assert family.ledger().spending(SHARED.day).day_usd == SHARED.usd


def test_a_settlement_that_never_got_an_answer_can_be_repeated(family: AwsAdapters) -> None:
    family.ledger().reserve(RESERVED, LIMITS)
    wire_of(family, lost, *[ReadTimeoutError(endpoint_url="https://x")] * 2)

    with pytest.raises(UnavailableError):
        family.ledger().settle(SETTLED)
    family.ledger().settle(SETTLED)

    assert family.ledger().spending(SETTLED.day).day_usd == SETTLED.usd


def test_a_reservation_that_never_got_an_answer_stays_counted(family: AwsAdapters) -> None:
    wire_of(family, lost, *[ReadTimeoutError(endpoint_url="https://x")] * 2)

    with pytest.raises(UnavailableError):
        family.ledger().reserve(RESERVED, LIMITS)

    assert family.ledger().spending(RESERVED.day).day_usd == RESERVED.usd


@pytest.mark.parametrize("reason", [MET, BUSY, "ProvisionedThroughputExceeded"])
def test_a_reservation_that_was_cancelled_for_a_passing_reason_is_tried_again(family: AwsAdapters, reason: str) -> None:
    wire = wire_of(family, *[cancelled(HELD, HELD, HELD, reason)] * 3)

    family.ledger().reserve(RESERVED, LIMITS)

    assert len({request["ClientRequestToken"] for request in wire.requests}) == 4
    assert family.ledger().spending(RESERVED.day).day_usd == RESERVED.usd


def test_a_sum_that_stays_contended_is_unavailable_and_nothing_is_booked(family: AwsAdapters) -> None:
    wire = wire_of(family, *[cancelled(HELD, HELD, HELD, MET)] * 20)

    with pytest.raises(UnavailableError) as told:
        family.ledger().reserve(RESERVED, LIMITS)

    assert told.value.code == "dynamodb_transaction_conflict"
    assert len(wire.requests) == 8
    assert family.ledger().charges_of(RESERVED.invoice_id) == ()


@pytest.mark.parametrize(
    ("reasons", "code"),
    [
        ((FAILED, HELD, HELD, HELD), "charge_exists"),
        ((FAILED, FAILED, FAILED, FAILED), "charge_exists"),
        ((FAILED, HELD, HELD, MET), "charge_exists"),
        ((HELD, FAILED, HELD, HELD), "invoice_budget"),
        ((HELD, FAILED, FAILED, FAILED), "invoice_budget"),
        ((HELD, HELD, FAILED, HELD), "month_budget"),
        ((HELD, HELD, FAILED, FAILED), "month_budget"),
        ((HELD, HELD, HELD, FAILED), "day_budget"),
        ((HELD, MET, BUSY, FAILED), "day_budget"),
    ],
)
def test_the_reasons_tell_what_was_refused(family: AwsAdapters, reasons: tuple[str, ...], code: str) -> None:
    wire_of(family, cancelled(*reasons))

    with pytest.raises(SmartInvoiceError) as told:
        family.ledger().reserve(RESERVED, LIMITS)

    assert told.value.code == code
