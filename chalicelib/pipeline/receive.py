"""Take a document in: once this has returned, it is safe, and will be read."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib.domain.content import gives_way
from chalicelib.domain.document import MediaType
from chalicelib.domain.record import FINAL, InvoiceRecord, Status, StoredDocument
from chalicelib.domain.transitions import reopened
from chalicelib.domain.upload import safe_filename, upload_key
from chalicelib.ports import Clock, DocumentStore, InvoiceStore
from chalicelib.reading.limits import limits_of
from chalicelib.reading.sniffing import inspect
from chalicelib.settings import Settings


class Receipt(NamedTuple):
    """The record of a document, and whether it is new here."""

    record: InvoiceRecord
    is_new: bool


class Receive:
    """Store a document that came with the request."""

    def __init__(
        self,
        documents: DocumentStore,
        invoices: InvoiceStore,
        clock: Clock,
        settings: Settings,
        check_uploads: Callable[[], None] = lambda: None,
    ) -> None:
        self._documents = documents
        self._invoices = invoices
        self._clock = clock
        self._settings = settings
        self._check_uploads = check_uploads

    def __call__(self, content: bytes, filename: str | None) -> Receipt:
        """Register and store `content`; the same bytes again give the first record.

        Raises `RejectedError` when the bytes are no document that could be read, and what `check_uploads` raises while
        no new documents are taken (`BudgetExhaustedError`).

        The row comes first and the object second: after a crash between the two, the client was told nothing, sends
        the same bytes again, and finds its row. So whatever nobody has begun to read is stored (once more), and so is
        what somebody has begun to read and that is not there; a second event of the same object does no harm.
        """
        media_type = inspect(content, limits_of(self._settings))
        self._check_uploads()
        record = self._new_record(content, filename, media_type)
        first = self._invoices.register(record)
        if gives_way(first):
            first = self._invoices.save(reopened(first, self._lost_at()))
        if self._is_to_be_stored(first):
            self._documents.put(first.document.key, content, media_type)
        return Receipt(first, is_new=first.invoice_id == record.invoice_id)

    def _is_to_be_stored(self, record: InvoiceRecord) -> bool:
        if record.status is Status.RECEIVED and not record.attempts:
            return True
        return record.status not in FINAL and not self._documents.exists(record.document.key)

    def _lost_at(self) -> datetime:
        """When the event of what is stored now should have come."""
        return self._clock.now() + timedelta(seconds=self._settings.lost_seconds)

    def _new_record(self, content: bytes, filename: str | None, media_type: MediaType) -> InvoiceRecord:
        invoice_id, now = self._clock.new_id(), self._clock.now()
        name = safe_filename(filename or "", fallback=f"document.{_ENDINGS[media_type]}")
        document = StoredDocument(
            key=upload_key(invoice_id, now, name),
            filename=name,
            sha256=hashlib.sha256(content).hexdigest(),
            media_type=media_type,
            byte_count=len(content),
        )
        return InvoiceRecord(invoice_id=invoice_id, status=Status.RECEIVED, document=document, received_at=now)


_ENDINGS = {
    MediaType.PDF: "pdf",
    MediaType.PNG: "png",
    MediaType.JPEG: "jpg",
    MediaType.TIFF: "tif",
    MediaType.XML: "xml",
    MediaType.P7M: "p7m",
}
