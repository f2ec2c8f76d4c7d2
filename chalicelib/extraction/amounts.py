"""Every amount and percentage on the pages, with its sign, its currency and its place."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import NamedTuple

from chalicelib.domain.geometry import Box
from chalicelib.extraction.dates import PrintedDate, find_dates
from chalicelib.extraction.layout import Cell, Rect, Sheet
from chalicelib.extraction.lexicon import world
from chalicelib.extraction.numbers import NUMBER, Mark, decimal_mark, is_ambiguous, parse_number

_SYMBOL = (
    r"US\$|C\$|CA\$|A\$|AU\$|NZ\$|S\$|HK\$|R\$|MX\$|€|\$|£|¥|￥|₹|zł|Kč|kr\.?|Kr\.?|Rs\.?|RM|Ft|lei"
    r"|Fr\.|SFr\.?|₺|TL|元|円"
)
_AMOUNT = re.compile(
    rf"""
    (?<![\w@#/&]) (?<!\d[.,:\-]) (?<![A-Za-z]-)
    (?P<open>\()? (?P<sign>[-−–+]\s?)?
    (?P<before>(?:{_SYMBOL}|[A-Z]{{3}})(?=[\s\d\-−.,]))? [ ]{{0,2}} (?P<inner>[-−]\s?)?
    (?P<number>{NUMBER})
    (?P<dash>[.,](?:-{{1,2}}|—|–))?
    (?P<trail>\s?-(?![\w]))?
    (?: [ ]{{0,2}} (?P<percent>%) | [ ]{{0,2}} (?P<after>{_SYMBOL}|[A-Z]{{3}})(?![\w]) )?
    (?P<close>\))? (?P<star>\s?[*A-Z]{{0,2}}(?=\s|$))?
    (?![\w%/@]|[.,:]\d|-\w)
    """,
    re.VERBOSE,
)
_DECIMALS = re.compile(r"[.,](\d+)$")
MAX_DIGITS = 15


@dataclass(frozen=True, eq=False)
class Amount:
    """One printed number. `value` carries its sign; `currency` is the symbol or code printed beside it.

    `start` and `end` hold the number itself, `outer_start` and `outer_end` its sign and currency too.
    `decimals` counts the digits behind the decimal mark, `grouped` tells thousands separators.
    """

    cell: Cell
    value: Decimal
    text: str
    start: int
    end: int
    outer_start: int
    outer_end: int
    currency: str
    decimals: int
    is_percent: bool
    is_ambiguous: bool

    @property
    def page(self) -> int:
        """The page, from 1."""
        return self.cell.page

    @property
    def row(self) -> int:
        """The row's index in the sheet."""
        return self.cell.row

    @cached_property
    def box(self) -> Box:
        """Where it stands, in fractions of the page."""
        return self.cell.box_between(self.start, self.end)

    @cached_property
    def rect(self) -> Rect:
        """Where it stands, in units of the page's height."""
        return self.cell.rect_between(self.start, self.end)

    @property
    def looks_like_money(self) -> bool:
        """Whether it has two decimals or a currency beside it."""
        return not self.is_percent and (self.decimals == 2 or bool(self.currency))


@dataclass(frozen=True)
class Figures:
    """All dates and amounts of a sheet, by row; and the decimal mark of the document."""

    amounts: dict[int, list[Amount]]
    dates: dict[int, list[tuple[Cell, PrintedDate]]]
    mark: Mark | None

    @cached_property
    def cells_with_amounts(self) -> frozenset[int]:
        """The `id` of every cell that holds an amount."""
        return frozenset(id(amount.cell) for amounts in self.amounts.values() for amount in amounts)

    def all_amounts(self) -> list[Amount]:
        """Every amount, in reading order."""
        return [amount for row in sorted(self.amounts) for amount in self.amounts[row]]


def find_figures(sheet: Sheet) -> Figures:
    """Find dates first (they look like amounts), then settle the decimal mark, then read every amount."""
    dates: dict[int, list[tuple[Cell, PrintedDate]]] = {}
    matches: list[re.Match[str]] = []
    numbered: list[Cell] = []
    for cell in sheet.cells:
        if not cell.has_digit:
            continue
        if printed := find_dates(cell.text):
            dates.setdefault(cell.row, []).extend((cell, one) for one in printed)
        if found := _numbers_in(cell.text):
            numbered.append(cell)
            matches.extend(found)
    mark = decimal_mark(match["number"] for match in matches if not match["percent"])
    mark = mark or decimal_mark(match["number"] for match in matches)
    amounts: dict[int, list[Amount]] = {}
    for cell in numbered:
        for number in _read_numbers(cell.text, mark):
            amounts.setdefault(cell.row, []).append(Amount(cell, *number))
    return Figures(amounts, dates, mark)


@lru_cache(maxsize=8192)
def _numbers_in(text: str) -> tuple[re.Match[str], ...]:
    """Every number in a text that is no part of a date."""
    printed = find_dates(text)
    return tuple(match for match in _AMOUNT.finditer(text) if not _inside(match, printed))


def _inside(match: re.Match[str], dates: Sequence[PrintedDate]) -> bool:
    start, end = match.span("number")
    return any(start < printed.end and printed.start < end for printed in dates)


class _Number(NamedTuple):
    """An `Amount` without its place."""

    value: Decimal
    text: str
    start: int
    end: int
    outer_start: int
    outer_end: int
    currency: str
    decimals: int
    is_percent: bool
    is_ambiguous: bool


@lru_cache(maxsize=8192)
def _read_numbers(text: str, mark: Mark | None) -> tuple[_Number, ...]:
    return tuple(number for match in _numbers_in(text) if (number := _number(match, mark)))


def _number(match: re.Match[str], mark: Mark | None) -> _Number | None:
    number = match["number"]
    if _is_glued(match):
        return None
    if sum(map(str.isdigit, number)) > MAX_DIGITS:
        return None
    value = parse_number(number, mark)
    negative = (match["sign"] and match["sign"].strip() != "+") or match["inner"] or match["trail"]
    decimals = _decimals(value)
    if match["open"] and match["close"] and decimals == 2 and mark is not Mark.COMMA:
        negative = True  # an accountant's minus, where points mark decimals
    currency = _currency(match["before"]) or _currency(match["after"])
    return _Number(
        value=-value if negative and value else value,
        text=match[0].strip().strip("()"),
        start=match.start("number"),
        end=match.end("number"),
        outer_start=match.start(),
        outer_end=match.end("after") if _currency(match["after"]) else match.end("number"),
        currency=currency,
        decimals=2 if match["dash"] else decimals,
        is_percent=bool(match["percent"]),
        is_ambiguous=is_ambiguous(number, mark),
    )


def _is_glued(match: re.Match[str]) -> bool:
    """`REV60` is a code: three capitals that are no currency, without a space before the number."""
    before = match["before"]
    return bool(before) and not _currency(before) and match.end("before") == match.start("number")


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


def _currency(text: str | None) -> str:
    """The symbol or code, if it is one; three capitals may also be a unit or a word."""
    if not text:
        return ""
    if len(text) == 3 and text.isalpha() and text.isupper():
        return text if text in world().currencies else ""
    return text.rstrip(".")
