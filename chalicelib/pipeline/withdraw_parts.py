"""Take further invoices of a document back, so that nobody pays them."""

from collections.abc import Iterable

from chalicelib.domain.record import InvoiceRecord, Problem, Status
from chalicelib.domain.transitions import part_id, rejected, reopened
from chalicelib.errors import ConflictError
from chalicelib.ports import Clock, InvoiceStore

SUPERSEDED = Problem(
    code="superseded",
    message="The document was replaced, deleted or read again, and this invoice is not in it any more. Please use the "
    "one that this is part of.",
)
PART_OF_FAILED = Problem(
    code="part_of_failed",
    message="The document that this invoice is part of could not be processed to its end. Please see the one that this "
    "is part of.",
)


class WithdrawParts:
    """Put a reason why not in the place of further invoices; only while the first's record is as it was given.

    So a worker that has lost the document takes nothing back.
    """

    def __init__(self, invoices: InvoiceStore, clock: Clock) -> None:
        self._invoices = invoices
        self._clock = clock

    def __call__(self, first: InvoiceRecord, numbers: Iterable[int], why: Problem) -> None:
        """Take those with these numbers (from 2) back, where there are any.

        `ConflictError` when somebody else has the document.
        """
        for number in numbers:
            stored = self.stored(part_id(first.invoice_id, number))
            if stored is not None and stored.problem != why:
                self._invoices.save_part(rejected(stored, why, self._clock.now()), first, is_new=False)

    def before_letting_go(self, first: InvoiceRecord) -> InvoiceRecord:
        """The first's record as it is stored then, of a document that is about to let go of its content.

        The same bytes are new from then on, and must not be there to be paid twice. Who works on the document loses it.
        It is opened before anything is taken back: so after a crash it is read again, and its invoices are put back.
        `ConflictError` when somebody else has the document.
        """
        if first.parts_ever == 1:
            return first
        opened = self._invoices.save(reopened(first))
        self(opened, range(2, first.parts_ever + 1), SUPERSEDED)
        return opened

    def stored(self, invoice_id: str) -> InvoiceRecord | None:
        """A further invoice as it is stored, or `None`; `ConflictError` when it was erased meanwhile."""
        stored = self._invoices.load(invoice_id)
        if stored is not None and stored.status is Status.ERASED:
            raise ConflictError("invoice_erased", f"Invoice {invoice_id} was erased meanwhile.")
        return stored
