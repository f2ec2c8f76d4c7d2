"""Hints about amounts: each names a printed figure, and so becomes a label of it among the others."""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from chalicelib.domain.geometry import Box
from chalicelib.domain.hint import Hint, HintedLine
from chalicelib.domain.invoice import AMOUNT_FIELDS, LineItem
from chalicelib.domain.source import Source
from chalicelib.extraction.amount_labels import LabelledAmount
from chalicelib.extraction.amount_meanings import Label
from chalicelib.extraction.amounts import MAX_DIGITS, Amount, Figures
from chalicelib.extraction.numbers import NUMBER, Mark, parse_number

_NUMBER = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>[-−–])?[^\d()]{{0,6}}?(?P<number>{NUMBER})\s*(?P<trail>-)?", re.VERBOSE
)
_LONGEST = 40  # characters
_TEXTRACT, _MODEL = 0.9, 0.6  # what a label of theirs is worth; a printed one is worth 0.95
_MOST_LINES = 500


def labelled_by_hints(hints: Iterable[Hint], figures: Figures) -> Iterator[LabelledAmount]:
    """The printed figures that hints name. What meets no printed figure is dropped."""
    amounts = [amount for amount in figures.all_amounts() if not amount.is_percent]
    for hint in hints:
        value = read_amount(hint.text, figures.mark) if hint.field in AMOUNT_FIELDS else None
        named = _figure(hint, value, amounts) if value is not None else None
        if named:
            yield LabelledAmount(named, Label(hint.field.value, _worth(hint)), hint.label)


def _worth(hint: Hint) -> float:
    return _MODEL if hint.source is Source.MODEL else _TEXTRACT * max(0.0, min(1.0, hint.confidence))


def _figure(hint: Hint, value: Decimal, amounts: Sequence[Amount]) -> Amount | None:
    """The figure of that value in the hint's box; without a box, the last of that value: sums stand at the end."""
    same = [one for one in amounts if abs(one.value) == abs(value) and hint.page in {None, one.page}]
    inside = [one for one in same if hint.box and _meet(one.box, hint.box)]
    found = inside or same
    return found[-1] if found else None


def _meet(one: Box, other: Box) -> bool:
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    return across > 0 and down > 0


def read_amount(text: str, mark: Mark | None) -> Decimal | None:
    """The only number in a short text, with its sign; `mark` is the document's decimal mark.

    >>> read_amount("EUR 1.234,56", Mark.COMMA), read_amount("-5.00", None), read_amount("page 1 of 2", None)
    (Decimal('1234.56'), Decimal('-5.00'), None)
    """
    found = _NUMBER.search(text) if len(text) <= _LONGEST else None
    if found is None or any(map(str.isdigit, text[found.end("number") :])):
        return None
    if sum(map(str.isdigit, found["number"])) > MAX_DIGITS:
        return None
    value = parse_number(found["number"], mark)
    return -value if found["sign"] or found["trail"] or found["open"] else value


# --- lines ----------------------------------------------------------------------------------------------------------


def hinted_lines(
    lines: Sequence[HintedLine], source: Source, figures: Figures, sums: Sequence[Decimal]
) -> tuple[LineItem, ...]:
    """The lines of one reader, if all their amounts are printed and add up to one of `sums`; none otherwise."""
    items = [_item(line, figures.mark) for line in lines[:_MOST_LINES] if line.source is source]
    amounts = [item.amount for item in items if item.amount is not None]
    printed = {abs(amount.value) for amount in figures.all_amounts()}
    is_whole = len(amounts) == len(items) and _are_printed(amounts, printed)
    return tuple(items) if is_whole and _fit(amounts, sums) else ()


def _are_printed(amounts: Sequence[Decimal], printed: set[Decimal]) -> bool:
    return bool(amounts) and all(abs(amount) in printed for amount in amounts)


def _fit(amounts: Sequence[Decimal], sums: Sequence[Decimal]) -> bool:
    return any(abs(sum(amounts, Decimal(0)) - target) <= Decimal("0.05") for target in sums)


def _item(line: HintedLine, mark: Mark | None) -> LineItem:
    def number(text: str | None) -> Decimal | None:
        return read_amount(text, mark) if text else None

    return LineItem(
        description=_words(line.description),
        product_code=_words(line.product_code),
        quantity=number(line.quantity),
        unit_price=number(line.unit_price),
        amount=number(line.amount),
        tax_rate=number(line.tax_rate),
        page=line.page,
    )


def _words(text: str | None) -> str | None:
    return " ".join(text.split()) or None if text else None
