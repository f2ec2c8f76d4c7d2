"""What was seen on a page, drawn over its picture as SVG: values, candidates, labels, columns, parties."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import NamedTuple

from chalicelib.domain.document import Page
from chalicelib.domain.geometry import Box
from chalicelib.domain.invoice import FieldName, Invoice
from chalicelib.extraction.layout import Rect
from chalicelib.extraction.table_headings import find_headings
from chalicelib.extraction.trace import Extraction
from local.evaluation.evidence import Rival

_WIDTH = 1000
LAYERS = ("values", "candidates", "labels", "columns", "parties")
_GOLDEN_ANGLE = 137.508


class Mark(NamedTuple):
    """A box on a page (fractions), its layer, what it says, and its colour (CSS)."""

    page: int
    layer: str
    box: Box
    text: str
    colour: str


def colour_of(name: FieldName) -> str:
    """A field's colour; fields that stand together in the list differ much."""
    hue = list(FieldName).index(name) * _GOLDEN_ANGLE % 360
    return f"hsl({hue:.0f} 75% 38%)"


def marks_of(
    invoice: Invoice, rivals: dict[FieldName, tuple[Rival, ...]], extraction: Extraction, pages: Sequence[Page]
) -> list[Mark]:
    """Everything to draw, what matters most last."""
    aspects = {page.number: page.width / page.height for page in pages if page.height}
    return [
        *_parties(extraction, aspects),
        *_columns(extraction, aspects),
        *_labels(extraction),
        *_candidates(rivals),
        *_values(invoice),
    ]


def overlay(page: Page, marks: Iterable[Mark]) -> str:
    """The marks of one page as an SVG element that lies over its picture."""
    height = _WIDTH * page.height / page.width if page.width else _WIDTH
    shown = [mark for mark in marks if mark.page == page.number]
    groups = [
        f'<g class="{layer}">{"".join(_drawn(mark, height) for mark in shown if mark.layer == layer)}</g>'
        for layer in dict.fromkeys(mark.layer for mark in shown)
    ]
    return f'<svg viewBox="0 0 {_WIDTH} {height:.0f}" preserveAspectRatio="none">{"".join(groups)}</svg>'


def _drawn(mark: Mark, height: float) -> str:
    left, top, wide, high = mark.box
    place = (
        f'x="{left * _WIDTH - 2:.1f}" y="{top * height - 2:.1f}" width="{wide * _WIDTH + 4:.1f}" '
        f'height="{high * height + 4:.1f}"'
    )
    return f'<rect {place} style="--colour:{mark.colour}"><title>{escape(mark.text)}</title></rect>'


def _values(invoice: Invoice) -> Iterator[Mark]:
    for name, value in invoice.fields.items():
        if value.page is not None and value.box is not None:
            text = f"{name.value}: {value.value} ({value.confidence:.2f})"
            yield Mark(value.page, "values", value.box, text, colour_of(name))


def _candidates(rivals: dict[FieldName, tuple[Rival, ...]]) -> Iterator[Mark]:
    for name, found in rivals.items():
        for rival in found:
            text = f"{name.value}? {rival.value} (strength {rival.strength:.2f})"
            yield Mark(rival.page, "candidates", rival.box, text, colour_of(name))


def _labels(extraction: Extraction) -> Iterator[Mark]:
    for row in extraction.labels.values():
        for label in row:
            box = label.cell.box_between(label.start, label.end)
            yield Mark(
                label.cell.page, "labels", box, f"label: {label.concept}{' (weak)' if label.weak else ''}", "#555"
            )


def _columns(extraction: Extraction, aspects: dict[int, float]) -> Iterator[Mark]:
    """The columns of each table's heading. What they hold is looked up as the tables do."""
    for heading in find_headings(extraction.sheet, extraction.figures, frozenset(extraction.languages)):
        page = extraction.sheet.rows[heading.first_row].page
        for column in heading.columns:
            yield Mark(page, "columns", _box(column.rect, aspects[page]), f"column: {column.concept}", "#06c")


def _parties(extraction: Extraction, aspects: dict[int, float]) -> Iterator[Mark]:
    for block in extraction.parties.blocks:
        yield Mark(block.page, "parties", _box(block.region, aspects[block.page]), f"party: {block.role}", "#a50")


def _box(rect: Rect, aspect: float) -> Box:
    """Fractions of the page, of a place in units of its height."""
    return Box(rect.left / aspect, rect.top, (rect.right - rect.left) / aspect, rect.height)
