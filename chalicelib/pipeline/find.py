"""Find one invoice, many, or the link to an original."""

import logging
from typing import NamedTuple

from chalicelib.domain.charge import Charge
from chalicelib.domain.record import InvoiceRecord, Status, StoredDocument
from chalicelib.errors import NotFoundError, UnavailableError
from chalicelib.ports import DocumentStore, InvoicePage, InvoiceQuery, InvoiceStore, Ledger

log = logging.getLogger("smart-invoice.find")


class FindInvoice:
    """One invoice by its id."""

    def __init__(self, invoices: InvoiceStore) -> None:
        self._invoices = invoices

    def __call__(self, invoice_id: str) -> InvoiceRecord:
        """The record; `NotFoundError` when there is none, or none any more (`invoice_erased`)."""
        record = self._invoices.load(invoice_id)
        if record is None:
            raise NotFoundError("invoice_not_found", "There is no invoice with this id. Please check it.")
        if record.status is Status.ERASED:
            raise NotFoundError("invoice_erased", "This invoice was deleted, and nothing of it is kept.")
        return record


class Shown(NamedTuple):
    """An invoice with what it has cost, where its outcome does not say so because there is none."""

    record: InvoiceRecord
    charges: tuple[Charge, ...] = ()


class ShowInvoice:
    """One invoice as people are shown it."""

    def __init__(self, find: FindInvoice, ledger: Ledger) -> None:
        self._find = find
        self._ledger = ledger

    def __call__(self, invoice_id: str) -> Shown:
        """The invoice; of a failed one the charges come from the ledger. `NotFoundError` as `FindInvoice`.

        The invoice is worth more than its bill: it is shown without, when the ledger does not answer.
        """
        record = self._find(invoice_id)
        if record.status is not Status.FAILED:
            return Shown(record)
        try:
            return Shown(record, self._ledger.charges_of(invoice_id))
        except UnavailableError as error:
            log.warning("Could not show the cost", extra={"invoice_id": invoice_id, "code": error.code})
            return Shown(record)


class ListInvoices:
    """Many invoices, newest first."""

    def __init__(self, invoices: InvoiceStore) -> None:
        self._invoices = invoices

    def __call__(self, query: InvoiceQuery) -> InvoicePage:
        """One page; its cursor asks for the next."""
        return self._invoices.page(query)


class LinkToDocument:
    """A short-lived link to the original of an invoice."""

    def __init__(self, find: FindInvoice, documents: DocumentStore, seconds: int) -> None:
        self._find = find
        self._documents = documents
        self.seconds = seconds

    def __call__(self, invoice_id: str) -> str:
        """A URL that works for `seconds`; `NotFoundError` without invoice, or while its upload is awaited."""
        record = self._find(invoice_id)
        if record.status is Status.AWAITING_UPLOAD:
            raise NotFoundError("not_uploaded", "The document of this invoice was not uploaded yet.")
        document = self._original(record)
        return self._documents.link(document.key, document.filename, self.seconds, document.version_id)

    def _original(self, record: InvoiceRecord) -> StoredDocument:
        """Where the original is: of the same bytes stored again only the first invoice's row knows the last version.

        The version before, which a further invoice was read from, is removed from the bucket some day.
        """
        if record.part_of is None:
            return record.document
        first = self._find(record.part_of).document
        return first if first.sha256 == record.document.sha256 else record.document
