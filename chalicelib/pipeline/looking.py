"""Let OCR read the pages that have no usable words of their own."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from chalicelib.alerting import call_operator
from chalicelib.costs.ladder import Permissions
from chalicelib.domain.document import Page, ReadDocument
from chalicelib.domain.hint import Hints
from chalicelib.errors import (
    BudgetExhaustedError,
    ConfigurationError,
    RejectedError,
    SmartInvoiceError,
    UnavailableError,
)
from chalicelib.extraction.extract import printed_amounts
from chalicelib.pipeline.paying import FreePurse, Order
from chalicelib.ports import Depth, OcrEngine, OcrReading
from chalicelib.settings import Settings
from chalicelib.validation.decision import NOT_LOOKED_AT

PAGES_NOT_READ = "pages_not_read"

_FIRST_LOOK = 2  # pages of a scan that must show an amount before the rest is read


class Looked(NamedTuple):
    """The document with what OCR read; and why it was not asked where it could have helped."""

    read: ReadDocument
    degraded: tuple[str, ...] = ()


class Look:
    """Ask the OCR engine of this installation, as far as the budget allows."""

    def __init__(self, ocr: OcrEngine | None, permissions: Callable[[], Permissions], settings: Settings) -> None:
        self._ocr = ocr
        self._permissions = permissions
        self._settings = settings

    def __call__(self, content: bytes, read: ReadDocument, purse: FreePurse) -> Looked:
        """Read the words of `read.ocr_pages`.

        Where no engine answers, or none may be paid, the words that are there anyway (somebody else's hidden OCR) have
        to do. Without any words it raises why, so that the document is tried again or waits for money.
        """
        if self._ocr is None:
            return Looked(replace(read, remarks=(*read.remarks, NOT_LOOKED_AT)))
        try:
            pages = self._pages(self._ocr, content, read, purse)
        except RejectedError:
            if not _has_words(read):
                raise
            return Looked(_without_pages(read))
        except (UnavailableError, BudgetExhaustedError, ConfigurationError) as error:
            if not _has_words(read):
                raise
            call_operator(error)
            return Looked(_without_pages(read), (error.code,))
        return Looked(_with_pages(read, pages))

    def deeper(self, content: bytes, read: ReadDocument, purse: FreePurse) -> tuple[Hints, tuple[str, ...]]:
        """What the engine takes the pages that it read to mean; and why it was not asked, or did not answer."""
        if self._ocr is None or Depth.FIELDS not in self._ocr.depths:
            return Hints(), ()
        order = self._order(self._ocr, content, read, self._wanted(read), Depth.FIELDS)
        try:
            return self._bought(order, purse, lambda allowed: allowed.deep_ocr).hints, ()
        except RejectedError:
            return Hints(), ()
        except SmartInvoiceError as error:
            call_operator(error)
            return Hints(), (error.code,)

    def _pages(self, ocr: OcrEngine, content: bytes, read: ReadDocument, purse: FreePurse) -> tuple[Page, ...]:
        """What OCR reads; of a scan of many pages the rest only when the first show an amount."""
        wanted = self._wanted(read)
        first, rest = wanted[:_FIRST_LOOK], wanted[_FIRST_LOOK:]
        may = _may_look_beside_words if _has_words(read) else _may_look
        pages = self._bought(self._order(ocr, content, read, first, Depth.WORDS), purse, may).pages
        if not rest or not (read.pages or printed_amounts(pages)):
            return pages
        return (*pages, *self._bought(self._order(ocr, content, read, rest, Depth.WORDS), purse, may).pages)

    def _wanted(self, read: ReadDocument) -> tuple[int, ...]:
        return read.ocr_pages[: self._settings.max_ocr_pages]

    def _bought(
        self, order: Order[OcrReading], purse: FreePurse, is_allowed: Callable[[Permissions], bool]
    ) -> OcrReading:
        """What was ordered, if it may be paid for; what is free, or was paid for before, may always be had."""
        if not purse.is_free(order.estimate):
            allowed = self._permissions()
            if not is_allowed(allowed) and not purse.has(order):
                raise BudgetExhaustedError(
                    allowed.reason or "no_paid_calls", "Nothing may be paid for at present; the document waits."
                )
        return purse.buy(order)

    def _order(
        self, ocr: OcrEngine, content: bytes, read: ReadDocument, numbers: Sequence[int], depth: Depth
    ) -> Order[OcrReading]:
        return Order(
            provider=ocr.estimate(1).service,
            step="ocr" if depth is Depth.WORDS else "expense",
            name=f"{depth}-{_digest(content, numbers)}",
            estimate=ocr.estimate(len(numbers), depth),
            call=lambda seconds: ocr.read_pages(content, read.media_type, numbers, depth, seconds),
            kind=OcrReading,
            max_seconds=self._settings.textract_seconds,
        )


def _digest(content: bytes, numbers: Sequence[int]) -> str:
    """Sixteen letters that stand for these pages of this document, however many they are."""
    return hashlib.sha256(content + f" {','.join(map(str, numbers))}".encode()).hexdigest()[:16]


def _may_look(allowed: Permissions) -> bool:
    return allowed.ocr


def _may_look_beside_words(allowed: Permissions) -> bool:
    return allowed.ocr and allowed.ocr_beside_text


def _has_words(read: ReadDocument) -> bool:
    return any(page.words for page in read.pages)


def _with_pages(read: ReadDocument, pages: Sequence[Page]) -> ReadDocument:
    seen = {page.number: page for page in (*read.pages, *pages)}
    missing = set(read.ocr_pages) - {page.number for page in pages}
    whole = replace(read, pages=tuple(seen[number] for number in sorted(seen)))
    return _without_pages(whole) if missing else whole


def _without_pages(read: ReadDocument) -> ReadDocument:
    return replace(read, remarks=(*read.remarks, PAGES_NOT_READ))
