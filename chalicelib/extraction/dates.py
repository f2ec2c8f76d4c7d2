"""Dates as they are printed in any common notation. Day and month are told apart once a document."""

import re
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from chalicelib.domain.wording import phrase
from chalicelib.extraction.lexicon import lexicon

_SEPARATOR = r"\s?[./\-–]\s?"
_YEAR = r"(?:19|20)\d{2}"
_ISO = re.compile(rf"(?<!\d)({_YEAR})([./\-])(\d{{1,2}})\2(\d{{1,2}})(?!\d)")
_NUMERIC = re.compile(
    rf"(?<![\d.,/\-])(\d{{1,2}})({_SEPARATOR})(\d{{1,2}}){_SEPARATOR}({_YEAR}|\d{{2}})(?![\d/\-]|[.,]\d)"
)
_EASTERN = re.compile(rf"({_YEAR})\s?年\s?(\d{{1,2}})\s?月\s?(\d{{1,2}})\s?日")
_COMPACT = re.compile(rf"(?<!\d)({_YEAR})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
_WORD = r"[^\W\d_]{3,12}"
_DAY_FIRST = re.compile(
    rf"(?<![\d.,])(\d{{1,2}})(?:st|nd|rd|th|er|º|ª)?[\s.,/\-]{{0,3}}(?:de |of |d[’'])?({_WORD})"
    rf"[\s.,/\-’']{{0,3}}(?:de |del )?({_YEAR}|\d{{2}})(?![\d:]|[.,]\d)",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"(?<!\w)({_WORD})[\s.\-]{{0,2}}(\d{{1,2}})(?:st|nd|rd|th)?[\s,.\-]{{1,3}}({_YEAR}|\d{{2}}(?!:))(?![\d:]|[.,]\d)",
    re.IGNORECASE,
)
_YEAR_MONTH_DAY = re.compile(
    rf"(?<!\d)({_YEAR})[\s.,/\-]{{1,2}}({_WORD})[\s.,/\-]{{1,2}}(\d{{1,2}})(?!\d)", re.IGNORECASE
)


_FEWEST_DIGITS = 3  # `7 May 14`


class Order(StrEnum):
    """Which comes first in `03/04/2026`."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


class PrintedDate(NamedTuple):
    """One date in a text. `first` and `second` are the day and month as printed where their order is open."""

    start: int
    end: int
    text: str
    day_first: date | None
    month_first: date | None

    @property
    def is_open(self) -> bool:
        """Whether both orders give a date, and not the same one."""
        return self.day_first is not None and self.month_first is not None and self.day_first != self.month_first

    def value(self, order: Order) -> date | None:
        """The date in one order, or in the only one that is possible."""
        preferred, other = (
            (self.day_first, self.month_first) if order is Order.DAY_FIRST else (self.month_first, self.day_first)
        )
        return preferred or other


@lru_cache(maxsize=8192)
def find_dates(text: str) -> tuple[PrintedDate, ...]:
    """Every date in a text, from left to right.

    >>> [found.day_first.isoformat() for found in find_dates("am 7. Mai 2014, fällig 21.05.14")]
    ['2014-05-07', '2014-05-21']
    >>> [found.month_first.isoformat() for found in find_dates("Oct 4, 2017 and 10/18/18")]
    ['2017-10-04', '2018-10-18']
    """
    if sum(map(str.isdigit, text)) < _FEWEST_DIGITS:
        return ()
    found: list[PrintedDate] = []
    for read, pattern in _READERS:
        for match in pattern.finditer(text):
            taken = any(match.start() < other.end and other.start < match.end() for other in found)
            if not taken and (printed := read(match)):
                found.append(printed)
    return tuple(sorted(found))


def day_month_order(dates: Iterable[PrintedDate]) -> Order | None:
    """The order that the document's unambiguous dates show, or `None` when nothing tells."""
    votes = {Order.DAY_FIRST: 0, Order.MONTH_FIRST: 0}
    for printed in dates:
        if "/" not in printed.text and "-" not in printed.text and "." not in printed.text:
            continue
        if printed.day_first and not printed.month_first:
            votes[Order.DAY_FIRST] += 1
        if printed.month_first and not printed.day_first:
            votes[Order.MONTH_FIRST] += 1
    if votes[Order.DAY_FIRST] == votes[Order.MONTH_FIRST]:
        return None
    return max(votes, key=lambda order: votes[order])


def _certain(match: re.Match[str], value: date | None) -> PrintedDate | None:
    return PrintedDate(match.start(), match.end(), match[0], value, value) if value else None


def _numeric(match: re.Match[str]) -> PrintedDate | None:
    first, second, year = int(match[1]), int(match[3]), _full_year(match[4])
    day_first, month_first = _date(year, second, first), _date(year, first, second)
    if "." in match[2] and day_first:
        month_first = None if not _date(year, first, second) else month_first
    if not day_first and not month_first:
        return None
    return PrintedDate(match.start(), match.end(), match[0], day_first, month_first)


def _year_first(match: re.Match[str]) -> PrintedDate | None:
    groups = [int(group) for group in match.groups() if group and group.isdigit()]
    return _certain(match, _date(*groups))


def _named_day_first(match: re.Match[str]) -> PrintedDate | None:
    return _certain(match, _date(_full_year(match[3]), _month(match[2]), int(match[1])))


def _named_month_first(match: re.Match[str]) -> PrintedDate | None:
    return _certain(match, _date(_full_year(match[3]), _month(match[1]), int(match[2])))


def _named_year_first(match: re.Match[str]) -> PrintedDate | None:
    return _certain(match, _date(int(match[1]), _month(match[2]), int(match[3])))


_READERS = (
    (_year_first, _ISO),
    (_year_first, _EASTERN),
    (_numeric, _NUMERIC),
    (_named_year_first, _YEAR_MONTH_DAY),
    (_named_day_first, _DAY_FIRST),
    (_named_month_first, _MONTH_FIRST),
    (_year_first, _COMPACT),
)


def _month(name: str) -> int:
    return lexicon().months.get("".join(phrase(name)), 0)


def _full_year(text: str) -> int:
    year = int(text)
    if year >= 100:
        return year
    return 2000 + year if year < 80 else 1900 + year


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
