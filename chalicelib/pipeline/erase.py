"""Delete an invoice, so that nothing of it is left and nothing brings it back."""

import logging
from contextlib import suppress
from datetime import datetime

from chalicelib.alerting import call_operator
from chalicelib.domain.document import DocumentRef
from chalicelib.domain.record import InvoiceRecord, Remains, Status, StoredDocument
from chalicelib.domain.transitions import emptied, erased, erased_part, part_id
from chalicelib.domain.upload import derived_folder, is_only_of, ocr_folder, original_of
from chalicelib.errors import ConflictError, NotFoundError, RejectedError, SmartInvoiceError
from chalicelib.pipeline.bounded import bounded
from chalicelib.pipeline.in_turn import InTurn
from chalicelib.pipeline.remembering import SharedFacts
from chalicelib.pipeline.withdraw_parts import WithdrawParts
from chalicelib.ports import Clock, DocumentStore, InvoiceStore

log = logging.getLogger("smart-invoice.erase")

_TRIES = 5  # each lost to a worker that has saved meanwhile


class RemoveRemains:
    """Remove the objects of an erased invoice: its original, and whatever was derived from it."""

    def __init__(self, documents: DocumentStore, invoices: InvoiceStore) -> None:
        self._documents = documents
        self._invoices = invoices

    def __call__(self, invoice_id: str, remains: Remains) -> None:
        """Remove everything in all versions; what is not there any more does not matter."""
        self._documents.delete(DocumentRef(key=remains.key, version_id=remains.version_id))
        ids = (invoice_id, *(part_id(invoice_id, number) for number in range(2, remains.parts + 1)))
        for one in ids:
            self._documents.delete_folder(derived_folder(one))
        if remains.sha256 is not None and not self._is_others(remains.sha256, invoice_id):
            self._documents.delete_folder(ocr_folder(remains.sha256))

    def finish(self, tombstone: InvoiceRecord) -> None:
        """Finish what the tombstone of the document's first invoice began, however far somebody else came with it."""
        if tombstone.remains is None:
            return
        for number in range(2, tombstone.remains.parts + 1):
            self._bury(tombstone, number)
        self(tombstone.invoice_id, tombstone.remains)
        with suppress(ConflictError):  # somebody else has finished it at the same moment
            self._invoices.save(emptied(tombstone))
        log.info("Erased invoice", extra={"invoice_id": tombstone.invoice_id})

    def if_lost(self, worked_on: InvoiceRecord) -> None:
        """Remove what a worker wrote that has lost its document to an erasure or a newer version; otherwise nothing."""
        stored = self._invoices.load_without_outcome(worked_on.invoice_id)
        if stored is not None and stored.status is Status.ERASED:
            self._remove_late(worked_on)
        elif stored is not None and stored.document.sha256 != worked_on.document.sha256:
            self.for_ocr(worked_on)  # no row knows the hash of the old version any more

    def _remove_late(self, worked_on: InvoiceRecord) -> None:
        original = original_of(worked_on.invoice_id, worked_on.document)
        sha256, parts = worked_on.document.sha256, worked_on.parts_ever
        remains = Remains(key=original.key, version_id=original.version_id, sha256=sha256, parts=parts)
        self(worked_on.invoice_id, remains)
        log.info("Removed what came after the erasure", extra={"invoice_id": worked_on.invoice_id})

    def of_event(self, tombstone: InvoiceRecord, ref: DocumentRef) -> None:
        """Remove the object of an event that came after the erasure: an upload that was under way, or a repetition.

        What was put by hand under a key of its own, in a bucket without versions, may be something else now: it stays.
        """
        self.finish(tombstone)
        invoice_id = tombstone.invoice_id
        if not is_only_of(ref, invoice_id):
            log.warning("Left an object with the key of an erased one alone", extra={"invoice_id": invoice_id})
            return
        original = original_of(invoice_id, StoredDocument(key=ref.key, filename="", version_id=ref.version_id))
        self(invoice_id, Remains(key=original.key, version_id=original.version_id))
        log.info("Left an erased invoice alone", extra={"invoice_id": invoice_id})

    def for_ocr(self, record: InvoiceRecord) -> None:
        """Remove the pages of its content that an OCR service was to read, unless another invoice has the same."""
        content = record.document.sha256
        if content is not None and not self._is_others(content, record.invoice_id):
            self._documents.delete_folder(ocr_folder(content))

    def _bury(self, first: InvoiceRecord, number: int) -> None:
        """Put a tombstone in the place of a further invoice, or where a worker that does not know yet would put one."""
        for _ in range(_TRIES):
            stored = self._invoices.load_without_outcome(part_id(first.invoice_id, number))
            try:
                if stored is None:
                    self._invoices.register(erased_part(first, number, 0))
                elif stored.status is not Status.ERASED:
                    self._invoices.save(erased_part(first, number, stored.revision))
            except ConflictError:
                continue
            return
        raise ConflictError("invoice_changed", f"Invoice {first.invoice_id} changes again and again; try once more.")

    def _is_others(self, sha256: str, invoice_id: str) -> bool:
        """Whether another invoice has this content now: what lies there is for that one to be read."""
        holder = self._invoices.holder(sha256)
        return holder is not None and holder.invoice_id != invoice_id


