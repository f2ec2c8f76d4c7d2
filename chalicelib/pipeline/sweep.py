"""Bring order into what was left behind: forgotten reservations, and documents whose waiting is over."""

from datetime import datetime
from typing import NamedTuple

from chalicelib.pipeline.resume import Resume
from chalicelib.pipeline.settle_forgotten import SettleForgotten


class Swept(NamedTuple):
    """How many reservations were settled, how many documents were due, and how many of these are finished."""

    settled: int
    due: int
    finished: int


class Sweep:
    """What the schedule runs every few minutes."""

    def __init__(self, settle_forgotten: SettleForgotten, resume: Resume) -> None:
        self._settle_forgotten = settle_forgotten
        self._resume = resume

    def __call__(self, owner: str, deadline: datetime | None = None) -> Swept:
        """Settle first: what is settled may make room for what waits. `deadline` is when this invocation ends."""
        settled = self._settle_forgotten()
        resumed = self._resume(owner, deadline=deadline)
        return Swept(settled, resumed.due, resumed.finished)
