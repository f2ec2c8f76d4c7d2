"""A document whose original was stored anew under the same key: which version is to be read."""

import hashlib
import logging

from chalicelib.domain.document import DocumentRef
from chalicelib.domain.record import InvoiceRecord, Status
from chalicelib.domain.transitions import renewed, reopened, versioned
from chalicelib.domain.upload import ocr_folder
from chalicelib.domain.versions import Age, age_of
from chalicelib.errors import NotFoundError, RejectedError
from chalicelib.ports import DocumentStore, InvoiceStore

log = logging.getLogger("smart-invoice.versions")

_BEFORE_READING = frozenset({Status.AWAITING_UPLOAD, Status.RECEIVED})


class FollowVersion:
    """Move a row on to the version that an event names, if that is newer and says something else."""

    def __init__(self, documents: DocumentStore, invoices: InvoiceStore) -> None:
        self._documents = documents
        self._invoices = invoices

    def __call__(self, record: InvoiceRecord, ref: DocumentRef) -> InvoiceRecord:
        """The record as it is stored after; `ref` names a version that is newer than the record's.

        Other bytes open it again, with all attempts, and whoever works on the old version loses it. The same bytes
        leave it as it is: only the version is noted, and not even that while somebody is at work. A failed one is tried
        again for them, too: its sender asks for that.
        """
        if record.status in _BEFORE_READING and record.document.sequencer is None and not record.attempts:
            return record  # the first event of all: what it names is noted by who claims it
        try:
            content = self._documents.get(ref)
        except NotFoundError:
            log.info("Skipped a version that is gone", extra={"invoice_id": record.invoice_id})
            return record
        except RejectedError:  # it cannot even be loaded, and is refused when it is read
            return self._renewed(record, ref, None)
        if hashlib.sha256(content).hexdigest() != record.document.sha256:
            return self._renewed(record, ref, content)
        if record.status is Status.PROCESSING:
            return record
        return self._invoices.save(versioned(reopened(record) if record.status is Status.FAILED else record, ref))

    def _renewed(self, record: InvoiceRecord, ref: DocumentRef, content: bytes | None) -> InvoiceRecord:
        log.info("Opened a new version of the document", extra={"invoice_id": record.invoice_id})
        digest = hashlib.sha256(content).hexdigest() if content is not None else None
        size = len(content) if content is not None else None
        self._remove_for_ocr(record)
        return self._invoices.release(renewed(record, ref, digest, size), record.document.sha256)

    def _remove_for_ocr(self, record: InvoiceRecord) -> None:
        """Remove what an OCR service was to read of the old version: once it is opened anew nobody knows its hash."""
        old = record.document.sha256
        holder = self._invoices.holder(old) if old is not None else None
        if old is not None and holder is not None and holder.invoice_id == record.invoice_id:
            self._documents.delete_folder(ocr_folder(old))


def is_newer(ref: DocumentRef, record: InvoiceRecord) -> bool:
    """Whether an event is about a version after the one that the record heard of."""
    return record.document.sequencer is not None and age_of(ref, record.document) is Age.NEWER


def is_older(ref: DocumentRef, record: InvoiceRecord) -> bool:
    """Whether an event is about a version before the record's."""
    return age_of(ref, record.document) is Age.OLDER
