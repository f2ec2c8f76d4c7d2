"""One PDF page: its words, upright, and how far they can be trusted.

A page is seen as a person sees it: cropped, turned by /Rotate, and turned once more where most of its text would still
stand on its side.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum, auto
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

from chalicelib.domain.document import Page, Word
from chalicelib.domain.geometry import Box
from chalicelib.reading.pdf_picture import Edges, Picture, picture_of
from chalicelib.reading.pdf_words import RawWord, raw_words

_SCAN_COVER = 0.5  # of the page: what a scanned page's images cover at least
_MIN_COVER = 0.1  # a logo alone is not worth reading
_MIN_WORDS_ON_A_SCAN = 20  # a stamp or a fax header on a scan has fewer
_MAX_UNREADABLE = 0.3  # share of characters without a meaning
_TINY = 0.0025  # of the page's longer side: about 2 points on A4
_MIN_PATHS_OF_DRAWN_TEXT = 100
_MIN_TURNED_WORDS = 5
_MOST = 0.6
_REPLACEMENT = "\ufffd"
_EPSILON = 1e-9


class Trust(Enum):
    """What the words of one page are worth."""

    VISIBLE = auto()  # a person sees the same words
    HIDDEN = auto()  # somebody's OCR under a picture, or letters without a meaning
    ABSENT = auto()  # no words, though there is something to see
    BLANK = auto()  # nothing at all


class PdfPage(NamedTuple):
    """A page with the words a person can see (those of the hidden layer, where trust is `HIDDEN`).

    `hidden_length` counts the characters that were left out because a person would not see them.
    """

    page: Page
    trust: Trust
    hidden_length: int = 0


class _View(NamedTuple):
    """How user space becomes the upright page: its bounding box, and quarter turns clockwise."""

    left: float
    bottom: float
    right: float
    top: float
    turns: int

    @property
    def size(self) -> tuple[float, float]:
        width, height = self.right - self.left, self.top - self.bottom
        return (height, width) if self.turns % 2 else (width, height)


def read_page(number: int, page: Any, textpage: Any) -> PdfPage:
    """The page `number` of raw `FPDF_PAGE` and `FPDF_TEXTPAGE` handles."""
    crop = _crop(page)
    words = [word for word in raw_words(textpage) if _is_inside(word, crop)]
    view = _View(*crop, _turns(page, words))
    picture = picture_of(page, crop, with_painted=any(word.white for word in words))
    shown = [] if picture.covers_text else [word for word in words if _is_shown(word, picture, view)]
    trust = _trust(words, shown, picture)
    kept = {Trust.VISIBLE: shown, Trust.HIDDEN: words}.get(trust, [])
    width, height = view.size
    upright = Page(number, width, height, tuple(_placed(kept, view)))
    return PdfPage(upright, trust, _length(words) - _length(kept))


def _length(words: Iterable[RawWord]) -> int:
    return sum(len(word.text) for word in words)


def _trust(words: Sequence[RawWord], shown: Sequence[RawWord], picture: Picture) -> Trust:
    is_scan = picture.cover >= _SCAN_COVER
    if shown and not (is_scan and len(shown) < _MIN_WORDS_ON_A_SCAN) and not _is_gibberish(shown):
        return Trust.VISIBLE
    if words and (is_scan or shown):
        return Trust.HIDDEN
    has_something_to_see = picture.cover >= _MIN_COVER or picture.path_count >= _MIN_PATHS_OF_DRAWN_TEXT
    return Trust.ABSENT if has_something_to_see else Trust.BLANK


def _is_gibberish(words: Sequence[RawWord]) -> bool:
    """Whether the fonts do not say which letters they draw: replacement and private characters instead."""
    text = "".join(word.text for word in words)
    unreadable = sum(1 for character in text if character == _REPLACEMENT or "\ue000" <= character <= "\uf8ff")
    return unreadable > _MAX_UNREADABLE * len(text)


def _is_shown(word: RawWord, picture: Picture, view: _View) -> bool:
    """Whether a person would see a word: not hidden, not tiny, not white on white."""
    height = word.right - word.left if word.quarter % 2 else word.top - word.bottom
    if word.hidden or height < _TINY * max(view.size):
        return False
    if not word.white:
        return True
    x, y = (word.left + word.right) / 2, (word.bottom + word.top) / 2
    return any(left <= x <= right and bottom <= y <= top for left, bottom, right, top in picture.painted)


def _crop(page: Any) -> Edges:
    """What of the page is shown, in user space."""
    box = pdfium.FS_RECTF()
    pdfium.FPDF_GetPageBoundingBox(page, box)
    return box.left, box.bottom, box.right, box.top


def _is_inside(word: RawWord, crop: Edges) -> bool:
    left, bottom, right, top = crop
    return left <= (word.left + word.right) / 2 <= right and bottom <= (word.top + word.bottom) / 2 <= top


def _turns(page: Any, words: Sequence[RawWord]) -> int:
    """Quarter turns clockwise that make the page upright: those of its text, or /Rotate where that does not say."""
    if len(words) >= _MIN_TURNED_WORDS:
        quarter, count = Counter(word.quarter for word in words).most_common(1)[0]
        if count >= _MOST * len(words):
            return -quarter % 4
    return int(pdfium.FPDFPage_GetRotation(page)) % 4


def _placed(words: Iterable[RawWord], view: _View) -> Iterator[Word]:
    """The words in reading direction, boxes as fractions of the upright page."""
    width, height = (max(side, _EPSILON) for side in view.size)
    for word in words:
        left, top, right, bottom = _turned(word, view)
        left, right = max(left / width, 0.0), min(right / width, 1.0)
        top, bottom = max(top / height, 0.0), min(bottom / height, 1.0)
        yield Word(word.text, Box(left, top, right - left, bottom - top))


def _turned(word: RawWord, view: _View) -> tuple[float, float, float, float]:
    """Left, top, right and bottom in points from the upper left corner of the upright page."""
    if view.turns == 0:
        return word.left - view.left, view.top - word.top, word.right - view.left, view.top - word.bottom
    if view.turns == 1:
        return word.bottom - view.bottom, word.left - view.left, word.top - view.bottom, word.right - view.left
    if view.turns == 2:
        return view.right - word.right, word.bottom - view.bottom, view.right - word.left, word.top - view.bottom
    return view.top - word.top, view.right - word.right, view.top - word.bottom, view.right - word.left
