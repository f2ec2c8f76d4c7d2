"""Which invoices may come out better if they are read again, a part of them at each run."""

from collections.abc import Iterator
from datetime import timedelta

from chalicelib.domain.finding import Decision
from chalicelib.domain.record import InvoiceRecord
from chalicelib.pipeline.asking import FOR_GOOD
from chalicelib.pipeline.in_turn import Place, all_listed, is_ours
from chalicelib.pipeline.remembering import SharedFacts
from chalicelib.ports import Clock, InvoiceQuery, InvoiceStore
from chalicelib.settings import Settings

PLACE = "degraded#place"  # the name of a fact: which invoice was looked at last

_PAGE = 50
_LOOKED_AT = 500  # in one run; most invoices that wait for a person are not degraded


class Degraded:
    """Degraded invoices that wait for a person, the oldest first; of a document with several, the first.

    The next run goes on where this one stops, and then begins anew: none keeps the others waiting.
    """

    def __init__(self, invoices: InvoiceStore, facts: SharedFacts, clock: Clock, settings: Settings) -> None:
        self._invoices = invoices
        self._facts = facts
        self._clock = clock
        self._claim = timedelta(seconds=settings.claim_seconds)

    def __iter__(self) -> Iterator[InvoiceRecord]:
        """Those that may come out better, and that nobody else reads."""
        place = None
        for number, record in enumerate(self._listed()):
            if number == _LOOKED_AT:
                self._go_on_from(place)
                return
            if record.part_of is None and is_ours(record) and _may_improve(record) and not self._is_held(record):
                yield record
            place = Place.of(record)
        self._go_on_from(None)

    def begin(self, record: InvoiceRecord) -> None:
        """Note that this one is being read: the next run begins after it, even if this one comes to a bad end."""
        self._go_on_from(Place.of(record))

    def _listed(self) -> Iterator[InvoiceRecord]:
        """What waits for a person, after the place where the last run stopped."""
        place = Place.stored(self._facts.text(PLACE))
        since = place.received_at if place else None
        query = InvoiceQuery(decision=Decision.NEEDS_REVIEW, since=since, oldest_first=True, limit=_PAGE)
        records = all_listed(self._invoices, query)
        return filter(place.is_before, records) if place else records

    def _is_held(self, record: InvoiceRecord) -> bool:
        """Whether another run reads it, and not for so long that it must have crashed."""
        return record.claim is not None and self._clock.now() - record.claim.since < self._claim

    def _go_on_from(self, place: Place | None) -> None:
        self._facts.change(PLACE, lambda _: place.model_dump_json() if place else "")


def _may_improve(record: InvoiceRecord) -> bool:
    """Whether a paid reader was missing, and not just without an answer: it would have none the next time either."""
    return record.outcome is not None and not set(record.outcome.degraded) <= FOR_GOOD
