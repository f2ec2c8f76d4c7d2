"""Read files and folders without any server: an invoice document for every file, or for each invoice in it."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from chalicelib.domain.record import InvoiceRecord, Status
from chalicelib.errors import ConfigurationError
from chalicelib.exports.invoice_json import invoice_document
from local.extraction_plan import Task, planned, target_of_part
from local.extraction_printer import as_file, printer_for
from local.reading_file import Records, crashed_records, file_reader
from local.workers import Workers

_BAD = frozenset({"unreadable", "failed"})


def extract(paths: Sequence[Path], out: Path | None, jobs: int, print_as: str | None) -> int:
    """Read everything at `paths`: 0 if all could be read, 1 if some could not, 2 if there is nothing to read.

    With `out`, one JSON file an invoice goes there; without it, or with `print_as`, the results are printed.
    """
    tasks = planned(paths, out)
    if not tasks:
        print("There are no files to read.", file=sys.stderr)
        return 2
    done, counts = 0, Counter[str]()
    taken = {task.target for task in tasks}
    printer = printer_for(print_as or ("json" if out is None else "nothing"), len(tasks))
    try:
        for task, records in _records(tasks, jobs):
            documents = [invoice_document(record) for record in records]
            if out is not None:
                for number, document in enumerate(documents, start=1):
                    _write(out / target_of_part(task, number, taken), as_file(document))
            printer.add(task.source, documents)
            counts.update(map(_result, records))
            done += 1
    except KeyboardInterrupt:
        print(f"Stopped. {_summary(counts, done, len(tasks))}", file=sys.stderr)
        return 130
    printer.end()
    print(_summary(counts, done, len(tasks)), file=sys.stderr)
    return 1 if _BAD & counts.keys() else 0


def _records(tasks: Sequence[Task], jobs: int) -> Iterator[tuple[Task, Records]]:
    """The records of every file in the order of the tasks, while a progress bar goes on standard error."""
    workers = Workers(jobs, file_reader, crashed_records)
    columns = TextColumn("Reading"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False) as progress:
        done = progress.add_task("reading", total=len(tasks))
        answers = workers.answers([task.source for task in tasks])
        for task, records in zip(tasks, answers, strict=True):
            yield task, records
            progress.advance(done)


def _write(path: Path, text: str) -> None:
    """Write a result whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.draft")
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise ConfigurationError("out_unusable", f"{path} cannot be written: {error.strerror}.") from error


def _result(record: InvoiceRecord) -> str:
    """What the summary counts: why it could not be read, or what was decided."""
    if record.problem is not None or record.outcome is None:
        return "unreadable" if record.status is Status.REJECTED else "failed"
    return record.outcome.decision.value


def _summary(counts: Counter[str], done: int, total: int) -> str:
    names = {
        "auto_approve": "to approve",
        "needs_review": "to review",
        "rejected": "rejected after reading",
        "unreadable": "that cannot be read",
        "failed": "failed",
    }
    parts = ", ".join(f"{counts[name]} {text}" for name, text in names.items() if counts[name])
    several = f", {counts.total()} invoices" if counts.total() > done else ""
    return f"{done} of {total} files{several}: {parts or 'nothing yet'}."
