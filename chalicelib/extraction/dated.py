"""Which date is which: by the words before it in its cell, left of it, or above it."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from chalicelib.domain.invoice import FieldName
from chalicelib.extraction.amounts import Figures
from chalicelib.extraction.candidates import Candidate
from chalicelib.extraction.dates import Order, PrintedDate, day_month_order, find_dates
from chalicelib.extraction.labels import FoundLabel, follows_title
from chalicelib.extraction.layout import Cell, Sheet

_FIELDS = {
    "issue_date": FieldName.ISSUE_DATE,
    "due_date": FieldName.DUE_DATE,
    "delivery_date": FieldName.DELIVERY_DATE,
    "period_start": FieldName.PERIOD_START,
}
_KNOWN = frozenset({*_FIELDS, "other_date"})
_SAME_ROW_LABELS = frozenset({"invoice_number"})
_ABOVE_REACH = 3  # rows
_MONTH_FIRST_CURRENCIES = frozenset({"USD"})
_UNTELLING_CURRENCIES = frozenset({None, "CAD"})
_TIME = re.compile(r"[\s,T\-]{0,3}(?:\w{2,4}[:.]?\s)?\d{1,2}:\d{2}")  # when a receipt was printed
_ONLY_DATE = 0.72
_DISCOUNT = re.compile(r"skonto|discount|escompte|sconto|korting|descuento|desconto|rabatt", re.IGNORECASE)
_CLAUSE_END = re.compile(r"[,;.]\s")
_NEARBY = 40  # characters
_LONG_TEXT = 45  # characters: what stands left of a date then is a sentence, and no label
_BETWEEN = 7  # characters
_LONGEST_TERM = 130  # days


@dataclass(frozen=True, slots=True, eq=False)
class _Labelled:
    printed: PrintedDate
    cell: Cell
    concept: str
    strength: float


@dataclass(frozen=True)
class Dates:
    """The candidates for each date field, and whether day and month could be told apart."""

    candidates: tuple[Candidate, ...]
    order: Order
    is_ambiguous: bool


def find_dated(
    sheet: Sheet, figures: Figures, labels: dict[int, list[FoundLabel]], languages: Iterable[str], currency: str | None
) -> Dates:
    """Candidates for the date fields; the order of day and month is settled once for the document."""
    labelled = [_label(cell, printed, sheet, labels) for row in figures.dates.values() for cell, printed in row]
    order, is_ambiguous = _order(labelled, languages, currency)
    periods = list(_periods(figures, order))
    within = {(one.page, one.box) for one in periods}
    candidates = [found for item in labelled if (found := _candidate(item, order))]
    candidates = [*(one for one in candidates if (one.page, one.box) not in within), *periods]
    candidates = _with_only_date(candidates)
    return Dates(tuple(candidates), order, is_ambiguous)


def written_as_in(figures: Figures) -> Counter[str]:
    """The country whose way of writing dates the document shows: only the United States put the month first."""
    order = day_month_order(printed for row in figures.dates.values() for _, printed in row)
    return Counter({"US": 1}) if order is Order.MONTH_FIRST else Counter()


def _with_only_date(candidates: list[Candidate]) -> list[Candidate]:
    """Where all dates of a document that could be its date are one and the same, it is that, without a label."""
    bare = [one for one in candidates if one.field is FieldName.ISSUE_DATE]
    if len({one.value for one in bare}) == 1 and max(one.strength for one in bare) < _ONLY_DATE:
        return [replace(one, strength=_ONLY_DATE) if one in bare else one for one in candidates]
    return candidates


def _periods(figures: Figures, order: Order) -> Iterator[Candidate]:
    """Two dates with nothing but `–`, `to`, `bis`, `au` between them are a period (BT-73, BT-74)."""
    for row in figures.dates.values():
        for (cell, first), (other, second) in pairwise(row):
            between = cell.text[first.end : second.start]
            begin, end = first.value(order), second.value(order)
            if (
                cell is not other
                or len(between) > _BETWEEN
                or not between.strip()
                or not begin
                or not end
                or begin > end
            ):
                continue
            for name, printed, value in ((FieldName.PERIOD_START, first, begin), (FieldName.PERIOD_END, second, end)):
                yield Candidate.printed(name, value.isoformat(), cell, printed.start, printed.end, 0.85)


def _label(cell: Cell, printed: PrintedDate, sheet: Sheet, labels: dict[int, list[FoundLabel]]) -> _Labelled:
    if _DISCOUNT.search(_clause(cell.text, printed)):
        return _Labelled(printed, cell, "other_date", 0.9)  # until when less may be paid
    for find, weight in ((_before_in_cell, 1.0), (_left_of, 0.95), (_above, 0.85)):
        found = find(cell, printed, sheet, labels)
        if found:
            titled = found.weak and found.concept == "issue_date" and follows_title(cell, printed.start)
            return _Labelled(printed, cell, found.concept, 0.98 if titled else found.strength * weight)
    if follows_title(cell, printed.start):
        return _Labelled(printed, cell, "issue_date", 0.8)
    timed = _TIME.match(cell.text, printed.end) is not None
    return _Labelled(printed, cell, "issue_date", 0.7 if timed else _bare_strength(cell, sheet))


def _clause(text: str, printed: PrintedDate) -> str:
    """The words around a date, as far as the next comma or date."""
    before = _CLAUSE_END.split(text[: printed.start])[-1]
    behind = _CLAUSE_END.split(text[printed.end : printed.end + _NEARBY])[0]
    if other := find_dates(behind):
        behind = behind[: other[0].start]
    if others := find_dates(before):
        before = before[others[-1].end :]
    return f"{before} {behind}"


def _bare_strength(cell: Cell, sheet: Sheet) -> float:
    """A date without any label is the document's date if anything: rather at the top."""
    return 0.35 - 0.2 * cell.row / max(1, len(sheet.rows))


