"""From the bytes of a document to a decided invoice: the cheapest sufficient reader first."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

from chalicelib.costs.ladder import NOTHING, Permissions
from chalicelib.domain.document import MediaType, PageRange, ReadDocument, TextLayer
from chalicelib.domain.finding import Decision, Finding, Severity
from chalicelib.domain.hint import Hints
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.job import Job
from chalicelib.domain.record import Outcome
from chalicelib.extraction.answers import hints_of
from chalicelib.extraction.asking import question_about
from chalicelib.extraction.deepening import may_need_fields
from chalicelib.extraction.extract import extract, printed_amounts
from chalicelib.extraction.splitting import Part, parts_of
from chalicelib.pipeline.asking import Ask
from chalicelib.pipeline.looking import PAGES_NOT_READ, Look, Looked
from chalicelib.pipeline.paying import FreePurse
from chalicelib.ports import Clock, DocumentReader, OcrEngine
from chalicelib.settings import Settings
from chalicelib.validation.checking import Circumstances
from chalicelib.validation.checks import check
from chalicelib.validation.decision import NOT_LOOKED_AT, decide
from chalicelib.validation.giving import given
from chalicelib.validation.printed import printed_agrees


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
    """Read, extract, check, decide; and ask who must be paid only for what is still missing or does not add up."""

    def __init__(self, reader: DocumentReader, look: Look, ask: Ask, clock: Clock) -> None:
        self._reader = reader
        self._look = look
        self._ask = ask
        self._clock = clock

    def __call__(self, content: bytes, purse: FreePurse) -> Interpretation:
        """The outcome, or those of several invoices; `purse` pays, and knows after what was paid.

        Raises `RejectedError` when the document is at fault, and what the next attempt may heal when its words could
        not be had at all.
        """
        timings: dict[str, int] = {}
        with self._timed(timings, "read"):
            read = self._reader.read(content)
        with self._timed(timings, "ocr"):
            looked = self._looked_at(content, read, purse)
        with self._timed(timings, "extract"):
            parts = parts_of(looked.read)
        with self._timed(timings, "validate"):
            outcome, *others = [self._checked(part) for part in parts]
        with self._timed(timings, "ask"):
            improved = self._improved(content, parts, outcome, purse)
        outcome = _degraded(improved, looked.degraded).model_copy(update={"timings_ms": timings})
        further = [FurtherInvoice(other, part.pages) for other, part in zip(others, parts[1:], strict=True)]
        return Interpretation(outcome, looked.read, parts[0].pages, tuple(further))

    def _looked_at(self, content: bytes, read: ReadDocument, purse: FreePurse) -> Looked:
        """Let OCR read the pages that the reader could not, unless the others already say all that is needed."""
        if read.einvoice is not None or not read.ocr_pages or self._is_settled(read):
            return Looked(read)
        return self._look(content, read, purse)

    def _is_settled(self, read: ReadDocument) -> bool:
        """Whether the text layer alone gives an invoice that needs nobody's look: then a scan behind it is not read."""
        if read.text_layer is not TextLayer.GOOD:
            return False
        return self._checked(parts_of(read)[0]).decision is Decision.AUTO_APPROVE

    def _improved(self, content: bytes, parts: Sequence[Part], outcome: Outcome, purse: FreePurse) -> Outcome:
        """The outcome with what a model, and then a deeper look, add to it; each only if there is something to ask.

        Where a document holds several invoices, a person looks at those that are not sure: which words belong to which
        is then part of the question.
        """
        if len(parts) > 1 or outcome.decision is not Decision.NEEDS_REVIEW:
            return outcome
        (part,) = parts
        outcome, hints = self._asked(part, outcome, purse)
        if not part.read.ocr_pages or not may_need_fields(part.read, outcome.invoice, outcome.findings):
            return outcome
        seen, degraded = self._look.deeper(content, part.read, purse)
        return _degraded(self._with_hints(part, outcome, hints.and_also(seen)), degraded)

    def _asked(self, part: Part, outcome: Outcome, purse: FreePurse) -> tuple[Outcome, Hints]:
        if not self._ask.has_model:
            return outcome, Hints()
        question = question_about(part.read, part.invoice, outcome.findings)
        if question is None:
            return outcome, Hints()
        answer, degraded = self._ask(question, purse)
        if answer is None:
            return _degraded(outcome, degraded), Hints()
        heard = hints_of(answer.content, question, part.read)
        better = self._with_hints(part, outcome, heard.hints)
        return better.model_copy(update={"findings": (*better.findings, *heard.dropped)}), heard.hints

    def _with_hints(self, part: Part, outcome: Outcome, hints: Hints) -> Outcome:
        """The outcome of reading the same words again with hints; without any, what it was.

        So it is where hints make several invoices of one: none may get lost, and a person is to look at it anyway.
        """
        if hints == Hints():
            return outcome
        first, *others = parts_of(part.read, hints)
        return outcome if others else self._checked(first).model_copy(update={"degraded": outcome.degraded})

    def _checked(self, part: Part) -> Outcome:
        read = part.read
        invoice, findings = check(part.invoice, Circumstances(read, self._clock.now().date()))
        findings = (*findings, *part.findings, *_of_splitting(part), *_of_reading(read), *_of_print(invoice, read))
        decision, reasons = decide(invoice, findings)
        sources = tuple(sorted({value.source for value in invoice.fields.values()}))
        return Outcome(invoice=given(invoice), decision=decision, reasons=reasons, findings=findings, sources=sources)

    @contextmanager
    def _timed(self, timings: dict[str, int], step: str) -> Iterator[None]:
        begin = self._clock.now()
        yield
        timings[step] = round((self._clock.now() - begin).total_seconds() * 1000)


def free_interpretation(
    reader: DocumentReader, ocr: OcrEngine | None, clock: Clock, settings: Settings
) -> Callable[[bytes], Interpretation]:
    """A function from bytes to a decided invoice that pays for nothing and stores nothing."""
    interpret = Interpret(reader, Look(ocr, _nothing, settings), Ask(None, _nothing, settings), clock)
    return lambda content: _for_free(interpret, content, FreePurse(Job(invoice_id="", run=""), clock, settings))


def _for_free(interpret: Interpret, content: bytes, purse: FreePurse) -> Interpretation:
    found = interpret(content, purse)
    return found._replace(outcome=found.outcome.model_copy(update={"charges": tuple(purse.charges)}))


def _nothing() -> Permissions:
    return NOTHING


def needs_ocr(read: ReadDocument) -> bool:
    """Whether the pages have no words of their own, or only somebody else's hidden OCR."""
    return read.einvoice is None and read.text_layer is not TextLayer.GOOD and read.media_type is not MediaType.XML


def _degraded(outcome: Outcome, reasons: Iterable[str]) -> Outcome:
    return outcome.model_copy(update={"degraded": tuple(dict.fromkeys((*outcome.degraded, *reasons)))})


_REMARKS = {
    NOT_LOOKED_AT: (
        "The pages are pictures, and there is no OCR here to read them. Please look yourself.",
        Severity.ERROR,
    ),
    PAGES_NOT_READ: ("Some pages were not read; totals or lines may be missing.", Severity.ERROR),
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
