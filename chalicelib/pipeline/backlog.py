"""How many documents wait to be read."""

from chalicelib.domain.record import Status
from chalicelib.ports import InvoiceQuery, InvoiceStore

_PAGE = 100


class CountBacklog:
    """Count what was received and is not being read, up to `most`: nobody needs to know how many more."""

    def __init__(self, invoices: InvoiceStore, most: int) -> None:
        self._invoices = invoices
        self._most = most

    def __call__(self) -> int:
        """How many wait, at most `most`."""
        found, cursor = 0, None
        while found < self._most:
            query = InvoiceQuery(status=Status.RECEIVED, limit=min(_PAGE, self._most - found), cursor=cursor)
            page = self._invoices.page(query)
            found, cursor = found + len(page.records), page.cursor
            if cursor is None:
                break
        return found
