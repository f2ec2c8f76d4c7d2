"""The sizes of images, from their headers alone: nothing is decoded, no native code runs.

Formats: PNG (ISO/IEC 15948), JPEG (ITU-T T.81, annex B), TIFF 6.0.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from chalicelib.errors import RejectedError

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
JPEG_SIGNATURE = b"\xff\xd8\xff"
TIFF_SIGNATURES = (b"II*\x00", b"MM\x00*")

_PNG_END = b"IEND\xaeB`\x82"
_JPEG_END = b"\xff\xd9"
_START_OF_SCAN = 0xDA
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length
_START_OF_FRAME = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_TIFF_WIDTH, _TIFF_HEIGHT = 256, 257
_TIFF_STRIPS, _TIFF_STRIP_LENGTHS = 273, 279
_TIFF_TAGS = frozenset({_TIFF_WIDTH, _TIFF_HEIGHT, _TIFF_STRIPS, _TIFF_STRIP_LENGTHS})
_TIFF_FORMS = {3: ("H", 2), 4: ("I", 4)}  # short and long: format and width in bytes
_MAX_FRAMES = 10_000


class Size(NamedTuple):
    """Width and height of one image, in pixels as stored (before any EXIF orientation)."""

    width: int
    height: int


def png_size(content: bytes) -> Size:
    """The size of a PNG; `RejectedError` `truncated` when its end is missing, `damaged` without a header."""
    if content[12:16] != b"IHDR" or len(content) < 24:
        raise _damaged("PNG")
    if _PNG_END not in content:
        raise _truncated("PNG")
    return _checked(Size(*struct.unpack(">II", content[16:24])), "PNG")


def jpeg_size(content: bytes) -> Size:
    """The size of a JPEG; `RejectedError` `truncated` when its end is missing, `damaged` without a frame."""
    size: Size | None = None
    for marker, start, end in _jpeg_segments(content):
        if marker in _START_OF_FRAME and end - start >= 5:
            height, width = struct.unpack(">HH", content[start + 1 : start + 5])
            size = Size(width, height)
        if marker == _START_OF_SCAN:
            # Coded data never holds FF D9, and thumbnails stand before the scan: this is the image's own end.
            if content.find(_JPEG_END, end) < 0:
                raise _truncated("JPEG")
            break
    else:
        raise _truncated("JPEG")
    if size is None:
        raise _damaged("JPEG")
    return _checked(size, "JPEG")


def tiff_sizes(content: bytes) -> tuple[Size, ...]:
    """The size of every page of a TIFF; `RejectedError` `truncated` or `damaged` when the directory is not whole."""
    order = "<" if content[:2] == b"II" else ">"
    sizes = tuple(_checked(_tiff_size(content, order, offset), "TIFF") for offset in tiff_offsets(content, order))
    if not sizes:
        raise _damaged("TIFF")
    return sizes


def _jpeg_segments(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each segment's data, up to the first scan."""
    at = 2
    while at + 4 <= len(content):
        if content[at] != 0xFF:
            raise _damaged("JPEG")
        marker = content[at + 1]
        if marker == 0xFF:  # fill bytes before a marker
            at += 1
        elif marker in _STANDALONE:
            at += 2
        else:
            end = at + 2 + struct.unpack(">H", content[at + 2 : at + 4])[0]
            yield marker, at + 4, end
            at = end


def tiff_offsets(content: bytes, order: str) -> Iterator[int]:
    """Where each page's directory begins; `order` is that of the bytes (`<`, `>`). A chain in a circle is damaged."""
    seen: set[int] = set()
    offset = _unpack(content, order + "I", 4)
    while offset:
        if offset in seen or len(seen) >= _MAX_FRAMES:
            raise _damaged("TIFF")
        seen.add(offset)
        yield offset
        entries = _unpack(content, order + "H", offset)
        offset = _unpack(content, order + "I", offset + 2 + 12 * entries)


def _tiff_size(content: bytes, order: str, offset: int) -> Size:
    """The size of the page whose directory begins at `offset`. All of its data must be there."""
    entries = dict(_tiff_entries(content, order, offset))
    begins, lengths = entries.get(_TIFF_STRIPS, ()), entries.get(_TIFF_STRIP_LENGTHS, ())
    if any(begin + length > len(content) for begin, length in zip(begins, lengths, strict=False)):
        raise _truncated("TIFF")
    return Size(*(next(iter(entries.get(tag, ())), 0) for tag in (_TIFF_WIDTH, _TIFF_HEIGHT)))


def _tiff_entries(content: bytes, order: str, offset: int) -> Iterator[tuple[int, tuple[int, ...]]]:
    """The tags we look at, with their numbers."""
    for index in range(_unpack(content, order + "H", offset)):
        entry = offset + 2 + 12 * index
        tag, kind, count = (_unpack(content, order + form, entry + at) for form, at in (("H", 0), ("H", 2), ("I", 4)))
        if tag not in _TIFF_TAGS or kind not in _TIFF_FORMS or count > len(content):
            continue
        form, width = _TIFF_FORMS[kind]
        at = entry + 8 if count * width <= 4 else _unpack(content, order + "I", entry + 8)
        if at + count * width > len(content):
            raise _truncated("TIFF")
        yield tag, struct.unpack_from(f"{order}{count}{form}", content, at)


def _unpack(content: bytes, form: str, offset: int) -> int:
    try:
        (number,) = struct.unpack_from(form, content, offset)
    except struct.error:
        raise _truncated("TIFF") from None
    return int(number)


def _checked(size: Size, kind: str) -> Size:
    if size.width <= 0 or size.height <= 0:
        raise _damaged(kind)
    return size


def _truncated(kind: str) -> RejectedError:
    return RejectedError("truncated", f"This {kind} image breaks off before its end. Please send the whole file again.")


def _damaged(kind: str) -> RejectedError:
    return RejectedError(
        "damaged", f"This {kind} image is damaged and cannot be opened. Please save or scan it again and send that."
    )
