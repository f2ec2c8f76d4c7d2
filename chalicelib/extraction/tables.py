"""Line items: a heading row names the columns, every row with an amount in the amount column is a line.

Columns are found by where their headings stand; descriptions may be wrapped over several rows; tables may go on over
pages, with or without repeating the heading.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from chalicelib.domain.invoice import LineItem
from chalicelib.extraction.amount_labels import LabelReader, words_beside
from chalicelib.extraction.amounts import Amount, Figures
from chalicelib.extraction.layout import Cell, Rect, Row, Sheet
from chalicelib.extraction.lexicon import lexicon

_NUMERIC = frozenset({"quantity", "unit_price", "amount", "gross_amount", "tax_rate", "tax_amount", "discount"})
_ENDING = frozenset({"subtotal", "total", "amount_due", "tax", "amount_paid"})
_WRAP_GAP = 1.6  # times the line's height: wider, and the words below belong to something else
_MOST_WRAPPED = 8  # rows


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: what it holds, and where its heading stands."""

    concept: str
    rect: Rect

    def holding(self, concept: str) -> "Column":
        """The same place for another concept."""
        return Column(concept, self.rect)


@dataclass(frozen=True)
class Heading:
    """The heading of a table: its columns from left to right, and the last row it takes."""

    columns: tuple[Column, ...]
    first_row: int
    last_row: int

    def has(self, concept: str) -> bool:
        """Whether one of the columns holds `concept`."""
        return any(column.concept == concept for column in self.columns)


@dataclass
class _Line:
    """A line while it is put together: its row, its numbers by column, and what it says in words."""

    row: Row
    values: dict[str, list[Amount]]
    texts: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    code: str | None = None


@dataclass(frozen=True, slots=True)
class _Wrapped:
    """A row without an amount: more words of the line above or below it."""

    row: Row
    texts: list[str]


def read_lines(
    sheet: Sheet, figures: Figures, reader: LabelReader, nets: Iterable[Decimal] = ()
) -> tuple[LineItem, ...]:
    """The line items of a document; `nets` are the sums that the lines should add up to, for choosing a column."""
    headings = _headings(sheet, figures, reader.languages)
    lines: list[_Line] = []
    for place, heading in enumerate(headings):
        until = headings[place + 1].first_row if place + 1 < len(headings) else len(sheet.rows)
        lines.extend(_body(sheet, figures, reader, heading, until))
    return _items(lines, list(nets))


# --- headings -------------------------------------------------------------------------------------------------------


def _headings(sheet: Sheet, figures: Figures, languages: frozenset[str]) -> list[Heading]:
    found: list[Heading] = []
    for row in sheet.rows:
        if found and row.index <= found[-1].last_row:
            continue
        columns = _columns(row, languages)
        if not _is_heading(columns) or _holds_money(figures, row):
            continue
        heading = _with_neighbours(sheet, figures, row, columns, languages)
        if heading.has("amount") or heading.has("unit_price") or heading.has("gross_amount"):
            found.append(heading)
    return _main_headings(found)


def _columns(row: Row, languages: frozenset[str]) -> list[Column]:
    return [
        Column(concept, cell.rect_between(cell.tokens[hit.start].start, cell.tokens[hit.end - 1].end))
        for cell in row.cells
        for hit in lexicon().columns.find(cell.tokens)
        if (concept := hit.concept(languages))
    ]


def _is_heading(columns: Sequence[Column]) -> bool:
    concepts = {column.concept for column in columns}
    if len(concepts) < 2:
        return False
    money = concepts & {"amount", "unit_price", "gross_amount"}
    other = concepts & {"description", "quantity", "product_code", "unit_price", "position", "unit"}
    return (
        bool(money)
        and bool(other - money or len(money) > 1)
        and len(columns) >= 2
        and bool(concepts & {"description", "quantity", "unit_price", "product_code"})
    )


def _holds_money(figures: Figures, row: Row) -> bool:
    return any(amount.looks_like_money for amount in figures.amounts.get(row.index, []))


