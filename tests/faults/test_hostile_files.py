"""Damaged and hostile files end in a result or a clear error, and the next document is read as if nothing had been."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.adapters.sandbox.reader import SandboxedReader
from chalicelib.domain.document import ReadDocument, TextLayer
from chalicelib.errors import RejectedError
from chalicelib.settings import Settings
from local.ocr import EmbeddedOcr
from tests.corpus import hostile_files, needs_corpus
from tests.papers import a_pdf, lines

pytestmark = [pytest.mark.corpus, needs_corpus]

SETTINGS = Settings(read_seconds=20)
_OCR_SAMPLE = 12  # files: all of them take minutes
_CODES = {
    "empty", "too_large", "not_a_document", "truncated", "damaged", "encrypted", "too_many_pages", "too_many_pixels",
    "unsafe_xml", "damaged_xml", "not_an_einvoice", "too_complex", "unreadable",
}  # fmt: skip


@pytest.fixture(scope="module")
def reader() -> Iterator[SandboxedReader]:
    made = SandboxedReader(SETTINGS)
    yield made
    made.close()


def read(reader: SandboxedReader, path: Path) -> ReadDocument | RejectedError:
    try:
        return reader.read(path.read_bytes())
    except RejectedError as error:
        return error


def test_every_hostile_file_ends_in_a_result_or_a_clear_error(reader: SandboxedReader) -> None:
    for path in hostile_files():
        outcome = read(reader, path)

        if isinstance(outcome, RejectedError):
            assert outcome.code in _CODES, path
            assert outcome.message.endswith("."), path
        else:
            assert outcome.page_count >= 1, path


def test_a_good_document_is_read_after_each_of_them(reader: SandboxedReader) -> None:
    good = a_pdf(lines("Invoice 4711"))
    expected = reader.read(good)

    for path in hostile_files()[::5]:
        read(reader, path)
        assert reader.read(good) == expected, path


@pytest.mark.ocr
def test_hostile_pictures_end_in_pages_or_a_clear_error(reader: SandboxedReader) -> None:
    ocr = EmbeddedOcr(SETTINGS)
    for path, document in _a_sample(reader):
        try:
            pages, *_ = ocr.read_pages(path.read_bytes(), document.media_type, document.ocr_pages)
            assert len(pages) <= document.page_count, path
        except RejectedError as error:
            assert error.code in _CODES, path  # noqa: PT017 - both ends are right
    ocr.close()


def _a_sample(reader: SandboxedReader) -> list[tuple[Path, ReadDocument]]:
    read_all = ((path, read(reader, path)) for path in hostile_files())
    pictures = [
        (path, outcome)
        for path, outcome in read_all
        if isinstance(outcome, ReadDocument) and outcome.ocr_pages and outcome.text_layer is not TextLayer.GOOD
    ]
    return pictures[:: max(len(pictures) // _OCR_SAMPLE, 1)]
