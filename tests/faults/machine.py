"""A world in which everything goes wrong that can: one document store, one table, one ledger, and workers that die."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from chalicelib.bootstrap import Services
from chalicelib.domain.charge import Charge
from chalicelib.domain.content import is_duplicate
from chalicelib.domain.document import DocumentRef, MediaType
from chalicelib.domain.record import FINAL, InvoiceRecord
from chalicelib.domain.upload import PREFIX, invoice_id_of, ref_of
from chalicelib.entrypoints.events import dead_letters, uploaded_documents
from chalicelib.errors import SmartInvoiceError
from chalicelib.pipeline.each import each
from chalicelib.ports import InvoiceQuery
from local.family import EmbeddedAdapters
from local.lambda_runtime import sqs_event
from local.queue import Message
from tests.builders import a_clock
from tests.faults.dying import CRASH, Crash, DyingAdapters, Fuse, PaidOcr, ToldBucket, Trouble, a_scan, invoices_on

INVOCATIONS = 3  # the first and Lambda's two retries
BY_HAND = tuple(f"{PREFIX}by-hand/{number}.png" for number in range(2))
"""Keys that no form was for: each version of them is an invoice of its own."""

MEANWHILE = ("deliver", "erase", "store", "sweep", "pause", "redrive", "upload")
"""What somebody else may do while a process is in the middle of something."""

_INVOCATION = timedelta(seconds=300)  # how long one may last
_HIDDEN = 60.0  # seconds for which a message stays away when its worker dies
_ALL = 100


class Stored(NamedTuple):
    """One version of an original, and what its event says; they are numbered in the order in which they came."""

    number: int
    ref: DocumentRef
    content: bytes
    body: str
    at: datetime


class Event(NamedTuple):
    """S3 told of a version; Lambda's id for it stays the same when it tries again."""

    stored: Stored
    request_id: str
    tries: int = 0