def _with_neighbours(
    sheet: Sheet, figures: Figures, row: Row, columns: Sequence[Column], languages: frozenset[str]
) -> Heading:
    """A heading may be set over two or three rows; what stands under another heading belongs to it."""
    all_columns, last = list(columns), row.index
    for index in (row.index - 1, row.index + 1, row.index + 2):
        if not 0 <= index < len(sheet.rows) or sheet.rows[index].page != row.page:
            continue
        other = sheet.rows[index]
        gap = max(other.rect.top - sheet.rows[last].rect.bottom, row.rect.top - other.rect.bottom)
        extra = _columns(other, languages)
        if (
            gap > 0.9 * sheet.line_height
            or not extra
            or figures.amounts.get(index)
            or len(extra) < len(other.cells) / 2
        ):
            continue
        all_columns.extend(
            column for column in extra if all(column.rect.overlap(known.rect) < 0.3 for known in all_columns)
        )
        last = max(last, index)
    all_columns.sort(key=lambda column: column.rect.left)
    return Heading(tuple(_with_codes(all_columns)), row.index, last)


def _with_codes(columns: Sequence[Column]) -> list[Column]:
    """`Item` before `Description` is a code."""
    described = [column for column in columns if column.concept == "description"]
    if len(described) < 2 or any(column.concept == "product_code" for column in columns):
        return list(columns)
    return [column.holding("product_code") if column is described[0] else column for column in columns]


def _main_headings(headings: Sequence[Heading]) -> list[Heading]:
    """The widest heading and its repetitions on further pages; summaries of taxes also look like tables."""
    if not headings:
        return []
    main = max(headings, key=lambda heading: (heading.has("description"), len({c.concept for c in heading.columns})))
    concepts = {column.concept for column in main.columns}
    return [
        heading
        for heading in headings
        if heading is main or len(concepts & {c.concept for c in heading.columns}) >= max(2, len(concepts) - 1)
    ]


# --- bodies ---------------------------------------------------------------------------------------------------------


def _body(sheet: Sheet, figures: Figures, reader: LabelReader, heading: Heading, until: int) -> Iterable[_Line]:
    parts: list[_Line | _Wrapped] = []
    previous: Row | None = None
    for row in sheet.rows[heading.last_row + 1 : until]:
        if _is_carried(row, reader.languages):
            continue
        started = any(isinstance(part, _Line) for part in parts)
        values = _values(row, figures, heading)
        if _ends(row, values, figures, reader, started=started):
            break
        if previous is not None and previous.page == row.page and _is_far(sheet, previous, row, started=started):
            break
        part = _part(row, values, heading)
        if part:
            parts.append(part)
        previous = row
    return _gathered(_without_strays(parts), sheet.line_height)


def _without_strays(parts: Sequence[_Line | _Wrapped]) -> list[_Line | _Wrapped]:
    """Where amounts have decimals, a bare number in their column is a page number or a count."""
    lines = [part for part in parts if isinstance(part, _Line)]
    strays = [line for line in lines if not any(one.looks_like_money for one in _in_amount_column(line))]
    return list(parts) if 2 * len(strays) >= len(lines) else [part for part in parts if part not in strays]


def _in_amount_column(line: _Line) -> list[Amount]:
    values = line.values
    return values.get("amount") or values.get("gross_amount") or values.get("unit_price") or []


def _part(row: Row, values: dict[str, list[Amount]], heading: Heading) -> _Line | _Wrapped | None:
    texts, code = _texts(row, values, heading)
    if _is_line(values, heading):
        return _Line(row, values, texts=texts, code=code)
    return _Wrapped(row, texts) if texts else None


def _gathered(parts: Sequence[_Line | _Wrapped], line_height: float) -> list[_Line]:
    """Give every wrapped row to the line it belongs to: between two lines, the widest gap divides."""
    lines: list[_Line] = []
    loose: list[_Wrapped] = []
    for part in parts:
        if isinstance(part, _Wrapped):
            loose.append(part)
            continue
        _divide(lines[-1] if lines else None, loose, part, line_height)
        lines.append(part)
        loose = []
    if lines:
        _divide(lines[-1], loose, None, line_height)
    return lines


def _divide(above: _Line | None, loose: Sequence[_Wrapped], below: _Line | None, line_height: float) -> None:
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


def _is_far(sheet: Sheet, previous: Row, row: Row, *, started: bool) -> bool:
    return started and row.rect.top - previous.rect.bottom > 9 * sheet.line_height


def _is_carried(row: Row, languages: frozenset[str]) -> bool:
    return any(hit.concept(languages) for cell in row.cells for hit in lexicon().carried_forward.find(cell.tokens))


def _ends(row: Row, values: dict[str, list[Amount]], figures: Figures, reader: LabelReader, *, started: bool) -> bool:
    """A row of sums ends the table: it is called a sum or a tax, and has no quantity of its own."""
    if not started:
        return False
    money = [amount for amount in figures.amounts.get(row.index, []) if not amount.is_percent]
    if not money:
        return _is_closing(row, reader.languages)
    label = reader.label_of(words_beside(row, money[-1], figures))
    least = 0.55 if values.get("quantity") and values.get("unit_price") else 0.5
    return label is not None and label.concept in _ENDING and label.strength >= least


