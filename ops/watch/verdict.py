"""Is a deployment as good as what was there before? Decided by numbers alone."""

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from ops.watch.figures import Figures


class Decision(StrEnum):
    """What to do."""

    ROLL_BACK = "roll back"
    FINE = "fine"
    TOO_LITTLE = "not enough traffic"


class Bounds(NamedTuple):
    """From where on something is worse. The absolute ones are the goals of the runbook.

    A time or a share of errors is bad when it is beyond its goal and, compared with before, more than so many times as
    high; where there was too little before to compare with, its goal alone counts. Costs depend on what is sent: they
    are compared, and only without anything to compare with is there a bound.
    """

    least_requests: int = 20
    least_documents: int = 5
    error_ratio: float = 0.01
    least_errors: int = 3  # one or two may be anything
    api_p95_ms: float = 2_000
    reading_p95_ms: float = 60_000
    least_dead_letters: int = 3
    usd_per_document: Decimal = Decimal("0.05")
    usd_more: Decimal = Decimal("0.002")  # what a document may cost more, however little it was
    times: float = 1.5
    times_errors: float = 2.0


class Verdict(NamedTuple):
    """What to do, and why: sentences for the operator."""

    decision: Decision
    reasons: tuple[str, ...]


def verdict(before: Figures, after: Figures, bounds: Bounds | None = None) -> Verdict:
    """Compare the time since a deployment with as much time before it.

    Whatever is bad is enough to roll back. Only when nothing is, and there was enough to see it by, it is fine.
    """
    limits = bounds or Bounds()
    if bad := tuple(_bad(before, after, limits)):
        return Verdict(Decision.ROLL_BACK, bad)
    if missing := tuple(_missing(after, limits)):
        return Verdict(Decision.TOO_LITTLE, missing)
    compared = "" if _can_compare(before, limits) else " There was too little before to compare with."
    traffic, costs = after.traffic, after.costs
    seen = (
        f"{traffic.requests} requests and {costs.documents} documents: errors, times, dead letters and costs as before"
    )
    return Verdict(Decision.FINE, (f"{seen}, or better than their goals.{compared}",))


def _bad(before: Figures, after: Figures, limits: Bounds) -> Iterator[str]:
    yield from _errors("requests were answered with 5xx", _requests(before), _requests(after), limits)
    yield from _errors("runs of functions failed", _runs(before), _runs(after), limits)
    yield from _times("the API", _api(before, limits), _api(after, limits), limits.api_p95_ms, limits)
    yield from _times("reading", _reading(before, limits), _reading(after, limits), limits.reading_p95_ms, limits)
    yield from _dead_letters(before.traffic.dead_letters, after.traffic.dead_letters, limits)
    yield from _costs(before, after, limits)


class _Share(NamedTuple):
    failed: int
    all: int

    @property
    def ratio(self) -> float:
        return self.failed / self.all if self.all else 0.0


def _requests(figures: Figures) -> _Share:
    return _Share(figures.traffic.failed_requests, figures.traffic.requests)


def _runs(figures: Figures) -> _Share:
    return _Share(figures.traffic.failed_runs, figures.traffic.runs)


def _errors(what: str, before: _Share, after: _Share, limits: Bounds) -> Iterator[str]:
    allowed = max(limits.error_ratio, limits.times_errors * before.ratio)
    if after.failed >= limits.least_errors and after.ratio > allowed:
        yield f"{after.failed} of {after.all} {what} ({after.ratio:.1%}; before, {before.failed} of {before.all})."


def _api(figures: Figures, limits: Bounds) -> float | None:
    """The time of the API, where there are enough requests for it to mean anything."""
    return figures.traffic.api_p95_ms if figures.traffic.requests >= limits.least_requests else None


def _reading(figures: Figures, limits: Bounds) -> float | None:
    return figures.traffic.reading_p95_ms if figures.costs.documents >= limits.least_documents else None


def _times(what: str, before: float | None, after: float | None, goal: float, limits: Bounds) -> Iterator[str]:
    if after is None or after <= goal or (before is not None and after <= limits.times * before):
        return
    compared = "" if before is None else f"; before, {before:,.0f} ms"
    yield f"One in twenty waits for {what} longer than {after:,.0f} ms (the goal is {goal:,.0f} ms{compared})."


def _dead_letters(before: int, after: int, limits: Bounds) -> Iterator[str]:
    if after - before >= limits.least_dead_letters and after > limits.times_errors * before:
        yield f"{after} dead letters came (before, {before})."


def _costs(before: Figures, after: Figures, limits: Bounds) -> Iterator[str]:
    now, then = _price(after, limits), _price(before, limits)
    if now is None:
        return
    if then is None and now > limits.usd_per_document:
        yield f"A document costs ${now:.4f} (usual is at most ${limits.usd_per_document}; nothing is known of before)."
    if then is not None and now > max(Decimal(str(limits.times)) * then, then + limits.usd_more):
        yield f"A document costs ${now:.4f} (before, ${then:.4f})."


def _price(figures: Figures, limits: Bounds) -> Decimal | None:
    """What a document costs, where there are enough for it to mean anything."""
    return figures.usd_per_document if figures.costs.documents >= limits.least_documents else None


def _missing(after: Figures, limits: Bounds) -> Iterator[str]:
    if after.traffic.requests < limits.least_requests:
        yield f"{after.traffic.requests} requests are too few to judge by; {limits.least_requests} are needed."
    if after.costs.documents < limits.least_documents:
        yield f"{after.costs.documents} documents are too few to judge by; {limits.least_documents} are needed."


def _can_compare(before: Figures, limits: Bounds) -> bool:
    return not tuple(_missing(before, limits))
