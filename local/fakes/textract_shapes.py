"""Pages of words in the shape of Textract's answers."""

from collections.abc import Iterator, Sequence
from typing import Any

from chalicelib.domain.document import Page, Word
from chalicelib.domain.geometry import Box, around

_WHOLE = Box(0.0, 0.0, 1.0, 1.0)


def blocks_of(page: Page) -> list[dict[str, Any]]:
    """The blocks of a page: itself, its lines, and their words."""
    lines = list(_lines(page.words))
    names = [f"{page.number}-line-{index}" for index in range(len(lines))]
    blocks = [_block(page, "PAGE", f"{page.number}-page", _WHOLE, children=names)]
    for name, line in zip(names, lines, strict=True):
        words = [f"{name}-{index}" for index in range(len(line))]
        text = " ".join(word.text for word in line)
        blocks.append(_block(page, "LINE", name, around(word.box for word in line), text=text, children=words))
        blocks.extend(_word(page, word_name, word) for word_name, word in zip(words, line, strict=True))
    return blocks


def summary_field(
    kind: str, text: str, page: int = 1, box: Box = _WHOLE, confidence: float = 0.99, currency: str | None = None
) -> dict[str, Any]:
    """One expense field: `confidence` is 0 to 1 here."""
    percent = 100 * confidence
    field: dict[str, Any] = {
        "Type": {"Text": kind, "Confidence": percent},
        "ValueDetection": {"Text": text, "Confidence": percent, "Geometry": geometry(box)},
        "PageNumber": page,
    }
    return field if currency is None else {**field, "Currency": {"Code": currency, "Confidence": percent}}


def line_items(*rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The groups of an expense document: one, with these line items."""
    items = [{"LineItemExpenseFields": list(row)} for row in rows]
    return [{"LineItemGroupIndex": 1, "LineItems": items}] if items else []


def geometry(box: Box) -> dict[str, Any]:
    """A place on a page."""
    corners = ((box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom))
    return {
        "BoundingBox": {"Left": box.left, "Top": box.top, "Width": box.width, "Height": box.height},
        "Polygon": [{"X": x, "Y": y} for x, y in corners],
    }


def _word(page: Page, name: str, word: Word) -> dict[str, Any]:
    block = _block(page, "WORD", name, word.box, text=word.text)
    return {**block, "Confidence": 100 * word.confidence, "TextType": "PRINTED"}


def _block(
    page: Page, kind: str, name: str, box: Box, *, text: str = "", children: Sequence[str] = ()
) -> dict[str, Any]:
    block: dict[str, Any] = {"BlockType": kind, "Id": name, "Page": page.number, "Geometry": geometry(box)}
    if text:
        block |= {"Text": text, "Confidence": 99.0}
    if children:
        block["Relationships"] = [{"Type": "CHILD", "Ids": list(children)}]
    return block


def _lines(words: Sequence[Word]) -> Iterator[list[Word]]:
    """Words that follow each other at one height."""
    line: list[Word] = []
    for word in words:
        if line and abs(word.box.middle - line[-1].box.middle) > word.box.height / 2:
            yield line
            line = []
        line.append(word)
    if line:
        yield line
