"""Of all who sent the same bytes one is read: who that is."""

from chalicelib.domain.content import DUPLICATE_UPLOAD, gives_way
from chalicelib.domain.record import InvoiceRecord
from chalicelib.errors import ConflictError, RejectedError, UnavailableError
from chalicelib.ports import InvoiceStore


class TakeContent:
    """Make a row the one that holds its content, unless that is another's."""

    def __init__(self, invoices: InvoiceStore) -> None:
        self._invoices = invoices

    def __call__(self, mine: InvoiceRecord) -> InvoiceRecord:
        """The row as it is stored now, which holds its content from then on.

        Raises `RejectedError("duplicate_upload", …)` where another was first, and is read, or will be. One of which
        nothing came, or will come, leaves its content to this one. `UnavailableError("in_progress", …)` when two take
        it at once; `ConflictError` when somebody else has this row.
        """
        if self._is_mine(mine):
            return mine
        mine = self._invoices.save(mine)  # a save takes what nobody holds
        if self._is_mine(mine):
            return mine
        raise _in_progress(mine)

    def _is_mine(self, mine: InvoiceRecord) -> bool:
        """Whether this one holds its content; otherwise nobody does, from now on."""
        content = mine.document.sha256 or ""
        first = self._invoices.holder(content)
        if first is None or first.invoice_id == mine.invoice_id:
            return first is not None
        if not gives_way(first):
            raise RejectedError(
                DUPLICATE_UPLOAD, f"This document was sent before: please use invoice {first.invoice_id}."
            )
        try:
            self._invoices.release(first, content)
        except ConflictError:  # the first is opened again at this moment
            raise _in_progress(first) from None
        return False


def _in_progress(record: InvoiceRecord) -> UnavailableError:
    return UnavailableError("in_progress", f"Invoice {record.invoice_id} is being changed by somebody else.")
