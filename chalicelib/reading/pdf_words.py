"""Words with their places, from PDFium's characters.

PDFium gives characters with boxes, in reading order, in the page's unrotated user space (points, y upwards). Where
a word ends is decided here, by the gaps between the boxes: the spaces PDFium makes up itself stand in the middle of
words whose letters are set apart. This is the hottest loop of reading: about a thousand characters a page.
"""

import ctypes
import math
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, repeat
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

_INVISIBLE_MODES = frozenset({pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP})
_WHITE = 250
_ANGLE_SLACK = 0.03  # quarter turns

# Gaps, in heights of the character box (about 1.2 times the font size).
_GAP_OF_A_SPACE = 0.3
_GAP_OF_AN_ANNOUNCED_SPACE = 0.12  # where PDFium made up a space, less is enough
_MAX_SHIFT = 0.6  # off the line

# What to do with the characters that are not simply printed.
_SPACE, _NOTHING = " ", ""
_LINE_BREAK = 0x0A
_LAST_CODE_POINT = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)
_SPECIAL: dict[int, str] = {
    **dict.fromkeys(
        (*range(0x21), 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000), _SPACE
    ),
    # Zero-width, direction and tag characters print nothing, and are only good for hiding what a word really is.
    **dict.fromkeys((0x00, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)), _NOTHING),
    **dict.fromkeys((0xFEFF, 0xFFFF, *range(0xE0000, 0xE0080)), _NOTHING),
    **dict.fromkeys((0xFFFE, 0x02, 0xAD), "-"),  # what PDFium says for the hyphen at the end of a line
    **dict(zip(range(0xFB00, 0xFB07), ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True)),
}

_LAST_OF_ASCII = 0x7F
_BOX_BYTES = ctypes.sizeof(pdfium.FS_RECTF)


def _address(pointer: Any) -> int:
    """Where a pointer points to."""
    return ctypes.cast(pointer, ctypes.c_void_p).value or 0


# The hottest call takes addresses as plain numbers: no object has to be made of each box.
_get_loose_char_box = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(
    _address(pdfium.FPDFText_GetLooseCharBox)
)

Edges = tuple[float, ...]  # left, top, right, bottom in user space: y grows upwards


class RawWord(NamedTuple):
    """One word in user space. `quarter` counts the quarter turns (clockwise) of its direction of reading."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    quarter: int
    hidden: bool  # prints nothing: render mode 3 or 7, or fully transparent
    white: bool


def raw_words(textpage: Any) -> Iterator[RawWord]:
    """Every word of a raw `FPDF_TEXTPAGE`, in PDFium's order, wherever it stands and whether or not it shows."""
    colour = _ColourOf(textpage)
    for index, quarter, text, boxes in _words(textpage):
        lefts, tops, rights, bottoms = zip(*boxes, strict=True)
        yield RawWord("".join(text), min(lefts), max(tops), max(rights), min(bottoms), quarter or 0, *colour(index))


class _ColourOf:
    """Whether the character at an index is hidden, and whether it is white."""

    def __init__(self, textpage: Any) -> None:
        self._textpage = textpage
        self._rgba = [ctypes.c_uint() for _ in range(4)]
        self._references = [ctypes.byref(part) for part in self._rgba]

    def __call__(self, index: int) -> tuple[bool, bool]:
        mode = pdfium.FPDFTextObj_GetTextRenderMode(pdfium.FPDFText_GetTextObject(self._textpage, index))
        if mode in _INVISIBLE_MODES:
            return True, False
        if not pdfium.FPDFText_GetFillColor(self._textpage, index, *self._references):
            return False, False
        red, green, blue, alpha = self._rgba
        return alpha.value == 0, red.value >= _WHITE and green.value >= _WHITE and blue.value >= _WHITE