class Erase:
    """Erase one invoice, with all others of the same document.

    The tombstone comes first: from then on no event, no worker and no message can bring the invoice back, and the same
    bytes are new. It keeps what is yet to be removed until that was done, so that a crash anywhere is made good by
    calling this again. The further invoices of the document are withdrawn with it: nobody is to pay them and the same
    bytes, sent anew.
    """

    def __init__(self, documents: DocumentStore, invoices: InvoiceStore, clock: Clock) -> None:
        self._invoices = invoices
        self._clock = clock
        self._remains = RemoveRemains(documents, invoices)
        self._withdraw_parts = WithdrawParts(invoices, clock)

    def __call__(self, invoice_id: str) -> None:
        """Erase it; return if that was done before.

        Raises `NotFoundError` when there never was one, and `RejectedError("part_of_document", …)` when it stands in a
        document with others and is not the first: these cannot be taken from each other.
        """
        self._remains.finish(self._tombstone(invoice_id))

    def _tombstone(self, invoice_id: str) -> InvoiceRecord:
        """The tombstone, put in the place of the row if need be; and the content is nobody's."""
        for _ in range(_TRIES):
            record = self._invoices.load_without_outcome(invoice_id)
            if record is None:
                raise NotFoundError("invoice_not_found", "There is no invoice with this id. Please check it.")
            if record.status is Status.ERASED:
                return record
            if record.part_of is not None:
                raise RejectedError(
                    "part_of_document",
                    "This invoice stands in one document with others. Please delete the first of them, "
                    f"{record.part_of}: all of them are deleted with it.",
                )
            try:
                return self._withdraw_parts.letting_go(record, erased(record, self._clock.now()))
            except ConflictError:
                continue
        raise ConflictError("invoice_changed", f"Invoice {invoice_id} changes again and again; please try once more.")


class FinishErasing:
    """Finish the erasures that a crash has cut short, and that nobody has asked for again, each in turn."""

    def __init__(self, documents: DocumentStore, invoices: InvoiceStore, facts: SharedFacts, clock: Clock) -> None:
        self._turn = InTurn("sweep#erased", invoices, facts)
        self._clock = clock
        self._remains = RemoveRemains(documents, invoices)

    def __call__(self, deadline: datetime | None = None, most: int = 50) -> int:
        """How many were finished, of at most `most`; what one raises does not stop the others.

        None is begun shortly before `deadline`, when this invocation ends: the next run goes on.
        """
        tombstones = bounded(self._turn.rows(Status.ERASED), most, self._clock, deadline)
        return sum(self._is_finished(tombstone) for tombstone in tombstones)

    def _is_finished(self, tombstone: InvoiceRecord) -> bool:
        self._turn.begin(tombstone)
        try:
            self._remains.finish(tombstone)
        except SmartInvoiceError as error:
            call_operator(error, invoice_id=tombstone.invoice_id)
            log.warning("Could not finish erasing", extra={"invoice_id": tombstone.invoice_id, "code": error.code})
            return False
        return True
