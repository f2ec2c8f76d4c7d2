"""What every family of adapters agrees on about budgets: which counters a charge moves, and how a limit is named."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from chalicelib.domain.charge import Charge, Limits
from chalicelib.errors import BudgetExhaustedError

TRILLION = Decimal(10**12)  # sums are kept as whole trillionths of a dollar, the last place of a charge
DAY, MONTH, INVOICE = "day", "month", "invoice"


class Counter(NamedTuple):
    """One sum of charges: what it is of, and its name."""

    of: str
    name: str


def counters(charge: Charge) -> tuple[Counter, ...]:
    """The counters of a charge, in the order in which a limit is complained about."""
    return (
        Counter(INVOICE, invoice_counter(charge.invoice_id)),
        Counter(DAY, day_counter(charge.day)),
        Counter(MONTH, month_counter(charge.day)),
    )


def invoice_counter(invoice_id: str) -> str:
    """The name of an invoice's counter."""
    return f"INVOICE#{invoice_id}"


def day_counter(day: date) -> str:
    """The name of a day's counter.

    >>> day_counter(date(2026, 11, 24))
    'DAY#2026-11-24'
    """
    return f"DAY#{day:%Y-%m-%d}"


def month_counter(day: date) -> str:
    """The name of the counter of a day's month.

    >>> month_counter(date(2026, 11, 24))
    'MONTH#2026-11'
    """
    return f"MONTH#{day:%Y-%m}"


def limits_by_counter(limits: Limits) -> Mapping[str, Decimal]:
    """The limit of each kind of counter, in US dollars."""
    return {DAY: limits.day_usd, MONTH: limits.month_usd, INVOICE: limits.invoice_usd}


def refused(of: str, charge: Charge, limits: Limits) -> BudgetExhaustedError:
    """That a charge does not fit under a limit."""
    limit = limits_by_counter(limits)[of]
    return BudgetExhaustedError(
        f"{of}_budget", f"{charge.usd:f} dollars more would be above the limit of {limit:f} for this {of}."
    )
