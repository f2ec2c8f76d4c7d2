"""Try again what `inference` could not do, from the queue of dead letters."""

import logging
from datetime import datetime

from chalicelib.domain.dead_letter import DeadLetter
from chalicelib.domain.record import FINAL, InvoiceRecord, Status
from chalicelib.domain.transitions import reopened
from chalicelib.domain.upload import invoice_id_of
from chalicelib.errors import UnavailableError
from chalicelib.pipeline.process import Process
from chalicelib.pipeline.versions import is_older
from chalicelib.ports import InvoiceStore

log = logging.getLogger("smart-invoice.reprocess")


class Reprocess:
    """Try a document again, in this process; a failed one with all of its attempts."""

    def __init__(self, invoices: InvoiceStore, process: Process) -> None:
        self._invoices = invoices
        self._process = process

    def __call__(self, letter: DeadLetter, deadline: datetime | None = None) -> InvoiceRecord:
        """The finished record, or one that waits. Raises what the next delivery of the message may heal."""
        record = self._invoices.load(invoice_id_of(letter.ref))
        if record is not None and _may_reopen(record, letter):
            self._invoices.save(reopened(record))
        finished = self._process(letter.ref, letter.message_id, forerunner=letter.request_id, deadline=deadline)
        if finished.status not in FINAL and finished.status is not Status.WAITING:
            raise UnavailableError("in_progress", f"Invoice {finished.invoice_id} is being worked on by somebody else.")
        return finished


def _may_reopen(record: InvoiceRecord, letter: DeadLetter) -> bool:
    """Whether a message is about this failed document, and not about a version before the one that failed."""
    same = record.document.key == letter.ref.key and not is_older(letter.ref, record)
    return same and record.status is Status.FAILED
