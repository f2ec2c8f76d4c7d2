"""A world in which everything goes wrong that can: one document store, one table, one ledger, and workers that die."""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from chalicelib.bootstrap import Services
from chalicelib.domain.dead_letter import DeadLetter
from chalicelib.domain.document import DocumentRef, MediaType, Page, ReadDocument
from chalicelib.domain.record import InvoiceRecord
from chalicelib.domain.usage import Usage
from chalicelib.errors import ConfigurationError, SmartInvoiceError, UnavailableError, UncertainError
from chalicelib.ports import Depth, OcrReading
from local.family import EmbeddedAdapters
from tests.builders import SetClock, a_clock, an_image, some_settings
from tests.pages import a_page

PAGE_USD = Decimal("0.0015")
INVOCATIONS = 3  # the first and Lambda's two retries
POINTS = (
    "documents.put", "documents.get", "invoices.register", "invoices.save", "ledger.reserve", "ledger.settle",
    "checkpoints.save",
)  # fmt: skip

_INVOICE = """
    Fernlea Joinery Ltd
    Invoice
    Invoice no. ST-{number:05}       Invoice date 2026-11-02

    Oak board          2      50.00      100.00

    Subtotal                             100.00 EUR
    VAT 20 %                              20.00 EUR
    Total                                120.00 EUR
"""


Trouble = tuple[str, int, bool] | None
"""At which point a process dies, at which call of it, and whether right after it; or not at all."""


class Crash(BaseException):
    """The process is gone."""


class Fuse:
    """Lets the process die right before or after the nth call from now on at one point."""

    def __init__(self) -> None:
        self.point, self.left, self.is_after = "", 0, False
        self.took = 0  # answers that were paid for, and not yet kept when the process died

    def set(self, crash: "Trouble") -> None:
        """Die there, or (`None`) nowhere."""
        self.point, self.left, self.is_after = crash or ("", 0, False)

    def around(self, point: str, call: Callable[[], Any]) -> Any:
        """Make a call, if one lives that long."""
        is_due = self.point == point and self._count()
        if is_due and not self.is_after:
            self.took += point == "checkpoints.save"
            raise Crash
        result = call()
        if is_due:
            raise Crash
        return result

    def _count(self) -> bool:
        self.left -= 1
        if self.left == 0:
            self.point = ""
            return True
        return False


class Fused:
    """A role whose calls go through a fuse."""

    def __init__(self, role: str, inner: Any, fuse: Fuse) -> None:
        self._role, self._inner, self._fuse = role, inner, fuse

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        point = f"{self._role}.{name}"
        if point not in POINTS:
            return found
        return lambda *args, **kwargs: self._fuse.around(point, lambda: found(*args, **kwargs))


class PaidOcr:
    """Bills a page for every answer; the next calls fail as they were told to."""

    depths = frozenset({Depth.WORDS})

    def __init__(self) -> None:
        self.billed: Counter[bytes] = Counter()
        self.faults: list[str] = []
        self.lost = 0  # answers that were billed and never seen

    def estimate(self, pages: int, depth: Depth = Depth.WORDS) -> Usage:
        """The pages."""
        return Usage.of("textract", "DetectDocumentText", pages=pages)

    def read_pages(
        self,
        content: bytes,
        media_type: MediaType,
        numbers: Sequence[int],
        depth: Depth = Depth.WORDS,
        seconds: float | None = None,
    ) -> OcrReading:
        """The page, or the next fault."""
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "throttled":
            raise UnavailableError("textract_unavailable", "throttled")
        if fault == "denied":
            raise ConfigurationError("textract_refused", "denied")
        if fault == "crash before":
            raise Crash
        if fault == "silence":
            raise UncertainError("textract_uncertain", "silence")
        self.billed[content] += 1
        self.lost += fault in {"lost", "crash after"}
        if fault == "lost":
            raise UncertainError("textract_uncertain", "lost")
        if fault == "crash after":
            raise Crash
        return OcrReading((self._page(content),), self.estimate(1))

    def _page(self, content: bytes) -> Page:
        number = int(hashlib.sha256(content).hexdigest()[:4], 16)
        return a_page(_INVOICE.format(number=number))


class ImageReader:
    """Every document is a scan of one page."""

    def read(self, content: bytes) -> ReadDocument:
        """A page that OCR has to read."""
        return ReadDocument(MediaType.PNG, 1, (), ocr_pages=(1,))


