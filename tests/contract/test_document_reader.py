"""Every `DocumentReader` obeys these, in this process or in one of its own."""

from collections.abc import Iterator

import pytest

from chalicelib.adapters.sandbox.reader import SandboxedReader
from chalicelib.domain.document import MediaType, ReadDocument, TextLayer
from chalicelib.errors import RejectedError
from chalicelib.ports import DocumentReader
from chalicelib.reading.limits import limits_of
from chalicelib.reading.read import read_document
from chalicelib.settings import Settings
from tests.papers import a_cii_invoice, a_pdf, a_picture, a_scan, a_ubl_invoice, encoded, lines, with_attachments

SETTINGS = Settings(max_pages=3, max_document_bytes=2_000_000, read_seconds=60)


class InProcessReader:
    """The reading functions as they are."""

    def read(self, content: bytes) -> ReadDocument:
        return read_document(content, limits_of(SETTINGS))


@pytest.fixture(scope="module")
def sandboxed() -> Iterator[SandboxedReader]:
    reader = SandboxedReader(SETTINGS)
    yield reader
    reader.close()


@pytest.fixture(params=["in process", "sandboxed"])
def reader(request: pytest.FixtureRequest) -> DocumentReader:
    if request.param == "in process":
        return InProcessReader()
    chosen: DocumentReader = request.getfixturevalue("sandboxed")
    return chosen


def test_a_pdf_is_read_with_its_words_and_their_places(reader: DocumentReader) -> None:
    document = reader.read(a_pdf(lines("Invoice 4711"), lines("Total 119.00 €")))

    assert (document.media_type, document.page_count, document.text_layer) == (MediaType.PDF, 2, TextLayer.GOOD)
    assert [[word.text for word in page.words] for page in document.pages] == [
        ["Invoice", "4711"],
        ["Total", "119.00", "€"],
    ]
    assert all(0 <= edge <= 1 for page in document.pages for word in page.words for edge in word.box)


def test_an_einvoice_is_read(reader: DocumentReader) -> None:
    for content in (a_ubl_invoice(), a_cii_invoice()):
        document = reader.read(content)

        assert (document.media_type, document.page_count) == (MediaType.XML, 1)
        assert document.einvoice is not None


def test_an_embedded_einvoice_is_read(reader: DocumentReader) -> None:
    document = reader.read(with_attachments(a_pdf(), ("factur-x.xml", a_cii_invoice())))

    assert document.media_type is MediaType.PDF
    assert document.einvoice == reader.read(a_cii_invoice()).einvoice


def test_pictures_and_scans_name_their_pages_for_ocr(reader: DocumentReader) -> None:
    picture = a_picture(width=60, height=80)

    assert reader.read(encoded(picture, "JPEG")).ocr_pages == (1,)
    assert reader.read(encoded(picture, "TIFF", picture)).ocr_pages == (1, 2)
    assert reader.read(a_pdf(a_scan(picture))).ocr_pages == (1,)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (bytes(2_000_001), "empty"),
        (a_pdf() + b"%" * 2_000_000, "too_large"),
        (b"Dear Sirs", "not_a_document"),
        (a_pdf()[:500], "truncated"),
        (b"%PDF-1.7\nstartxref\n0\n%%EOF", "damaged"),
        (a_pdf(password="secret"), "encrypted"),
        (a_pdf(*[lines("Page")] * 4), "too_many_pages"),
        (b"<!DOCTYPE a><a/>", "unsafe_xml"),
        (b"<a>", "damaged_xml"),
        (b"<a/>", "not_an_einvoice"),
    ],
)
def test_a_document_at_fault_is_rejected_with_a_code_and_a_sentence(
    reader: DocumentReader, content: bytes, code: str
) -> None:
    with pytest.raises(RejectedError) as caught:
        reader.read(content)

    assert caught.value.code == code
    assert caught.value.message.endswith(".")


def test_a_bad_document_does_not_spoil_the_next(reader: DocumentReader) -> None:
    with pytest.raises(RejectedError):
        reader.read(b"%PDF-1.7\nstartxref\n0\n%%EOF")

    assert reader.read(a_pdf(lines("Next"))).pages[0].words[0].text == "Next"