def _before_in_cell(
    cell: Cell, printed: PrintedDate, _: Sheet, labels: dict[int, list[FoundLabel]]
) -> FoundLabel | None:
    before = [label for label in _date_labels(cell, labels) if label.end <= printed.start]
    return before[-1] if before else None


def _left_of(cell: Cell, printed: PrintedDate, sheet: Sheet, labels: dict[int, list[FoundLabel]]) -> FoundLabel | None:
    row = sheet.rows[cell.row]
    place = row.cells.index(cell)
    if place == 0 or any(character.isalpha() for character in cell.text[: printed.start]):
        return None
    left = row.cells[place - 1]
    if not any(character.isalnum() for character in left.text) and place > 1:
        left = row.cells[place - 2]
    if len(left.text) > _LONG_TEXT:
        return None
    found = _date_labels(left, labels)
    return found[-1] if found and len(left.text) - found[-1].end < 25 else None


def _above(cell: Cell, printed: PrintedDate, sheet: Sheet, labels: dict[int, list[FoundLabel]]) -> FoundLabel | None:
    rect = cell.rect_between(printed.start, printed.end)
    for index in range(cell.row - 1, max(-1, cell.row - 1 - _ABOVE_REACH), -1):
        row = sheet.rows[index]
        if row.page != cell.page or rect.top - row.rect.bottom > 4 * sheet.line_height:
            return None
        for label in labels.get(index, []):
            if label.concept in _KNOWN and (label.rect.overlap(rect) > 0.3 or abs(label.rect.left - rect.left) < 0.015):
                return label
    return None


def _date_labels(cell: Cell, labels: dict[int, list[FoundLabel]]) -> list[FoundLabel]:
    return [label for label in labels.get(cell.row, []) if label.cell is cell and label.concept in _KNOWN]


def _order(labelled: list[_Labelled], languages: Iterable[str], currency: str | None) -> tuple[Order, bool]:
    shown = day_month_order(item.printed for item in labelled)
    if shown:
        return shown, False
    by_term = _order_by_term(labelled)
    if by_term:
        return by_term, False
    is_open = any(item.printed.is_open and "." not in item.printed.text for item in labelled)
    first = next(iter(languages), "en")
    if first == "en" and currency in _MONTH_FIRST_CURRENCIES:
        return Order.MONTH_FIRST, is_open
    return Order.DAY_FIRST, is_open and first == "en" and currency in _UNTELLING_CURRENCIES


def _order_by_term(labelled: list[_Labelled]) -> Order | None:
    """An invoice falls due after it was issued, and within months: often only one order allows that."""
    issued = [item.printed for item in labelled if item.concept == "issue_date" and item.strength > 0.5]
    due = [item.printed for item in labelled if item.concept == "due_date"]
    fitting = [order for order in Order if issued and due and _is_term(issued[0].value(order), due[0].value(order))]
    return fitting[0] if len(fitting) == 1 else None


def _is_term(issued: date | None, due: date | None) -> bool:
    return issued is not None and due is not None and 0 <= (due - issued).days <= _LONGEST_TERM


def _candidate(item: _Labelled, order: Order) -> Candidate | None:
    name = _FIELDS.get(item.concept)
    value = item.printed.value(order)
    if name is None or value is None:
        return None
    printed = item.printed
    return Candidate.printed(name, value.isoformat(), item.cell, printed.start, printed.end, item.strength)
