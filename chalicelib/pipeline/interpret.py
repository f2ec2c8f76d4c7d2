"""From the bytes of a document to a decided invoice: the cheapest sufficient reader first."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from chalicelib.domain.charge import Charge, ChargeState
from chalicelib.domain.document import MediaType, Page, PageRange, ReadDocument, TextLayer
from chalicelib.domain.finding import Decision, Finding, Severity
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.record import Outcome
from chalicelib.domain.usage import Usage
from chalicelib.extraction.extract import extract, printed_amounts
from chalicelib.extraction.splitting import Part, parts_of
from chalicelib.ports import Clock, DocumentReader, OcrEngine
from chalicelib.settings import Settings
from chalicelib.validation.checking import Circumstances
from chalicelib.validation.checks import check
from chalicelib.validation.decision import NOT_LOOKED_AT, decide
from chalicelib.validation.giving import given
from chalicelib.validation.printed import printed_agrees

_FIRST_LOOK = 2  # pages of a scan that must show an amount before the rest is read


class FurtherInvoice(NamedTuple):
    """Another invoice of the same document, and its pages there (`None` in XML, which has none)."""

    outcome: Outcome
    pages: PageRange | None = None


class Interpretation(NamedTuple):
    """What one document gave, and what stands on its pages.

    Of several invoices in it, `outcome` is the first's, which stands on `pages`; `others` are the rest, in order.
    """

    outcome: Outcome
    read: ReadDocument
    pages: PageRange | None = None
    others: tuple[FurtherInvoice, ...] = ()


class Interpret:
    """Read, extract, check, decide."""

    def __init__(self, reader: DocumentReader, ocr: OcrEngine | None, clock: Clock, settings: Settings) -> None:
        self._reader = reader
        self._ocr = ocr
        self._clock = clock
        self._settings = settings

    def __call__(self, content: bytes) -> Interpretation:
        """The outcome, or those of several invoices; `RejectedError` when the document is at fault."""
        timings: dict[str, int] = {}
        with self._timed(timings, "read"):
            read = self._reader.read(content)
        with self._timed(timings, "ocr"):
            read, charges = self._with_ocr(content, read)
        with self._timed(timings, "extract"):
            parts = parts_of(read)
        with self._timed(timings, "validate"):
            outcome, *others = [self._checked(part) for part in parts]
        outcome = outcome.model_copy(update={"charges": charges, "timings_ms": timings})
        further = [FurtherInvoice(other, part.pages) for other, part in zip(others, parts[1:], strict=True)]
        return Interpretation(outcome, read, parts[0].pages, tuple(further))

    def _with_ocr(self, content: bytes, read: ReadDocument) -> tuple[ReadDocument, tuple[Charge, ...]]:
        """Let OCR read the pages that the reader could not, unless the others already say all that is needed."""
        if read.einvoice is not None or not read.ocr_pages or self._is_settled(read):
            return read, ()
        if self._ocr is None:
            return replace(read, remarks=(*read.remarks, NOT_LOOKED_AT)), ()
        pages, used = self._look_at(self._ocr, content, read)
        seen = {page.number: page for page in (*read.pages, *pages)}
        missing = set(read.ocr_pages) - {page.number for page in pages}
        remarks = (*read.remarks, "pages_not_read") if missing else read.remarks
        return replace(read, pages=tuple(seen[number] for number in sorted(seen)), remarks=remarks), used

    def _is_settled(self, read: ReadDocument) -> bool:
        """Whether the text layer alone gives an invoice that needs nobody's look: then a scan behind it is not read."""
        if read.text_layer is not TextLayer.GOOD:
            return False
        return self._checked(Part(read, extract(read))).decision is Decision.AUTO_APPROVE

    def _look_at(
        self, ocr: OcrEngine, content: bytes, read: ReadDocument
    ) -> tuple[tuple[Page, ...], tuple[Charge, ...]]:
        """What OCR reads; of a scan of many pages the rest only when the first show an amount."""
        wanted = read.ocr_pages[: self._settings.max_ocr_pages]
        first, rest = wanted[:_FIRST_LOOK], wanted[_FIRST_LOOK:]
        pages, usage, *_ = ocr.read_pages(content, read.media_type, first)
        if not rest or not (read.pages or printed_amounts(pages)):
            return pages, (self._free(usage),)
        more, usage_of_more, *_ = ocr.read_pages(content, read.media_type, rest)
        return (*pages, *more), (self._free(usage), self._free(usage_of_more))

    def _free(self, usage: Usage) -> Charge:
        now = self._clock.now()
        return Charge(
            invoice_id="", charge_id="ocr", step="ocr", usage=usage, usd=Decimal(0), state=ChargeState.SETTLED,
            day=now.date(), at=now,
        )  # fmt: skip

    def _checked(self, part: Part) -> Outcome:
        read = part.read
        invoice, findings = check(part.invoice, Circumstances(read, self._clock.now().date()))
        findings = (*findings, *_of_splitting(part), *_of_reading(read), *_of_print(invoice, read))
        decision, reasons = decide(invoice, findings)
        sources = tuple(sorted({value.source for value in invoice.fields.values()}))
        return Outcome(invoice=given(invoice), decision=decision, reasons=reasons, findings=findings, sources=sources)

    @contextmanager
    def _timed(self, timings: dict[str, int], step: str) -> Iterator[None]:
        begin = self._clock.now()
        yield
        timings[step] = round((self._clock.now() - begin).total_seconds() * 1000)


def needs_ocr(read: ReadDocument) -> bool:
    """Whether the pages have no words of their own, or only somebody else's hidden OCR."""
    return read.einvoice is None and read.text_layer is not TextLayer.GOOD and read.media_type is not MediaType.XML


_REMARKS = {
    NOT_LOOKED_AT: (
        "The pages are pictures, and there is no OCR here to read them. Please look yourself.",
        Severity.ERROR,
    ),
    "pages_not_read": ("Some pages were not read; totals or lines may be missing.", Severity.ERROR),
    "active_content": ("The PDF holds scripts or embedded programs; they were not run.", Severity.WARNING),
    "hidden_text": ("The PDF holds words that a person does not see; they were not used.", Severity.WARNING),
    "einvoice_unreadable": (
        "The PDF holds an e-invoice that could not be read; the page was read instead.",
        Severity.WARNING,
    ),
}


def _of_splitting(part: Part) -> Iterator[Finding]:
    if part.may_be_several:
        yield Finding(
            code="may_hold_several_invoices",
            message="This document may hold several invoices, and where one ends is not sure. Please look yourself, or "
            "send each by itself.",
        )


def _of_reading(read: ReadDocument) -> Iterator[Finding]:
    for remark in read.remarks:
        message, severity = _REMARKS.get(remark, (f"The reader remarked: {remark}.", Severity.WARNING))
        yield Finding(code=remark, message=message, severity=severity)
    if needs_ocr(read) and not any(page.words for page in read.pages):
        yield Finding(
            code="no_text", message="The pages are pictures, and nothing could be read from them. Please look yourself."
        )


def _of_print(invoice: Invoice, read: ReadDocument) -> Iterator[Finding]:
    """What the printed pages say against the embedded e-invoice."""
    if read.einvoice is not None and read.text_layer is TextLayer.GOOD:
        printed = extract(replace(read, einvoice=None))
        yield from printed_agrees(invoice, printed, printed_amounts(read.pages))
