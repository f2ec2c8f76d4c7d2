"""Several invoices in one file: where each begins and ends, if that is sure; and whether it may be so, if not.

By far most files hold one invoice, however many pages it has: headers are repeated, tables go on, terms, delivery notes
and payment slips follow. So a page begins another invoice only if it says all that a first page says (a title, a date
and a number of its own), and if every invoice that would come out is whole.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from chalicelib.domain.document import Page, PageRange, ReadDocument
from chalicelib.domain.finding import Finding
from chalicelib.domain.hint import Hints
from chalicelib.domain.invoice import DocumentType, FieldName, Invoice
from chalicelib.domain.wording import folded
from chalicelib.extraction.candidates import Candidate
from chalicelib.extraction.document_type import read_title
from chalicelib.extraction.extract import NO_HINTS, extract, read_out
from chalicelib.extraction.layout import Sheet
from chalicelib.extraction.trace import Extraction

_SURE = 0.85
_LIKELY = 0.7  # what a number read from a picture may have
_SEEN = 0.4  # the strength of a number that may be one
_TITLED = 0.5
_PAYABLE = frozenset({DocumentType.INVOICE, DocumentType.CREDIT_NOTE, DocumentType.RECEIPT})
_MARK = re.compile(r"\D{0,15}?\b(\d{1,3})\s*(?:/|\b[^\W\d]{1,4}\b)\s*(\d{1,3})\D{0,3}")  # `Page 2 of 3`, `2/3`
_MARGIN = 0.15  # of the page's height: where page numbers stand
_STRANGE = 3  # signs of another invoice, of five
_STRONG = frozenset({"number", "total", "supplier"})  # dates stand on delivery notes, titles on terms
_SHORT = 3  # characters of numbers that may stand on any page


class Part(NamedTuple):
    """One invoice of a document: its pages, what they say, and which they are (`None`: all there are).

    `may_be_several` says that it may hold more than one invoice, and that nobody could tell for sure. `findings` are
    what was remarked while its values were chosen.
    """

    read: ReadDocument
    invoice: Invoice
    pages: PageRange | None = None
    may_be_several: bool = False
    findings: tuple[Finding, ...] = ()


def parts_of(read: ReadDocument, hints: Hints = NO_HINTS) -> tuple[Part, ...]:
    """The invoices of a document, in their order; one, unless it is sure that there are more.

    `hints` are what paid readers say the pages mean; each part hears those about its own pages.
    """
    if read.more_einvoices and read.einvoice is not None:
        alone = (replace(read, einvoice=one, more_einvoices=()) for one in (read.einvoice, *read.more_einvoices))
        return tuple(Part(one, extract(one)) for one in alone)
    if read.einvoice is not None:
        return (Part(read, extract(read)),)
    whole = read_out(read.pages, hints)
    one = Part(read, whole.invoice, findings=whole.findings)
    if len(read.pages) < 2 or not _needs_a_closer_look(whole) or _all_go_on(whole.sheet):
        return (one,)
    sides = [_side(page) for page in read.pages]
    parts = tuple(_parts(read, sides, hints))
    if len(parts) > 1 and _are_whole(parts, sides):
        return parts
    return (one._replace(may_be_several=len(parts) > 1 or _may_be_several(sides)),)


class _Side(NamedTuple):
    """What one page says by itself. `mark` is its number and that of all pages, as they are printed."""

    page: int
    number: str | None
    is_titled: bool
    date: str | None
    total: Decimal | None
    supplier: str | None
    mark: tuple[int, int] | None
    text: str

    @property
    def is_first(self) -> bool:
        """Whether it says all that the first page of an invoice says."""
        return self.number is not None and self.is_titled and self.date is not None and not self.goes_on

    @property
    def goes_on(self) -> bool:
        """Whether its page number says that something came before."""
        return _goes_on(self.page, self.mark)


def _needs_a_closer_look(whole: Extraction) -> bool:
    """Whether a page after the first has a number that those before do not have, or a title but no number at all."""
    best: dict[int, Candidate] = {}
    for candidate in whole.candidates:
        if candidate.field is FieldName.INVOICE_NUMBER and candidate.strength > _SEEN:
            before = best.get(candidate.page, candidate)
            best[candidate.page] = max(before, candidate, key=lambda one: one.strength)
    numbers = {page: folded(candidate.value) for page, candidate in best.items()}
    first, *others = sorted({row.page for row in whole.sheet.rows}) or [0]
    known = {numbers.get(first)}
    for page in others:
        number = numbers.get(page)
        if number not in known if number else _is_titled(_only(whole.sheet, page), whole.languages):
            return True
        known.add(number)
    return False


def _all_go_on(sheet: Sheet) -> bool:
    """Whether every page after the first says by its number that it goes on: then none begins anything."""
    pages = {row.page for row in sheet.rows} - {1}
    return all(_goes_on(page, _mark(_only(sheet, page))) for page in pages)


def _goes_on(page: int, mark: tuple[int, int] | None) -> bool:
    """Whether a page's number says that something came before; a page cannot be a later one than it is."""
    return mark is not None and 1 < mark[0] <= page


def _only(sheet: Sheet, page: int) -> Sheet:
    return sheet._replace(rows=[row for row in sheet.rows if row.page == page])


