"""Line items: a heading row names the columns, every row with an amount in the amount column is a line.

Columns are found by where their headings stand; descriptions may be wrapped over several rows; tables may go on over
pages, with or without repeating the heading.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from chalicelib.domain.invoice import LineItem
from chalicelib.extraction.amount_labels import words_beside
from chalicelib.extraction.amount_meanings import LabelReader
from chalicelib.extraction.amounts import Amount, Figures
from chalicelib.extraction.layout import Row, Sheet
from chalicelib.extraction.lexicon import lexicon
from chalicelib.extraction.table_headings import Heading
from chalicelib.extraction.table_rows import TableLine, WrappedRow, gathered, table_part, values_by_column

_ENDING = frozenset({"subtotal", "total", "amount_due", "tax", "amount_paid"})

_SUM_DECIMALS = 2  # a price for one may have more, a sum has not


def read_lines(
    sheet: Sheet, figures: Figures, reader: LabelReader, headings: Sequence[Heading], nets: Iterable[Decimal] = ()
) -> tuple[LineItem, ...]:
    """The line items under `headings`; `nets` are the sums that they should add up to, for choosing a column."""
    lines: list[TableLine] = []
    for place, heading in enumerate(headings):
        until = headings[place + 1].first_row if place + 1 < len(headings) else len(sheet.rows)
        lines.extend(_body(sheet, figures, reader, heading, until))
    return _items(lines, list(nets))


def _body(sheet: Sheet, figures: Figures, reader: LabelReader, heading: Heading, until: int) -> Iterable[TableLine]:
    parts: list[TableLine | WrappedRow] = []
    previous: Row | None = None
    for row in sheet.rows[heading.last_row + 1 : until]:
        if _is_carried(row, reader.languages):
            continue
        started = any(isinstance(part, TableLine) for part in parts)
        values = values_by_column(row, figures, heading)
        if _ends(row, values, figures, reader, started=started):
            break
        if previous is not None and previous.page == row.page and _is_far(sheet, previous, row, started=started):
            break
        part = table_part(row, values, heading)
        if part:
            parts.append(part)
        previous = row
    return gathered(_without_strays(parts), sheet.line_height)


def _without_strays(parts: Sequence[TableLine | WrappedRow]) -> list[TableLine | WrappedRow]:
    """Where amounts have decimals, a bare number in their column is a page number or a count."""
    lines = [part for part in parts if isinstance(part, TableLine)]
    strays = [line for line in lines if not any(one.looks_like_money for one in _in_amount_column(line))]
    return list(parts) if 2 * len(strays) >= len(lines) else [part for part in parts if part not in strays]


def _in_amount_column(line: TableLine) -> list[Amount]:
    values = line.values
    return values.get("amount") or values.get("gross_amount") or values.get("unit_price") or []


def _is_far(sheet: Sheet, previous: Row, row: Row, *, started: bool) -> bool:
    return started and row.rect.top - previous.rect.bottom > 9 * sheet.line_height


def _is_carried(row: Row, languages: frozenset[str]) -> bool:
    return any(hit.concept(languages) for cell in row.cells for hit in cell.hits(lexicon().carried_forward))


def _ends(row: Row, values: dict[str, list[Amount]], figures: Figures, reader: LabelReader, *, started: bool) -> bool:
    """A row of sums ends the table: it is called a sum or a tax, and has no quantity of its own."""
    if not started:
        return False
    money = [amount for amount in figures.amounts.get(row.index, []) if not amount.is_percent]
    if not money:
        return _is_closing(row, reader.languages)
    if money[-1].decimals > _SUM_DECIMALS:
        return False
    label = reader.label_of(words_beside(row, money[-1], figures))
    least = 0.55 if values.get("quantity") and values.get("unit_price") else 0.5
    return label is not None and label.concept in _ENDING and label.strength >= least


def _is_closing(row: Row, languages: frozenset[str]) -> bool:
    """A row without amounts that is nothing but a closing phrase (`Payment details`)."""
    for cell in row.cells:
        for hit in cell.hits(lexicon().table_end):
            if hit.start == 0 and hit.concept(languages) and hit.end >= len(cell.tokens) - 1:
                return True
    return False


def _items(lines: Sequence[TableLine], nets: Sequence[Decimal]) -> tuple[LineItem, ...]:
    pick = _amount_choice(lines, nets)
    return tuple(_item(line, pick) for line in lines)


def _amount_choice(lines: Sequence[TableLine], nets: Sequence[Decimal]) -> int:
    """Which of several amounts in a row is the line's: the last, unless another adds up to the net."""
    for pick in (-1, 0):
        total = sum((amount.value for line in lines if (amount := _amount(line, pick))), Decimal(0))
        if any(abs(total - net) <= Decimal("0.05") for net in nets):
            return pick
    return -1


def _amount(line: TableLine, pick: int) -> Amount | None:
    for concept in ("amount", "gross_amount"):
        amounts = [amount for amount in line.values.get(concept, []) if not amount.is_percent]
        if amounts:
            return amounts[pick]
    return None


def _item(line: TableLine, pick: int) -> LineItem:
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


def _first(line: TableLine, concept: str, *, percent: bool = False) -> Amount | None:
    amounts = [amount for amount in line.values.get(concept, []) if percent or not amount.is_percent]
    return amounts[0] if amounts else None
