"""The figures as tables, for a terminal and for a Markdown document."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rich import box
from rich.table import Table as RichTable
from rich.text import Text

from local.evaluation.corpus import FIELDS
from local.evaluation.cross_validation import LayoutComparison, Validated
from local.evaluation.measuring import Measures, Slow, measures, read_from_pages
from local.evaluation.reliability import Reliability

_NO_FIGURE = "–"


class Table(NamedTuple):
    """A title, the heads of the columns, and rows of texts; the first column is words, the others are figures."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: int = 1  # how many columns are words


def as_rich(table: Table) -> RichTable:
    """For a terminal."""
    shown = RichTable(title=table.title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for place, column in enumerate(table.columns):
        shown.add_column(column, justify="left" if place < table.words else "right", overflow="fold")
    for row in table.rows:
        shown.add_row(*map(Text, row))
    return shown


def as_markdown(table: Table) -> str:
    """For a document; the title is a heading of the third level.

    >>> print(as_markdown(Table("Sums", ("of", "is"), [("1 + 1", "2")])))
    ### Sums
    <BLANKLINE>
    | of | is |
    |:---|---:|
    | 1 + 1 | 2 |
    """
    edges = [":---" if place < table.words else "---:" for place in range(len(table.columns))]
    rows = [table.columns, *table.rows]
    lines = [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows]
    return "\n".join([f"### {table.title}", "", lines[0], f"|{'|'.join(edges)}|", *lines[1:]])


def category_table(found: Sequence[Measures]) -> Table:
    """Header fields and lines by category."""
    columns = (
        "category", "documents", "layouts", "precision", "recall", "F1", "macro F1", "accuracy by layout",
        "silent errors", "lines F1", "lines all right",
    )  # fmt: skip
    return Table("Header fields and line items", columns, [_category_row(one) for one in found])


def _category_row(one: Measures) -> list[str]:
    fields, lines = one.fields, one.lines
    return [
        one.name,
        str(one.documents),
        str(one.layouts),
        *map(_ratio, (fields.precision, fields.recall, fields.f1, one.macro_f1, one.macro_accuracy)),
        _percent(fields.silent_error_rate),
        _ratio(lines.f1),
        f"{lines.all_right} of {lines.documents}" if lines.documents else _NO_FIGURE,
    ]


def field_table(whole: Measures) -> Table:
    """Every field over all documents."""
    columns = (
        "field",
        "printed",
        "right",
        "wrong",
        "missing",
        "spurious",
        "precision",
        "recall",
        "F1",
        "silent errors",
    )
    rows = []
    for field in FIELDS:
        if counts := whole.by_field.get(field):
            shares = map(_ratio, (counts.precision, counts.recall, counts.f1))
            figures = (counts.printed, counts.right, counts.wrong, counts.missing, counts.spurious)
            rows.append([field, *map(str, figures), *shares, _percent(counts.silent_error_rate)])
    return Table("By field", columns, rows)


def approval_table(found: Sequence[Measures]) -> Table:
    """Straight-through by category."""
    columns = ("category", "documents", "approved", "share", "of them wrong", "share wrong")
    rows = [
        [
            one.name,
            str(one.approved.documents),
            str(one.approved.approved),
            _percent(one.approved.rate),
            str(len(one.approved.wrong)),
            _percent(one.approved.error_rate),
        ]
        for one in found
    ]
    return Table("Straight-through", columns, rows)


def wrong_approval_table(whole: Measures) -> Table:
    """The documents that were approved and should not have been."""
    rows = [[key, ", ".join(fields)] for key, fields in sorted(whole.approved.wrong.items())]
    return Table("Approved although wrong", ("document", "fields"), rows, words=2)


def calibration_table(named: Mapping[str, Reliability]) -> Table:
    """How far confidences are probabilities, of several groups of values."""
    columns = ("values", "number", "calibration error", "Brier score", "AUROC (wrong)")
    rows = [
        [name, str(one.values), _ratio(one.calibration_error), _ratio(one.brier), _ratio(one.auroc)]
        for name, one in named.items()
    ]
    return Table("Calibration", columns, rows)


def reliability_table(found: Reliability) -> Table:
    """The bins of the reliability plot."""
    rows = [
        [f"{one.low:.1f} to {one.high:.1f}", str(one.values), f"{one.confidence:.3f}", f"{one.right:.3f}"]
        for one in found.bins
    ]
    return Table("Reliability", ("confidence", "values", "mean confidence", "share right"), rows)


def error_table(kinds: Counter[tuple[str, str]]) -> Table:
    """Errors by kind, and the fields they came in."""
    by_kind: dict[str, Counter[str]] = defaultdict(Counter)
    for (field, kind), count in kinds.items():
        by_kind[kind][field] += count
    rows = [
        [kind, ", ".join(f"{field} {count}" for field, count in fields.most_common()), str(fields.total())]
        for kind, fields in sorted(by_kind.items(), key=lambda item: -item[1].total())
    ]
    return Table("Errors by kind", ("kind", "fields", "errors"), rows, words=2)


def slow_table(slow: Sequence[Slow]) -> Table:
    """The slowest documents, and where the time went."""
    steps = list(dict.fromkeys(step for one in slow for step in one.timings_ms))
    rows = [[one.key, str(one.total_ms), *(str(one.timings_ms.get(step, 0)) for step in steps)] for one in slow]
    return Table("Slowest documents (milliseconds)", ("document", "all", *steps), rows)


def validation_table(found: Validated) -> Table:
    """A fitted part, as it is, learned from all documents, and learned without the layout it is measured on."""
    columns = (
        "",
        "F1",
        "silent errors",
        "approved",
        "of them wrong",
        "calibration error",
        "Brier score",
        "AUROC (wrong)",
    )
    ways = (
        ("as the product is", found.plain),
        ("learned from all (flatters itself)", found.flattered),
        ("learned from other layouts", found.apart),
    )
    rows = [[way, *_validation_row(measures(way, documents))] for way, documents in ways]
    rows += [[f"{way}; no e-invoices", *_validation_row(measures(way, read_from_pages(held)))] for way, held in ways]
    return Table(f"Cross-validation: {found.name}", columns, rows)


def _validation_row(one: Measures) -> list[str]:
    sure = one.reliability
    return [
        _ratio(one.fields.f1),
        _percent(one.fields.silent_error_rate),
        str(one.approved.approved),
        str(len(one.approved.wrong)),
        *map(_ratio, (sure.calibration_error, sure.brier, sure.auroc)),
    ]


def layout_table(name: str, compared: Sequence[LayoutComparison]) -> Table:
    """The layouts one by one; each pair of figures is plain, then cross-validated."""
    columns = ("layout", "documents", "F1", "", "approved", "", "Brier score", "")
    rows = [
        [
            one.layout,
            str(one.plain.documents),
            _ratio(one.plain.fields.f1),
            _ratio(one.apart.fields.f1),
            str(one.plain.approved.approved),
            str(one.apart.approved.approved),
            _ratio(one.plain.reliability.brier),
            _ratio(one.apart.reliability.brier),
        ]
        for one in compared
    ]
    return Table(f"By layout, plain and cross-validated: {name}", columns, rows)


def _ratio(value: float | None) -> str:
    return _NO_FIGURE if value is None else f"{value:.3f}"


def _percent(value: float | None) -> str:
    return _NO_FIGURE if value is None else f"{100 * value:.1f} %"
