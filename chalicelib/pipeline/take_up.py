"""Take up what was left lying: because its event was lost, or because its client never sent it."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib.domain.record import InvoiceRecord, Status
from chalicelib.domain.transitions import failed
from chalicelib.errors import ConflictError
from chalicelib.pipeline.bounded import bounded, log_skipped
from chalicelib.pipeline.problems import NEVER_CAME
from chalicelib.pipeline.process import Process
from chalicelib.ports import Clock, DocumentStore, InvoiceQuery, InvoiceStore
from chalicelib.settings import Settings

_PAGE = 50


class TakenUp(NamedTuple):
    """How many rows were taken up because no event came, and how many were ended because no document did."""

    unattended: int
    never_came: int


class TakeUp:
    """Go on with rows that nobody goes on with. What one raises does not stop the others: its row says why."""

    def __init__(
        self, invoices: InvoiceStore, documents: DocumentStore, process: Process, clock: Clock, settings: Settings
    ) -> None:
        self._invoices = invoices
        self._documents = documents
        self._process = process
        self._clock = clock
        self._lost = timedelta(seconds=settings.lost_seconds)
        self._form = timedelta(seconds=settings.upload_seconds) + self._lost

    def __call__(self, owner: str, deadline: datetime | None = None, most: int = 20) -> TakenUp:
        """Take up at most `most` rows of each kind, in the name of `owner`, while there is time."""

        def go_on(record: InvoiceRecord) -> bool:
            self._process.go_on(record, owner, deadline)
            return True

        def count(records: Iterator[InvoiceRecord], act: Callable[[InvoiceRecord], bool]) -> int:
            return sum(self._is_done(act, record) for record in bounded(records, most, self._clock, deadline))

        unattended = count(self._unattended(), go_on) + count(self._arrived(), go_on)
        return TakenUp(unattended, count(self._overdue(), self._end))

    def _unattended(self) -> Iterator[InvoiceRecord]:
        """Those whose event, or whose event's repetition, should have come by now."""
        now = self._clock.now()
        for record in self._rows(Status.RECEIVED, now - self._lost):
            if record.next_attempt_at is None or record.next_attempt_at <= now:
                yield record

    def _arrived(self) -> Iterator[InvoiceRecord]:
        """Uploads that came by a form, and whose event did not."""
        return (record for record in self._awaited(self._lost) if self._documents.exists(record.document.key))

    def _overdue(self) -> Iterator[InvoiceRecord]:
        """Uploads that cannot come any more: their form has expired, and they are not there."""
        return (record for record in self._awaited(self._form) if not self._documents.exists(record.document.key))

    def _awaited(self, age: timedelta) -> Iterator[InvoiceRecord]:
        return self._rows(Status.AWAITING_UPLOAD, self._clock.now() - age)

    def _rows(self, status: Status, until: datetime) -> Iterator[InvoiceRecord]:
        query = InvoiceQuery(status=status, until=until, limit=_PAGE)
        while True:
            page = self._invoices.page(query)
            yield from page.records
            if page.cursor is None:
                return
            query = query.model_copy(update={"cursor": page.cursor})

    def _end(self, record: InvoiceRecord) -> bool:
        try:
            self._invoices.save(failed(record, NEVER_CAME, self._clock.now()))
        except ConflictError:  # it came at this very moment
            return False
        return True

    def _is_done(self, act: Callable[[InvoiceRecord], bool], record: InvoiceRecord) -> bool:
        """Whether it was taken up, though it may not be finished."""
        try:
            return act(record)
        except Exception as error:  # noqa: BLE001 - whatever it is, the next document must not wait for it
            log_skipped(record.invoice_id, error)
            return True