def _is_closing(row: Row, languages: frozenset[str]) -> bool:
    """A row without amounts that is nothing but a closing phrase (`Payment details`)."""
    for cell in row.cells:
        for hit in lexicon().table_end.find(cell.tokens):
            if hit.start == 0 and hit.concept(languages) and hit.end >= len(cell.tokens) - 1:
                return True
    return False


def _values(row: Row, figures: Figures, heading: Heading) -> dict[str, list[Amount]]:
    """The row's numbers by column."""
    found: dict[str, list[Amount]] = {}
    for amount in figures.amounts.get(row.index, []):
        column = None if _is_within_words(amount) else _column_of(amount, heading)
        if column:
            found.setdefault(column.concept, []).append(amount)
    return found


def _is_within_words(amount: Amount) -> bool:
    """`Test for 23 fields`: a number between words belongs to them."""
    text = amount.cell.text
    before, behind = text[: amount.outer_start], text[amount.outer_end :]
    return sum(map(str.isalpha, before)) > 1 and sum(map(str.isalpha, behind)) > 1


def _column_of(amount: Amount, heading: Heading) -> Column | None:
    """The column that a number stands under, by overlap, else by the nearest edge or centre."""
    rect = amount.rect
    overlapping = [column for column in heading.columns if column.rect.overlap(rect) > 0.25]
    if overlapping:
        return max(overlapping, key=lambda column: (column.rect.overlap(rect), column.concept in _NUMERIC))
    near = min(heading.columns, key=lambda column: _distance(column.rect, rect))
    return near if _distance(near.rect, rect) < 0.12 else None


def _distance(column: Rect, value: Rect) -> float:
    return min(abs(column.right - value.right), abs(column.left - value.left), abs(column.centre - value.centre))


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
        column = _nearest_heading(cell, heading)
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
        if amount.cell is cell and concept in _NUMERIC and amount.start > 0
    ]
    text = cell.text[: min(starts)] if starts else cell.text
    return re.sub(r"^\d{1,3}[.)]?\s+(?=\D)", "", text).strip(" |-–:€$£")


def _nearest_heading(cell: Cell, heading: Heading) -> str | None:
    overlapping = [column for column in heading.columns if column.rect.overlap(cell.rect) > 0.3]
    if overlapping:
        return max(overlapping, key=lambda column: column.rect.overlap(cell.rect)).concept
    left = [column for column in heading.columns if column.rect.left <= cell.rect.left + 0.01]
    return left[-1].concept if left else None


# --- items ----------------------------------------------------------------------------------------------------------


def _items(lines: Sequence[_Line], nets: Sequence[Decimal]) -> tuple[LineItem, ...]:
    pick = _amount_choice(lines, nets)
    return tuple(_item(line, pick) for line in lines)


def _amount_choice(lines: Sequence[_Line], nets: Sequence[Decimal]) -> int:
    """Which of several amounts in a row is the line's: the last, unless another adds up to the net."""
    for pick in (-1, 0):
        total = sum((amount.value for line in lines if (amount := _amount(line, pick))), Decimal(0))
        if any(abs(total - net) <= Decimal("0.05") for net in nets):
            return pick
    return -1


def _amount(line: _Line, pick: int) -> Amount | None:
    for concept in ("amount", "gross_amount"):
        amounts = [amount for amount in line.values.get(concept, []) if not amount.is_percent]
        if amounts:
            return amounts[pick]
    return None


def _item(line: _Line, pick: int) -> LineItem:
    amount = _amount(line, pick)
    price = _first(line, "unit_price")
    quantity = _first(line, "quantity")
    value = amount.value if amount else None
    if amount is None and price is not None:
        value = price.value * quantity.value if quantity else price.value
    rate = _first(line, "tax_rate", percent=True)
    description = " ".join(" ".join([*line.before, *line.texts]).split())
    return LineItem(
        description=description or None,
        product_code=line.code,
        quantity=quantity.value if quantity else None,
        unit_price=price.value if price else None,
        amount=value,
        tax_rate=rate.value if rate else None,
        page=line.row.page,
    )


def _first(line: _Line, concept: str, *, percent: bool = False) -> Amount | None:
    amounts = [amount for amount in line.values.get(concept, []) if percent or not amount.is_percent]
    return amounts[0] if amounts else None
