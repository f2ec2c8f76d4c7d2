"""Tables and columns of labelled values, as invoices have them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from samples.making.sheet import POINT, Ink, Sheet


class Column(NamedTuple):
    """One column: `x` and `width` in millimetres; text wraps where it is left-aligned."""

    title: str
    x: float
    width: float
    align: str = "left"


class Ruling(NamedTuple):
    """The lines and shades of a table: colours, or `None` for none. `pad` is in millimetres, `size` in points."""

    head_fill: str | None = None
    head_ink: str = "#1a1a1a"
    head_rule: str | None = "#1a1a1a"
    row_rule: str | None = None
    stripe: str | None = None
    grid: str | None = None
    pad: float = 1.6
    size: float = 9


UNRULED = Ruling()


class Pairs(NamedTuple):
    """Where labelled values stand: labels at `label_x`, values at `value_x` (millimetres)."""

    label_x: float
    value_x: float
    leading: float = 5
    label: Ink = Ink()
    value: Ink = Ink()


def draw_table(
    sheet: Sheet, y: float, columns: Sequence[Column], rows: Sequence[Sequence[str]], ruling: Ruling = UNRULED
) -> float:
    """Draw a head and rows from `y` downwards; return the height of the lower edge."""
    top = y
    y = draw_head(sheet, y, columns, ruling)
    for number, row in enumerate(rows):
        y = draw_row(sheet, y, columns, row, ruling if number % 2 else ruling._replace(stripe=None))
    if ruling.grid:
        draw_grid(sheet, (top, y), columns, ruling.grid)
    return y


def draw_head(sheet: Sheet, y: float, columns: Sequence[Column], ruling: Ruling) -> float:
    """Draw the titles; return the height of the lower edge."""
    ink = Ink(ruling.size, bold=True, colour=ruling.head_ink)
    cells = [column.title.split("\n") for column in columns]
    bottom = y + _height(cells, ruling)
    if ruling.head_fill:
        sheet.fill((columns[0].x, y, _right(columns) - columns[0].x, bottom - y), ruling.head_fill)
    _write(sheet, y, columns, cells, (ink, ruling))
    if ruling.head_rule:
        sheet.rule(columns[0].x, _right(columns), bottom, ruling.head_rule, 0.8)
    return bottom


def draw_row(sheet: Sheet, y: float, columns: Sequence[Column], row: Sequence[str], ruling: Ruling) -> float:
    """Draw one row, as high as its highest cell; return the height of the lower edge."""
    ink = Ink(ruling.size)
    cells = [_lines(sheet, column, words, ink, ruling.pad) for column, words in zip(columns, row, strict=True)]
    bottom = y + _height(cells, ruling)
    if ruling.stripe:
        sheet.fill((columns[0].x, y, _right(columns) - columns[0].x, bottom - y), ruling.stripe)
    _write(sheet, y, columns, cells, (ink, ruling))
    if ruling.row_rule:
        sheet.rule(columns[0].x, _right(columns), bottom, ruling.row_rule, 0.4)
    return bottom


def draw_grid(sheet: Sheet, span: tuple[float, float], columns: Sequence[Column], colour: str) -> None:
    """Frame a table and part its columns, from the first to the second height of `span`."""
    top, bottom = span
    sheet.frame((columns[0].x, top, _right(columns) - columns[0].x, bottom - top), colour)
    for _, column in pairwise(columns):
        sheet.post(column.x, top, bottom, colour, 0.4)


def draw_pairs(sheet: Sheet, y: float, pairs: Sequence[tuple[str, str | None]], place: Pairs) -> float:
    """Write each label beside its value, leaving out what is `None`; return the next baseline."""
    for label, value in pairs:
        if value is None:
            continue
        sheet.text(place.label_x, y, label, place.label)
        sheet.text(place.value_x, y, value, place.value)
        y += place.leading
    return y


def _lines(sheet: Sheet, column: Column, words: str, ink: Ink, pad: float) -> list[str]:
    if column.align != "left":
        return [words]
    return sheet.wrapped(words, column.width - 2 * pad, ink)


def _height(cells: Sequence[Sequence[str]], ruling: Ruling) -> float:
    return max(len(cell) for cell in cells) * _leading(ruling) + 2 * ruling.pad


def _leading(ruling: Ruling) -> float:
    return ruling.size * 1.2 * POINT


def _write(
    sheet: Sheet, y: float, columns: Sequence[Column], cells: Sequence[Sequence[str]], look: tuple[Ink, Ruling]
) -> None:
    ink, ruling = look
    for column, lines in zip(columns, cells, strict=True):
        baseline = y + ruling.pad + ruling.size * 0.95 * POINT
        sheet.block(_anchor(column, ruling.pad), baseline, lines, ink._replace(align=column.align), _leading(ruling))


def _anchor(column: Column, pad: float) -> float:
    anchors = {"left": column.x + pad, "right": column.x + column.width - pad, "centre": column.x + column.width / 2}
    return anchors[column.align]


def _right(columns: Sequence[Column]) -> float:
    return columns[-1].x + columns[-1].width
