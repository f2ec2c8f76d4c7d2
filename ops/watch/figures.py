"""What a stage did in a span of time, as numbers."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from chalicelib.domain.charge import Charge, ChargeState


class Span(NamedTuple):
    """From a moment to another, which is not in it; UTC, whole minutes."""

    start: datetime
    end: datetime

    @property
    def minutes(self) -> int:
        """How long it is."""
        return int((self.end - self.start) / timedelta(minutes=1))

    def days(self) -> tuple[date, ...]:
        """The UTC days that it touches."""
        first, count = self.start.date(), (self.end.date() - self.start.date()).days
        return tuple(first + timedelta(days=number) for number in range(count + 1))


class Costs(NamedTuple):
    """What documents cost: US dollars of all charges, and how many documents had any."""

    documents: int = 0
    usd: Decimal = Decimal(0)


class Traffic(NamedTuple):
    """What CloudWatch counted. Times are milliseconds, `None` where nothing was measured."""

    requests: int = 0  # to the API
    failed_requests: int = 0  # answered with 5xx
    runs: int = 0  # of all functions
    failed_runs: int = 0  # each attempt, repetitions too
    api_p95_ms: float | None = None
    reading_p95_ms: float | None = None  # of `inference`
    dead_letters: int = 0  # that came into the dead-letter queue or the parking queue


class Figures(NamedTuple):
    """Both."""

    traffic: Traffic = Traffic()
    costs: Costs = Costs()

    @property
    def usd_per_document(self) -> Decimal | None:
        """What a document costs; `None` without documents."""
        return self.costs.usd / self.costs.documents if self.costs.documents else None


def costs_in(span: Span, charges: Iterable[Charge]) -> Costs:
    """The costs of the charges that were made in a span; what was surely not billed does not count."""
    made = [charge for charge in charges if span.start <= charge.at < span.end]
    billed = [charge for charge in made if charge.state is not ChargeState.RELEASED]
    return Costs(len({charge.invoice_id for charge in billed}), sum((charge.usd for charge in billed), Decimal(0)))
