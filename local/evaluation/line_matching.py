"""Which printed lines were found: same amount to the cent, and a description that is alike enough."""

from collections.abc import Sequence
from typing import NamedTuple

from local.evaluation.comparing import alikeness, amount_of
from local.evaluation.corpus import Line

_ALIKE = 0.6


class LineTally(NamedTuple):
    """How many lines there are, were found, and are right, over some documents."""

    documents: int = 0
    printed: int = 0
    found: int = 0
    right: int = 0
    all_right: int = 0  # documents of which every line is right, and no other was found

    @property
    def precision(self) -> float | None:
        """The share of the found that is right; `None` without lines to find."""
        return (self.right / self.found if self.found else 0.0) if self.printed else None

    @property
    def recall(self) -> float | None:
        """The share of the printed that was found."""
        return self.right / self.printed if self.printed else None

    @property
    def f1(self) -> float | None:
        """The harmonic mean of both."""
        if not self.printed:
            return None
        return 2 * self.right / (self.found + self.printed)

    def plus(self, other: "LineTally") -> "LineTally":
        """Both together."""
        return LineTally(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


def matched(printed: Sequence[Line], found: Sequence[Line]) -> LineTally:
    """The lines of one document; nothing where none are known."""
    if not printed:
        return LineTally()
    right = _pairs(printed, found)
    return LineTally(1, len(printed), len(found), right, int(right == len(printed) == len(found)))


def _pairs(printed: Sequence[Line], found: Sequence[Line]) -> int:
    """The likeliest pairs first, those at nearly the same place before others; each line is in one pair at most."""
    amounts = [amount_of(line.amount or "") for line in found]
    options = []
    for row, line in enumerate(printed):
        wanted = amount_of(line.amount or "")
        for place, other in enumerate(found):
            if wanted is not None and wanted == amounts[place] and (alike := _likeness(line, other)):
                options.append((alike, -abs(row - place), row, place))
    rows: set[int] = set()
    places: set[int] = set()
    for _, _, row, place in sorted(options, reverse=True):
        if row not in rows and place not in places:
            rows.add(row)
            places.add(place)
    return len(rows)


def _likeness(printed: Line, found: Line) -> float:
    """0 where the descriptions differ too much. A description that is not known agrees with any."""
    if printed.description is None:
        return 1.0
    if found.description is None:
        return 0.0
    alike = alikeness(printed.description, found.description)
    return alike if alike >= _ALIKE else 0.0