class World:
    """Documents on their way: what was accepted, which events are under way, and what was deleted."""

    def __init__(self, data_dir: Path) -> None:
        self.clock = a_clock()
        self.first_day = self.clock.now().date()
        self.fuse = Fuse()
        self.ocr = PaidOcr()
        self.data_dir = data_dir
        self.accepted: set[str] = set()
        self.versions: defaultdict[str, list[Stored]] = defaultdict(list)  # by invoice, in the order they came
        self.events: list[Event] = []
        self.heard: set[int] = set()  # versions whose event was done, or is a dead letter now
        self.lost: dict[int, Stored] = {}  # versions whose event got lost, and that no sweep could find since
        self.keys: list[str] = list(BY_HAND)
        self.to_erase: set[str] = set()  # somebody asked for it, and may not have been answered
        self.erased: set[str] = set()
        self.limit = Decimal(1)
        self.most = self.limit
        self.pauses = 0
        self._numbers = 0
        self.restart()

    def restart(self, limit: Decimal | None = None) -> None:
        """A new process, perhaps with another budget."""
        self.limit = self.limit if limit is None else limit
        self.most = max(self.most, self.limit)
        limits = {"day_limit_usd": self.limit, "month_limit_usd": Decimal(50)}
        self.adapters = DyingAdapters(self.data_dir, self.clock, self.fuse, self.ocr, self._stored, **limits)
        self.services = Services(self.adapters.settings, self.adapters)

    def arm(self, trouble: Trouble | None) -> None:
        """Let something happen at one call from now on; or nothing any more."""
        if trouble is None or trouble.what == CRASH:
            self.fuse.set(trouble)
            return
        self.fuse.set(trouble, lambda: self._meanwhile(trouble.what, trouble.number))

    # What clients do

    def upload(self, number: int) -> None:
        """A client sends a scan; when it hears nothing, it sends it again."""
        self._upload(a_scan(number))

    def upload_same(self, number: int) -> None:
        """A client sends what came before already, mostly of late."""
        came = [one.content for versions in self.versions.values() for one in versions]
        self._upload(came[-1 - number % len(came)] if came else a_scan(number))

    def _upload(self, content: bytes) -> None:
        receipt = self._alive(lambda: self.services.receive(content, "scan.png"))
        if receipt is not None:
            self._know(receipt.record)
            self.accepted.add(receipt.record.invoice_id)

    def several(self) -> list[InvoiceRecord]:
        """The documents of which there are, or were, further invoices."""
        return [record for record in self.records().values() if record.parts_ever > 1]

    def erase_several(self, number: int) -> None:
        """A client deletes one of them."""
        ids = self.ids()
        self.erase(ids.index(self.several()[number % len(self.several())].invoice_id))

    def replace_several(self, number: int) -> None:
        """Something else, or the same, is stored in the place of one of them, and its event reaches a worker."""
        record = self.several()[number % len(self.several())]
        if record.document.key in self.keys:
            self.store(self.keys.index(record.document.key), number)
            self.deliver(-1)

    def ask_for_a_form(self) -> None:
        """A client asks for a form, and has yet to use it."""
        planned = self._alive(lambda: self.services.request_upload("scan.png", MediaType.PNG))
        if planned is not None:
            self._know(planned.record)

    def store(self, key_number: int, number: int) -> None:
        """A client uses a form once or again, or an operator puts something into the bucket."""
        key = self.keys[key_number % len(self.keys)]
        self.living("documents").put(key, a_scan(number), MediaType.PNG)

    def send_left_duplicates_again(self) -> None:
        """Clients whose document was refused in favour of one that is not there any more send it again."""
        for record in self.records().values():
            holder = self.living("invoices").holder(record.document.sha256 or "")
            if is_duplicate(record) and holder is None:
                content = self.living("documents").get(ref_of(record.document))
                self.living("documents").put(record.document.key, content, MediaType.PNG)

    def erase(self, number: int) -> None:
        """A client deletes an invoice, or tries to delete one of those behind the first of a document."""
        invoice_id = self.ids()[number % len(self.ids())]
        record = self.record(invoice_id)
        if record is None or record.part_of is None:
            self.to_erase.add(invoice_id)
        if self._alive(lambda: (self.services.erase(invoice_id),)) is not None:
            self.erased.add(invoice_id)

    # What happens to events and letters

    def deliver(self, number: int) -> None:
        """One event reaches a worker."""
        event = self.events.pop(number % len(self.events))
        try:
            self.services.process(event.stored.ref, event.request_id, deadline=self.clock.now() + _INVOCATION)
        except Crash:
            self.restart()
            self._again(event)
        except SmartInvoiceError:
            self._again(event)
        else:
            self._hear(event.stored)

    def try_last_of_several(self) -> None:
        """The last event about a document of several invoices reaches a worker; or a dead letter, if there is none."""
        found = [number for number, event in enumerate(self.events) if invoices_on(event.stored.content) > 1]
        if found:
            self.deliver(found[-1])
        else:
            self.redrive(-1)

    def duplicate(self, number: int) -> None:
        """An event is on its way twice: S3 told twice, or Lambda delivers it twice under one id."""
        event = self.events[number % len(self.events)]
        self.events.append(event if number % 2 else self._event(event.stored))

    def drop(self, number: int) -> None:
        """An event gets lost."""
        stored = self.events.pop(number % len(self.events)).stored
        if stored.number not in self.heard:
            self.lost[stored.number] = stored

    def redrive(self, number: int) -> None:
        """One dead letter of those that can be seen reaches a worker."""
        self._alive(lambda: self._redrive(number))

    def move_back(self, number: int) -> None:
        """An operator moves a parked message back, to have it tried again."""
        parking = self.living("parking")
        for message in _chosen(parking, number):
            self.living("dead_letters").send(message.body)
            parking.delete(message.receipt)

    def sweep(self) -> None:
        """The schedule."""
        if self._alive(lambda: self.services.sweep("sweep")) is not None:
            self._found_what_was_lost()

    def read_without_money(self, number: int) -> None:
        """A scan is read while nothing may be paid for; a day later that is over."""
        limit = self.limit
        self.restart(Decimal(0))
        self.upload(number)
        self._deliver_last()
        self.restart(limit)
        self.clock.advance(hours=25)

    def read_degraded_again(self) -> None:
        """An operator has read again what came out worse than it could have."""
        self._alive(self.services.reprocess_degraded)

    # What is there

    def record(self, invoice_id: str) -> InvoiceRecord | None:
        """The row."""
        found: InvoiceRecord | None = self.living("invoices").load(invoice_id)
        return found

    def records(self) -> dict[str, InvoiceRecord]:
        """All rows, those of deleted invoices too, by id and in the order of ids."""
        found = {record.invoice_id: record for record in self._listed()}
        unlisted = map(self.record, self._told_of() - found.keys())
        found |= {record.invoice_id: record for record in unlisted if record is not None}
        return dict(sorted(found.items()))

    def ids(self) -> list[str]:
        """All invoices that there are or were, in the order of their ids; at least one."""
        return sorted({record.invoice_id for record in self._listed()} | self._told_of()) or ["nobody"]

    def is_quiet(self) -> bool:
        """Whether nobody has anything to do."""
        is_open = any(one.status not in FINAL for one in self.records().values() if one.invoice_id in self.accepted)
        return not (self.events or is_open or self.living("dead_letters").depth())

    def is_heard(self, stored: Stored) -> bool:
        """Whether its event was not lost for good."""
        return stored.number not in self.lost or any(event.stored.number == stored.number for event in self.events)

    def version_of(self, record: InvoiceRecord) -> int:
        """Which of the invoice's versions its row is about; -1 as long as it does not say."""
        versions = self.versions.get(record.part_of or record.invoice_id, ())
        told = (one.number for one in versions if one.ref.version_id == record.document.version_id)
        return next(told, -1)

    def charges(self) -> list[Charge]:
        """All that was booked."""
        return [charge for day in self.days() for charge in self.living("ledger").charges_on(day)]

    def days(self) -> Iterator[date]:
        """The days so far."""
        for number in range((self.clock.now().date() - self.first_day).days + 1):
            yield self.first_day + timedelta(days=number)

    def living(self, role: str) -> Any:
        """An adapter for somebody who does not die."""
        inner = getattr(EmbeddedAdapters, role)(self.adapters)
        return ToldBucket(inner, self._stored) if role == "documents" else inner

    def messages(self, role: str) -> list[Message]:
        """All messages of a queue that can be seen."""
        return list(self.living(role).receive(0.0, max=_ALL))

    # Inside

    def _listed(self) -> Sequence[InvoiceRecord]:
        """The rows that lists show."""
        return tuple(self.living("invoices").page(InvoiceQuery(limit=_ALL)).records)

    def _told_of(self) -> set[str]:
        """The ids that somebody was told of, or asked about."""
        return self.accepted | self.to_erase | self.versions.keys()

    def _meanwhile(self, what: str, number: int) -> None:
        """Somebody else does something, undisturbed."""
        if what == "deliver" and self.events:
            self.deliver(number)
        elif what == "erase":
            self.erase(self._worked_on(self.ids(), lambda record: record.invoice_id, number))
        elif what == "store":
            self.store(self._worked_on(self.keys, lambda record: record.document.key, number), number)
            self.deliver(-1)
        elif what == "pause":
            self.pauses += 1
            self.clock.advance(minutes=20)
            self.sweep()
        elif what == "redrive":
            self.redrive(number)
        elif what == "upload":
            self.upload_same(number)
            self._deliver_last()
        elif what == "sweep":
            self.sweep()

    def _deliver_last(self) -> None:
        if self.events:
            self.deliver(-1)

    def _worked_on(self, known: Sequence[str], name_of: Callable[[InvoiceRecord], str], number: int) -> int:
        """Which of those known somebody is at work on; mostly; or any."""
        names = [name_of(one) for one in self.records().values() if one.claim is not None]
        return known.index(names[0]) if names and number % 3 and names[0] in known else number

    def _know(self, record: InvoiceRecord) -> None:
        if record.document.key and record.document.key not in self.keys:
            self.keys.append(record.document.key)

    def _stored(self, content: bytes) -> None:
        """Take what the bucket told of an object that was just stored."""
        queue = self.adapters.events()
        for message in queue.receive(_HIDDEN, max=_ALL):
            for ref in uploaded_documents(json.loads(message.body)):
                self._numbers += 1
                stored = Stored(self._numbers, ref, content, message.body, self.clock.now())
                self.versions[invoice_id_of(ref)].append(stored)
                self.events.append(self._event(stored))
                self.accepted.add(invoice_id_of(ref))
            queue.delete(message.receipt)

    def _hear(self, stored: Stored) -> None:
        self.heard.add(stored.number)
        self.lost.pop(stored.number, None)

    def _event(self, stored: Stored) -> Event:
        self._numbers += 1
        return Event(stored, f"delivery-{self._numbers}")

    def _again(self, event: Event) -> None:
        """Lambda tries again under the same id, and then gives up; of its two kinds of letters it writes either."""
        if event.tries + 1 < INVOCATIONS:
            self.events.append(event._replace(tries=event.tries + 1))
            return
        self._hear(event.stored)
        queue, body = self.living("dead_letters"), event.stored.body
        if event.stored.number % 2:
            queue.send(body, {"RequestID": event.request_id})
            return
        envelope = {"requestContext": {"requestId": event.request_id}, "requestPayload": json.loads(body)}
        queue.send(json.dumps(envelope))

    def _redrive(self, number: int) -> None:
        queue = self.adapters.dead_letters()
        for message in _chosen(queue, number):
            letters = dead_letters(sqs_event(message, queue.name))
            try:
                each(letters, self.services.reprocess)
            except SmartInvoiceError:
                queue.change_visibility(message.receipt, 0)
                raise
            queue.delete(message.receipt)

    def _found_what_was_lost(self) -> None:
        """A whole sweep looks at the last version of all uploads of today and yesterday, unless it is quite new."""
        now = self.clock.now()
        days = tuple(f"{PREFIX}{now - timedelta(days=ago):%Y/%m/%d}/" for ago in range(2))
        old = now - timedelta(seconds=self.services.settings.lost_seconds)
        last = {one.ref.key: one for versions in self.versions.values() for one in versions}
        for number, one in list(self.lost.items()):
            if one.ref.key.startswith(days) and last[one.ref.key].at <= old:
                del self.lost[number]

    def _alive(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Crash:
            self.restart()
        except SmartInvoiceError:
            pass
        return None


def _chosen(queue: Any, number: int) -> Sequence[Message]:
    """One of the messages that can be seen, if there is any; the others stay visible."""
    seen = queue.receive(_HIDDEN, max=_ALL)
    chosen = seen[number % len(seen)] if seen else None
    for message in seen:
        if message is not chosen:
            queue.change_visibility(message.receipt, 0)
    return () if chosen is None else (chosen,)
