"""A TIFF of only some pages of another. Pure: no picture is decoded, no native code runs."""

import struct
from collections.abc import Sequence

from chalicelib.errors import RejectedError
from chalicelib.reading.image_headers import tiff_offsets

_FIRST_DIRECTORY_AT = 4
_ENTRY_BYTES = 12


def tiff_excerpt(content: bytes, numbers: Sequence[int]) -> bytes:
    """A TIFF of the pages `numbers` (from 1), in that order: the same bytes with their chain of pages set anew.

    `RejectedError` when the chain is not whole or lacks a page.
    """
    order = "<" if content[:2] == b"II" else ">"
    offsets = tuple(tiff_offsets(content, order))
    if not numbers or min(numbers) < 1 or max(numbers) > len(offsets):
        raise RejectedError("damaged", "Some pages of this TIFF image are missing. Please scan it again.")
    changed = bytearray(content)
    link = _FIRST_DIRECTORY_AT
    for offset in (offsets[number - 1] for number in numbers):
        struct.pack_into(f"{order}I", changed, link, offset)
        (entries,) = struct.unpack_from(f"{order}H", content, offset)
        link = offset + 2 + _ENTRY_BYTES * entries
    struct.pack_into(f"{order}I", changed, link, 0)
    return bytes(changed)
