"""Charges and their sums as rows of the table, and how they are asked for. See docs/adr/0019-the-ledger.md."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from chalicelib.adapters.aws import resources
from chalicelib.adapters.aws.rows import INVOICE_ID, Row
from chalicelib.adapters.booking import Budget, month_of
from chalicelib.adapters.listing import timestamp
from chalicelib.domain.charge import Charge, ChargeState

STATE = "state"
USD = "usd"

_CHARGE = "charge"
_SPENT = "SPENT"
_NAMED = "CHG#"
_DAY = "DAY#"
_MONTH = "MONTH#"
_KEYS = ", ".join((resources.PARTITION, resources.SORT))


def charge_key(invoice_id: str, charge_id: str) -> Row:
    """The key of a charge's row."""
    return _key(f"LEDGER#{invoice_id}", f"{_NAMED}{charge_id}")


def day_key(day: date) -> Row:
    """The key of the row that holds what was spent in a day."""
    return _key(_SPENT, f"{_DAY}{day.isoformat()}")


def month_key(day: date) -> Row:
    """The key of the row that holds what was spent in the month of a day."""
    return _key(_SPENT, f"{_MONTH}{month_of(day)}")


def sum_key(budget: Budget, charge: Charge) -> Row:
    """The key of the row that holds the sum of a budget that this charge counts in."""
    if budget is Budget.DAY:
        return day_key(charge.day)
    return month_key(charge.day) if budget is Budget.MONTH else _key(f"LEDGER#{charge.invoice_id}", _SPENT)


def to_row(charge: Charge) -> Row:
    """The row of a charge: the charge as JSON, and beside it what it is found by and what operators look for.

    It is in `by_time` with those of its day, and in `by_status` for as long as it is reserved.
    """
    texts = {
        resources.KIND: _kind(charge.day),
        resources.POSITION: f"{timestamp(charge.at)}#{charge.invoice_id}#{charge.charge_id}",
        INVOICE_ID: charge.invoice_id,
        STATE: charge.state,
        _CHARGE: charge.model_dump_json(),
    }
    if charge.state is ChargeState.RESERVED:
        texts[resources.STATUS] = charge.state
    row: Row = {name: {"S": str(text)} for name, text in texts.items()}
    return {**charge_key(charge.invoice_id, charge.charge_id), **row, USD: {"N": number(charge.usd)}}


def from_row(row: Mapping[str, Any]) -> Charge:
    """The charge of a row."""
    return Charge.model_validate_json(row[_CHARGE]["S"])


def sum_of(row: Mapping[str, Any] | None) -> Decimal:
    """The US dollars in the row of a sum, zero when there is none yet."""
    return Decimal(row[USD]["N"]) if row else Decimal(0)


def day_of(row: Mapping[str, Any]) -> date:
    """The day whose sum a row holds."""
    return date.fromisoformat(row[resources.SORT]["S"].removeprefix(_DAY))


def number(usd: Decimal) -> str:
    """US dollars as DynamoDB takes a number: exact to 38 digits.

    >>> number(Decimal("1E-12"))
    '0.000000000001'
    """
    return format(usd, "f")


def charges_of(invoice_id: str) -> Mapping[str, Any]:
    """The `Query` (without table) that gives the charges of an invoice."""
    condition = f"{resources.PARTITION} = :partition AND begins_with({resources.SORT}, :name)"
    return _query(condition, {":partition": f"LEDGER#{invoice_id}", ":name": _NAMED})


def sums_of_days(first: date, last: date) -> Mapping[str, Any]:
    """The `Query` (without table) that gives the sums of the days from `first` to `last`."""
    condition = f"{resources.PARTITION} = :partition AND {resources.SORT} BETWEEN :first AND :last"
    days = {":first": f"{_DAY}{first.isoformat()}", ":last": f"{_DAY}{last.isoformat()}"}
    return _query(condition, {":partition": _SPENT, **days})


def charges_on(day: date) -> Mapping[str, Any]:
    """The `Query` (without table) that gives the keys of the charges of a day."""
    return _index_query(resources.BY_TIME, "#partition = :partition", {":partition": _kind(day)})


def reserved_before(moment: datetime) -> Mapping[str, Any]:
    """The `Query` (without table) that gives the keys of the charges that were reserved before, and still are."""
    values = {":partition": ChargeState.RESERVED, ":moment": timestamp(moment)}
    request = _index_query(resources.BY_STATUS, "#partition = :partition AND #sort < :moment", values)
    request["ExpressionAttributeNames"]["#sort"] = resources.BY_STATUS.sort
    return request


def _kind(day: date) -> str:
    return f"charge#{day.isoformat()}"


def _key(partition: str, sort: str) -> Row:
    return {resources.PARTITION: {"S": partition}, resources.SORT: {"S": sort}}


def _query(condition: str, values: Mapping[str, str]) -> dict[str, Any]:
    """A query of the table itself, which is never behind."""
    return {
        "KeyConditionExpression": condition,
        "ExpressionAttributeValues": {name: {"S": str(value)} for name, value in values.items()},
        "ConsistentRead": True,
    }


def _index_query(index: resources.Index, condition: str, values: Mapping[str, str]) -> dict[str, Any]:
    """A query of an index for keys only."""
    return {
        "IndexName": index.name,
        "KeyConditionExpression": condition,
        "ExpressionAttributeNames": {"#partition": index.partition},
        "ExpressionAttributeValues": {name: {"S": str(value)} for name, value in values.items()},
        "ProjectionExpression": _KEYS,
    }
