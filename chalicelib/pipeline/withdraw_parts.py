"""Take further invoices of a document back, so that nobody pays them."""

from collections.abc import Iterable, Iterator

from chalicelib.domain.record import InvoiceRecord, Problem, Status
from chalicelib.domain.transitions import part_id, rejected
from chalicelib.errors import ConflictError
from chalicelib.ports import MOST_PARTS, Clock, InvoiceStore

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
            stored = self._stored(first, number)
            if stored is not None and stored.problem != why:
                self._invoices.save_part(rejected(stored, why, self._clock.now()), first, is_new=False)

    def letting_go(self, first: InvoiceRecord, changed: InvoiceRecord) -> InvoiceRecord:
        """Save `changed`, what `first` is to become, which is the first with its old content no longer.

        The same bytes are new from then on, and must not be there to be paid twice: the further invoices are taken back
        in the same step. (More than `MOST_PARTS` are left to whoever reads, or erases, the document next.)
        `ConflictError` when somebody else has the document.
        """
        payable = [one for one in self._further(first) if one.problem is None]
        now = self._clock.now()
        withdrawn = [rejected(stored, SUPERSEDED, now) for stored in payable[:MOST_PARTS]]
        return self._invoices.release(changed, first.document.sha256, withdrawn)

    def _further(self, first: InvoiceRecord) -> Iterator[InvoiceRecord]:
        for number in range(2, first.parts_ever + 1):
            stored = self._stored(first, number)
            if stored is not None:
                yield stored

    def _stored(self, first: InvoiceRecord, number: int) -> InvoiceRecord | None:
        return not_erased(self._invoices.load_without_outcome(part_id(first.invoice_id, number)))


def not_erased(stored: InvoiceRecord | None) -> InvoiceRecord | None:
    """A further invoice as it is stored; `ConflictError` when it was erased meanwhile."""
    if stored is not None and stored.status is Status.ERASED:
        raise ConflictError("invoice_erased", f"Invoice {stored.invoice_id} was erased meanwhile.")
    return stored
