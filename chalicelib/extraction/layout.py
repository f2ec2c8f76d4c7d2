"""Pages as rows of cells: words that stand together are one cell, cells on one line are one row.

Coordinates here are in units of the page's *height* for both directions, so that a gap and a line's height can be
compared on any page; `box_of` gives back fractions of the page.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from operator import itemgetter
from statistics import median
from typing import NamedTuple

from chalicelib.domain.document import Page, Word
from chalicelib.domain.geometry import Box, around
from chalicelib.domain.source import PICTURED, Source
from chalicelib.domain.wording import Token
from chalicelib.extraction.lexicon import Hit, PhraseIndex
from chalicelib.extraction.phrases import phrases_in

_CELL_GAP = 1.0  # times the line's height: wider, and a new cell begins
_WORD_GAP = 0.5  # times the line's height: wider, and two spaces say so
_LABEL_COLON = re.compile(r"^([^\W\d][^:\d]*:)(?=[^\s/\\:])(.+)$")


class Rect(NamedTuple):
    """A rectangle in units of the page's height."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """How high it is."""
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """The height of its middle line."""
        return (self.top + self.bottom) / 2

    @property
    def centre(self) -> float:
        """Its horizontal centre."""
        return (self.left + self.right) / 2

    def overlap(self, other: "Rect") -> float:
        """How much of the narrower one's width both share, 0–1."""
        left, _, right, _ = self
        other_left, _, other_right, _ = other
        if right <= other_left or other_right <= left:  # most pairs; nothing is asked more often than this
            return 0.0
        narrower = min(right - left, other_right - other_left)
        return (min(right, other_right) - max(left, other_left)) / narrower if narrower > 0 else 0.0


@dataclass(eq=False)
class Cell:
    """Words that stand together on one line. Two spaces in `text` mark a gap that is wider than usual."""

    page: int
    row: int
    rect: Rect
    words: tuple[Word, ...]
    text: str
    starts: tuple[int, ...]
    source: Source
    scale: float  # from fractions of the page's width to units of its height
    tokens: tuple[Token, ...] = field(init=False)  # of the text, with their places in it
    has_digit: bool = field(init=False)

    def __post_init__(self) -> None:
        self._phrases = phrases_in(self.text)
        self.tokens = self._phrases.tokens
        self.has_digit = self._phrases.has_digit

    def hits(self, index: PhraseIndex) -> tuple[Hit, ...]:
        """The phrases of an index in this cell."""
        return self._phrases.of(index)

    def words_between(self, start: int, end: int) -> tuple[Word, ...]:
        """The words that hold the characters from `start` to `end` of the text."""
        first, behind = bisect_right(self.starts, start) - 1, bisect_left(self.starts, end)
        if first >= 0 and self.starts[first] + len(self.words[first].text) <= start:
            first += 1
        return self.words[max(first, 0) : behind]

    def box_between(self, start: int, end: int) -> Box:
        """Where the characters from `start` to `end` stand, in fractions of the page."""
        return around(word.box for word in self.words_between(start, end) or self.words)

    def legibility_between(self, start: int, end: int) -> float:
        """The confidence (0–1) in the least certain of the words there."""
        if self.source not in PICTURED:
            return 1.0
        return min((word.confidence for word in self.words_between(start, end)), default=1.0)

    def rect_between(self, start: int, end: int) -> Rect:
        """Where the characters from `start` to `end` stand, in units of the page's height."""
        if start == 0 and end >= len(self.text):
            return self.rect
        box = self.box_between(start, end)
        return Rect(box.left * self.scale, box.top, box.right * self.scale, box.bottom)


@dataclass(eq=False)
class Row:
    """One line of a page: its cells from left to right."""

    page: int
    index: int
    cells: list[Cell] = field(default_factory=list)

    @cached_property
    def rect(self) -> Rect:
        """The rectangle around its cells."""
        lefts, tops, rights, bottoms = zip(*(cell.rect for cell in self.cells), strict=True)
        return Rect(min(lefts), min(tops), max(rights), max(bottoms))

    @property
    def text(self) -> str:
        """The cells' texts, with a bar between them."""
        return " | ".join(cell.text for cell in self.cells)


