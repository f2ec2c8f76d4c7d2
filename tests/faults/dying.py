"""Adapters each call of which may be a process's last, or the moment at which somebody else does something."""

import hashlib
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from chalicelib.domain.document import MediaType, Page, ReadDocument, TextLayer
from chalicelib.domain.upload import ocr_folder
from chalicelib.domain.usage import Usage
from chalicelib.errors import ConfigurationError, UnavailableError, UncertainError
from chalicelib.ports import Depth, OcrReading
from local.documents import FolderDocumentStore
from local.family import EmbeddedAdapters
from local.presigned import Presigner
from tests.builders import SetClock, an_image, some_settings
from tests.pages import a_page

POINTS = (
    "documents.put", "documents.get", "documents.delete", "documents.delete_folder", "documents.listed",
    "invoices.register", "invoices.save", "invoices.save_part", "invoices.release", "ledger.reserve", "ledger.settle",
    "checkpoints.save", "shared_state.save", "parking.send", "dead_letters.receive", "dead_letters.delete",
)  # fmt: skip
"""Every call that changes something, and the first ones of those that only read. Shares are not booked here."""

FAULTS = ("throttled", "denied", "silence", "lost", "crash before", "crash after")
"""What may become of a call that is paid for; at `lost` and `crash after` it is billed."""

CRASH = "crash"

MOST_INVOICES = 3
"""That one scan holds."""

_NARROWEST = 40
_WITH_WORDS = frozenset({3, 4})
_WIDTH_IN_PNG = slice(16, 20)
_LAST_OF_HEIGHT_IN_PNG = 23

_INVOICE = """
    Fernlea Joinery Ltd
    Invoice
    Invoice no. {number}       Invoice date 2026-11-02

    Oak board          2      50.00      100.00

    Subtotal                             100.00 EUR
    VAT 20 %                              20.00 EUR
    Total                                120.00 EUR
"""


class Trouble(NamedTuple):
    """Right before or after call `nth` at a point the process dies (`CRASH`), or somebody else does `what`."""

    point: str
    nth: int
    is_after: bool
    what: str = CRASH
    number: int = 0


class Crash(BaseException):
    """The process is gone."""


class Fuse:
    """Lets one thing happen at one call."""

    def __init__(self) -> None:
        self.took = 0  # answers that were paid for, and not yet kept when the process died
        self.burnt: Counter[tuple[str, str]] = Counter()  # what happened where
        self.numbers = itertools.count(1)
        self._trouble: Trouble | None = None
        self._left = 0
        self._act: Callable[[], object] = self._crash

    def set(self, trouble: Trouble | None, act: Callable[[], object] | None = None) -> None:
        """Die there, or `act`; or (`None`) do nothing any more."""
        self._trouble, self._left = trouble, trouble.nth if trouble else 0
        self._act = act or self._crash

    def around(self, point: str, call: Callable[[], Any]) -> Any:
        """Make a call, if one lives that long."""
        due = self._due(point)
        if due is None:
            return call()
        self.burnt[point, due.what] += 1
        if not due.is_after:
            self.took += point == "checkpoints.save" and due.what == CRASH
            self._act()
            return call()
        result = call()
        self._act()
        return result

    def _due(self, point: str) -> Trouble | None:
        trouble = self._trouble
        if trouble is None or trouble.point != point:
            return None
        self._left -= 1
        if self._left:
            return None
        self._trouble = None
        return trouble

    def _crash(self) -> None:
        raise Crash


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


class ToldBucket:
    """A bucket that tells of what was put into it."""

    def __init__(self, inner: Any, told: Callable[[bytes], None]) -> None:
        self._inner, self._told = inner, told

    def put(self, key: str, content: bytes, media_type: MediaType) -> None:
        """Store it, and tell."""
        self._inner.put(key, content, media_type)
        self._told(content)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class NumberedBucket(FolderDocumentStore):
    """The embedded bucket, with version ids that are the same in every run."""

    numbers: Iterator[int]

    def draft(self) -> Path:
        """A new path."""
        return super().draft().with_name(f"{next(self.numbers):032x}")


class Bought(NamedTuple):
    """Pages of a document that were read in one call."""

    content: bytes
    pages: tuple[int, ...]


