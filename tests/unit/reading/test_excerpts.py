"""Documents of only some pages of another."""

import io

import pytest
from PIL import Image

from chalicelib.errors import RejectedError
from chalicelib.reading.limits import Limits
from chalicelib.reading.pdf import read_pdf
from chalicelib.reading.pdf_excerpt import pdf_excerpt
from chalicelib.reading.sniffing import inspect
from chalicelib.reading.tiff_excerpt import tiff_excerpt
from tests.papers import a_pdf, a_picture, a_scan, encoded, lines, turned

THREE_PAGES = a_pdf(lines("one"), lines("two"), turned(90, lines("three")))  # the last one is shown across


def texts(pdf: bytes) -> list[list[str]]:
    return [[word.text for word in page.words] for page in read_pdf(pdf, Limits()).pages]


@pytest.mark.parametrize(
    ("numbers", "expected"), [([2], ["two"]), ([1, 3], ["one", "three"]), ([3, 1], ["three", "one"])]
)
def test_a_pdf_of_some_pages_has_these_and_no_other(numbers: list[int], expected: list[str]) -> None:
    excerpt = pdf_excerpt(THREE_PAGES, numbers)

    assert texts(excerpt.content) == [[text] for text in expected]
    assert not excerpt.is_whole


def test_sizes_are_those_of_the_pages_as_they_are_shown() -> None:
    assert pdf_excerpt(THREE_PAGES, [1, 3]).sizes == ((595, 842), (842, 595))


def test_all_pages_are_the_document_itself() -> None:
    excerpt = pdf_excerpt(THREE_PAGES, [1, 2, 3])

    assert excerpt.is_whole
    assert excerpt.content is THREE_PAGES


def test_an_excerpt_of_an_encrypted_pdf_is_not_encrypted() -> None:
    excerpt = pdf_excerpt(a_pdf(lines("one"), owner_password="secret"), [1])

    assert b"/Encrypt" not in excerpt.content
    assert texts(excerpt.content) == [["one"]]


def test_an_excerpt_is_much_smaller_than_a_document_of_many_scans() -> None:
    noise = [a_scan(Image.effect_noise((300, 300), 50 + shade).convert("RGB")) for shade in range(6)]
    document = a_pdf(*noise)

    assert len(pdf_excerpt(document, [2]).content) < len(document) / 3


@pytest.mark.parametrize("numbers", [[], [0], [4], [1, 4]])
def test_pages_that_a_pdf_does_not_have_are_refused(numbers: list[int]) -> None:
    with pytest.raises(RejectedError, match="damaged"):
        pdf_excerpt(THREE_PAGES, numbers)


def test_a_pdf_behind_a_password_is_refused() -> None:
    with pytest.raises(RejectedError, match="encrypted"):
        pdf_excerpt(a_pdf(password="secret"), [1])


@pytest.mark.parametrize("numbers", [[1], [2], [3], [1, 3], [3, 2]])
def test_a_tiff_of_some_pages_has_these_and_no_other(numbers: list[int]) -> None:
    tiff = encoded(a_picture(width=100), "TIFF", a_picture(width=200), a_picture(width=300))

    excerpt = tiff_excerpt(tiff, numbers)

    inspect(excerpt, Limits())
    with Image.open(io.BytesIO(excerpt)) as image:
        assert image.n_frames == len(numbers)  # type: ignore[attr-defined]  # a TIFF's
        for place, number in enumerate(numbers):
            image.seek(place)
            assert image.width == 100 * number


@pytest.mark.parametrize("numbers", [[], [0], [3]])
def test_pages_that_a_tiff_does_not_have_are_refused(numbers: list[int]) -> None:
    with pytest.raises(RejectedError, match="damaged"):
        tiff_excerpt(encoded(a_picture(), "TIFF", a_picture()), numbers)
