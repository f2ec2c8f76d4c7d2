"""The row of a document, known by where it is in the bucket."""

from chalicelib.domain.document import DocumentRef
from chalicelib.domain.record import InvoiceRecord, Status, StoredDocument
from chalicelib.domain.upload import invoice_id_of, made_up_id, safe_filename
from chalicelib.errors import ConflictError
from chalicelib.ports import Clock, InvoiceStore


class RowOf:
    """Find a document's row, or make it."""

    def __init__(self, invoices: InvoiceStore, clock: Clock) -> None:
        self._invoices = invoices
        self._clock = clock

    def __call__(self, ref: DocumentRef) -> InvoiceRecord:
        """The row of a document; one that came into the bucket by another way than ours gets its row here.

        Raises `ConflictError` when both ids that it may have belong to other documents.
        """
        for invoice_id in (invoice_id_of(ref), made_up_id(ref)):
            record = self._invoices.load(invoice_id)
            if record is None:
                return self._registered(invoice_id, ref)
            if _is_of(record, ref):
                return record
        raise ConflictError("id_taken", "Another document has the id that belongs to this key.")

    def known(self, ref: DocumentRef) -> InvoiceRecord | None:
        """The row of a document, or `None`; nothing is done."""
        found = map(self._invoices.load, (invoice_id_of(ref), made_up_id(ref)))
        return next((record for record in found if record is not None and _is_of(record, ref)), None)

    def _registered(self, invoice_id: str, ref: DocumentRef) -> InvoiceRecord:
        document = StoredDocument(key=ref.key, filename=safe_filename(ref.key), version_id=ref.version_id)
        return self._invoices.register(
            InvoiceRecord(
                invoice_id=invoice_id, status=Status.RECEIVED, document=document, received_at=self._clock.now()
            )
        )


def _is_of(record: InvoiceRecord, ref: DocumentRef) -> bool:
    """Whether the row is that of a document; an erased one does not say whose it was."""
    return record.status is Status.ERASED or record.document.key == ref.key
