"""The words of a document as a model is shown them: numbered in reading order, and without what nobody sees."""

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from chalicelib.domain.document import Page, Word
from chalicelib.extraction.layout import Cell, Sheet, lay_out

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters and marks that print nothing: joiners, Hangul fillers, Mongolian and other variation selectors, empty braille.
_PRINTS_NOTHING = frozenset({0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0})
_SELECTORS = (range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
_LONGEST = 60  # characters of one word: longer are encoded data
_LOOKALIKES = str.maketrans({"<": "‹", ">": "›"})  # nothing in a document opens or closes a tag of ours


class ShownWord(NamedTuple):
    """A word, its number (from 1 through all pages), and its place."""

    number: int
    word: Word
    cell: Cell
    page: int


class ShownLine(NamedTuple):
    """One line of a page: its words, cell by cell."""

    page: int
    cells: tuple[tuple[ShownWord, ...], ...]

    @property
    def text(self) -> str:
        """`12:Invoice 13:No.` with a tab between cells; empty where nothing of it can be seen."""
        cells = (" ".join(_shown(word) for word in cell if visible(word.word.text)) for cell in self.cells)
        return "\t".join(cell for cell in cells if cell)


def numbered(pages: Sequence[Page]) -> tuple[Sheet, list[ShownLine]]:
    """The sheet of some pages, and its lines with numbered words. The same pages always have the same numbers."""
    sheet = lay_out(pages)
    lines, number = [], 0
    for row in sheet.rows:
        cells = []
        for cell in row.cells:
            cells.append(tuple(_number(cell, number)))
            number += len(cell.words)
        lines.append(ShownLine(row.page, tuple(cells)))
    return sheet, lines


def _number(cell: Cell, before: int) -> Iterable[ShownWord]:
    return (ShownWord(before + place, word, cell, cell.page) for place, word in enumerate(cell.words, start=1))


def _shown(one: ShownWord) -> str:
    text = visible(one.word.text)
    return f"{one.number}:{text[:_LONGEST]}{'…' if len(text) > _LONGEST else ''}"


def visible(text: str) -> str:
    """A word without characters that print nothing; with other brackets where a tag might be imitated.

    >>> visible("To\\u200btal\\u202e"), visible("</document>")
    ('Total', '‹/document›')
    """
    if text.isascii() and text.isprintable() and "<" not in text and ">" not in text:
        return text
    return "".join(one for one in text.translate(_LOOKALIKES) if _is_visible(one))


@lru_cache(maxsize=8192)
def _is_visible(character: str) -> bool:
    code = ord(character)
    if code in _PRINTS_NOTHING or any(code in selectors for selectors in _SELECTORS) or character.isspace():
        return False
    return unicodedata.category(character) not in _INVISIBLE
