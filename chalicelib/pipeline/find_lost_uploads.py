"""Find documents, and versions of them, that were stored and that no row knows: their event was lost."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain

from chalicelib.domain.record import InvoiceRecord, Status
from chalicelib.domain.upload import PREFIX, invoice_id_of, is_only_of
from chalicelib.pipeline.bounded import has_time, log_skipped
from chalicelib.pipeline.problems import is_without_upload
from chalicelib.pipeline.process import Again, Process
from chalicelib.pipeline.remembering import SharedFacts
from chalicelib.ports import Clock, DocumentStore, ListedDocument
from chalicelib.settings import Settings

PLACE = "sweep#uploads"  # the name of a fact: the key that was looked at last

_DAYS = 2  # today and yesterday (UTC)
_LOOKED_AT = 300  # in one run


class FindLostUploads:
    """Look through the uploads of today and yesterday, a part of them at each run, and process what has no row.

    Keys begin with the day, so that a list of two days does not grow with the years. What was put elsewhere by hand is
    not looked for.
    """

    def __init__(
        self, documents: DocumentStore, process: Process, facts: SharedFacts, clock: Clock, settings: Settings
    ) -> None:
        self._documents = documents
        self._process = process
        self._facts = facts
        self._clock = clock
        self._grace = timedelta(seconds=settings.lost_seconds)

    def __call__(self, owner: str, deadline: datetime | None = None, most: int = 20) -> int:
        """How many were found, at most `most`. The next run goes on where this one ends, and then begins anew."""
        place, found = self._facts.text(PLACE), 0
        for number, one in enumerate(self._from(place)):
            if number == _LOOKED_AT or found == most or not has_time(self._clock, deadline):
                break
            found += self._is_found(one, owner, deadline)
            place = one.ref.key
        else:
            place = ""
        self._facts.change(PLACE, lambda _: place)
        return found

    def _from(self, after: str) -> Iterator[ListedDocument]:
        """All uploads of these days that come after a key, or all, when that key is of a day long past."""
        today = self._clock.now()
        days = [f"{PREFIX}{today - timedelta(days=ago):%Y/%m/%d}/" for ago in reversed(range(_DAYS))]
        begun = next((number for number, day in enumerate(days) if after.startswith(day)), 0)
        return chain.from_iterable(
            self._documents.listed(day, after if after.startswith(day) else "") for day in days[begun:]
        )

    def _is_found(self, one: ListedDocument, owner: str, deadline: datetime | None) -> bool:
        """Whether this one was lost, and was taken up; where that cannot be said now, its turn comes again."""
        try:
            is_lost = self._is_lost(one)
        except Exception as error:  # noqa: BLE001 - of the row of one, and the next must not wait for it
            log_skipped(invoice_id_of(one.ref), error)
            return False
        if is_lost:
            self._take_up(one, owner, deadline)
        return is_lost

    def _is_lost(self, one: ListedDocument) -> bool:
        """Whether it should have a row by now, and has none that knows this version; or that of an erased one."""
        if one.stored_at > self._clock.now() - self._grace or one.ref.key.endswith("/"):
            return False
        record = self._process.known(one.ref)
        if record is not None and record.status is Status.ERASED:  # it came afterwards, and is removed
            return is_only_of(one.ref, record.invoice_id)
        return record is None or is_without_upload(record) or _is_of_another_version(record, one)

    def _take_up(self, one: ListedDocument, owner: str, deadline: datetime | None) -> None:
        try:
            self._process(one.ref, owner, deadline=deadline, again=Again.NEVER)
        except Exception as error:  # noqa: BLE001 - whatever it is, the next document must not wait for it
            log_skipped(invoice_id_of(one.ref), error)


def _is_of_another_version(record: InvoiceRecord, one: ListedDocument) -> bool:
    """Whether the last version is not the one that the row is about, so far as both are known."""
    known, last = record.document.version_id, one.ref.version_id
    return None not in {known, last} and known != last
