"""The ledger in DynamoDB: a row a charge, and counters that are written in the same transaction.

The layout is that of docs/adr/0019-the-ledger.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.aws import resources
from chalicelib.adapters.aws.clients import AwsClients
from chalicelib.adapters.aws.failures import cancellation_reasons, translated
from chalicelib.adapters.aws.rows import Row
from chalicelib.adapters.aws.transactions import SERVICE, TRIES, Transactions, pause
from chalicelib.adapters.budgets import TRILLION, counters, day_counter, limits_by_counter, month_counter, refused
from chalicelib.adapters.listing import timestamp
from chalicelib.domain.charge import Charge, ChargeState, Limits, Spending
from chalicelib.errors import ConflictError, NotFoundError, UnavailableError
from chalicelib.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_CHARGE = "charge"  # the attribute that holds it as JSON
_STATE = "state"
_SUM = "usd_trillionths"  # integers: exact in whatever adds them up
_TOTAL = "TOTAL"
_OPEN = "charge_reserved"  # in the place of an invoice's status: the index by status finds what is still reserved
_BEFORE_ALL = "0"
_BATCH = 100
_CROWD = 12  # tries of a reservation: all of them meet in the counter of the day
_REFUSED = "ConditionalCheckFailed"


class DynamoLedger:
    """Charges and counters as rows of the one table."""

    def __init__(self, settings: Settings, clients: AwsClients) -> None:
        self._table = settings.table_name
        self._client = clients.dynamodb
        self._transactions = Transactions(clients.dynamodb, tries=_CROWD)

    def reserve(self, charge: Charge, limits: Limits) -> None:
        """Book a reservation, if all limits hold with it; see the port."""
        moved, most = counters(charge), limits_by_counter(limits)
        for counter in moved:
            if charge.usd > most[counter.of]:
                raise refused(counter.of, charge, limits)
        updates = [self._added(counter.name, charge.usd, room=most[counter.of] - charge.usd) for counter in moved]
        try:
            self._transactions.write([self._new(charge), *updates])
        except ConflictError as error:
            exists, *over = [reason == _REFUSED for reason in cancellation_reasons(error)]
            if exists or not any(over):
                raise ConflictError(
                    "charge_exists", f"There already is a charge {charge.charge_id} of {charge.invoice_id}."
                ) from None
            raise refused(moved[over.index(True)].of, charge, limits) from None

    def settle(self, charge: Charge) -> None:
        """Replace a reservation, and correct the sums; see the port."""
        booked = self._load(charge)
        if booked == charge:
            return
        if booked.state is not ChargeState.RESERVED:
            raise _settled_otherwise(charge)
        difference = charge.usd - booked.usd
        updates = [self._added(counter.name, difference) for counter in counters(booked)] if difference else []
        try:
            self._transactions.write([self._final(charge), *updates])
        except ConflictError:
            if self._load(charge) != charge:
                raise _settled_otherwise(charge) from None

    def share(self, charge: Charge) -> None:
        """Book an estimated share; it moves no counter, for no limit is for it."""
        try:
            self._transactions.write([self._new(charge)])
        except ConflictError:
            return

    def charges_of(self, invoice_id: str) -> tuple[Charge, ...]:
        """All charges of one invoice, by name."""
        request = {
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :sk)",
            "ExpressionAttributeValues": {":pk": {"S": _partition(invoice_id)}, ":sk": {"S": "CHARGE#"}},
            "ConsistentRead": True,
        }
        return tuple(_charge(row) for row in self._query(request))

    def charges_on(self, day: date) -> Iterator[Charge]:
        """All charges whose `day` this is, as far as the index has heard of them."""
        index = resources.BY_TIME
        keys = self._listed(index, _kind(day), _BEFORE_ALL, ":")
        return (_charge(row) for row in self._rows(keys))

    def spending(self, day: date) -> Spending:
        """What was spent and reserved on that day, and in its month."""
        sums = self._sums([day_counter(day), month_counter(day)])
        nothing = Decimal(0)
        return Spending(day_usd=sums.get(day_counter(day), nothing), month_usd=sums.get(month_counter(day), nothing))

    def daily(self, first: date, last: date) -> Mapping[date, Decimal]:
        """US dollars by day, both days included; a day without charges is absent."""
        days = {day_counter(day): day for day in _days(first, last)}
        return {days[name]: usd for name, usd in sorted(self._sums(list(days)).items())}

    def open_reservations(self, before: datetime) -> Iterator[Charge]:
        """The charges that were reserved before that moment and are still not settled."""
        keys = self._listed(resources.BY_STATUS, _OPEN, _BEFORE_ALL, timestamp(before))
        charges = (_charge(row) for row in self._rows(keys))
        return (charge for charge in charges if charge.state is ChargeState.RESERVED and charge.at < before)

    def _load(self, charge: Charge) -> Charge:
        with translated(SERVICE):
            answer = self._client().get_item(TableName=self._table, Key=_key(charge), ConsistentRead=True)
        if "Item" not in answer:
            raise NotFoundError("charge_not_found", f"Nothing was reserved as {charge.charge_id}.")
        return _charge(answer["Item"])

    def _new(self, charge: Charge) -> "TransactWriteItemTypeDef":
        row = _row(charge)
        return {"Put": {"TableName": self._table, "Item": row, "ConditionExpression": "attribute_not_exists(pk)"}}

    def _final(self, charge: Charge) -> "TransactWriteItemTypeDef":
        """Put a charge in place of its reservation."""
        return {
            "Put": {
                "TableName": self._table,
                "Item": _row(charge),
                "ConditionExpression": "#state = :reserved",
                "ExpressionAttributeNames": {"#state": _STATE},
                "ExpressionAttributeValues": {":reserved": {"S": ChargeState.RESERVED.value}},
            }
        }

    def _added(self, name: str, usd: Decimal, room: Decimal | None = None) -> "TransactWriteItemTypeDef":
        """Add to a counter; with `room`, only if no more than that is in it."""
        values = {":usd": _trillionths(usd)}
        limited: dict[str, Any] = {}
        if room is not None:
            limited["ConditionExpression"] = f"attribute_not_exists({_SUM}) OR {_SUM} <= :room"
            values[":room"] = _trillionths(room)
        return {
            "Update": {
                "TableName": self._table,
                "Key": _counter_key(name),
                "UpdateExpression": f"ADD {_SUM} :usd",
                "ExpressionAttributeValues": values,
                **limited,
            }
        }

    def _sums(self, names: Sequence[str]) -> dict[str, Decimal]:
        """The counters of these names that there are."""
        rows = self._rows(_counter_key(name) for name in names)
        return {
            row[resources.PARTITION]["S"].removeprefix("SPENT#"): Decimal(row[_SUM]["N"]) / TRILLION for row in rows
        }

    def _listed(self, index: resources.Index, partition: str, first: str, last: str) -> Iterator[Row]:
        """The keys of an index's rows, oldest first."""
        request = {
            "IndexName": index.name,
            "KeyConditionExpression": "#partition = :partition AND #sort BETWEEN :first AND :last",
            "ExpressionAttributeNames": {"#partition": index.partition, "#sort": index.sort},
            "ExpressionAttributeValues": {
                ":partition": {"S": partition},
                ":first": {"S": first},
                ":last": {"S": last},
            },
        }
        return ({name: row[name] for name in (resources.PARTITION, resources.SORT)} for row in self._query(request))

    def _query(self, request: Mapping[str, Any]) -> Iterator[Row]:
        following: Mapping[str, Any] = {}
        while True:
            with translated(SERVICE):
                answer = self._client().query(TableName=self._table, **{**request, **following})
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            following = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def _rows(self, keys: Iterator[Row]) -> Iterator[Row]:
        """The rows under these keys as they are now, in batches; those that are not there are left out."""
        batch: list[Row] = []
        for key in keys:
            batch.append(key)
            if len(batch) == _BATCH:
                yield from self._batch(batch)
                batch = []
        if batch:
            yield from self._batch(batch)

    def _batch(self, keys: Sequence[Row]) -> Iterator[Row]:
        waiting: Mapping[str, Any] = {self._table: {"Keys": list(keys), "ConsistentRead": True}}
        for attempt in range(1, TRIES + 1):
            with translated(SERVICE):
                answer = self._client().batch_get_item(RequestItems=waiting)
            yield from answer["Responses"].get(self._table, [])
            waiting = answer.get("UnprocessedKeys", {})
            if not waiting:
                return
            pause(attempt)
        raise UnavailableError("dynamodb_unavailable", "The table is too busy to tell what was spent; try again.")


