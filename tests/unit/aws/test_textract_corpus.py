"""Real answers of Textract map without loss: whatever stands in them stands in the hints and pages."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.aws.textract_answers import box_of
from chalicelib.adapters.aws.textract_expenses import hints_of
from chalicelib.adapters.aws.textract_words import Sheets, all_blocks, pages_of, sheets_of
from chalicelib.domain.geometry import Box
from chalicelib.domain.hint import Hint, OtherHint
from tests.corpus import CORPUS, needs_corpus

FOLDER = CORPUS / "textract"
EXPENSES = sorted((FOLDER / "analyze_expense").glob("*.json"))
WORDS = sorted((FOLDER / "other").glob("*.json"))
pytestmark = [pytest.mark.corpus, needs_corpus]

_NEAR = 0.03  # a page that was turned level moves its boxes a little


def answers_in(path: Path) -> list[dict[str, Any]]:
    """The answers in a file: one, or the pages of one as a list."""
    found = json.loads(path.read_text(encoding="utf-8"))
    return [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict)]


def sheets_for(answer: Mapping[str, Any], width: float = 595.0, height: float = 842.0) -> Sheets:
    count = answer.get("DocumentMetadata", {}).get("Pages", 1)
    return sheets_of(all_blocks(answer), range(1, count + 1), [(width, height)] * count)


def fields_of(answer: Mapping[str, Any]) -> Iterator[tuple[int, dict[str, Any], bool]]:
    """Each field of each expense document, with the document's index, and whether it is of a line item."""
    for document in answer["ExpenseDocuments"]:
        index = document["ExpenseIndex"]
        yield from ((index, field, False) for field in document.get("SummaryFields", ()))
        for group in document.get("LineItemGroups", ()):
            for item in group.get("LineItems", ()):
                yield from ((index, field, True) for field in item["LineItemExpenseFields"])


def is_near(box: Box | None, other: Box | None, *, within: bool = False) -> bool:
    """Whether two boxes are about the same; or with `within`, whether the second is in the first."""
    if box is None or other is None:
        return box is other
    if not within:
        return all(abs(one - two) < _NEAR for one, two in zip(box, other, strict=True))
    left, top = box.left < other.left + _NEAR, box.top < other.top + _NEAR
    return left and top and box.right > other.right - _NEAR and box.bottom > other.bottom - _NEAR


@pytest.mark.parametrize("path", EXPENSES, ids=lambda path: path.stem)
def test_every_field_of_a_real_answer_is_told_with_text_page_box_and_confidence(path: Path) -> None:
    (answer,) = answers_in(path)
    hints = hints_of(answer, sheets_for(answer))
    told: list[Hint | OtherHint] = [*hints.fields, *hints.others]

    for index, field, is_of_line in fields_of(answer):
        value, kind = field.get("ValueDetection", {}), field["Type"]
        text, page = value.get("Text", "").strip(), field["PageNumber"]
        box = box_of(value.get("Geometry")) or box_of(field.get("LabelDetection", {}).get("Geometry"))
        confidence = min(kind["Confidence"], value["Confidence"]) / 100
        alone = [
            one
            for one in told
            if (one.text, one.page, one.invoice) == (text, page, index)
            and abs(one.confidence - confidence) < 1e-9
            and is_near(one.box, box)
        ]
        lines = [
            line
            for line in hints.lines
            if is_of_line
            and text in {line.description, line.product_code, line.quantity, line.unit_price, line.amount, line.row}
            and (line.page, line.invoice) == (page, index)
            and line.confidence <= confidence + 1e-9
            and is_near(line.box, box, within=True)
        ]
        assert alone or lines, field


@pytest.mark.parametrize("path", EXPENSES, ids=lambda path: path.stem)
def test_no_field_of_a_real_answer_is_told_too_little_or_too_often(path: Path) -> None:
    (answer,) = answers_in(path)
    hints = hints_of(answer, sheets_for(answer))

    expected = Counter(field.get("ValueDetection", {}).get("Text", "").strip() for _, field, _ in fields_of(answer))
    others = (other.text for other in hints.others if other.kind != "CURRENCY")
    told = Counter([*(hint.text for hint in hints.fields), *others])
    for line in hints.lines:
        texts = (line.description, line.product_code, line.quantity, line.unit_price, line.amount, line.row or None)
        told.update(text for text in texts if text is not None)
    assert expected - told == Counter()
    assert (told - expected).total() <= 2  # addresses that were put together from their parts


@pytest.mark.parametrize("path", [*EXPENSES, *WORDS], ids=lambda path: path.stem)
def test_every_word_of_a_real_answer_is_on_its_page(path: Path) -> None:
    for answer in answers_in(path):
        blocks = all_blocks(answer)
        words = Counter(
            (block.get("Page", 1), block["Text"].strip()) for block in blocks if block["BlockType"] == "WORD"
        )
        pages = pages_of(blocks, sheets_for(answer))

        assert Counter((page.number, word.text) for page in pages for word in page.words) == words
        assert all(0 <= edge <= 1 + 1e-9 for page in pages for word in page.words for edge in word.box)


@pytest.mark.parametrize("path", [*EXPENSES, *WORDS], ids=lambda path: path.stem)
def test_the_pages_of_real_answers_stand_upright_already(path: Path) -> None:
    for answer in answers_in(path):
        assert all(abs(sheet.turn.angle) < 0.2 for sheet in sheets_for(answer).values())


def test_the_currency_of_real_answers_is_read() -> None:
    currencies = {hints_of(answer, sheets_for(answer)).currency for path in EXPENSES for answer in answers_in(path)}

    assert currencies == {"USD", None}
