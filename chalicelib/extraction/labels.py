"""Labels on the page, and the places where the value of a label may stand."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chalicelib.extraction.layout import Cell, Rect, Row, Sheet
from chalicelib.extraction.lexicon import PhraseIndex, lexicon

_BELOW_REACH = 3  # rows
_COMPOUNDS = ("rechnung", "factuur", "faktura", "regning")  # what Germanic titles end in: `Mietrechnung`
_NUMBERED_TITLES = frozenset({"invoice", "credit_note", "receipt", "proforma"})
_INSIDE_CODE = re.compile(r"_\w|[-/]\w*\d")  # `PO-7041` is a value that begins like its label


@dataclass(frozen=True, slots=True, eq=False)
class FoundLabel:
    """A label of the lexicon as it stands in a cell, from character `start` to `end`."""

    concept: str
    weak: bool
    cell: Cell
    start: int
    end: int

    @property
    def rect(self) -> Rect:
        """Where it stands, in units of the page's height."""
        return self.cell.rect_between(self.start, self.end)

    @property
    def strength(self) -> float:
        """How much the words alone say."""
        return 0.6 if self.weak else 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A stretch of a cell in which a label's value may stand; `nearness` (0–1) says how likely."""

    cell: Cell
    start: int
    end: int
    nearness: float

    @property
    def text(self) -> str:
        """What stands there."""
        return self.cell.text[self.start : self.end]


def find_labels(
    sheet: Sheet, languages: frozenset[str], index: PhraseIndex | None = None
) -> dict[int, list[FoundLabel]]:
    """Every label of a sheet, by row, from left to right."""
    found: dict[int, list[FoundLabel]] = {}
    known = index or lexicon().labels
    for cell in sheet.cells:
        for hit in cell.hits(known):
            fitting = [meaning for meaning in hit.meanings if meaning.language in languages]
            start, end = cell.tokens[hit.start].start, cell.tokens[hit.end - 1].end
            if fitting and not _INSIDE_CODE.match(cell.text, end):
                meaning = min(fitting, key=lambda one: one.weak)
                found.setdefault(cell.row, []).append(FoundLabel(meaning.concept, meaning.weak, cell, start, end))
    return found


def places_for(label: FoundLabel, sheet: Sheet, labels: dict[int, list[FoundLabel]]) -> Iterator[Place]:
    """Where the label's value may stand: behind it, in the next cell, in the cells below; likeliest first."""
    row = sheet.rows[label.cell.row]
    behind = _behind(label, labels)
    if behind and any(character.isalnum() for character in behind.text):
        yield behind
        return
    right = _right(label, row)
    right_is_label = right is not None and _starts_with_label(right, labels, label.concept)
    if right is not None and not right_is_label:
        yield Place(right, 0, len(right.text), _right_nearness(label, right))
    for cell, nearness in _below(label, sheet, labels):
        yield Place(cell, 0, len(cell.text), nearness if right is None or right_is_label else nearness - 0.15)


def follows_title(cell: Cell, place: int) -> bool:
    """Whether the cell names a kind of document before character `place`: `Invoice (380) no. 17 of 5 May`."""
    if any(token.end <= place and token.text.endswith(_COMPOUNDS) for token in cell.tokens[:3]):
        return True
    return any(
        cell.tokens[hit.end - 1].end <= place and hit.start == 0 and hit.meanings[0].concept in _NUMBERED_TITLES
        for hit in cell.hits(lexicon().titles)
    )


def _behind(label: FoundLabel, labels: dict[int, list[FoundLabel]]) -> Place | None:
    following = [
        other.start
        for other in labels.get(label.cell.row, [])
        if other.cell is label.cell and other.start >= label.end and other.concept != label.concept
    ]
    end = min(following, default=len(label.cell.text))
    return Place(label.cell, label.end, end, 1.0) if end > label.end else None


def _right(label: FoundLabel, row: Row) -> Cell | None:
    place = row.cells.index(label.cell)
    return next((cell for cell in row.cells[place + 1 :] if any(c.isalnum() for c in cell.text)), None)


def _right_nearness(label: FoundLabel, right: Cell) -> float:
    gap = right.rect.left - label.cell.rect.right
    return 0.95 if gap < 0.2 else 0.85


def _starts_with_label(cell: Cell, labels: dict[int, list[FoundLabel]], concept: str) -> bool:
    return any(
        other.cell is cell and other.start <= 2 and not other.weak and other.concept != concept
        for other in labels.get(cell.row, [])
    )


def _below(label: FoundLabel, sheet: Sheet, labels: dict[int, list[FoundLabel]]) -> Iterable[tuple[Cell, float]]:
    rect, bottom = label.rect, label.rect.bottom
    for step in range(1, _BELOW_REACH + 1):
        index = label.cell.row + step
        if index >= len(sheet.rows) or sheet.rows[index].page != label.cell.page:
            return
        for cell in sheet.rows[index].cells:
            if not _stands_below(cell.rect, rect):
                continue
            if cell.rect.top - bottom > 2.5 * sheet.line_height or _starts_with_label(cell, labels, label.concept):
                return
            yield cell, 0.88 - 0.12 * (step - 1)
            bottom = cell.rect.bottom


def _stands_below(cell: Rect, label: Rect) -> bool:
    return cell.overlap(label) > 0.3 or abs(cell.left - label.left) < 0.015
