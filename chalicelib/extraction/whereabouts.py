"""Where a text stands on the pages: paid readers quote, and what they quote is looked for among the printed words.

Compared are letters and digits alone, so that spaces, hyphens, accents and capitals make no difference.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from chalicelib.domain.document import Word
from chalicelib.domain.geometry import Box, around
from chalicelib.domain.source import Source
from chalicelib.domain.wording import folded
from chalicelib.extraction.layout import Cell, Sheet

_SLACK = 0.01  # of the page: how far off a reader's box may be


class Stretch(NamedTuple):
    """A text as it is printed: the cells it stands in, each from one character to another."""

    parts: tuple[tuple[Cell, int, int], ...]

    @property
    def page(self) -> int:
        """The page, from 1."""
        return self.parts[0][0].page

    @property
    def text(self) -> str:
        """What is printed, cell by cell, with one space between them."""
        return " ".join(" ".join(cell.text[start:end].split()) for cell, start, end in self.parts)

    @property
    def quoted(self) -> str:
        """The same as evidence: what is not printed in one piece has ` + ` between its pieces."""
        return " + ".join(cell.text[start:end] for cell, start, end in self.parts)

    @property
    def box(self) -> Box:
        """Where it stands, in fractions of the page."""
        return around(cell.box_between(start, end) for cell, start, end in self.parts)

    @property
    def source(self) -> Source:
        """Which step read the page."""
        return self.parts[0][0].source

    @property
    def legibility(self) -> float:
        """The confidence (0–1) in the least certain of its words."""
        return min(cell.legibility_between(start, end) for cell, start, end in self.parts)


@dataclass(frozen=True, slots=True, eq=False)
class _Character:
    """A letter or digit as it is compared, and where it stands."""

    folded: str
    cell: Cell
    place: int


class Whereabouts:
    """Finds texts on the pages of one document."""

    def __init__(self, sheet: Sheet) -> None:
        self._cells: dict[int, list[Cell]] = {}
        for cell in sheet.cells:
            self._cells.setdefault(cell.page, []).append(cell)
        self._pages: dict[int, list[_Character]] = {}

    def find(self, text: str, page: int | None = None, box: Box | None = None) -> list[Stretch]:
        """Every place where `text` stands: in `box`, if it stands there; else on `page`; else anywhere."""
        needle = _squeezed(text)
        if not needle:
            return []
        if page is not None:
            inside = self._in_box(needle, page, box) if box else []
            if found := inside or self._on_page(needle, page):
                return found
        return [found for number in self._cells if number != page for found in self._on_page(needle, number)]

    def among(self, text: str, words: Iterable[Word], page: int) -> list[Stretch]:
        """Every place where `text` stands within some of the page's words."""
        wanted = {id(word) for word in words}
        characters = list(_characters(self._cells.get(page, []), wanted))
        return list(_matches(_squeezed(text), characters)) if wanted else []

    def _in_box(self, needle: str, page: int, box: Box) -> list[Stretch]:
        words = {id(word) for cell in self._cells.get(page, []) for word in cell.words if _is_in(word.box, box)}
        return list(_matches(needle, list(_characters(self._cells.get(page, []), words))))

    def _on_page(self, needle: str, page: int) -> list[Stretch]:
        if page not in self._pages:
            self._pages[page] = list(_characters(self._cells.get(page, [])))
        return list(_matches(needle, self._pages[page]))


def _is_in(word: Box, box: Box) -> bool:
    inside = box.left - _SLACK <= word.centre <= box.right + _SLACK
    return inside and box.top - _SLACK <= word.middle <= box.bottom + _SLACK


def _characters(cells: Iterable[Cell], words: set[int] | None = None) -> Iterator[_Character]:
    for cell in cells:
        for word, start in zip(cell.words, cell.starts, strict=True):
            if words is None or id(word) in words:
                for place in range(start, start + len(word.text)):
                    yield from (_Character(one, cell, place) for one in _squeezed(cell.text[place]))


def _matches(needle: str, characters: list[_Character]) -> Iterator[Stretch]:
    """Where the needle begins and ends with whole words."""
    text = "".join(one.folded for one in characters)
    begin = text.find(needle) if needle else -1
    while begin >= 0:
        found = characters[begin : begin + len(needle)]
        if _begins(found[0]) and _ends(found[-1]):
            yield Stretch(tuple(_parts(found)))
        begin = text.find(needle, begin + 1)


def _begins(first: _Character) -> bool:
    return first.place == 0 or not first.cell.text[first.place - 1].isalnum()


def _ends(last: _Character) -> bool:
    behind = last.cell.text[last.place + 1 : last.place + 2]
    return not behind.isalnum()


def _parts(found: list[_Character]) -> Iterator[tuple[Cell, int, int]]:
    for _, group in groupby(found, key=lambda one: id(one.cell)):
        characters = list(group)
        yield characters[0].cell, characters[0].place, characters[-1].place + 1


def _squeezed(text: str) -> str:
    return "".join(map(_squeezed_character, text))


@lru_cache(maxsize=8192)
def _squeezed_character(character: str) -> str:
    return "".join(one for one in folded(character) if one.isalnum())
