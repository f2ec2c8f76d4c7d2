"""Blocks of a party: the lines under its label, or an address that stands alone; and the countries on the pages."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from chalicelib.domain.wording import has_digit, tokens
from chalicelib.extraction.dates import find_dates
from chalicelib.extraction.labels import FoundLabel, Place
from chalicelib.extraction.layout import Cell, Rect, Row, Sheet
from chalicelib.extraction.lexicon import lexicon, world
from chalicelib.extraction.phrases import phrases_in

_BLOCK_ROWS = 12
HALF_PAGE = 0.4  # of the page's height: about half of its width
_STATES = (
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]"
)
_POSTCODES = {
    "US": re.compile(rf"\b(?:{_STATES}),?\s+\d{{5}}(?:-\d{{4}})?\b"),
    "GB": re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s+\d[A-Z]{2}\b"),
    "CA": re.compile(r"\b[A-Z]\d[A-Z]\s?\d[A-Z]\d\b"),
    "AU": re.compile(r"\b(?:NSW|VIC|QLD|TAS|ACT|SA|WA|NT)\s+\d{4}\b"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """The lines under (or behind) a party's label. `role` is `supplier`, `buyer` or `ship_to`.

    `strength` (0–1) is the label's; `region` holds the lines and the values beside them, as far as the next column.
    """

    role: str
    strength: float
    lines: tuple[Place, ...]
    page: int
    region: Rect

    def holds(self, page: int, rect: Rect) -> bool:
        """Whether a place lies within the block."""
        region = self.region
        return (
            page == self.page
            and region.left - 0.01 <= rect.left <= region.right
            and region.top <= rect.middle <= region.bottom
        )


def labelled_blocks(
    sheet: Sheet, party_labels: dict[int, list[FoundLabel]], labels: dict[int, list[FoundLabel]]
) -> Iterable[Block]:
    """The block of each party label; `labels` are the other labels, whose values belong to no block."""
    for row in party_labels.values():
        for label in row:
            below = list(_cells_below(label, sheet, party_labels))
            lines = (*_beside(label, sheet, party_labels, labels), *_lines_of(below, sheet))
            if lines:
                region = _region(label, [*below, *(place.cell for place in lines)], sheet)
                yield Block(label.concept, label.strength, lines, label.cell.page, region)


def _region(label: FoundLabel, cells: Sequence[Cell], sheet: Sheet) -> Rect:
    left = min(label.cell.rect.left, *(cell.rect.left for cell in cells))
    row = sheet.rows[label.cell.row].cells
    beside = [cell.rect.left for cell in row if cell.rect.left > label.cell.rect.right and cell not in cells]
    right = min([*beside, left + HALF_PAGE])
    return Rect(left, label.cell.rect.top, right - 0.005, max(cell.rect.bottom for cell in cells) + sheet.line_height)


def opens_block(label: FoundLabel) -> bool:
    """Party words are everyday words: they open a block at the start of a cell, alone or before a colon."""
    if label.start > 2:
        return False
    behind = label.cell.text[label.end :].lstrip(" )")
    return not behind or behind[0] in ":(" or not any(map(str.isalpha, behind))


def _beside(
    label: FoundLabel, sheet: Sheet, party_labels: dict[int, list[FoundLabel]], labels: dict[int, list[FoundLabel]]
) -> Iterator[Place]:
    """What stands behind the label in its cell, or in the next."""
    behind = label.cell.text[label.end :]
    if any(character.isalpha() for character in behind):
        yield Place(label.cell, label.end, len(label.cell.text), 1.0)
    elif right := _right_value(label, sheet, party_labels, labels):
        yield Place(right, 0, len(right.text), 0.9)


def _cells_below(label: FoundLabel, sheet: Sheet, party_labels: dict[int, list[FoundLabel]]) -> Iterator[Cell]:
    """The cells under the label, as far as the next label of a party or a wider gap."""
    bottom, rect = label.rect.bottom, label.cell.rect
    for row in sheet.rows[label.cell.row + 1 : label.cell.row + 1 + _BLOCK_ROWS]:
        if row.page != label.cell.page:
            return
        cell = next((cell for cell in row.cells if _in_column(cell.rect, rect)), None)
        if row.rect.top - bottom > 2.2 * sheet.line_height or (cell and _opens(cell, party_labels)):
            return
        if cell is not None:
            bottom = cell.rect.bottom
            yield cell
        elif row.cells[0].rect.left > rect.left:  # more of a value that stands beside the column
            bottom = row.rect.bottom


def _lines_of(cells: Iterable[Cell], sheet: Sheet) -> Iterator[Place]:
    return (place for cell in cells for place in _line_places(cell, sheet.rows[cell.row]))


def _line_places(cell: Cell, row: Row) -> Iterable[Place]:
    """A line of a block; `Name:  Halden & Moor` holds the name in the next cell, other labelled lines hold none."""
    behind = _behind_name_label(cell)
    if behind is not None and behind < len(cell.text):
        yield Place(cell, behind, len(cell.text), 0.95)
    elif behind is not None:
        place = row.cells.index(cell)
        if place + 1 < len(row.cells):
            right = row.cells[place + 1]
            yield Place(right, 0, len(right.text), 0.95)
    elif not cell.text.rstrip().endswith(":"):
        yield Place(cell, 0, len(cell.text), 0.9)


def _behind_name_label(cell: Cell) -> int | None:
    """Where the value behind `Name:` begins, or `None` when the cell does not begin so."""
    words = cell.tokens
    for size in (2, 1):
        if len(words) >= size and tuple(word.text for word in words[:size]) in world().name_labels:
            rest = cell.text[words[size - 1].end :]
            if not rest.strip(" .") or rest.lstrip(" .").startswith(":"):
                return words[size - 1].end + len(rest) - len(rest.lstrip(" .:"))
    return None


def _right_value(
    label: FoundLabel, sheet: Sheet, party_labels: dict[int, list[FoundLabel]], labels: dict[int, list[FoundLabel]]
) -> Cell | None:
    """`Supplier:  Halden & Moor`: the next cell, when the label ends in a colon and nothing stands below it."""
    row = sheet.rows[label.cell.row]
    place = row.cells.index(label.cell)
    if place + 1 >= len(row.cells) or not label.cell.text.rstrip().endswith(":"):
        return None
    right = row.cells[place + 1]
    close = right.rect.left - label.cell.rect.right < 0.25
    return right if close and not _opens(right, party_labels) and not _opens(right, labels) else None


def _in_column(cell: Rect, label: Rect) -> bool:
    return abs(cell.left - label.left) < 0.02 or (cell.left < label.right and cell.overlap(label) > 0.5)


def _opens(cell: Cell, labels: dict[int, list[FoundLabel]]) -> bool:
    return any(label.cell is cell and label.start <= 2 and not label.weak for label in labels.get(cell.row, []))


def countries_in(sheet: Sheet) -> Counter[str]:
    """The countries named on the pages, ISO 3166."""
    return Counter(country for cell in sheet.cells for country in _countries_in(cell.text))


@lru_cache(maxsize=8192)
def _countries_in(text: str) -> tuple[str, ...]:
    by_name = _countries([token.text for token in tokens(text)])
    if not has_digit(text):
        return tuple(by_name)
    return (*by_name, *(country for country, pattern in _POSTCODES.items() if pattern.search(text)))


def _countries(words: Sequence[str]) -> Iterator[str]:
    names, begins = world().countries, _name_beginnings()
    for start, word in enumerate(words):
        if word not in begins:
            continue
        for size in (1, 2, 3):
            country = names.get(tuple(words[start : start + size]))
            if country and (size > 1 or len(word) > 2):
                yield country
                break


@cache
def _name_beginnings() -> frozenset[str]:
    return frozenset(name[0] for name in world().countries if name)


def address_blocks(sheet: Sheet) -> Iterable[list[Cell]]:
    """Lines that stand left-aligned under each other in the upper half of the first page, a town or country at the end.

    There are countries without postcodes: their addresses end in the country's name alone.
    """
    upper = [row for row in sheet.rows if row.page == 1 and row.rect.top < 0.45]
    used: set[int] = set()
    for place, row in enumerate(upper):
        for cell in row.cells:
            if id(cell) in used:
                continue
            block = _column_below(cell, upper[place + 1 :], sheet.line_height)
            used.update(map(id, block))
            if len(block) >= 3 and any(is_town(line) or _is_country(line.text) for line in block[1:]):
                yield block


def _column_below(cell: Cell, rows: Sequence[Row], line_height: float) -> list[Cell]:
    block = [cell]
    for row in rows:
        below = next((one for one in row.cells if abs(one.rect.left - cell.rect.left) < 0.01), None)
        if row.rect.top - block[-1].rect.bottom > 1.6 * line_height:
            break
        if below is not None:
            block.append(below)
    return block


@lru_cache(maxsize=8192)
def _is_country(text: str) -> bool:
    return tuple(token.text for token in tokens(text)) in world().countries


def is_town(cell: Cell) -> bool:
    """`12345 Musterstadt`, `Leeds LS1 4AB`, `Redmond WA, 98052`."""
    return cell.has_digit and _is_town(cell.text)


@lru_cache(maxsize=8192)
def _is_town(text: str) -> bool:
    words = tokens(text)
    if len(words) > 8 or not any(word.text.isalpha() and len(word.text) > 2 for word in words):
        return False
    digits = any(word.text.isdigit() and 4 <= len(word.text) <= 6 for word in words)
    if not digits and not any(pattern.search(text) for pattern in _POSTCODES.values()):
        return False
    return not phrases_in(text).of(lexicon().labels) and not find_dates(text)
