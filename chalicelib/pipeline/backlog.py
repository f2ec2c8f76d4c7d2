"""How many documents wait to be read."""

from chalicelib.domain.record import Status
from chalicelib.ports import InvoiceQuery, InvoiceStore

_PAGE = 100
_UNREAD = (Status.WAITING, Status.RECEIVED)


class CountBacklog:
    """Count what nobody is reading yet, up to `most`: nobody needs to know how many more."""

    def __init__(self, invoices: InvoiceStore, most: int) -> None:
        self._invoices = invoices
        self._most = most

    def __call__(self) -> int:
        """How many wait, at most `most`."""
        found = 0
        for status in _UNREAD:
            found += self._count(status, self._most - found)
        return found

    def _count(self, status: Status, most: int) -> int:
        found, cursor = 0, None
        while found < most:
            query = InvoiceQuery(status=status, limit=min(_PAGE, most - found), cursor=cursor)
            page = self._invoices.page(query)
            found, cursor = found + len(page.records), page.cursor
            if cursor is None:
                break
        return found
