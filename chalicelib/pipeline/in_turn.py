"""Looking through rows so that each has its turn, whatever becomes of those before it."""

from collections.abc import Iterator
from datetime import datetime
from itertools import takewhile

from pydantic import AwareDatetime, BaseModel, ValidationError

from chalicelib.domain.record import SCHEMA_VERSION, InvoiceRecord, Status
from chalicelib.pipeline.remembering import SharedFacts
from chalicelib.ports import InvoiceQuery, InvoiceStore

_PAGE = 50


class Place(BaseModel):
    """Where a run stopped in a list that has the oldest first."""

    received_at: AwareDatetime
    invoice_id: str

    @classmethod
    def of(cls, record: InvoiceRecord) -> "Place":
        """The place of a record."""
        return cls(received_at=record.received_at, invoice_id=record.invoice_id)

    @classmethod
    def stored(cls, text: str) -> "Place | None":
        """The place that was noted as text; `None` for none, and for what another version noted and nobody can read."""
        try:
            return cls.model_validate_json(text)
        except ValidationError:
            return None

    def is_before(self, record: InvoiceRecord) -> bool:
        """Whether a record comes after this place."""
        return (self.received_at, self.invoice_id) < (record.received_at, record.invoice_id)


class InTurn:
    """The rows of one status, from the one after that which was begun last: the oldest first, and once around.

    So no number of rows that come to nothing keeps others from being reached. `name` is that of the fact which
    remembers the place for all processes. Rows that a newer program has saved are left to it, and count for nothing.
    """

    def __init__(self, name: str, invoices: InvoiceStore, facts: SharedFacts) -> None:
        self._name = name
        self._invoices = invoices
        self._facts = facts

    def rows(self, status: Status, until: datetime | None = None) -> Iterator[InvoiceRecord]:
        """All of this status that were received before `until`; asked for as they are taken."""
        place = Place.stored(self._facts.text(self._name))
        query = InvoiceQuery(status=status, until=until, oldest_first=True, limit=_PAGE)
        if place is None:
            yield from self._ours(query)
            return
        after = query.model_copy(update={"since": place.received_at})
        yield from filter(place.is_before, self._ours(after))
        yield from takewhile(lambda record: not place.is_before(record), self._ours(query))

    def begin(self, record: InvoiceRecord) -> None:
        """Note that this one has its turn now: the next run begins after it, even if this one comes to a bad end."""
        self._facts.change(self._name, lambda _: Place.of(record).model_dump_json())

    def _ours(self, query: InvoiceQuery) -> Iterator[InvoiceRecord]:
        return filter(is_ours, all_listed(self._invoices, query))


def all_listed(invoices: InvoiceStore, query: InvoiceQuery) -> Iterator[InvoiceRecord]:
    """The records of a list, page after page, asked for as they are taken."""
    while True:
        page = invoices.page(query)
        yield from page.records
        if page.cursor is None:
            return
        query = query.model_copy(update={"cursor": page.cursor})


def is_ours(record: InvoiceRecord) -> bool:
    """Whether this program may save the record: not what a newer one has saved."""
    return record.schema_version <= SCHEMA_VERSION
