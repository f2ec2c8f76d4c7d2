"""The heading of a table: which row names the columns, what each column holds, and where it stands."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.extraction.amounts import Amount, Figures
from chalicelib.extraction.layout import Cell, Rect, Row, Sheet
from chalicelib.extraction.lexicon import lexicon

NUMERIC = frozenset({"quantity", "unit_price", "amount", "gross_amount", "tax_rate", "tax_amount", "discount"})


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: what it holds, and where its heading stands."""

    concept: str
    rect: Rect

    def holding(self, concept: str) -> "Column":
        """The same place for another concept."""
        return Column(concept, self.rect)


@dataclass(frozen=True)
class Heading:
    """The heading of a table: its columns from left to right, and the last row it takes."""

    columns: tuple[Column, ...]
    first_row: int
    last_row: int

    def has(self, concept: str) -> bool:
        """Whether one of the columns holds `concept`."""
        return any(column.concept == concept for column in self.columns)

    def column_of(self, amount: Amount) -> Column | None:
        """The column that a number stands under, by overlap, else by the nearest edge or centre."""
        rect = amount.rect
        overlapping = [column for column in self.columns if column.rect.overlap(rect) > 0.25]
        if overlapping:
            return max(overlapping, key=lambda column: (column.rect.overlap(rect), column.concept in NUMERIC))
        near = min(self.columns, key=lambda column: _distance(column.rect, rect))
        return near if _distance(near.rect, rect) < 0.12 else None

    def concept_over(self, cell: Cell) -> str | None:
        """What the column holds that a cell of words stands under, or begins behind."""
        overlapping = [column for column in self.columns if column.rect.overlap(cell.rect) > 0.3]
        if overlapping:
            return max(overlapping, key=lambda column: column.rect.overlap(cell.rect)).concept
        left = [column for column in self.columns if column.rect.left <= cell.rect.left + 0.01]
        return left[-1].concept if left else None


def find_headings(sheet: Sheet, figures: Figures, languages: frozenset[str]) -> list[Heading]:
    """The heading of the table of lines, and its repetitions on further pages."""
    found: list[Heading] = []
    for row in sheet.rows:
        if found and row.index <= found[-1].last_row:
            continue
        columns = _columns(row, languages)
        if not _is_heading(columns) or _holds_money(figures, row):
            continue
        heading = _with_neighbours(sheet, figures, row, columns, languages)
        if heading.has("amount") or heading.has("unit_price") or heading.has("gross_amount"):
            found.append(heading)
    return _main_headings(found)


def rows_of(headings: Sequence[Heading]) -> frozenset[int]:
    """The rows that headings take."""
    return frozenset(row for heading in headings for row in range(heading.first_row, heading.last_row + 1))


def _columns(row: Row, languages: frozenset[str]) -> list[Column]:
    return [
        Column(concept, cell.rect_between(cell.tokens[hit.start].start, cell.tokens[hit.end - 1].end))
        for cell in row.cells
        for hit in cell.hits(lexicon().columns)
        if (concept := hit.concept(languages))
    ]


def _is_heading(columns: Sequence[Column]) -> bool:
    concepts = {column.concept for column in columns}
    if len(concepts) < 2:
        return False
    money = concepts & {"amount", "unit_price", "gross_amount"}
    other = concepts & {"description", "quantity", "product_code", "unit_price", "position", "unit"}
    return (
        bool(money)
        and bool(other - money or len(money) > 1)
        and len(columns) >= 2
        and bool(concepts & {"description", "quantity", "unit_price", "product_code"})
    )


def _holds_money(figures: Figures, row: Row) -> bool:
    return any(amount.looks_like_money for amount in figures.amounts.get(row.index, []))


def _with_neighbours(
    sheet: Sheet, figures: Figures, row: Row, columns: Sequence[Column], languages: frozenset[str]
) -> Heading:
    """A heading may be set over two or three rows; what stands under another heading belongs to it."""
    all_columns, last = list(columns), row.index
    for index in (row.index - 1, row.index + 1, row.index + 2):
        if not 0 <= index < len(sheet.rows) or sheet.rows[index].page != row.page:
            continue
        other = sheet.rows[index]
        gap = max(other.rect.top - sheet.rows[last].rect.bottom, row.rect.top - other.rect.bottom)
        extra = _columns(other, languages)
        if (
            gap > 0.9 * sheet.line_height
            or not extra
            or figures.amounts.get(index)
            or len(extra) < len(other.cells) / 2
        ):
            continue
        all_columns.extend(
            column for column in extra if all(column.rect.overlap(known.rect) < 0.3 for known in all_columns)
        )
        last = max(last, index)
    all_columns.sort(key=lambda column: column.rect.left)
    return Heading(tuple(_with_codes(all_columns)), row.index, last)


def _with_codes(columns: Sequence[Column]) -> list[Column]:
    """`Item` before `Description` is a code."""
    described = [column for column in columns if column.concept == "description"]
    if len(described) < 2 or any(column.concept == "product_code" for column in columns):
        return list(columns)
    return [column.holding("product_code") if column is described[0] else column for column in columns]


def _main_headings(headings: Sequence[Heading]) -> list[Heading]:
    """The widest heading and its repetitions on further pages; summaries of taxes also look like tables."""
    if not headings:
        return []
    main = max(headings, key=lambda heading: (heading.has("description"), len({c.concept for c in heading.columns})))
    concepts = {column.concept for column in main.columns}
    return [
        heading
        for heading in headings
        if heading is main or len(concepts & {c.concept for c in heading.columns}) >= max(2, len(concepts) - 1)
    ]


def _distance(column: Rect, value: Rect) -> float:
    return min(abs(column.right - value.right), abs(column.left - value.left), abs(column.centre - value.centre))
