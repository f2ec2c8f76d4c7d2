"""Bring order into what was left behind: forgotten reservations, erasures, and documents whose waiting is over."""

from typing import NamedTuple

from chalicelib.pipeline.erase import FinishErasing
from chalicelib.pipeline.resume import Resume
from chalicelib.pipeline.settle_forgotten import SettleForgotten


class Swept(NamedTuple):
    """How many reservations were settled, how many waiting documents were due, and how many of these are finished."""

    settled: int
    due: int
    finished: int


class Sweep:
    """What the schedule runs every few minutes."""

    def __init__(self, settle_forgotten: SettleForgotten, resume: Resume, finish_erasing: FinishErasing) -> None:
        self._settle_forgotten = settle_forgotten
        self._resume = resume
        self._finish_erasing = finish_erasing

    def __call__(self, owner: str) -> Swept:
        """Settle first: what is settled may make room for what waits."""
        settled = self._settle_forgotten()
        self._finish_erasing()
        resumed = self._resume(owner)
        return Swept(settled, resumed.due, resumed.finished)
