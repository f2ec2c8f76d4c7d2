"""Keep the further invoices of a document that holds several."""

from collections.abc import Callable, Sequence

from chalicelib.domain.record import InvoiceRecord, StoredDocument
from chalicelib.domain.transitions import announced, part
from chalicelib.errors import ConflictError
from chalicelib.pipeline.interpret import FurtherInvoice
from chalicelib.pipeline.withdraw_parts import PART_OF_FAILED, SUPERSEDED, WithdrawParts, not_erased
from chalicelib.ports import Clock, InvoiceStore


class KeepParts:
    """Write the records of all invoices but the first, before the first is finished.

    Their number is announced in the first's record to begin with: whoever has lost the document to another worker
    loses here, and writes nothing; and who comes after a crash knows which records may be there. Each is stored only
    while the first's record is as it was announced: so whoever loses the document later writes nothing from then on.
    Each has an id made from the first's and is written as it is, however often: a repeated event changes nothing.
    """

    def __init__(
        self, invoices: InvoiceStore, clock: Clock, on_lost: Callable[[InvoiceRecord], None] = lambda _: None
    ) -> None:
        self._invoices = invoices
        self._clock = clock
        self._withdraw = WithdrawParts(invoices, clock)
        self._on_lost = on_lost

    def __call__(
        self, first: InvoiceRecord, document: StoredDocument, others: Sequence[FurtherInvoice]
    ) -> InvoiceRecord:
        """The first's record as it is stored now; `ConflictError` when somebody else has it.

        Before that is raised, `on_lost` gets the record with all the parts of which something may have been stored.
        """
        parts = 1 + len(others)
        if parts == first.parts_ever == 1:
            return first
        mine = self._invoices.save(announced(first, max(parts, first.parts)))
        try:
            self._keep(mine, document, others)
        except ConflictError:
            self._on_lost(mine)
            raise
        return announced(mine, parts)

    def withdraw(self, first: InvoiceRecord) -> InvoiceRecord:
        """The record of a document that fails, yet to be saved, without the parts that an attempt had stored already.

        It has the revision that is stored; `ConflictError` when somebody else has it. A later attempt stores them anew.
        """
        self._withdraw(first, range(2, first.parts + 1), PART_OF_FAILED)
        return announced(first, 1)

    def _keep(self, first: InvoiceRecord, document: StoredDocument, others: Sequence[FurtherInvoice]) -> None:
        for number, other in enumerate(others, start=2):
            own = document.model_copy(update={"page_range": other.pages})
            self._put(part(first, number, own, other.outcome, self._clock.now()), first)
        self._withdraw(first, range(len(others) + 2, first.parts_ever + 1), SUPERSEDED)

    def _put(self, record: InvoiceRecord, first: InvoiceRecord) -> None:
        stored = not_erased(self._invoices.load(record.invoice_id))
        if stored is None:
            self._invoices.save_part(record, first, is_new=True)
        elif _said(stored) != _said(record):
            again = record.model_copy(update={"revision": stored.revision})
            self._invoices.save_part(again, first, is_new=False)


def _said(record: InvoiceRecord) -> tuple[object, ...]:
    """What of a further invoice is new when the document is read again."""
    return record.document, record.outcome, record.status
