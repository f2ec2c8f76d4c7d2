"""What was read is kept: exactly, by content, and only if it is whole."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from chalicelib.domain.document import MediaType, ReadDocument
from chalicelib.domain.source import Source
from chalicelib.domain.usage import Usage
from chalicelib.errors import RejectedError
from chalicelib.ports import Depth, OcrReading
from local.evaluation.kept_pages import document_from_json, document_to_json
from local.evaluation.kept_reading import KeptOcr, KeptReader
from tests.builders import a_page, a_read_document, a_word, an_invoice, some_settings


class CountingReader:
    """A reader that counts what it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def read(self, content: bytes) -> ReadDocument:
        """A page, or a refusal."""
        self.asked += 1
        if content == b"bad":
            raise RejectedError("encrypted", "Please send it without a password.")
        return a_read_document(pages=(a_page([content.decode()]),))


class TiredOcr:
    """An engine that reads no more than `most` pages a question."""

    depths = frozenset({Depth.WORDS})

    def __init__(self, most: int) -> None:
        self.most = most
        self.asked = 0

    def estimate(self, pages: int, depth: Depth = Depth.WORDS) -> Usage:
        """The pages."""
        return Usage.of("tired", pages=pages)

    def read_pages(
        self,
        content: bytes,
        media_type: MediaType,
        numbers: Sequence[int],
        depth: Depth = Depth.WORDS,
        seconds: float | None = None,
    ) -> OcrReading:
        """The first of the pages."""
        self.asked += 1
        pages = tuple(
            a_page([a_word("Total", confidence=0.91)], number=number, source=Source.OCR)
            for number in numbers[: self.most]
        )
        return OcrReading(pages, self.estimate(len(pages)))


def test_a_content_is_read_once_and_comes_back_the_same(tmp_path: Path) -> None:
    counting = CountingReader()
    settings = some_settings(tmp_path)

    first = KeptReader(counting, tmp_path, settings).read(b"one")
    again = KeptReader(counting, tmp_path, settings).read(b"one")

    assert again == first
    assert counting.asked == 1


def test_another_content_is_another_document(tmp_path: Path) -> None:
    counting = CountingReader()
    reader = KeptReader(counting, tmp_path, some_settings(tmp_path))

    assert reader.read(b"one") != reader.read(b"two")
    assert counting.asked == 2


def test_what_is_refused_is_refused_again(tmp_path: Path) -> None:
    reader = KeptReader(CountingReader(), tmp_path, some_settings(tmp_path))

    for _ in range(2):
        with pytest.raises(RejectedError):
            reader.read(b"bad")


def test_other_limits_read_anew(tmp_path: Path) -> None:
    counting = CountingReader()

    KeptReader(counting, tmp_path, some_settings(tmp_path)).read(b"one")
    KeptReader(counting, tmp_path, some_settings(tmp_path, max_pages=7)).read(b"one")

    assert counting.asked == 2


def test_ocr_pages_are_read_once(tmp_path: Path) -> None:
    engine = TiredOcr(most=5)
    ocr = KeptOcr(engine, tmp_path, some_settings(tmp_path))

    first = ocr.read_pages(b"scan", MediaType.PNG, [1, 2])

    assert ocr.read_pages(b"scan", MediaType.PNG, [1, 2]) == first
    assert engine.asked == 1
    ocr.read_pages(b"scan", MediaType.PNG, [3])
    assert engine.asked == 2


def test_an_answer_that_lacks_pages_is_not_kept(tmp_path: Path) -> None:
    engine = TiredOcr(most=1)
    ocr = KeptOcr(engine, tmp_path, some_settings(tmp_path))

    ocr.read_pages(b"scan", MediaType.PNG, [1, 2])
    ocr.read_pages(b"scan", MediaType.PNG, [1, 2])

    assert engine.asked == 2


def test_a_read_document_survives_being_kept() -> None:
    read = a_read_document(einvoice=an_invoice(), remarks=("active_content",), ocr_pages=(1,))

    assert document_from_json(document_to_json(read)) == read