class PaidOcr:
    """Bills the pages of every answer; the next calls fail as they were told to."""

    depths = frozenset({Depth.WORDS})

    def __init__(self) -> None:
        self.billed: Counter[Bought] = Counter()
        self.faults: list[str] = []
        self.lost = 0  # answers that were billed and never seen
        self.crashed_at: set[bytes] = set()
        self.documents: Any = None

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
        """The pages, or the next fault. As Textract's, they lie in the bucket to be read."""
        folder = ocr_folder(hashlib.sha256(content).hexdigest())
        for number in numbers:
            self.documents.put(f"{folder}{number}.png", content, media_type)
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "throttled":
            raise UnavailableError("textract_unavailable", "throttled")
        if fault == "denied":
            raise ConfigurationError("textract_refused", "denied")
        if fault == "silence":
            raise UncertainError("textract_uncertain", "silence")
        self._crash_if(fault == "crash before", content)
        self.billed[Bought(content, tuple(numbers))] += 1
        self.lost += fault in {"lost", "crash after"}
        if fault == "lost":
            raise UncertainError("textract_uncertain", "lost")
        self._crash_if(fault == "crash after", content)
        return OcrReading(tuple(_a_page_of(content, number) for number in numbers), self.estimate(len(numbers)))

    def _crash_if(self, is_dead: bool, content: bytes) -> None:
        if is_dead:
            self.crashed_at.add(content)
            raise Crash


def a_scan(number: int) -> bytes:
    """One of any number of scans: of six, four are of one invoice, one is of two and one of three; two have words."""
    return an_image(_NARROWEST + number % 6, 30 + number // 6)


def invoices_on(content: bytes) -> int:
    """How many invoices a scan holds, each on a page of its own."""
    return {4: 2, 5: MOST_INVOICES}.get(_kind_of(content), 1)


def number_on(content: bytes, page: int = 1) -> str:
    """The number of the invoice that is on a page: another one on every other."""
    return f"ST-{int(hashlib.sha256(content + bytes((page,))).hexdigest()[:4], 16):05}"


def _kind_of(content: bytes) -> int:
    return int.from_bytes(content[_WIDTH_IN_PNG]) - _NARROWEST


def _a_page_of(content: bytes, number: int) -> Page:
    return a_page(_INVOICE.format(number=number_on(content, number)), number)


class ScanReader:
    """Every document is a scan of some pages."""

    def read(self, content: bytes) -> ReadDocument:
        """Pages that OCR has to read, or only ought to: on some, or on the first, are hidden words of another OCR."""
        numbers = tuple(range(1, invoices_on(content) + 1))
        if _kind_of(content) not in _WITH_WORDS:
            return ReadDocument(MediaType.PNG, len(numbers), (), ocr_pages=numbers)
        is_first_only = content[_LAST_OF_HEIGHT_IN_PNG] % 2
        pages = tuple(_a_page_of(content, number) for number in (numbers[:1] if is_first_only else numbers))
        return ReadDocument(MediaType.PNG, len(numbers), pages, TextLayer.POOR, ocr_pages=numbers)


class DyingAdapters(EmbeddedAdapters):
    """The embedded adapters behind a fuse; `told` hears of every object that is stored."""

    def __init__(
        self, data_dir: Path, clock: SetClock, fuse: Fuse, ocr: PaidOcr, told: Callable[[bytes], None], **given: Any
    ) -> None:
        self.settings = some_settings(data_dir, shares=False, switch_seconds=0.001, **given)
        super().__init__(self.settings, clock)
        self._fuse, self._paid, self._told = fuse, ocr, told
        ocr.documents = self.documents()

    def _make_documents(self) -> FolderDocumentStore:
        presigner = Presigner(b"x" * 32, self._settings.bucket_url)
        bucket = NumberedBucket(self._settings, self._database(), super().events(), presigner, self._clock)
        bucket.numbers = self._fuse.numbers
        return bucket

    def documents(self) -> Any:
        """The bucket."""
        return self._fused("documents", ToldBucket(super().documents(), self._told))

    def invoices(self) -> Any:
        """The table."""
        return self._fused("invoices", super().invoices())

    def ledger(self) -> Any:
        """The ledger."""
        return self._fused("ledger", super().ledger())

    def checkpoints(self) -> Any:
        """The kept answers."""
        return self._fused("checkpoints", super().checkpoints())

    def shared_state(self) -> Any:
        """Mode, level, breakers, and the sweeper's place."""
        return self._fused("shared_state", super().shared_state())

    def parking(self) -> Any:
        """The queue for what cannot be done."""
        return self._fused("parking", super().parking())

    def dead_letters(self) -> Any:
        """The queue of what was given up."""
        return self._fused("dead_letters", super().dead_letters())

    def reader(self) -> ScanReader:
        """Scans only."""
        return ScanReader()

    def ocr(self) -> PaidOcr:
        """Somebody who must be paid."""
        return self._paid

    def _fused(self, role: str, inner: Any) -> Any:
        return Fused(role, inner, self._fuse)