class Sheet(NamedTuple):
    """All rows of a document from top to bottom, page after page, and the usual height of a line."""

    rows: list[Row]
    line_height: float

    @property
    def cells(self) -> Iterable[Cell]:
        """Every cell in reading order."""
        return (cell for row in self.rows for cell in row.cells)


def rect_of(box: Box, page: Page) -> Rect:
    """A place on a page in units of the page's height."""
    aspect = page.width / page.height if page.height else 1.0
    return Rect(box.left * aspect, box.top, box.right * aspect, box.bottom)


def lay_out(pages: Sequence[Page]) -> Sheet:
    """The rows and cells of all pages; upright words only (stamps and margins written sideways are left out)."""
    rows: list[Row] = []
    for page in pages:
        for line in _lines(page):
            rows.append(_row(page, line, len(rows)))
    heights = [cell.rect.height for row in rows for cell in row.cells]
    return Sheet(rows, median(heights) if heights else 0.012)


def _lines(page: Page) -> list[list[Word]]:
    upright = [word for word in _split_words(page.words) if _is_upright(word, page)]
    placed = [(word.box.middle, word.box.height, word) for word in upright]
    placed.sort(key=itemgetter(0))
    lines: list[list[Word]] = []
    middle = height = 0.0
    for word_middle, word_height, word in placed:
        if lines and abs(word_middle - middle) < 0.5 * min(height, word_height):
            lines[-1].append(word)
            count = len(lines[-1])
            middle += (word_middle - middle) / count
            height += (word_height - height) / count
        else:
            lines.append([word])
            middle, height = word_middle, word_height
    return lines


def _is_upright(word: Word, page: Page) -> bool:
    if len(word.text) < 3:
        return True
    width, height = word.box.width * page.width, word.box.height * page.height
    return width > 0.6 * height


def _split_words(words: Iterable[Word]) -> Iterable[Word]:
    """`Total:12.50` is a label and a value that were set without a space between them."""
    for word in words:
        if ":" not in word.text or not (match := _LABEL_COLON.match(word.text)):
            yield word
            continue
        share = len(match[1]) / len(word.text)
        box = word.box
        yield Word(match[1], box._replace(width=box.width * share), word.confidence)
        rest = Box(box.left + box.width * share, box.top, box.width * (1 - share), box.height)
        yield Word(match[2], rest, word.confidence)


def _row(page: Page, line: list[Word], index: int) -> Row:
    line.sort(key=lambda word: word.box.left)
    aspect = page.width / page.height if page.height else 1.0
    boxes = [word.box for word in line]
    height = median([box.height for box in boxes])
    gaps = [(right.left - (left.left + left.width)) * aspect for left, right in pairwise(boxes)]
    wide = _wide_gap(gaps, height)
    widest = max(_CELL_GAP * height, 1.2 * wide)
    ends = [place for place, gap in enumerate(gaps, start=1) if gap > widest]
    row = Row(page.number, index)
    for first, end in pairwise([0, *ends, len(line)]):
        row.cells.append(_cell(page, line[first:end], gaps[first : end - 1], index, aspect, wide))
    return row


def _wide_gap(gaps: list[float], height: float) -> float:
    """From which width on a gap says more than that a new word begins; some fonts set words far apart."""
    usual = [gap for gap in gaps if 0 < gap <= _CELL_GAP * height]
    return max(_WORD_GAP * height, 1.5 * median(usual)) if len(usual) > 1 else _WORD_GAP * height


def _cell(page: Page, words: list[Word], gaps: list[float], row: int, aspect: float, wide: float) -> Cell:
    text, starts = words[0].text, [0]
    for word, gap in zip(words[1:], gaps, strict=True):
        text += "  " if gap > wide else " "
        starts.append(len(text))
        text += word.text
    box = around([word.box for word in words])
    rect = Rect(box.left * aspect, box.top, box.right * aspect, box.bottom)
    return Cell(page.number, row, rect, tuple(words), text, tuple(starts), page.source, aspect)
