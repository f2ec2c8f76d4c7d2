"""Bring order into what was left behind: by lost events, crashed workers, erasures cut short; and what waits."""

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from chalicelib.pipeline.each import each
from chalicelib.pipeline.erase import FinishErasing
from chalicelib.pipeline.find_lost_uploads import FindLostUploads
from chalicelib.pipeline.resume import Resume
from chalicelib.pipeline.settle_forgotten import SettleForgotten
from chalicelib.pipeline.take_up import TakeUp

log = logging.getLogger("smart-invoice.sweep")


class Swept(NamedTuple):
    """What one run did.

    `settled` reservations; rows whose event did not come (`unattended`), which were taken up, and whose upload
    `never_came`, which were ended; uploads `without_row`; documents that were `due` because they waited, or because the
    claim of a lost worker had `expired`; how many of the due are `finished`; and erasures that were ended (`erased`).
    """

    settled: int = 0
    unattended: int = 0
    never_came: int = 0
    without_row: int = 0
    due: int = 0
    expired: int = 0
    finished: int = 0
    erased: int = 0


class Sweep:
    """What the schedule runs every few minutes."""

    def __init__(
        self,
        settle_forgotten: SettleForgotten,
        finish_erasing: FinishErasing,
        take_up: TakeUp,
        find_lost_uploads: FindLostUploads,
        resume: Resume,
    ) -> None:
        self._settle_forgotten = settle_forgotten
        self._finish_erasing = finish_erasing
        self._take_up = take_up
        self._find_lost_uploads = find_lost_uploads
        self._resume = resume

    def __call__(self, owner: str, deadline: datetime | None = None) -> Swept:
        """Do all of it, whatever a part of it raises; that is raised at the end.

        Settle first: what is settled may make room for what waits. What waits comes last, for it has waited already.
        """
        counts = Swept()._asdict()
        try:
            each(self._parts(owner, deadline), lambda part: counts.update(part()))
        finally:
            log.info("Swept", extra=counts)
        return Swept(**counts)

    def _parts(self, owner: str, deadline: datetime | None) -> Iterator[Callable[[], Mapping[str, int]]]:
        yield lambda: {"settled": self._settle_forgotten()}
        yield lambda: {"erased": self._finish_erasing(deadline)}
        yield lambda: self._take_up(owner, deadline)._asdict()
        yield lambda: {"without_row": self._find_lost_uploads(owner, deadline)}
        yield lambda: self._resumed(owner, deadline)

    def _resumed(self, owner: str, deadline: datetime | None) -> Mapping[str, int]:
        resumed = self._resume(owner, deadline=deadline)
        return {"due": resumed.due, "expired": resumed.expired, "finished": resumed.finished}
