"""Look again and again at what a deployment does, until it is clear whether it may stay."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from ops.watch.figures import Figures, Span
from ops.watch.verdict import Decision, Verdict, verdict

_HEADINGS = ("", "requests", "5xx", "runs", "failed", "API p95", "read p95", "dead", "docs", "$/doc")
_WIDTHS = (12, 8, 6, 7, 7, 10, 10, 5, 6, 9)


class Plan(NamedTuple):
    """When the deployment began and was done, how long to watch it, and how long to wait between two looks."""

    began: datetime
    done: datetime
    minutes: int
    every: timedelta = timedelta(minutes=1)

    @property
    def before(self) -> Span:
        """As much time before it as is watched after."""
        end = _minute(self.began)
        return Span(end - timedelta(minutes=self.minutes), end)

    @property
    def end(self) -> datetime:
        """When to have seen enough."""
        return _next_minute(self.done) + timedelta(minutes=self.minutes)

    def since(self, now: datetime) -> Span:
        """From the deployment until now, and no longer than planned."""
        start = _next_minute(self.done)
        return Span(start, min(max(_minute(now), start), self.end))


class World(NamedTuple):
    """What watching needs: figures of a span, the time, waiting, and somewhere to say what is seen."""

    figures: Callable[[Span], Figures]
    now: Callable[[], datetime]
    wait: Callable[[timedelta], None]
    say: Callable[[str], None]


def watch(plan: Plan, world: World) -> Verdict:
    """Watch to the end, or until something is so bad that waiting would only make more of it."""
    before = world.figures(plan.before)
    world.say(_line(_HEADINGS))
    world.say(_line(_cells(f"before {plan.before.minutes}'", before)))
    while True:
        now = world.now()
        span = plan.since(now)
        after = world.figures(span) if span.minutes else Figures()
        world.say(_line(_cells(f"after {span.minutes}'", after)))
        found = verdict(before, after)
        if found.decision is Decision.ROLL_BACK or now >= plan.end:
            return found
        world.wait(min(plan.every, plan.end - now))


def _cells(name: str, figures: Figures) -> tuple[str, ...]:
    traffic = figures.traffic
    price = figures.usd_per_document
    return (
        name,
        f"{traffic.requests:,}",
        f"{traffic.failed_requests:,}",
        f"{traffic.runs:,}",
        f"{traffic.failed_runs:,}",
        _milliseconds(traffic.api_p95_ms),
        _milliseconds(traffic.reading_p95_ms),
        f"{traffic.dead_letters:,}",
        f"{figures.costs.documents:,}",
        "-" if price is None else f"{price:.4f}",
    )


def _line(cells: tuple[str, ...]) -> str:
    first, *others = zip(cells, _WIDTHS, strict=True)
    return "".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)])


def _milliseconds(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f} ms"


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _next_minute(moment: datetime) -> datetime:
    return _minute(moment + timedelta(minutes=1, microseconds=-1))
