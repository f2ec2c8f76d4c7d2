"""Lines of till receipts, which have no headings: what is bought, and what it costs at the right edge.

They are believed only where they add up to the net or the total.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from chalicelib.domain.invoice import LineItem
from chalicelib.extraction.amounts import Amount, Figures
from chalicelib.extraction.layout import Row, Sheet

_TIMES = re.compile(r"(\d+(?:[.,]\d+)?)\s*[xX×*@]\s*(?:[^\d\s]{0,3}\s?)(\d+[.,]\d{2})?")
_CENT = Decimal("0.01")


def read_receipt_lines(sheet: Sheet, figures: Figures, sums: Sequence[Decimal], last_row: int) -> tuple[LineItem, ...]:
    """The lines above row `last_row` (where the sums begin) whose amounts add up to one of `sums`; or none."""
    lines = list(_lines(sheet, figures, last_row))
    for start in range(len(lines)):
        total = sum((line.amount or Decimal(0) for line in lines[start:]), Decimal(0))
        if any(abs(total - target) <= _CENT for target in sums):
            return tuple(lines[start:])
    return ()


def _lines(sheet: Sheet, figures: Figures, last_row: int) -> Iterator[LineItem]:
    above: Row | None = None
    for row in sheet.rows[:last_row]:
        amount = _price(figures.amounts.get(row.index, []))
        if amount is None:
            above = row
            continue
        times = _TIMES.search(row.text)
        words = _words(row, amount, times)
        if not words and above is not None:
            words = " ".join(cell.text for cell in above.cells)
        yield LineItem(
            description=" ".join(words.split()) or None,
            quantity=Decimal(times[1].replace(",", ".")) if times else None,
            unit_price=Decimal(times[2].replace(",", ".")) if times and times[2] else None,
            amount=amount.value,
            page=row.page,
        )
        above = None


def _price(amounts: Sequence[Amount]) -> Amount | None:
    """The last amount of a row, when it has decimals."""
    money = [amount for amount in amounts if amount.decimals == 2 and not amount.is_percent]
    return money[-1] if money else None


def _words(row: Row, amount: Amount, times: re.Match[str] | None) -> str:
    before = " ".join(
        cell.text[: amount.outer_start] if cell is amount.cell else cell.text
        for cell in row.cells
        if cell.rect.left <= amount.cell.rect.left
    )
    text = before.replace(times[0], " ") if times else before
    return text if sum(map(str.isalpha, text)) >= 2 else ""
