"""What a document is, decided by its bytes alone, and whether it is worth opening.

Pure and quick: only headers and ends are looked at. The API asks at upload, the reader asks again.
"""

import re
from collections.abc import Iterable

from chalicelib.domain.document import MediaType
from chalicelib.errors import RejectedError
from chalicelib.reading.image_headers import (
    JPEG_SIGNATURE,
    PNG_SIGNATURE,
    TIFF_SIGNATURES,
    Size,
    jpeg_size,
    png_size,
    tiff_sizes,
)
from chalicelib.reading.limits import Limits
from chalicelib.reading.signed import is_signed

ACCEPTED = "a PDF, PNG, JPEG or TIFF file, or an e-invoice as XML (signed or not)"

_PDF_END_BYTES = 4096  # some writers append a few bytes after %%EOF; none in practice more than this
_HEAD_BYTES = 1024
_SOMETHING = re.compile(rb"[^\x00\s]")
_XML_START = re.compile(r"\s*<(\?xml\b|!--|!DOCTYPE\b|[A-Za-z_])")
_HTML_START = re.compile(
    r"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<!DOCTYPE\s+html|<html|<head|<body)\b", re.IGNORECASE | re.DOTALL
)
_OFFICE_PARTS = (b"word/", b"xl/", b"ppt/", b"mimetypeapplication/vnd.oasis")

# What people send by mistake: beginning of the file, what it seems to be, what to send instead.
_PICTURE_ADVICE = "Please convert it to PNG, JPEG or PDF."
_KNOWN_STARTS: tuple[tuple[bytes, str, str], ...] = (
    (b"GIF8", "a GIF image", _PICTURE_ADVICE),
    (b"BM", "a BMP image", _PICTURE_ADVICE),
    (b"II+\x00", "a BigTIFF image", "Please save it as an ordinary TIFF or as PDF."),
    (b"MM\x00+", "a BigTIFF image", "Please save it as an ordinary TIFF or as PDF."),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL image", _PICTURE_ADVICE),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 image", _PICTURE_ADVICE),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an older Office or Outlook file", "Please export it as PDF."),
    (b"{\\rtf", "an RTF text", "Please export it as PDF."),
    (b"%!PS", "a PostScript file", "Please convert it to PDF."),
    (b"\x1f\x8b", "a gzip archive", "Please unpack it and send the document inside."),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "Please unpack it and send the document inside."),
    (b"Rar!", "a RAR archive", "Please unpack it and send the document inside."),
)


def inspect(content: bytes, limits: Limits) -> MediaType:
    """The kind of a document that may be opened.

    Raises `RejectedError` with one of the codes `empty`, `too_large`, `not_a_document`, `truncated`, `damaged`,
    `too_many_pages` (TIFF) or `too_many_pixels`; its message says what to do.
    """
    if not _SOMETHING.search(content):
        raise RejectedError("empty", "This file is empty. Please check the original and send it again.")
    if len(content) > limits.max_document_bytes:
        raise _too_large("This file", len(content), limits.max_document_bytes)
    media_type = _kind(content)
    if media_type is MediaType.PDF:
        _require_pdf_end(content)
    elif media_type in {MediaType.XML, MediaType.P7M}:
        _require_xml_size(content, limits)
    else:
        _require_image_size(image_sizes(content, media_type), limits)
    return media_type


def image_sizes(content: bytes, media_type: MediaType) -> tuple[Size, ...]:
    """The size of every page of an image; `RejectedError` (`truncated`, `damaged`) when the file is not whole."""
    if media_type is MediaType.PNG:
        return (png_size(content),)
    if media_type is MediaType.JPEG:
        return (jpeg_size(content),)
    return tiff_sizes(content)


def _kind(content: bytes) -> MediaType:
    if content.startswith(b"%PDF-"):
        return MediaType.PDF
    if content.startswith(PNG_SIGNATURE):
        return MediaType.PNG
    if content.startswith(JPEG_SIGNATURE):
        return MediaType.JPEG
    if content.startswith(TIFF_SIGNATURES):
        return MediaType.TIFF
    if is_signed(content):
        return MediaType.P7M
    head = _head_as_text(content)
    if _XML_START.match(head) and not _HTML_START.match(head):
        return MediaType.XML
    raise _not_a_document(*_guess(content, head))


