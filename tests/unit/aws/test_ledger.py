"""How charges lie in DynamoDB, beyond the contract of `Ledger`."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import boto3
import pytest

from chalicelib.adapters.aws import ledger_rows
from chalicelib.adapters.aws.family import AwsAdapters
from chalicelib.domain.charge import Charge, ChargeState, Limits
from chalicelib.errors import BudgetExhaustedError, ConfigurationError
from chalicelib.ports import InvoiceQuery
from tests.builders import A_MOMENT, a_charge, an_id
from tests.families import aws_settings
from tests.wire import Wire

LIMITS = Limits(day_usd=Decimal(5), month_usd=Decimal(100), invoice_usd=Decimal("0.25"))
RESERVED = a_charge(state=ChargeState.RESERVED, usd=Decimal("0.000000000001"))
SETTLED = a_charge(usd=Decimal("0.0015"))


def test_a_row_carries_what_operators_look_for_under_plain_names(family: AwsAdapters) -> None:
    family.ledger().reserve(RESERVED, LIMITS)

    row = row_of(family, f"LEDGER#{RESERVED.invoice_id}", "CHG#ocr-1-1")
    assert row["invoice_id"] == {"S": RESERVED.invoice_id}
    assert row["state"] == {"S": "reserved"}
    assert row["usd"] == {"N": "0.000000000001"}


def test_sums_are_numbers_that_are_exact(family: AwsAdapters) -> None:
    family.ledger().reserve(RESERVED, LIMITS)
    family.ledger().settle(SETTLED)
    family.ledger().share(a_charge(charge_id="infrastructure-1-1", state=ChargeState.SHARED, usd=Decimal("0.1")))

    for key in (("SPENT", "DAY#2026-11-23"), ("SPENT", "MONTH#2026-11"), (f"LEDGER#{SETTLED.invoice_id}", "SPENT")):
        assert Decimal(row_of(family, *key)["usd"]["N"]) == Decimal("0.1015")


def test_a_reservation_is_one_transaction_each_sum_with_its_own_condition(family: AwsAdapters) -> None:
    wire = wire_of(family, "TransactWriteItems")
    family.ledger().reserve(a_charge(state=ChargeState.RESERVED, usd=Decimal("0.01")), LIMITS)

    (request,) = wire.requests
    charge, *sums = request["TransactItems"]
    assert charge["Put"]["ConditionExpression"] == "attribute_not_exists(pk)"
    assert {item["Update"]["ConditionExpression"] for item in sums} == {
        "attribute_not_exists(#attribute) OR #attribute <= :at_most"
    }
    rooms = [item["Update"]["ExpressionAttributeValues"][":at_most"]["N"] for item in sums]
    assert rooms == ["0.24", "99.99", "4.99"]


def test_what_can_never_fit_is_refused_without_a_request(family: AwsAdapters) -> None:
    wires = [wire_of(family, operation) for operation in ("TransactWriteItems", "GetItem", "Query")]

    with pytest.raises(BudgetExhaustedError):
        family.ledger().reserve(a_charge(state=ChargeState.RESERVED, usd=Decimal("0.26")), LIMITS)

    assert [wire.requests for wire in wires] == [[], [], []]


def test_a_settlement_is_one_transaction(family: AwsAdapters) -> None:
    family.ledger().reserve(RESERVED, LIMITS)
    wire = wire_of(family, "TransactWriteItems")
    family.ledger().settle(SETTLED)

    (request,) = wire.requests
    assert len(request["TransactItems"]) == 4


def test_a_charge_that_cost_what_was_reserved_leaves_the_sums_alone(family: AwsAdapters) -> None:
    """So workers that settle do not get into the way of those that reserve."""
    family.ledger().reserve(RESERVED, LIMITS)
    wire = wire_of(family, "TransactWriteItems")
    family.ledger().settle(SETTLED.model_copy(update={"usd": RESERVED.usd}))

    (request,) = wire.requests
    assert len(request["TransactItems"]) == 1


def test_only_what_is_reserved_is_in_the_index_of_what_is_open(family: AwsAdapters) -> None:
    family.ledger().reserve(RESERVED, LIMITS)
    assert row_of(family, f"LEDGER#{RESERVED.invoice_id}", "CHG#ocr-1-1")["status"] == {"S": "reserved"}

    family.ledger().settle(SETTLED)
    assert "status" not in row_of(family, f"LEDGER#{RESERVED.invoice_id}", "CHG#ocr-1-1")


def test_charges_are_in_no_list_of_invoices(family: AwsAdapters) -> None:
    family.ledger().reserve(RESERVED, LIMITS)

    assert family.invoices().page(InvoiceQuery()).records == ()
    assert family.invoices().count_processed(A_MOMENT - timedelta(days=1)) == 0


@pytest.mark.parametrize("count", [100, 230])
def test_a_day_of_many_charges_is_listed_in_full(family: AwsAdapters, count: int) -> None:
    charges = [a_charge(invoice_id=an_id()) for _ in range(count)]
    fill(family, charges)

    assert sorted(family.ledger().charges_on(SETTLED.day), key=lambda charge: charge.invoice_id) == charges


@pytest.mark.parametrize(
    "ask",
    [
        lambda ledger: ledger.charges_on(SETTLED.day),
        lambda ledger: ledger.open_reservations(A_MOMENT),
        lambda ledger: ledger.charges_of(SETTLED.invoice_id),
        lambda ledger: ledger.daily(SETTLED.day, SETTLED.day),
    ],
    ids=["charges_on", "open_reservations", "charges_of", "daily"],
)
def test_lists_are_queries_of_one_partition(family: AwsAdapters, ask: Callable[[Any], Any]) -> None:
    wires = {operation: wire_of(family, operation) for operation in ("Query", "Scan")}

    list(ask(family.ledger()))

    assert len(wires["Query"].requests) == 1
    assert wires["Scan"].requests == []


def test_a_charge_whose_index_entry_is_behind_is_not_taken_for_open(family: AwsAdapters) -> None:
    """An index may still say what was so a moment ago."""
    settled = ledger_rows.to_row(SETTLED) | {"status": {"S": "reserved"}}
    boto3.client("dynamodb").put_item(TableName=family._settings.table_name, Item=settled)

    assert list(family.ledger().open_reservations(A_MOMENT + timedelta(1))) == []


def test_a_missing_table_is_a_matter_of_configuration(aws: None) -> None:
    ledger = AwsAdapters(aws_settings()).ledger()

    for call in (lambda: ledger.reserve(RESERVED, LIMITS), lambda: ledger.spending(SETTLED.day)):
        with pytest.raises(ConfigurationError):
            call()


def wire_of(family: AwsAdapters, operation: str) -> Wire:
    """What is asked of the table from now on."""
    return Wire(family._clients.dynamodb(), operation, [])


def fill(family: AwsAdapters, charges: Sequence[Charge]) -> None:
    """Put many rows at once, which booking takes its time for on moto."""
    puts = [{"PutRequest": {"Item": ledger_rows.to_row(charge)}} for charge in charges]
    for start in range(0, len(puts), 25):
        items: Any = {family._settings.table_name: puts[start : start + 25]}
        boto3.client("dynamodb").batch_write_item(RequestItems=items)


def row_of(family: AwsAdapters, partition: str, sort: str) -> Mapping[str, Any]:
    """The row as it lies in the table."""
    key = {"pk": {"S": partition}, "sk": {"S": sort}}
    return boto3.client("dynamodb").get_item(TableName=family._settings.table_name, Key=key)["Item"]
