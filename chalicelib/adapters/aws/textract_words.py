"""Textract's blocks become pages of words."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from chalicelib.adapters.aws.textract_answers import confidence_of, count_of, mapping, mappings, text_of
from chalicelib.adapters.aws.textract_turning import Turn, turn_of
from chalicelib.domain.document import Page, Word
from chalicelib.domain.source import Source

A4 = (595.0, 842.0)  # the size of a page of which nobody said one


class Sheet(NamedTuple):
    """A page that was sent: its number in the document (from 1), and how it becomes upright."""

    number: int
    turn: Turn


Sheets = Mapping[int, Sheet]  # by the number (from 1) under which Textract knows them


def all_blocks(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The blocks of an answer of either API, each once."""
    blocks = mappings(answer.get("Blocks"))
    for document in mappings(answer.get("ExpenseDocuments")):
        blocks.extend(mappings(document.get("Blocks")))
    unique = {block.get("Id") if isinstance(block.get("Id"), str) else id(block): block for block in blocks}
    return list(unique.values())


def sheets_of(
    blocks: Iterable[Mapping[str, Any]], numbers: Sequence[int], sizes: Sequence[tuple[float, float]]
) -> Sheets:
    """The pages that were sent: their `numbers` in the document, and their `sizes` (points, or pixels)."""
    words = _by_page(blocks, "WORD")
    return {
        place: Sheet(number, turn_of(words[place], *_sane(size)))
        for place, (number, size) in enumerate(zip(numbers, sizes, strict=True), start=1)
    }


def pages_of(blocks: Sequence[Mapping[str, Any]], sheets: Sheets, without: Iterable[int] = ()) -> tuple[Page, ...]:
    """The pages that were read, upright, in the order in which they were sent.

    A page that was read has a block of its own, also when it is empty. `without` are the places of those that were not.
    """
    words = _by_page(blocks, "WORD")
    read = (set(_by_page(blocks, "PAGE")) | set(words)) - set(without)
    return tuple(_page(sheets[place], words[place]) for place in sorted(sheets) if place in read)


def _page(sheet: Sheet, blocks: Iterable[Mapping[str, Any]]) -> Page:
    words = tuple(word for block in blocks if (word := _word(block, sheet.turn)))
    return Page(sheet.number, *sheet.turn.size, words, Source.TEXTRACT)


def _word(block: Mapping[str, Any], turn: Turn) -> Word | None:
    """One word; `None` where it has no text or no place."""
    text, box = text_of(block.get("Text")), turn.box(mapping(block.get("Geometry")))
    return Word(text, box, confidence_of(block)) if text and box else None


def _by_page(blocks: Iterable[Mapping[str, Any]], kind: str) -> dict[int, list[Mapping[str, Any]]]:
    """The blocks of one kind by their page. An answer about one page does not always name it."""
    found: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for block in blocks:
        if block.get("BlockType") == kind:
            found[count_of(block.get("Page")) or 1].append(block)
    return found


def _sane(size: tuple[float, float]) -> tuple[float, float]:
    width, height = size
    return size if width > 0 and height > 0 else A4