def _head_as_text(content: bytes) -> str:
    """The beginning as text, for telling XML and HTML from the rest; bytes that are no text become U+FFFD."""
    head = content[:_HEAD_BYTES]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace")
    if head.startswith((b"<\x00", b"\x00<")):
        return head.decode("utf-16-le" if head[0] else "utf-16-be", "replace")
    return head.decode("utf-8-sig", "replace")


def _guess(content: bytes, head: str) -> tuple[str, str]:
    """What a file that cannot be accepted seems to be, and what to send instead."""
    for start, kind, advice in _KNOWN_STARTS:
        if content.startswith(start):
            return kind, advice
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "a WebP image", _PICTURE_ADVICE
    if content[4:8] == b"ftyp":
        return _guess_by_brand(content[8:12])
    if content.startswith(b"PK"):
        return _guess_archive(content[:8192])
    return _guess_text(content, head)


def _guess_by_brand(brand: bytes) -> tuple[str, str]:
    if brand in {b"avif", b"avis"}:
        return "an AVIF image", _PICTURE_ADVICE
    if brand[:3] in {b"hei", b"hev", b"mif"}:
        return "a HEIC photo", "Please send it as JPEG (phones can share photos as “most compatible”)."
    return "a video", "Please send a photo or a PDF instead."


def _guess_archive(head: bytes) -> tuple[str, str]:
    if any(part in head for part in _OFFICE_PARTS) or b"[Content_Types].xml" in head:
        return "an Office document", "Please export it as PDF."
    return "a ZIP archive", "Please unpack it and send the document inside."


def _guess_text(content: bytes, head: str) -> tuple[str, str]:
    if b"%PDF-" in content[:_HEAD_BYTES]:
        return "a PDF with something in front of it", "Please save or download the PDF again and send that."
    if _HTML_START.match(head):
        return "a web page", "Please print it to PDF and send that."
    if all(character.isprintable() or character in "\t\r\n\f" for character in head) and "\ufffd" not in head:
        return "plain text", f"Please send {ACCEPTED}."
    return "something unknown", f"Please send {ACCEPTED}."


def _require_pdf_end(content: bytes) -> None:
    end = content[-_PDF_END_BYTES:]
    if b"%%EOF" not in end or b"startxref" not in end:
        raise RejectedError(
            "truncated", "This PDF breaks off before its end. Please download or export it again and send that."
        )


def _require_xml_size(content: bytes, limits: Limits) -> None:
    if len(content) > limits.max_xml_bytes:
        raise _too_large("This XML file", len(content), limits.max_xml_bytes)


def _require_image_size(sizes: Iterable[Size], limits: Limits) -> None:
    pages = tuple(sizes)
    if len(pages) > limits.max_pages:
        raise too_many_pages(len(pages), limits.max_pages)
    for width, height in pages:
        if width * height > limits.max_pixels or max(width, height) > limits.max_image_side:
            raise RejectedError(
                "too_many_pixels",
                f"This image has {width} × {height} pixels; at most {limits.max_pixels:,} in all and "
                f"{limits.max_image_side:,} on a side can be read. Please scan it with 300 dpi or less.",
            )


def too_many_pages(count: int, limit: int) -> RejectedError:
    """The error for a document with more pages than are read."""
    return RejectedError(
        "too_many_pages",
        f"This document has {count} pages; at most {limit} are read. Please send only the pages of the invoice.",
    )


def _too_large(what: str, size: int, limit: int) -> RejectedError:
    return RejectedError(
        "too_large",
        f"{what} has {size / 1e6:.1f} MB; at most {limit / 1e6:g} MB are accepted. Please send a smaller file.",
    )


def _not_a_document(kind: str, advice: str) -> RejectedError:
    return RejectedError("not_a_document", f"This seems to be {kind}, which cannot be read. {advice}")
