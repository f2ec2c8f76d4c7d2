"""Go on with what waits: for money, or for a service that was left alone for a while."""

import logging
from collections.abc import Iterator
from typing import NamedTuple

from chalicelib.domain.record import FINAL, InvoiceRecord, Status
from chalicelib.domain.upload import ref_of
from chalicelib.errors import SmartInvoiceError
from chalicelib.pipeline.process import Process
from chalicelib.ports import Clock, InvoiceQuery, InvoiceStore

log = logging.getLogger("smart-invoice.resume")

_PAGE = 50


class Resumed(NamedTuple):
    """How many documents were due, how many of them are finished now, and whether there are more."""

    due: int
    finished: int
    is_all: bool


class Resume:
    """Process the waiting documents whose time has come, the oldest last: new ones are not kept behind a backlog."""

    def __init__(self, invoices: InvoiceStore, process: Process, clock: Clock) -> None:
        self._invoices = invoices
        self._process = process
        self._clock = clock

    def __call__(self, owner: str, most: int = 20) -> Resumed:
        """Process at most `most` documents. What one raises does not stop the others: its row says why it waits."""
        due = finished = 0
        for record in self._due():
            if due == most:
                return Resumed(due, finished, is_all=False)
            due += 1
            finished += self._is_finished(record, owner)
        return Resumed(due, finished, is_all=True)

    def waiting(self) -> int:
        """How many documents wait."""
        return sum(1 for _ in self._waiting())

    def _is_finished(self, record: InvoiceRecord, owner: str) -> bool:
        try:
            return self._process(ref_of(record.document), owner).status in FINAL
        except SmartInvoiceError as error:
            log.warning("Could not go on", extra={"invoice_id": record.invoice_id, "code": error.code})
            return False

    def _due(self) -> Iterator[InvoiceRecord]:
        now = self._clock.now()
        return (record for record in self._waiting() if record.next_attempt_at is None or record.next_attempt_at <= now)

    def _waiting(self) -> Iterator[InvoiceRecord]:
        query = InvoiceQuery(status=Status.WAITING, limit=_PAGE)
        while True:
            page = self._invoices.page(query)
            yield from page.records
            if page.cursor is None:
                return
            query = query.model_copy(update={"cursor": page.cursor})
