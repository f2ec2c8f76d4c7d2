"""Let a client store a large document itself, by a form for exactly one object."""

from collections.abc import Callable
from typing import NamedTuple

from chalicelib.domain.document import MediaType
from chalicelib.domain.record import InvoiceRecord, Status, StoredDocument
from chalicelib.domain.upload import safe_filename, upload_key
from chalicelib.errors import RejectedError
from chalicelib.ports import Clock, DocumentStore, InvoiceStore, UploadForm
from chalicelib.settings import Settings


class PlannedUpload(NamedTuple):
    """The record that waits for its document, and the form that stores it within `seconds`, up to `max_bytes`."""

    record: InvoiceRecord
    form: UploadForm
    seconds: int
    max_bytes: int


class RequestUpload:
    """Make a record that awaits its upload, and the presigned form for it."""

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

    def __call__(self, filename: str, media_type: MediaType, byte_count: int | None = None) -> PlannedUpload:
        """Plan the upload of one document.

        Raises `RejectedError("too_large", …)` when it is known to be too large, and what `check_uploads` raises while
        no new documents are taken (`BudgetExhaustedError`).
        """
        most = self._settings.max_document_bytes
        if byte_count is not None and byte_count > most:
            raise RejectedError(
                "too_large", f"The document has {byte_count:,} bytes and may have {most:,}; please send a smaller one."
            )
        self._check_uploads()
        record = self._invoices.register(self._new_record(filename, media_type))
        seconds = self._settings.upload_seconds
        form = self._documents.upload_form(record.document.key, media_type, most, seconds)
        return PlannedUpload(record, form, seconds, most)

    def _new_record(self, filename: str, media_type: MediaType) -> InvoiceRecord:
        invoice_id, now = self._clock.new_id(), self._clock.now()
        name = safe_filename(filename)
        document = StoredDocument(key=upload_key(invoice_id, now, name), filename=name, media_type=media_type)
        return InvoiceRecord(invoice_id=invoice_id, status=Status.AWAITING_UPLOAD, document=document, received_at=now)
