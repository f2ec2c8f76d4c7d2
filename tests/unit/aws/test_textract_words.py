"""Textract's blocks as pages: upright, level, with boxes as fractions and confidences from 0 to 1."""

import math
from collections.abc import Sequence
from typing import Any

import pytest

from chalicelib.adapters.aws.textract_words import all_blocks, pages_of, sheets_of
from chalicelib.domain.document import Page
from chalicelib.domain.geometry import Box
from local.fakes.textract_shapes import blocks_of
from tests.builders import a_page, a_word

TEXTS = ("Invoice", "number", "4711", "Halden", "and", "Moor", "Limited")


def read(blocks: list[dict[str, Any]], *sizes: tuple[float, float], without: Sequence[int] = ()) -> tuple[Page, ...]:
    """The pages of blocks; those that were sent are numbered from 1."""
    sheets = sheets_of(blocks, range(1, len(sizes) + 1), sizes)
    return pages_of(blocks, sheets, without)


def turned(page: Page, angle: float, size: tuple[float, float]) -> list[dict[str, Any]]:
    """The blocks of a page lying turned clockwise by `angle` (degrees) on paper of this size."""
    blocks = blocks_of(page)
    for block in blocks:
        points = [_turned((one["X"], one["Y"]), page, angle, size) for one in block["Geometry"]["Polygon"]]
        left, top = min(x for x, _ in points), min(y for _, y in points)
        width, height = max(x for x, _ in points) - left, max(y for _, y in points) - top
        block["Geometry"] = {
            "BoundingBox": {"Left": left, "Top": top, "Width": width, "Height": height},
            "Polygon": [{"X": x, "Y": y} for x, y in points],
        }
    return blocks


def _turned(point: tuple[float, float], page: Page, angle: float, size: tuple[float, float]) -> tuple[float, float]:
    across, down = (point[0] - 0.5) * page.width, (point[1] - 0.5) * page.height
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    return (across * cosine - down * sine) / size[0] + 0.5, (down * cosine + across * sine) / size[1] + 0.5


def assert_same_places(page: Page, expected: Page) -> None:
    assert [word.text for word in page.words] == [word.text for word in expected.words]
    for word, other in zip(page.words, expected.words, strict=True):
        assert tuple(word.box) == pytest.approx(tuple(other.box), abs=1e-6)


def test_words_keep_their_places_and_confidences() -> None:
    original = a_page([a_word("Total", confidence=0.87), a_word("119.00", box=Box(0.5, 0.1, 0.1, 0.02))])

    (page,) = read(blocks_of(original), (595, 842))

    assert_same_places(page, original)
    assert [word.confidence for word in page.words] == pytest.approx([0.87, 1.0])


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_page_lying_on_its_side_or_head_is_put_upright(quarters: int) -> None:
    original = a_page(TEXTS)
    size = (842.0, 595.0) if quarters % 2 else (595.0, 842.0)

    (page,) = read(turned(original, 90 * quarters, size), size)

    assert (page.width, page.height) == (595, 842)
    assert_same_places(page, original)


@pytest.mark.parametrize("angle", [-7.0, -0.5, 3.0, 93.0, 176.0])
def test_a_skewed_page_gets_level_rows(angle: float) -> None:
    original = a_page(TEXTS)
    size = (842.0, 595.0) if angle == 93 else (595.0, 842.0)

    (page,) = read(turned(original, angle, size), size)

    assert_same_places(page, original)


def test_some_words_written_sideways_turn_no_page() -> None:
    upright, sideways = a_page(TEXTS), turned(a_page(["Copyright"]), 90, (595, 842))

    (page,) = read([*blocks_of(upright), *sideways], (595, 842))

    assert (page.width, page.height) == (595, 842)
    assert_same_places(page._replace(words=page.words[:-1]), upright)


def test_an_empty_page_was_read_and_a_page_without_a_block_was_not() -> None:
    blocks = [*blocks_of(a_page([], number=1)), *blocks_of(a_page(["x"], number=3))]

    pages = read(blocks, (595, 842), (595, 842), (595, 842))

    assert [(page.number, len(page.words)) for page in pages] == [(1, 0), (3, 1)]


def test_pages_that_textract_warns_of_are_left_out() -> None:
    blocks = [block for number in (1, 2) for block in blocks_of(a_page(["x"], number=number))]

    assert [page.number for page in read(blocks, (595, 842), (595, 842), without=[2])] == [1]


def test_a_page_more_than_was_sent_is_not_made_up() -> None:
    assert [page.number for page in read(blocks_of(a_page(["x"], number=7)), (595, 842))] == []


def test_words_without_a_place_or_a_text_are_left_out() -> None:
    blocks = blocks_of(a_page(["one", "two", "three"]))
    words = [block for block in blocks if block["BlockType"] == "WORD"]
    del words[0]["Geometry"]
    words[1]["Text"] = " "

    assert [word.text for word in read(blocks, (595, 842))[0].words] == ["three"]


def test_a_word_with_only_a_polygon_has_a_place() -> None:
    blocks = blocks_of(a_page([a_word("Total", box=Box(0.2, 0.3, 0.1, 0.02))]))
    for block in blocks:
        del block["Geometry"]["BoundingBox"]

    (word,) = read(blocks, (595, 842))[0].words

    assert tuple(word.box) == pytest.approx((0.2, 0.3, 0.1, 0.02))


def test_boxes_beyond_the_page_are_cut_off() -> None:
    (page,) = read(blocks_of(a_page([a_word("x", box=Box(-0.1, 0.95, 0.3, 0.2))])), (595, 842))

    assert tuple(page.words[0].box) == pytest.approx((0.0, 0.95, 0.2, 0.05))


def test_a_block_that_several_expense_documents_share_is_one() -> None:
    blocks = blocks_of(a_page(["one", "two"]))
    answer = {"ExpenseDocuments": [{"Blocks": blocks}, {"Blocks": blocks}]}

    assert len(all_blocks(answer)) == len(blocks)


def test_the_only_page_need_not_be_named() -> None:
    blocks = blocks_of(a_page(["one"]))
    for block in blocks:
        del block["Page"]

    assert [page.number for page in read(blocks, (595, 842))] == [1]


def test_a_page_of_which_no_size_is_known_is_as_a4() -> None:
    assert read(blocks_of(a_page(["one"])), (0, 0))[0][1:3] == (595, 842)
