"""Amounts as they are printed: `1.234,56`, `1 234,56`, `1'234.56`, `12,34,567.89`, `(1,234.56)`, `1.234,-`.

Whether a comma or a point marks the decimals is settled once a document, from all its numbers; a number that can only
be read one way is read that way whatever the document says.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum

_SPACES = " \u00a0\u202f\u2009"
_APOSTROPHES = "'’´`"
_GROUP = rf"[.,{_APOSTROPHES}{_SPACES}]"
NUMBER = rf"""
    (?: \d{{1,3}} (?: {_GROUP}\d{{3}} )+ (?: [.,]\d{{1,4}} )?   # grouped by thousands
      | \d{{1,2}} (?: ,\d{{2}} )+ ,\d{{3}} (?: \.\d{{1,4}} )?   # grouped the Indian way
      | \d+ [.,]\d{{1,5}}
      | [.,]\d{{2}}
      | \d+ )
"""
_PLAIN = re.compile(r"^\d+$")


class Mark(StrEnum):
    """The decimal mark."""

    POINT = "."
    COMMA = ","


def decimal_mark(numbers: Iterable[str]) -> Mark | None:
    """The mark that the document's numbers agree on, or `None` when nothing tells.

    >>> decimal_mark(["1.234,56", "12", "7,00"]), decimal_mark(["1.234"])
    (<Mark.COMMA: ','>, None)
    """
    votes = {Mark.POINT: 0, Mark.COMMA: 0}
    for text in numbers:
        mark = _own_mark(text)
        if mark:
            votes[mark] += 1
    if votes[Mark.POINT] == votes[Mark.COMMA]:
        return None
    return max(votes, key=lambda mark: votes[mark])


def _own_mark(text: str) -> Mark | None:
    """The decimal mark as far as this number alone tells it."""
    points, commas = text.count("."), text.count(",")
    if points and commas:
        return Mark.POINT if text.rfind(".") > text.rfind(",") else Mark.COMMA
    if points > 1 or commas > 1:
        return Mark.COMMA if points else Mark.POINT  # several of one kind can only group
    if not points and not commas:
        return None
    mark = Mark.POINT if points else Mark.COMMA
    whole, decimals = text.split(mark.value)
    if len(decimals) != 3 or whole.startswith("0") or re.search(rf"[{_APOSTROPHES}{_SPACES}]", whole) or len(whole) > 3:
        return mark
    return None


def parse_number(text: str, mark: Mark | None) -> Decimal:
    """The value of one printed number without sign or currency; `mark` decides where the number itself does not.

    >>> parse_number("1.234,56", None), parse_number("1.234", Mark.COMMA), parse_number("1.234", Mark.POINT)
    (Decimal('1234.56'), Decimal('1234'), Decimal('1.234'))
    >>> parse_number("12,34,567.89", None), parse_number("1’234.50", None), parse_number("1 234,5", None)
    (Decimal('1234567.89'), Decimal('1234.50'), Decimal('1234.5'))
    """
    if _PLAIN.match(text):
        return Decimal(text)
    own = _own_mark(text)
    if own is None and mark is None:
        own = Mark.COMMA if "." in text else Mark.POINT  # `1.234` and `1,234`: grouping is the likelier
    chosen = (own or mark or Mark.POINT).value
    digits = "".join(character for character in text if character.isdigit() or character == chosen)
    return Decimal(digits.replace(chosen, ".")) if digits.strip(chosen) else Decimal(0)


def is_ambiguous(text: str, mark: Mark | None) -> bool:
    """Whether neither the number nor the document tells its decimal mark (`1.234`)."""
    return mark is None and _own_mark(text) is None and not _PLAIN.match(text) and ("." in text or "," in text)