def _is_titled(sheet: Sheet, languages: Sequence[str]) -> bool:
    title = read_title(sheet, frozenset(languages))
    return title.document_type in _PAYABLE and title.strength >= _TITLED


def _side(page: Page) -> _Side:
    """What a page says if it is the only one."""
    alone = read_out([page._replace(number=1)])
    fields = alone.invoice.fields
    number, issued = fields.get(FieldName.INVOICE_NUMBER), fields.get(FieldName.ISSUE_DATE)
    total, supplier = fields.get(FieldName.TOTAL), fields.get(FieldName.SUPPLIER_NAME)
    return _Side(
        page=page.number,
        number=folded(number.value) if number and number.confidence >= _LIKELY else None,
        is_titled=_is_titled(alone.sheet, alone.languages),
        date=issued.value if issued and issued.confidence >= _LIKELY else None,
        total=Decimal(total.value) if total and total.confidence >= _SURE else None,
        supplier=folded(supplier.value) if supplier and supplier.confidence >= _SURE else None,
        mark=_mark(alone.sheet),
        text=" ".join(folded(cell.text) for cell in alone.sheet.cells),
    )


def _mark(sheet: Sheet) -> tuple[int, int] | None:
    """The page's own number and the number of pages, where they stand in a margin."""
    for cell in sheet.cells:
        found = _MARK.fullmatch(cell.text) if not _MARGIN < cell.rect.top < 1 - _MARGIN else None
        if found and 1 <= int(found[1]) <= int(found[2]):
            return int(found[1]), int(found[2])
    return None


def _parts(read: ReadDocument, sides: Sequence[_Side], hints: Hints) -> Iterator[Part]:
    """The invoices, if each page with all that a first page says begins one; what comes before belongs to the first."""
    starts = list(_starts(sides))
    if len(starts) < 2:
        return
    for first, after in zip([1, *starts[1:]], [*starts[1:], read.page_count + 1], strict=True):
        pages = tuple(page for page in read.pages if first <= page.number < after)
        numbers = tuple(number for number in read.ocr_pages if first <= number < after)
        alone = replace(read, pages=pages, ocr_pages=numbers)
        out = read_out(pages, _about(hints, first, after))
        yield Part(alone, out.invoice, PageRange(first=first, last=after - 1), findings=out.findings)


def _about(hints: Hints, first: int, after: int) -> Hints:
    """What was said about some pages; what names no page is looked for on them."""
    if hints == NO_HINTS:
        return hints
    fields = tuple(one for one in hints.fields if one.page is None or first <= one.page < after)
    lines = tuple(one for one in hints.lines if one.page is None or first <= one.page < after)
    return replace(hints, fields=fields, lines=lines)


def _starts(sides: Sequence[_Side]) -> Iterator[int]:
    """The pages that begin an invoice whose number was not seen before."""
    known: set[str | None] = set()
    for side in sides:
        if side.is_first and side.number not in known:
            yield side.page
        known.add(side.number)


def _are_whole(parts: Sequence[Part], sides: Sequence[_Side]) -> bool:
    """Whether all pages were read, every part is an invoice by itself, and none speaks of another."""
    read = sum(len(part.read.pages) for part in parts)
    return read == parts[0].read.page_count and all(_is_whole(part, sides) for part in parts)


def _is_whole(part: Part, sides: Sequence[_Side]) -> bool:
    fields, own = part.invoice.fields, {page.number for page in part.read.pages}
    if _holds_another([side for side in sides if side.page in own]):
        return False
    needed = [fields.get(name) for name in (FieldName.INVOICE_NUMBER, FieldName.ISSUE_DATE, FieldName.TOTAL)]
    if FieldName.SUPPLIER_NAME not in fields or any(value is None or value.confidence < _LIKELY for value in needed):
        return False
    marks = [side.mark for side in sides if side.page in own and side.mark]
    if marks and marks[-1][0] < marks[-1][1]:
        return False
    numbers = {side.number for side in sides if side.page not in own and side.is_first and side.number}
    numbers.discard(folded(part.invoice.text(FieldName.PRECEDING_INVOICE) or ""))
    return not any(_mentions(side, number) for side in sides if side.page in own for number in numbers)


def _mentions(side: _Side, number: str) -> bool:
    return len(number) > _SHORT and f" {number} " in f" {side.text} "


def _may_be_several(sides: Sequence[_Side]) -> bool:
    """Whether a page says too much of its own to go on with what came before."""
    return any(len(signs) >= _STRANGE for signs in _signs(sides))


def _holds_another(sides: Sequence[_Side]) -> bool:
    """The same where other pages show that there are several: now a little is enough."""
    return any(len(signs) >= _STRANGE - 1 or signs & _STRONG for signs in _signs(sides))


def _signs(sides: Sequence[_Side]) -> Iterator[set[str]]:
    """In what each page differs from each one before it, as the first page of another invoice would."""
    for later, before in ((later, before) for place, later in enumerate(sides) for before in sides[:place]):
        if later.goes_on or (later.number is not None and later.number == before.number):
            continue
        pairs = {
            "number": (later.number, before.number),
            "date": (later.date, before.date),
            "total": (later.total, before.total),
            "supplier": (later.supplier, before.supplier),
        }
        signs = {name for name, (one, other) in pairs.items() if one and other and one != other}
        yield signs | ({"title"} if later.is_titled else set())
