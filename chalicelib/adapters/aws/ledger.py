"""The ledger in DynamoDB. How its rows lie is in docs/adr/0019-the-ledger.md."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.aws import ledger_rows
from chalicelib.adapters.aws.clients import AwsClients
from chalicelib.adapters.aws.failures import refused_parts
from chalicelib.adapters.aws.table import MAX_KEYS, Table
from chalicelib.adapters.booking import Budget, confirm_shared, exhausted, expect_shared, rooms, settlement, taken
from chalicelib.domain.charge import Charge, ChargeState, Limits, Spending
from chalicelib.errors import BudgetExhaustedError, ConflictError
from chalicelib.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_TRIES = 8  # all workers meet in the sums of the day: up to 5 seconds of waiting, rather than paying for nothing


class DynamoLedger:
    """Charges as rows of the table, and their sums in rows that are corrected in the same transaction."""

    def __init__(self, settings: Settings, clients: AwsClients) -> None:
        self._table = Table(settings, clients)

    def reserve(self, charge: Charge, limits: Limits) -> None:
        """Book a `reserved` charge, if day, month and invoice stay within their limits with it; all or nothing.

        Raises `BudgetExhaustedError` or, when there already is a charge of this name, `ConflictError`. A request that
        boto3 repeats carries the same token: DynamoDB answers the second with the success of the first.
        """
        room = rooms(charge, limits)
        sums = [self._added(budget, charge, charge.usd, at_most) for budget, at_most in room.items()]
        try:
            self._table.write([self._table.new(ledger_rows.to_row(charge)), *sums], _TRIES)
        except ConflictError as error:
            raise _refusal(charge, refused_parts(error)) from error

    def settle(self, charge: Charge) -> None:
        """Replace the reservation of the same name by a settled, released or unknown charge, and correct the sums.

        The same once more changes nothing; `ConflictError` when it was settled otherwise, `NotFoundError` when it was
        never reserved.
        """
        reserved = self._stored(charge)
        final = settlement(reserved, charge)
        if reserved is None or final is None:
            return
        try:
            self._replace(reserved, final)
        except ConflictError:  # somebody was faster: the same is fine
            settlement(self._stored(charge), charge)

    def share(self, charge: Charge) -> None:
        """Book a `shared` charge whatever the limits say; the same once more changes nothing.

        `ConflictError` when there already is another charge of this name.
        """
        expect_shared(charge)
        sums = [self._added(budget, charge, charge.usd) for budget in Budget]
        try:
            self._table.write([self._table.new(ledger_rows.to_row(charge)), *sums], _TRIES)
        except ConflictError:
            confirm_shared(self._stored(charge), charge)

    def charges_of(self, invoice_id: str) -> tuple[Charge, ...]:
        """All charges of one invoice, by name."""
        answers = self._table.answers(ledger_rows.charges_of(invoice_id))
        return tuple(ledger_rows.from_row(row) for answer in answers for row in answer["Items"])

    def charges_on(self, day: date) -> Iterator[Charge]:
        """All charges whose `day` this is, as far as the index has heard of them, each as it is now."""
        return self._listed(ledger_rows.charges_on(day))

    def spending(self, day: date) -> Spending:
        """What was spent and reserved on that day, and in its month."""
        day_row, month_row = (self._table.get(key) for key in (ledger_rows.day_key(day), ledger_rows.month_key(day)))
        return Spending(day_usd=ledger_rows.sum_of(day_row), month_usd=ledger_rows.sum_of(month_row))

    def daily(self, first: date, last: date) -> Mapping[date, Decimal]:
        """US dollars by day, both days included; a day without charges is absent."""
        if first > last:
            return {}
        answers = self._table.answers(ledger_rows.sums_of_days(first, last))
        return {ledger_rows.day_of(row): ledger_rows.sum_of(row) for answer in answers for row in answer["Items"]}

    def open_reservations(self, before: datetime) -> Iterator[Charge]:
        """The charges that were reserved before that moment and are still not settled."""
        charges = self._listed(ledger_rows.reserved_before(before))
        return (charge for charge in charges if charge.state is ChargeState.RESERVED)

    def _listed(self, request: Mapping[str, Any]) -> Iterator[Charge]:
        """The charges whose keys an index gives, read from the table itself."""
        for answer in self._table.answers(request):
            for start in range(0, len(answer["Items"]), MAX_KEYS):
                keys = answer["Items"][start : start + MAX_KEYS]
                yield from map(ledger_rows.from_row, self._table.get_all(keys))

    def _stored(self, charge: Charge) -> Charge | None:
        row = self._table.get(ledger_rows.charge_key(charge.invoice_id, charge.charge_id))
        return ledger_rows.from_row(row) if row else None

    def _replace(self, reserved: Charge, final: Charge) -> None:
        """Put a charge in place of its reservation; what it costs more, or less, goes into the sums."""
        difference = final.usd - reserved.usd
        sums = [self._added(budget, reserved, difference) for budget in Budget] if difference else []
        row = ledger_rows.to_row(final)
        self._table.write([self._table.replaced(row, ledger_rows.STATE, {"S": reserved.state}), *sums], _TRIES)

    def _added(
        self, budget: Budget, charge: Charge, usd: Decimal, at_most: Decimal | None = None
    ) -> "TransactWriteItemTypeDef":
        """Add `usd` to a sum that this charge counts in."""
        room = None if at_most is None else ledger_rows.number(at_most)
        return self._table.added(ledger_rows.sum_key(budget, charge), ledger_rows.USD, ledger_rows.number(usd), room)


def _refusal(charge: Charge, parts: tuple[int, ...]) -> BudgetExhaustedError | ConflictError:
    """Why a reservation was refused: its first part is the charge, the others are the budgets in their order."""
    if not parts or parts[0] == 0:
        return taken(charge)
    return exhausted(tuple(Budget)[parts[0] - 1])
