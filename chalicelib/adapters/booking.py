"""What every family of adapters agrees on about the ledger: which sums a charge counts in, and how it is settled."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum

from chalicelib.domain.charge import Charge, ChargeState, Limits
from chalicelib.errors import BudgetExhaustedError, ConflictError, NotFoundError

_CLOSING = frozenset({ChargeState.SETTLED, ChargeState.RELEASED, ChargeState.UNKNOWN})


class Budget(StrEnum):
    """The sums that are limited. Where several are exhausted, the first here is named: it lasts the longest."""

    INVOICE = "invoice_budget"
    MONTH = "month_budget"
    DAY = "day_budget"


_PERIODS: Mapping[Budget, str] = {
    Budget.INVOICE: "on one invoice",
    Budget.MONTH: "in a month (UTC)",
    Budget.DAY: "in a day (UTC)",
}


def month_of(day: date) -> str:
    """The month of a day.

    >>> month_of(date(2026, 11, 23))
    '2026-11'
    """
    return day.isoformat()[:7]


def rooms(charge: Charge, limits: Limits) -> Mapping[Budget, Decimal]:
    """The most that may have been spent before, so that `charge` still fits: US dollars by budget, in their order.

    Raise `BudgetExhaustedError` when it fits into none, and `ValueError` when it is no reservation.
    """
    _expect(charge, frozenset({ChargeState.RESERVED}))
    given = {Budget.INVOICE: limits.invoice_usd, Budget.MONTH: limits.month_usd, Budget.DAY: limits.day_usd}
    for budget, limit in given.items():
        if charge.usd > limit:
            raise exhausted(budget)
    return {budget: limit - charge.usd for budget, limit in given.items()}


def exhausted(budget: Budget) -> BudgetExhaustedError:
    """What is raised when a charge does not fit into a budget."""
    return BudgetExhaustedError(budget, f"This would cost more than may be spent {_PERIODS[budget]}.")


def taken(charge: Charge) -> ConflictError:
    """What is raised when there already is a charge of this name."""
    return ConflictError("charge_exists", f"Invoice {charge.invoice_id} already has a charge {charge.charge_id}.")


def settlement(stored: Charge | None, given: Charge) -> Charge | None:
    """What takes the place of the reservation `stored`, or `None` when that has been done already.

    Day and moment stay those of the reservation. What was released costs nothing, what is unknown counts in full.
    `NotFoundError` when there is no reservation, `ConflictError` when it was settled otherwise, `ValueError` when
    `given` does not settle anything.
    """
    _expect(given, _CLOSING)
    if stored is None:
        raise NotFoundError("charge_not_found", f"Invoice {given.invoice_id} has no charge {given.charge_id}.")
    usd = {ChargeState.RELEASED: Decimal(0), ChargeState.UNKNOWN: stored.usd}.get(given.state, given.usd)
    final = given.model_copy(update={"usd": usd, "day": stored.day, "at": stored.at})
    if stored.state is ChargeState.RESERVED:
        return final
    if _is_same(stored, final):
        return None
    raise ConflictError(
        "charge_settled", f"The charge {given.charge_id} of invoice {given.invoice_id} was settled otherwise."
    )


def expect_shared(charge: Charge) -> None:
    """Raise `ValueError` when this is no shared charge."""
    _expect(charge, frozenset({ChargeState.SHARED}))


def confirm_shared(stored: Charge | None, given: Charge) -> None:
    """Return if `stored` is the same shared charge; `ConflictError` when another has its name."""
    if stored is None or not _is_same(stored, given):
        raise taken(given)


def _is_same(stored: Charge, given: Charge) -> bool:
    """Whether both are the same, whenever they were made: who repeats something does so later, maybe after midnight."""
    return stored == given.model_copy(update={"day": stored.day, "at": stored.at})


def _expect(charge: Charge, states: frozenset[ChargeState]) -> None:
    if charge.state not in states:
        raise ValueError(f"A charge that is {charge.state} cannot be booked here.")
