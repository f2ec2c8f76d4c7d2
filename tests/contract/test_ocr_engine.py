"""Every `OcrEngine` obeys these."""

import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from chalicelib.domain.document import MediaType, Page
from chalicelib.domain.source import Source
from chalicelib.domain.usage import Usage
from chalicelib.errors import RejectedError
from chalicelib.ports import OcrEngine
from chalicelib.settings import Settings
from local.ocr import EmbeddedOcr
from tests.papers import a_pdf, a_picture, a_scan, encoded, lines

pytestmark = pytest.mark.ocr

LINES = ("Invoice number 4711", "Halden and Moor Limited", "Amount due 1,234.56 EUR", "Please pay within 30 days")


@pytest.fixture(scope="module")
def ocr() -> Iterator[OcrEngine]:
    engine = EmbeddedOcr(Settings(ocr_seconds=600))
    yield engine
    engine.close()


def read_picture(ocr: OcrEngine, picture: Image.Image) -> Page:
    (page,), *_ = ocr.read_pages(encoded(picture), MediaType.PNG, [1])
    return page


def rows_of(page: Page) -> list[str]:
    """The texts of the rows, by the places of their words."""
    rows: list[list[float]] = []
    texts: list[list[tuple[float, str]]] = []
    for word in sorted(page.words, key=lambda word: word.box.middle):
        if not rows or word.box.middle - rows[-1][-1] > word.box.height / 2:
            rows.append([])
            texts.append([])
        rows[-1].append(word.box.middle)
        texts[-1].append((word.box.left, word.text))
    return [" ".join(text for _, text in sorted(row)) for row in texts]


def test_the_words_of_a_picture_are_read_in_rows(ocr: OcrEngine) -> None:
    page = read_picture(ocr, a_picture(*LINES))

    assert rows_of(page) == list(LINES)
    assert (page.number, page.width, page.height, page.source) == (1, 827, 1170, Source.OCR)
    assert all(0.5 < word.confidence <= 1 for word in page.words)


def test_words_stand_where_they_stand(ocr: OcrEngine) -> None:
    page = read_picture(ocr, a_picture(*LINES))
    first = next(word for word in page.words if word.text == "Invoice")

    assert first.box.left == pytest.approx(80 / 827, abs=0.01)
    assert 80 / 1170 - 0.01 < first.box.top < first.box.bottom < 130 / 1170


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_page_lying_on_its_side_or_head_is_put_upright(ocr: OcrEngine, turns: int) -> None:
    page = read_picture(ocr, a_picture(*LINES).rotate(90 * turns, expand=True))

    assert rows_of(page) == list(LINES)
    assert (page.width, page.height) == (827, 1170)


@pytest.mark.parametrize("angle", [-6, 4])
def test_a_skewed_page_is_read_in_level_rows(ocr: OcrEngine, angle: int) -> None:
    assert rows_of(read_picture(ocr, a_picture(*LINES).rotate(angle, fillcolor="white"))) == list(LINES)


def test_a_photos_own_orientation_is_honoured(ocr: OcrEngine) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # "turn me clockwise to see me"
    picture = a_picture(*LINES).rotate(90, expand=True)

    (page,), *_ = ocr.read_pages(with_exif(picture, exif), MediaType.JPEG, [1])

    assert rows_of(page) == list(LINES)
    assert (page.width, page.height) == (827, 1170)


def with_exif(picture: Image.Image, exif: Image.Exif) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", exif=exif)
    return stream.getvalue()


def test_the_asked_pages_of_a_pdf_are_read_in_order(ocr: OcrEngine) -> None:
    first, second, third = LINES[:3]
    content = a_pdf(a_scan(a_picture(first)), lines(second, size=24), a_scan(a_picture(third)))

    pages, usage, *_ = ocr.read_pages(content, MediaType.PDF, [3, 2])

    assert [(page.number, rows_of(page)) for page in pages] == [(3, [third]), (2, [second])]
    assert (pages[0].width, pages[0].height) == pytest.approx((595, 842))
    assert usage == Usage.of("rapidocr", pages=2)


def test_every_page_of_a_tiff_can_be_asked_for(ocr: OcrEngine) -> None:
    content = encoded(a_picture("First page"), "TIFF", a_picture("Second page").convert("1"))

    pages, *_ = ocr.read_pages(content, MediaType.TIFF, [1, 2])

    assert [rows_of(page) for page in pages] == [["First page"], ["Second page"]]


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA"])
def test_pictures_of_every_depth_are_read(ocr: OcrEngine, mode: str) -> None:
    assert rows_of(read_picture(ocr, a_picture(*LINES).convert(mode))) == list(LINES)


def test_sixteen_bits_a_pixel_are_read(ocr: OcrEngine) -> None:
    deep = Image.fromarray(np.asarray(a_picture(*LINES).convert("L"), np.uint16) * 257)

    assert rows_of(read_picture(ocr, deep)) == list(LINES)


def test_a_transparent_background_is_paper(ocr: OcrEngine) -> None:
    ink = a_picture(*LINES).convert("L").point(lambda value: 255 - value)
    picture = Image.new("RGBA", ink.size, "black")
    picture.putalpha(ink)

    assert rows_of(read_picture(ocr, picture)) == list(LINES)


def test_a_blank_page_has_no_words(ocr: OcrEngine) -> None:
    assert read_picture(ocr, a_picture()).words == ()


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 3000), (3000, 1), (9000, 40)])
def test_pictures_of_odd_sizes_do_no_harm(ocr: OcrEngine, width: int, height: int) -> None:
    page = read_picture(ocr, a_picture(width=width, height=height))

    assert (page.width, page.height) in {(width, height), (height, width)}


def test_what_reading_used_is_told(ocr: OcrEngine) -> None:
    _, usage, *_ = ocr.read_pages(encoded(a_picture("Invoice")), MediaType.PNG, [1])

    assert usage == Usage.of("rapidocr", pages=1)


def test_a_picture_that_cannot_be_decoded_is_rejected(ocr: OcrEngine) -> None:
    content = encoded(a_picture(*LINES))
    scratched = content[:60] + bytes(len(content) - 120) + content[-60:]

    with pytest.raises(RejectedError) as caught:
        ocr.read_pages(scratched, MediaType.PNG, [1])

    assert caught.value.code == "damaged"


def test_when_the_time_is_up_no_further_page_is_begun() -> None:
    engine = EmbeddedOcr(Settings(ocr_seconds=0.001))
    content = a_pdf(*[a_scan(a_picture("Page"))] * 5)

    pages, usage, *_ = engine.read_pages(content, MediaType.PDF, range(1, 6))
    engine.close()

    assert [page.number for page in pages] == [1]
    assert usage == Usage.of("rapidocr", pages=1)