def _row(charge: Charge) -> Row:
    """The row of a charge. Only a reservation is in the index by status; all are in that by time, by their day."""
    texts = {
        _CHARGE: charge.model_dump_json(),
        _STATE: charge.state.value,
        resources.KIND: _kind(charge.day),
        resources.POSITION: f"{timestamp(charge.at)}#{charge.invoice_id}#{charge.charge_id}",
    }
    if charge.state is ChargeState.RESERVED:
        texts[resources.STATUS] = _OPEN
    return {
        **_key(charge),
        **{name: {"S": text} for name, text in texts.items()},
        "usd": {"S": format(charge.usd, "f")},
    }


def _charge(row: Mapping[str, Any]) -> Charge:
    return Charge.model_validate_json(row[_CHARGE]["S"])


def _key(charge: Charge) -> Row:
    partition = _partition(charge.invoice_id)
    return {resources.PARTITION: {"S": partition}, resources.SORT: {"S": f"CHARGE#{charge.charge_id}"}}


def _counter_key(name: str) -> Row:
    return {resources.PARTITION: {"S": f"SPENT#{name}"}, resources.SORT: {"S": _TOTAL}}


def _partition(invoice_id: str) -> str:
    return f"LEDGER#{invoice_id}"


def _kind(day: date) -> str:
    return f"charge#{day:%Y-%m-%d}"


def _trillionths(usd: Decimal) -> dict[str, str]:
    return {"N": str(int(usd * TRILLION))}


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _settled_otherwise(charge: Charge) -> ConflictError:
    return ConflictError("charge_settled", f"The charge {charge.charge_id} was settled otherwise.")
