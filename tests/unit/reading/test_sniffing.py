"""What a document is, by its bytes."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.document import MediaType
from chalicelib.errors import RejectedError
from chalicelib.reading.limits import Limits, limits_of
from chalicelib.reading.sniffing import inspect
from chalicelib.settings import Settings
from tests.builders import a_document, an_image
from tests.papers import a_picture, a_ubl_invoice, encoded

LIMITS = Limits()
CODES = {
    "empty", "too_large", "not_a_document", "truncated", "damaged", "too_many_pages", "too_many_pixels",
}  # fmt: skip


def a_jpeg() -> bytes:
    return encoded(a_picture(width=40, height=30), "JPEG")


def a_tiff(pages: int = 1) -> bytes:
    picture = a_picture(width=40, height=30)
    return encoded(picture, "TIFF", *[picture] * (pages - 1))


def a_png_header(width: int, height: int) -> bytes:
    """A tiny file that says it is a huge picture."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    header = struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    return b"\x89PNG\r\n\x1a\n" + header + struct.pack(">I", 0) + b"IEND\xaeB`\x82"


def code_of(content: bytes, limits: Limits = LIMITS) -> str:
    with pytest.raises(RejectedError) as caught:
        inspect(content, limits)
    return caught.value.code


def refusal(content: bytes) -> str | None:
    """The code `content` is refused with, or `None` when it may be opened."""
    try:
        inspect(content, LIMITS)
    except RejectedError as error:
        return error.code
    return None


def message_of(content: bytes) -> str:
    with pytest.raises(RejectedError) as caught:
        inspect(content, LIMITS)
    return caught.value.message


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (a_document(), MediaType.PDF),
        (an_image(), MediaType.PNG),
        (a_jpeg(), MediaType.JPEG),
        (a_tiff(), MediaType.TIFF),
        (a_ubl_invoice(), MediaType.XML),
        (b"\xef\xbb\xbf" + a_ubl_invoice(), MediaType.XML),
        (a_ubl_invoice().decode().replace("UTF-8", "UTF-16").encode("utf-16"), MediaType.XML),
        ("<Invoice/>".encode("utf-16-be"), MediaType.XML),
        (b"\n  <!-- ours --><Invoice/>", MediaType.XML),
    ],
)
def test_the_bytes_say_what_a_document_is(content: bytes, media_type: MediaType) -> None:
    assert inspect(content, LIMITS) is media_type


@pytest.mark.parametrize("content", [b"", b" \r\n\t", bytes(1000)])
def test_a_file_without_anything_in_it_is_empty(content: bytes) -> None:
    assert code_of(content) == "empty"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x00\x00\x00\x18ftypheic\x00\x00", "HEIC"),
        (b"\x00\x00\x00\x18ftypavif\x00\x00", "AVIF"),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00", "video"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "WebP"),
        (b"GIF89a\x01\x00", "GIF"),
        (b"BM\x10\x00\x00\x00", "BMP"),
        (b"PK\x03\x04....[Content_Types].xml", "Office"),
        (b"PK\x03\x04....invoice.pdf", "ZIP"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Outlook"),
        (b"{\\rtf1 Invoice}", "RTF"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"<?xml version='1.0'?>\n<html xmlns='http://www.w3.org/1999/xhtml'/>", "web page"),
        (b"Invoice 4711\nTotal 119.00\n", "plain text"),
        (b"\x7fELF\x02\x01\xff\xfe", "unknown"),
    ],
)
def test_what_cannot_be_read_is_named_with_what_to_send_instead(content: bytes, kind: str) -> None:
    assert code_of(content) == "not_a_document"
    assert kind in message_of(content)
    assert "Please" in message_of(content)


def test_a_pdf_begins_with_its_header() -> None:
    assert code_of(b"GIF" + a_document()) == "not_a_document"
    assert "in front of it" in message_of(b"\n" + a_document())


@pytest.mark.parametrize("content", [a_document(), an_image(), a_jpeg(), a_tiff()])
def test_a_file_cut_in_half_is_truncated(content: bytes) -> None:
    assert code_of(content[: len(content) // 2]) == "truncated"


def test_a_thumbnails_end_does_not_hide_that_a_photo_is_cut() -> None:
    photo = a_jpeg()
    thumbnail = b"\xff\xe1" + struct.pack(">H", 2 + len(photo)) + photo

    assert code_of(photo[:2] + thumbnail + photo[2:-2]) == "truncated"
    assert inspect(photo[:2] + thumbnail + photo[2:], LIMITS) is MediaType.JPEG


@pytest.mark.parametrize("trailer", [b"\n", bytes(900), b"\r\n--boundary--\r\n"])
def test_a_few_bytes_after_the_end_of_a_pdf_do_no_harm(trailer: bytes) -> None:
    assert inspect(a_document() + trailer, LIMITS) is MediaType.PDF


def test_a_document_above_the_limit_is_too_large() -> None:
    content = a_document()

    assert inspect(content, LIMITS._replace(max_document_bytes=len(content))) is MediaType.PDF
    assert code_of(content, LIMITS._replace(max_document_bytes=len(content) - 1)) == "too_large"


def test_xml_has_a_limit_of_its_own() -> None:
    assert code_of(a_ubl_invoice(), LIMITS._replace(max_xml_bytes=100)) == "too_large"


@pytest.mark.parametrize(("width", "height"), [(50_000, 50_000), (10_001, 10), (10, 10_001), (9_999, 9_999)])
def test_a_tiny_file_of_a_huge_picture_is_refused_before_it_is_decoded(width: int, height: int) -> None:
    assert code_of(a_png_header(width, height)) == "too_many_pixels"


def test_a_picture_of_no_size_is_damaged() -> None:
    assert code_of(a_png_header(0, 10)) == "damaged"


def test_the_pages_of_a_tiff_are_counted() -> None:
    assert inspect(a_tiff(3), LIMITS._replace(max_pages=3)) is MediaType.TIFF
    assert code_of(a_tiff(3), LIMITS._replace(max_pages=2)) == "too_many_pages"


def test_a_tiff_whose_pages_run_in_a_circle_is_damaged() -> None:
    entries = struct.pack("<HHHIIHHII", 2, 256, 4, 1, 40, 257, 4, 1, 30)
    circle = b"II*\x00" + struct.pack("<I", 8) + entries + struct.pack("<I", 8)

    assert code_of(circle) == "damaged"


def test_the_limits_are_those_of_the_settings() -> None:
    assert limits_of(Settings()) == Limits()
    assert limits_of(Settings(max_pages=7)).max_pages == 7


@given(st.binary(max_size=300))
def test_any_bytes_are_a_document_or_refused_with_a_code(content: bytes) -> None:
    assert refusal(content) in {None, *CODES}


@given(st.sampled_from([a_document(), an_image(), a_jpeg(), a_tiff(2)]), st.data())
def test_a_damaged_document_is_a_document_or_refused_with_a_code(content: bytes, data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(content)))
    garbage = data.draw(st.binary(max_size=20))

    assert refusal(content[:begin] + garbage + content[begin + len(garbage) :]) in {None, *CODES}
