"""What each amount is said to be: by the words left of it, before it in its cell, or above it in its column."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from chalicelib.domain.wording import Token, tokens
from chalicelib.extraction.amount_meanings import Label, LabelReader
from chalicelib.extraction.amounts import Amount, Figures
from chalicelib.extraction.layout import Cell, Rect, Row, Sheet
from chalicelib.extraction.lexicon import world

_COLUMN_REACH = 14  # rows
_SUMS = frozenset({"subtotal", "tax", "total", "tax_base"})
_SUMMING = frozenset({"total", "subtotal", "tax", "amount_due"})
_PLAIN_DIGITS = 6  # so many digits without a mark or a currency are a number of something else


@dataclass(frozen=True, slots=True, eq=False)
class LabelledAmount:
    """An amount and what it is said to be. `in_column` tells that the words stand above it and not beside it."""

    amount: Amount
    label: Label
    words: str
    in_column: bool = False


@dataclass(frozen=True)
class AmountLabels:
    """Finds the label of every amount of one document.

    `heading_rows` are the rows that head a table of lines: what stands under them is of one line, unless its own row is
    called a sum.
    """

    sheet: Sheet
    figures: Figures
    reader: LabelReader
    heading_rows: frozenset[int] = frozenset()

    def find(self) -> list[LabelledAmount]:
        """Every amount that is said to be something."""
        return [
            labelled
            for row in self.sheet.rows
            for labelled in self._of_row(
                row, [one for one in self.figures.amounts.get(row.index, []) if _may_be_money(one)]
            )
        ]

    def _of_row(self, row: Row, amounts: Sequence[Amount]) -> Iterator[LabelledAmount]:
        if not amounts:
            return
        is_sum = self._is_sum(row, amounts[0])
        several = len([amount for amount in amounts if amount.looks_like_money]) > 1
        for amount in amounts:
            beside = words_beside(row, amount, self.figures)
            label = self.reader.label_of(beside)
            labelled = self._by_column(amount, beside, label, is_sum=is_sum) if several else None
            if labelled is None and label:
                labelled = LabelledAmount(amount, label, _text(beside))
            if labelled is None and not beside:
                labelled = self._by_words_above(amount)
            if labelled:
                yield labelled

    def _is_sum(self, row: Row, first: Amount) -> bool:
        """Whether the words at the row's start call it a sum or a tax."""
        words = [token for cell in row.cells for token in cell.tokens if cell.rect.left <= first.rect.left]
        label = self.reader.label_of(words[:10])
        return label is not None and label.concept in _SUMMING

    def _by_column(
        self, amount: Amount, beside: Sequence[Token], label: Label | None, *, is_sum: bool
    ) -> LabelledAmount | None:
        """Of several amounts in a row, each is what its column is called."""
        if beside and not is_sum and label and label.strength >= 0.6:
            return None
        above = self._words_above(amount, through_headings=is_sum)
        column = self.reader.label_of(above)
        if not column or column.concept not in _SUMS:
            return None
        if beside and not is_sum and column.strength < 0.8:
            return None
        strength = column.strength * (0.9 if is_sum else 0.55)
        return LabelledAmount(amount, Label(column.concept, strength), _text(above), in_column=True)

    def _by_words_above(self, amount: Amount) -> LabelledAmount | None:
        """A label that stands on the line above its only amount."""
        above = self._words_above(amount, reach=2)
        label = self.reader.label_of(above)
        if not label:
            return None
        return LabelledAmount(amount, Label(label.concept, label.strength * 0.8), _text(above), in_column=True)

    def _words_above(
        self, amount: Amount, *, reach: int = _COLUMN_REACH, through_headings: bool = False
    ) -> list[Token]:
        """The heading of the amount's column: the next cell above without amounts, and the lines that belong to it."""
        rect = amount.rect
        heading: list[Cell] = []
        for index in range(amount.row - 1, max(-1, amount.row - 1 - reach), -1):
            row = self.sheet.rows[index]
            if row.page != amount.page or (index in self.heading_rows and not through_headings):
                break
            above = _cell_over(rect, row)
            if above is None:
                continue
            if id(above) in self.figures.cells_with_amounts:
                if heading:
                    break
                continue
            if heading and heading[-1].rect.top - above.rect.bottom > 0.8 * self.sheet.line_height:
                break
            heading.append(above)
            if len(heading) == 3:
                break
        return [token for cell in reversed(heading) for token in cell.tokens]


def _cell_over(rect: Rect, row: Row) -> Cell | None:
    for cell in row.cells:
        if cell.rect.overlap(rect) > 0.3:
            return cell
    return None


def _may_be_money(amount: Amount) -> bool:
    """Not a percentage, and not the number of a card, a register or a telephone."""
    if amount.is_percent:
        return False
    digits = amount.cell.text[amount.start : amount.end]
    return amount.looks_like_money or not (digits.isdigit() and len(digits) >= _PLAIN_DIGITS)


def _text(words: Iterable[Token]) -> str:
    return " ".join(token.text for token in words)


def words_beside(row: Row, amount: Amount, figures: Figures) -> list[Token]:
    """The words before the amount in its cell and the few behind it, or else those of the next cell to its left."""
    others = [other for other in figures.amounts.get(row.index, []) if other.cell is amount.cell]
    begin = max((other.outer_end for other in others if other.end <= amount.start), default=0)
    end = min((other.outer_start for other in others if other.start >= amount.end), default=len(amount.cell.text))
    words = _lettered(amount.cell.text)
    before = [token for token in words if begin <= token.start and token.end <= amount.outer_start]
    behind = [token for token in words if amount.outer_end <= token.start and token.end <= end]
    if before:
        return before + behind[:4]
    return [*_cell_to_the_left(row, amount.cell, figures), *behind[:4]]


def _cell_to_the_left(row: Row, cell: Cell, figures: Figures) -> tuple[Token, ...]:
    """The words of the nearest cell to the left; one that also holds a number (`1 pc`) only for want of another."""
    nearest: tuple[Token, ...] = ()
    for other in reversed(row.cells[: row.cells.index(cell)]):
        words = _lettered(other.text)
        if words and id(other) not in figures.cells_with_amounts:
            return words
        nearest = nearest or words
    return nearest


@lru_cache(maxsize=8192)
def _lettered(text: str) -> tuple[Token, ...]:
    """The tokens that say something: no numbers, no currencies."""
    return tuple(token for token in tokens(text) if _is_lettered(token.text))


def _is_lettered(word: str) -> bool:
    return word.upper() not in world().currencies and any(map(str.isalpha, word)) and word not in {"rm", "rs", "kr"}
