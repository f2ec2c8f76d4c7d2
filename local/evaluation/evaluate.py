"""`python -m local evaluate`: read a corpus, and say how right the product is."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from chalicelib.domain.record import Status
from local.evaluation.corpus import Case, read_corpus
from local.evaluation.cross_validation import FITTED, by_layout, cross_validated
from local.evaluation.marking import Marked, marked
from local.evaluation.measuring import by_category, kinds_of_errors, read_from_pages, slowest, sure_values
from local.evaluation.reading import Reading, crashed_reading, evidence_reader
from local.evaluation.reliability import reliability
from local.evaluation.results import write_results
from local.evaluation.tables import (
    Table,
    approval_table,
    as_markdown,
    as_rich,
    calibration_table,
    category_table,
    error_table,
    field_table,
    layout_table,
    reliability_table,
    slow_table,
    validation_table,
    wrong_approval_table,
)
from local.workers import Workers

_SLOWEST = 8
_MOST_LAYOUTS = 25
_PIPED_WIDTH = 160


class Wishes(NamedTuple):
    """What to evaluate, and what to say of it."""

    corpus: Path
    split: str = "dev"
    jobs: int = 1
    out: Path | None = None
    cache: Path | None = None
    cross_validated: bool = False
    markdown: bool = False


def evaluate(wishes: Wishes) -> int:
    """Read every document of the split and print the figures: 0, or 1 if some failed, or 2 if the split is empty."""
    cases = read_corpus(wishes.corpus, wishes.split)
    if not cases:
        print(f"There are no documents in the split {wishes.split}.", file=sys.stderr)
        return 2
    documents = list(_marked(cases, wishes))
    validated = [cross_validated(part, documents) for part in FITTED] if wishes.cross_validated else []
    if wishes.out:
        write_results(wishes.out, documents, validated)
    tables = [*figures(documents), *map(validation_table, validated)]
    if not wishes.markdown:
        tables += named_documents(documents)
        tables += [layout_table(one.name, by_layout(one)[:_MOST_LAYOUTS]) for one in validated]
    _print(tables, markdown=wishes.markdown)
    return 1 if _failures_are_told(documents) else 0


def read_all(cases: Sequence[Case], wishes: Wishes) -> Iterator[Reading]:
    """Every reading in the order of the cases, while a progress bar goes on standard error."""
    workers = Workers(wishes.jobs, evidence_reader(wishes.cache), crashed_reading)
    columns = TextColumn("Reading"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False) as progress:
        done = progress.add_task("reading", total=len(cases))
        for reading in workers.answers([case.path for case in cases]):
            yield reading
            progress.advance(done)


def figures(documents: Sequence[Marked]) -> list[Table]:
    """The tables that name no document."""
    categories = by_category(documents)
    whole = categories[-1]
    from_pages = reliability(sure_values(read_from_pages(documents)))
    named = {one.name: one.reliability for one in categories} | {"all but e-invoices": from_pages}
    return [
        category_table(categories),
        field_table(whole),
        approval_table(categories),
        calibration_table(named),
        reliability_table(whole.reliability),
        error_table(kinds_of_errors(documents)),
    ]


def named_documents(documents: Sequence[Marked]) -> list[Table]:
    """The tables that name documents: those wrongly approved, and the slowest."""
    whole = by_category(documents)[-1]
    wrong = [wrong_approval_table(whole)] if whole.approved.wrong else []
    return [*wrong, slow_table(slowest(documents, _SLOWEST))]


def _marked(cases: Sequence[Case], wishes: Wishes) -> Iterator[Marked]:
    for case, reading in zip(cases, read_all(cases, wishes), strict=True):
        yield marked(case, reading)


def _failures_are_told(documents: Sequence[Marked]) -> bool:
    """Say which documents failed. That is not what an evaluation is about, and spoils its figures."""
    failed = [one for one in documents if one.record.status is Status.FAILED]
    for one in failed[:_SLOWEST]:
        print(f"{one.case.key}: {one.record.problem.message if one.record.problem else 'failed'}", file=sys.stderr)
    if failed:
        print(f"{len(failed)} of {len(documents)} documents failed; the figures say little.", file=sys.stderr)
    return bool(failed)


def _print(tables: Sequence[Table], *, markdown: bool) -> None:
    if markdown:
        print("\n\n".join(map(as_markdown, tables)))
        return
    console = Console() if sys.stdout.isatty() else Console(width=_PIPED_WIDTH)
    for table in tables:
        console.print(as_rich(table))
