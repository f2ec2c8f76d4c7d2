"""Take up what was left lying: because its event was lost, or because its client never sent it."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib.domain.record import InvoiceRecord, Status
from chalicelib.domain.transitions import failed
from chalicelib.errors import ConflictError
from chalicelib.pipeline.bounded import bounded, log_skipped
from chalicelib.pipeline.in_turn import InTurn
from chalicelib.pipeline.problems import NEVER_CAME
from chalicelib.pipeline.process import Process
from chalicelib.pipeline.remembering import SharedFacts
from chalicelib.ports import Clock, DocumentStore, InvoiceStore
from chalicelib.settings import Settings

_UNATTENDED, _ARRIVED, _OVERDUE = "sweep#unattended", "sweep#arrived", "sweep#overdue"  # names of facts: places

Rows = Callable[[InTurn], Iterator[InvoiceRecord]]


class TakenUp(NamedTuple):
    """How many rows were taken up because no event came, and how many were ended because no document did."""

    unattended: int
    never_came: int


class TakeUp:
    """Go on with rows that nobody goes on with, each in turn: what one raises does not stop the others."""

    def __init__(
        self,
        invoices: InvoiceStore,
        documents: DocumentStore,
        process: Process,
        facts: SharedFacts,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._invoices = invoices
        self._documents = documents
        self._process = process
        self._facts = facts
        self._clock = clock
        self._lost = timedelta(seconds=settings.lost_seconds)
        self._form = timedelta(seconds=settings.upload_seconds) + self._lost

    def __call__(self, owner: str, deadline: datetime | None = None, most: int = 20) -> TakenUp:
        """Take up at most `most` rows of each kind, in the name of `owner`, while there is time."""

        def go_on(record: InvoiceRecord) -> bool:
            self._process.go_on(record, owner, deadline)
            return True

        def count(name: str, rows: Rows, act: Callable[[InvoiceRecord], bool]) -> int:
            turn = InTurn(name, self._invoices, self._facts)
            records = bounded(rows(turn), most, self._clock, deadline)
            return sum(self._is_done(turn, act, record) for record in records)

        unattended = count(_UNATTENDED, self._unattended, go_on) + count(_ARRIVED, self._arrived, go_on)
        return TakenUp(unattended, count(_OVERDUE, self._overdue, self._end))

    def _unattended(self, turn: InTurn) -> Iterator[InvoiceRecord]:
        """Those whose event, or whose event's repetition, should have come by now."""
        now = self._clock.now()
        for record in turn.rows(Status.RECEIVED, now - self._lost):
            if record.next_attempt_at is None or record.next_attempt_at <= now:
                yield record

    def _arrived(self, turn: InTurn) -> Iterator[InvoiceRecord]:
        """Uploads that came by a form, and whose event did not."""
        return (record for record in self._awaited(turn, self._lost) if self._documents.exists(record.document.key))

    def _overdue(self, turn: InTurn) -> Iterator[InvoiceRecord]:
        """Uploads that cannot come any more: their form has expired, and they are not there."""
        return (record for record in self._awaited(turn, self._form) if not self._documents.exists(record.document.key))

    def _awaited(self, turn: InTurn, age: timedelta) -> Iterator[InvoiceRecord]:
        return turn.rows(Status.AWAITING_UPLOAD, self._clock.now() - age)

    def _end(self, record: InvoiceRecord) -> bool:
        try:
            self._invoices.save(failed(record, NEVER_CAME, self._clock.now()))
        except ConflictError:  # it came at this very moment
            return False
        return True

    def _is_done(self, turn: InTurn, act: Callable[[InvoiceRecord], bool], record: InvoiceRecord) -> bool:
        """Whether it was taken up, though it may not be finished."""
        turn.begin(record)
        try:
            return act(record)
        except Exception as error:  # noqa: BLE001 - whatever it is, the next document must not wait for it
            log_skipped(record.invoice_id, error)
            return True
