"""How a country writes numbers and dates."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

NARROW_NO_BREAK_SPACE = "\u202f"


class Notation(NamedTuple):
    """Signs and patterns: `day` is a format string for a date; `indian` groups as lakh and crore.

    >>> GERMAN.amount(Decimal("1234.5")), INDIAN.amount(Decimal("1234567")), YEN.amount(Decimal(123200))
    ('1.234,50', '12,34,567.00', '123,200')
    >>> GERMAN.date(date(2025, 3, 7)), GERMAN.number(Decimal("2.50")), SWISS.amount(Decimal("-12345.6"))
    ('07.03.2025', '2,5', '-12’345.60')
    """

    point: str
    group: str
    day: str
    decimals: int = 2
    indian: bool = False

    def amount(self, value: Decimal) -> str:
        """An amount with the currency's decimals and with groups."""
        whole, _, fraction = f"{abs(value):.{self.decimals}f}".partition(".")
        return ("-" if value < 0 else "") + self._grouped(whole) + (self.point + fraction if fraction else "")

    def number(self, value: Decimal) -> str:
        """A quantity or a rate, without needless zeros."""
        return plain(value).replace(".", self.point)

    def date(self, value: date) -> str:
        """A date as the country writes it."""
        return self.day.format(value)

    def _grouped(self, digits: str) -> str:
        head, tail = digits[:-3], digits[-3:]
        size = 2 if self.indian else 3
        groups = [head[max(end - size, 0) : end] for end in range(len(head), 0, -size)]
        return self.group.join([*reversed(groups), tail])


def plain(value: Decimal) -> str:
    """A number without needless zeros and without an exponent.

    >>> plain(Decimal("20.00")), plain(Decimal("8.250"))
    ('20', '8.25')
    """
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


BRITISH = Notation(".", ",", "{0.day} {0:%B %Y}")
IRISH = Notation(".", ",", "{0:%d/%m/%Y}")
GERMAN = Notation(",", ".", "{0:%d.%m.%Y}")
FRENCH = Notation(",", NARROW_NO_BREAK_SPACE, "{0:%d/%m/%Y}")
SPANISH = Notation(",", ".", "{0:%d/%m/%Y}")
ITALIAN = Notation(",", ".", "{0:%d/%m/%Y}")
DUTCH = Notation(",", ".", "{0:%d-%m-%Y}")
AMERICAN = Notation(".", ",", "{0:%m/%d/%Y}")
SWISS = Notation(".", "’", "{0.day}. {0:%B %Y}")  # its dates lie in months that German and English spell alike
INDIAN = Notation(".", ",", "{0:%d-%b-%Y}", indian=True)
YEN = Notation(".", ",", "{0:%B} {0.day}, {0.year}", decimals=0)
AUSTRALIAN = Notation(".", ",", "{0:%d %b %Y}")
ISO = Notation(".", "", "{0:%Y-%m-%d}")