class DyingAdapters(EmbeddedAdapters):
    """The embedded adapters, each call of which may be the last."""

    def __init__(self, data_dir: Path, clock: SetClock, fuse: Fuse, ocr: PaidOcr, **given: Any) -> None:
        self.settings = some_settings(data_dir, shares=False, switch_seconds=0.001, **given)
        super().__init__(self.settings, clock)
        self._fuse = fuse
        self._paid = ocr

    def documents(self) -> Any:
        """The bucket."""
        return Fused("documents", super().documents(), self._fuse)

    def invoices(self) -> Any:
        """The table."""
        return Fused("invoices", super().invoices(), self._fuse)

    def ledger(self) -> Any:
        """The ledger."""
        return Fused("ledger", super().ledger(), self._fuse)

    def checkpoints(self) -> Any:
        """The kept answers."""
        return Fused("checkpoints", super().checkpoints(), self._fuse)

    def reader(self) -> ImageReader:
        """Scans only."""
        return ImageReader()

    def ocr(self) -> PaidOcr:
        """Somebody who must be paid."""
        return self._paid


class Event(NamedTuple):
    """S3 told of a document; Lambda's id for it stays the same when it tries again."""

    ref: DocumentRef
    request_id: str
    tries: int = 0


class World:
    """Documents on their way: what was accepted, which events are under way, and who gave up."""

    def __init__(self, data_dir: Path) -> None:
        self.clock = a_clock()
        self.fuse = Fuse()
        self.ocr = PaidOcr()
        self._data_dir = data_dir
        self.accepted: dict[str, bytes] = {}
        self.events: list[Event] = []
        self.letters: list[DeadLetter] = []
        self.limit = Decimal(1)
        self.most = self.limit
        self.crashes = 0
        self._deliveries = 0
        self.restart()

    def restart(self, limit: Decimal | None = None) -> None:
        """A new process, perhaps with another budget."""
        self.limit = self.limit if limit is None else limit
        self.most = max(self.most, self.limit)
        self.adapters = DyingAdapters(
            self._data_dir, self.clock, self.fuse, self.ocr, day_limit_usd=self.limit, month_limit_usd=Decimal(50)
        )
        self.services = Services(self.adapters.settings, self.adapters)

    def upload(self, number: int) -> None:
        """A client sends a scan; when it hears nothing, it sends it again."""
        content = an_image(40 + number, 30)
        receipt = self._alive(lambda: self.services.receive(content, "scan.png"))
        self._take_events()
        if receipt is not None:
            self.accepted[receipt.record.invoice_id] = content

    def deliver(self, number: int) -> None:
        """One event reaches a worker."""
        event = self.events.pop(number % len(self.events))
        try:
            self.services.process(event.ref, event.request_id)
        except Crash:
            self._died()
            self._again(event)
        except SmartInvoiceError:
            self._again(event)

    def duplicate(self, number: int) -> None:
        """An event is on its way twice."""
        self.events.append(self._event(self.events[number % len(self.events)].ref))

    def drop(self, number: int) -> None:
        """An event gets lost."""
        self.events.pop(number % len(self.events))

    def redrive(self, number: int) -> None:
        """One dead letter is tried again."""
        letter = self.letters.pop(number % len(self.letters))
        try:
            self.services.reprocess(letter)
        except Crash:
            self._died()
            self.letters.append(letter)
        except SmartInvoiceError:
            self.letters.append(letter)

    def sweep(self) -> None:
        """The schedule."""
        self._alive(lambda: self.services.sweep("sweep"))

    def record(self, invoice_id: str) -> InvoiceRecord | None:
        """The row, read by somebody who lives."""
        return EmbeddedAdapters.invoices(self.adapters).load(invoice_id)

    @property
    def ledger(self) -> Any:
        """The ledger, read by somebody who lives."""
        return EmbeddedAdapters.ledger(self.adapters)

    def _event(self, ref: DocumentRef) -> "Event":
        self._deliveries += 1
        return Event(ref, f"delivery-{self._deliveries}")

    def _again(self, event: "Event") -> None:
        """Lambda tries again under the same id, and then gives up."""
        if event.tries + 1 < INVOCATIONS:
            self.events.append(event._replace(tries=event.tries + 1))
        else:
            self.letters.append(DeadLetter(event.ref, f"letter-{event.request_id}", event.request_id))

    def _alive(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Crash:
            self._died()
        except SmartInvoiceError:
            pass
        return None

    def _died(self) -> None:
        self.crashes += 1
        self.restart()

    def _take_events(self) -> None:
        """What the bucket told of."""
        import json

        from chalicelib.entrypoints.events import uploaded_documents

        queue = self.adapters.events()
        for message in queue.receive(60, max=100):
            self.events += [self._event(ref) for ref in uploaded_documents(json.loads(message.body))]
            queue.delete(message.receipt)
