"""Go on with what waits: for money, for a service that was left alone for a while, or because a worker was lost."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib.domain.record import FINAL, InvoiceRecord, Status
from chalicelib.pipeline.bounded import has_time, log_skipped
from chalicelib.pipeline.in_turn import InTurn, all_listed
from chalicelib.pipeline.process import Process
from chalicelib.pipeline.remembering import SharedFacts
from chalicelib.ports import Clock, InvoiceQuery, InvoiceStore
from chalicelib.settings import Settings

_PAGE = 100
_LOOKED_THROUGH = (Status.PROCESSING, Status.WAITING)
_SKEW = timedelta(seconds=5)  # by which the clocks of two machines may differ


class Resumed(NamedTuple):
    """How many documents were due, how many of them are finished now, and whether there are more.

    `expired` are those of the due that a lost worker had.
    """

    due: int
    finished: int
    is_all: bool
    expired: int = 0


class Resume:
    """Process the waiting documents whose time has come, each in turn: none is kept behind others that come to nothing.

    So are those whose worker did not come back for longer than it may have them: its delivery may be lost with it.
    """

    def __init__(
        self, invoices: InvoiceStore, process: Process, facts: SharedFacts, clock: Clock, settings: Settings
    ) -> None:
        self._invoices = invoices
        self._turns = {status: InTurn(f"sweep#{status}", invoices, facts) for status in _LOOKED_THROUGH}
        self._process = process
        self._clock = clock
        self._claim = timedelta(seconds=settings.claim_seconds) + _SKEW

    def __call__(self, owner: str, most: int = 100, deadline: datetime | None = None) -> Resumed:
        """Process at most `most` documents, and begin none shortly before `deadline`, when this invocation ends.

        What one raises does not stop the others: it goes on waiting, and its row says why.
        """
        due = finished = expired = 0
        for record in self._due():
            if due == most or not has_time(self._clock, deadline):
                return Resumed(due, finished, is_all=False, expired=expired)
            self._turns[record.status].begin(record)
            due += 1
            expired += record.status is Status.PROCESSING
            finished += self._is_finished(record, owner, deadline)
        return Resumed(due, finished, is_all=True, expired=expired)

    def waiting(self) -> int:
        """How many documents wait."""
        return sum(1 for _ in all_listed(self._invoices, InvoiceQuery(status=Status.WAITING, limit=_PAGE)))

    def _is_finished(self, record: InvoiceRecord, owner: str, deadline: datetime | None) -> bool:
        try:
            return self._process.go_on(record, owner, deadline).status in FINAL
        except Exception as error:  # noqa: BLE001 - whatever is the matter with one, the others are due as well
            log_skipped(record.invoice_id, error)
            return False

    def _due(self) -> Iterator[InvoiceRecord]:
        now = self._clock.now()
        for record in self._turns[Status.PROCESSING].rows(Status.PROCESSING):
            if record.claim is not None and record.claim.since <= now - self._claim:
                yield record
        for record in self._turns[Status.WAITING].rows(Status.WAITING):
            if record.next_attempt_at is None or record.next_attempt_at <= now:
                yield record
