"""Rows of a table: numbers in their columns, words of the description, and which rows make one line."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from chalicelib.extraction.amounts import Amount, Figures
from chalicelib.extraction.layout import Cell, Row
from chalicelib.extraction.table_headings import NUMERIC, Heading

_WRAP_GAP = 1.6  # times the line's height: wider, and the words below belong to something else
_MOST_WRAPPED = 8  # rows


@dataclass
class TableLine:
    """A line while it is put together: its row, its numbers by column, and what it says in words."""

    row: Row
    values: dict[str, list[Amount]]
    texts: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    code: str | None = None


@dataclass(frozen=True, slots=True)
class WrappedRow:
    """A row without an amount: more words of the line above or below it."""

    row: Row
    texts: list[str]


def table_part(row: Row, values: dict[str, list[Amount]], heading: Heading) -> TableLine | WrappedRow | None:
    """What a row is: a line, more words of one, or nothing of the table."""
    texts, code = _texts(row, values, heading)
    if _is_line(values, heading):
        return TableLine(row, values, texts=texts, code=code)
    return WrappedRow(row, texts) if texts else None


def gathered(parts: Sequence[TableLine | WrappedRow], line_height: float) -> list[TableLine]:
    """Give every wrapped row to the line it belongs to: between two lines, the widest gap divides."""
    lines: list[TableLine] = []
    loose: list[WrappedRow] = []
    for part in parts:
        if isinstance(part, WrappedRow):
            loose.append(part)
            continue
        _divide(lines[-1] if lines else None, loose, part, line_height)
        lines.append(part)
        loose = []
    if lines:
        _divide(lines[-1], loose, None, line_height)
    return lines


def _divide(above: TableLine | None, loose: Sequence[WrappedRow], below: TableLine | None, line_height: float) -> None:
    rows = [*([above.row] if above else []), *(part.row for part in loose), *([below.row] if below else [])]
    gaps = [_vertical_gap(upper, lower, line_height) for upper, lower in pairwise(rows)]
    if not above:
        near = _near_end(gaps, line_height)
        parts_above, parts_below = [], list(loose)[len(loose) - near :] if near else []
    elif not below:
        parts_above, parts_below = list(loose)[: _near_begin(gaps, line_height)], []
    else:
        widest = max(range(len(gaps)), key=lambda place: (round(gaps[place] / line_height, 1), place)) if gaps else 0
        parts_above, parts_below = list(loose)[:widest], list(loose)[widest:]
    if above:
        above.texts.extend(text for part in parts_above for text in part.texts)
    if below:
        below.before.extend(text for part in parts_below for text in part.texts)


def _vertical_gap(upper: Row, lower: Row, line_height: float) -> float:
    return lower.rect.top - upper.rect.bottom if upper.page == lower.page else 3 * line_height


def _near_begin(gaps: Sequence[float], line_height: float) -> int:
    """How many rows follow without a wider gap."""
    for place, gap in enumerate(gaps[:_MOST_WRAPPED]):
        if gap > _WRAP_GAP * line_height:
            return place
    return min(len(gaps), _MOST_WRAPPED)


def _near_end(gaps: Sequence[float], line_height: float) -> int:
    return _near_begin(list(reversed(gaps)), line_height)


def values_by_column(row: Row, figures: Figures, heading: Heading) -> dict[str, list[Amount]]:
    """The row's numbers by column."""
    found: dict[str, list[Amount]] = {}
    for amount in figures.amounts.get(row.index, []):
        column = None if _is_within_words(amount) else heading.column_of(amount)
        if column:
            found.setdefault(column.concept, []).append(amount)
    return found


def _is_within_words(amount: Amount) -> bool:
    """`Room for 12 guests`: a number between words belongs to them."""
    text = amount.cell.text
    before, behind = text[: amount.outer_start], text[amount.outer_end :]
    return sum(map(str.isalpha, before)) > 1 and sum(map(str.isalpha, behind)) > 1


def _is_line(values: dict[str, list[Amount]], heading: Heading) -> bool:
    for concept in ("amount", "gross_amount"):
        if heading.has(concept):
            return bool(values.get(concept)) and not all(amount.is_percent for amount in values[concept])
    return bool(values.get("unit_price"))


def _texts(row: Row, values: dict[str, list[Amount]], heading: Heading) -> tuple[list[str], str | None]:
    """What the row says in words: its cells left of the numbers, without position and code."""
    taken = {id(amount.cell) for amounts in values.values() for amount in amounts}
    texts: list[str] = []
    code: str | None = None
    for cell in row.cells:
        column = heading.concept_over(cell)
        if column == "product_code" and id(cell) not in taken and heading.has("description"):
            code = code or cell.text
        else:
            text = _without_numbers(cell, values) if id(cell) in taken else cell.text
            if _is_text(text, column):
                texts.append(text)
    return texts, code


def _is_text(text: str, column: str | None) -> bool:
    """Units, dates and codes of taxes are words too, but they are not the description."""
    letters = sum(character.isalpha() for character in text)
    if letters < 2:
        return False
    if column in {None, "description", "product_code", "position", "date"}:
        return True
    return column not in {"quantity", "unit", "tax_rate"} and letters >= 6


def _without_numbers(cell: Cell, values: dict[str, list[Amount]]) -> str:
    """A description and numbers in one cell: the text before the first number that fills a numeric column."""
    starts = [
        amount.start
        for concept, amounts in values.items()
        for amount in amounts
        if amount.cell is cell and concept in NUMERIC and amount.start > 0
    ]
    text = cell.text[: min(starts)] if starts else cell.text
    return re.sub(r"^\d{1,3}[.)]?\s+(?=\D)", "", text).strip(" |-–:€$£")
