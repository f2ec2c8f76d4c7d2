"""Documents in a signed envelope (CAdES, `.p7m`), DER or BER, bare or as base64: what is inside.

The signature is not verified: whether to trust a sender is not decided here. Only as much of the envelope is walked as
stands before its content (RFC 5652, sections 3 and 5), by lengths that must lie within the bytes that are there.
"""

import base64
import binascii
import re
from typing import NamedTuple

from chalicelib.errors import RejectedError

_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_ENVELOPED_DATA = bytes.fromhex("06092a864886f70d010703")
_SEQUENCE, _CONTEXT_0, _OCTETS, _OCTETS_IN_PARTS = 0x30, 0xA0, 0x04, 0x24
_MAX_DEPTH = 16  # of what is skipped, and of strings in strings; a signed invoice has 3
_MAX_ENVELOPES = 5  # signatures around signatures
_HEAD_BYTES = 64
_ARMOUR = re.compile(rb"-----(BEGIN|END) (PKCS7|CMS)-----")
_BASE64 = re.compile(rb"[A-Za-z0-9+/=]+")
_BASE64_STARTS = (b"M", b"-")  # a sequence, and armour
_BLANKS = b"\xef\xbb\xbf \t\r\n"


def is_signed(content: bytes) -> bool:
    """Whether the first bytes are those of a signed or encrypted envelope."""
    head = _from_base64(content[: 2 * _HEAD_BYTES], is_head=True) or content[:_HEAD_BYTES]
    begins = head[:1] == bytes([_SEQUENCE])
    return begins and (_SIGNED_DATA in head[:20] or _ENVELOPED_DATA in head[:20])


def content_of(envelope: bytes) -> bytes:
    """The signed content, out of all envelopes around it; `RejectedError("unreadable_envelope", …)` if there is none.

    >>> content_of(bytes.fromhex("301c 0609 2a864886f70d010702 a00f 300d 0201 01 3100 3006 0600 a002 0400"))
    b''
    """
    for _ in range(_MAX_ENVELOPES):
        envelope = _opened(_from_base64(envelope) or envelope)
        if not is_signed(envelope):
            return envelope
    raise _unreadable("there are signatures around signatures without an end.")


def _from_base64(content: bytes, *, is_head: bool = False) -> bytes | None:
    """The bytes that base64 text stands for (of a `head`, as far as it goes), or `None` where it is no base64."""
    content = content.strip(_BLANKS)
    if content[:1] not in _BASE64_STARTS:
        return None
    text = b"".join(_ARMOUR.sub(b"", content).split())
    if not _BASE64.fullmatch(text):
        return None
    try:
        return base64.b64decode(text[: len(text) // 4 * 4] if is_head else text, validate=True)
    except binascii.Error:
        return None


class _Element(NamedTuple):
    """The head of one element; `end` is `None` where its end is marked and not counted."""

    tag: int
    start: int
    end: int | None


def _opened(der: bytes) -> bytes:
    """The content of one envelope."""
    try:
        return _signed_content(der)
    except (IndexError, RecursionError):
        raise _unreadable("it breaks off, or is damaged.") from None


def _signed_content(der: bytes) -> bytes:
    at = _enter(der, 0, _SEQUENCE)
    if der.startswith(_ENVELOPED_DATA, at):
        raise _unreadable("it is encrypted.")
    at = _enter(der, _skip(der, at), _CONTEXT_0)  # past the kind of envelope
    at = _enter(der, at, _SEQUENCE)
    at = _skip(der, _skip(der, at))  # past the version and the kinds of digest
    signed = _head(der, at)
    at = _skip(der, _enter(der, at, _SEQUENCE))  # past the kind of content
    if at == signed.end or der[at] != _CONTEXT_0:
        raise _unreadable("it holds a signature alone, and the document is in another file.")
    return b"".join(_octets(der, _enter(der, at, _CONTEXT_0), 0)[0])


def _head(der: bytes, at: int) -> _Element:
    """The element at `at`; `IndexError` when it does not lie within the bytes."""
    tag, length, start = der[at], der[at + 1], at + 2
    if tag & 0x1F == 0x1F:
        raise _unreadable("it is no envelope of a kind we know.")
    if length == 0x80:
        return _Element(tag, start, None)
    if length > 0x80:
        count = length & 0x7F
        length, start = int.from_bytes(der[start : start + count]), start + count
    if start + length > len(der):
        raise IndexError
    return _Element(tag, start, start + length)


def _enter(der: bytes, at: int, tag: int) -> int:
    """Where the content of the element at `at` begins, which must have this `tag`."""
    found = _head(der, at)
    if found.tag != tag:
        raise _unreadable("it is no envelope of a kind we know.")
    return found.start


def _skip(der: bytes, at: int, depth: int = 0) -> int:
    """Where the element after the one at `at` begins."""
    found = _head(der, at)
    if found.end is not None:
        return found.end
    if depth > _MAX_DEPTH:
        raise IndexError
    at = found.start
    while der[at : at + 2] != b"\x00\x00":
        at = _skip(der, at, depth + 1)
    return at + 2


def _octets(der: bytes, at: int, depth: int) -> tuple[list[bytes], int]:
    """The pieces of the string at `at`, which may consist of strings, and where the next element begins."""
    found = _head(der, at)
    if found.tag == _OCTETS and found.end is not None:
        return [der[found.start : found.end]], found.end
    if found.tag != _OCTETS_IN_PARTS or depth > _MAX_DEPTH:
        raise _unreadable("it is no envelope of a kind we know.")
    pieces, at = [], found.start
    while at != found.end and der[at : at + 2] != b"\x00\x00":
        more, at = _octets(der, at, depth + 1)
        pieces += more
    return pieces, at if found.end is not None else at + 2


def _unreadable(why: str) -> RejectedError:
    return RejectedError(
        "unreadable_envelope",
        f"This signed file (p7m) cannot be opened: {why} Please send the document without the signature around it.",
    )