def _words(textpage: Any) -> Iterator[tuple[int, int | None, list[str], list[Edges]]]:
    """Index of the first character, quarter turn (`None`: oblique), characters and their edges, of each word."""
    text: list[str] = []
    boxes: list[Edges] = []
    start, quarter, gap = 0, None, _GAP_OF_A_SPACE
    printed = _Printed(_SPECIAL)
    for index, (code, edges) in enumerate(_characters(textpage)):
        character = printed[code]
        if character == _SPACE:
            if code == 0x20 and pdfium.FPDFText_IsGenerated(textpage, index) == 1:
                gap = _GAP_OF_AN_ANNOUNCED_SPACE
            elif text:
                yield start, quarter, text, boxes
                text, boxes = [], []
        elif character:
            if text and not _continues(boxes[-1], edges, quarter, gap):
                yield start, quarter, text, boxes
                text, boxes = [], []
            if not text:
                start, quarter = index, _quarter(pdfium.FPDFText_GetCharAngle(textpage, index))
            text.append(character)
            boxes.append(edges)
            gap = _GAP_OF_A_SPACE


def _characters(textpage: Any) -> Iterator[tuple[int, Edges]]:
    """Code and edges of every character, and a line break at the end.

    The box is the one the font's designer drew, as high for all letters. All calls are made by `map`, and all floats
    unpacked at once: twice as fast as a loop.
    """
    count = max(pdfium.FPDFText_CountChars(textpage), 0)
    boxes = (ctypes.c_float * (4 * count))()
    first = ctypes.addressof(boxes)
    places = range(first, first + _BOX_BYTES * count, _BOX_BYTES)
    deque(map(_get_loose_char_box, repeat(_address(textpage)), range(count), places), maxlen=0)
    floats = iter(memoryview(boxes).cast("B").cast("f"))
    edges = zip(floats, floats, floats, floats, strict=True)
    return chain(zip(_codes(textpage, count), edges, strict=True), [(_LINE_BREAK, ())])


def _codes(textpage: Any, count: int) -> Iterable[int]:
    """The code of every character: from the text as a whole, which is one call, where both are as long as each other.

    The text has one mark for hyphens and for characters without a code, and cuts off what is too large for a code: so
    what is not ASCII is asked for one by one.
    """
    text = (ctypes.c_ushort * (2 * count + 1))()  # a code may take two of them
    length = pdfium.FPDFText_GetText(textpage, 0, count, text) - 1  # without the zero at its end
    if length != count or len(bytes(text)[: 2 * count].decode("utf-16-le", "surrogatepass")) != count:
        return map(pdfium.FPDFText_GetUnicode, repeat(textpage), range(count))
    codes = text[:count]
    for index in [index for index, code in enumerate(codes) if code > _LAST_OF_ASCII]:
        codes[index] = pdfium.FPDFText_GetUnicode(textpage, index)
    return codes


class _Printed(dict[int, str]):
    """What a code prints, remembered; half a surrogate, or no code point at all, prints nothing."""

    def __missing__(self, code: int) -> str:
        is_character = code <= _LAST_CODE_POINT and code not in _SURROGATES
        self[code] = character = chr(code) if is_character else _NOTHING
        return character


def _continues(last: Edges, edges: Edges, quarter: int | None, widest: float) -> bool:
    """Whether a character at `edges` belongs to the word whose last one is at `last`; `widest` gap in heights."""
    if quarter:
        last, edges = _turned(last, quarter), _turned(edges, quarter)
    elif quarter is None:
        return widest != _GAP_OF_AN_ANNOUNCED_SPACE
    last_left, last_top, last_right, last_bottom = last
    left, top, right, bottom = edges
    height = top - bottom or right - left
    shift = top + bottom - last_top - last_bottom
    allowed = 2 * _MAX_SHIFT * height
    return -allowed <= shift <= allowed and left - last_right <= widest * height and left >= last_left - height


def _quarter(angle: float) -> int | None:
    """Quarter turns of a direction of reading in radians (PDFium counts clockwise), or `None` if it is oblique."""
    turns = angle / (math.pi / 2)
    nearest = round(turns)
    return nearest % 4 if abs(turns - nearest) < _ANGLE_SLACK else None


def _turned(edges: Edges, quarter: int) -> Edges:
    """`edges` in a frame turned so that the text runs from left to right."""
    left, top, right, bottom = edges
    if quarter == 1:
        return -top, right, -bottom, left
    if quarter == 2:
        return -right, -bottom, -left, -top
    return bottom, -left, top, -right
