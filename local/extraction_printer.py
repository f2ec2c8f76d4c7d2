"""What `extract` prints: JSON, a table, or CSV with one line a document."""

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from pydantic_core import to_json
from rich.console import Console
from rich.table import Table
from rich.text import Text

_PIPED_WIDTH = 200
_FIELDS = (
    "supplier_name",
    "supplier_tax_id",
    "invoice_number",
    "issue_date",
    "due_date",
    "purchase_order",
    "currency",
    "subtotal",
    "tax",
    "total",
    "iban",
)
_CSV_COLUMNS = ("file", "status", "decision", "reasons", "document_type", *_FIELDS, "line_items", "error")
_TABLE_COLUMNS = ("file", "supplier_name", "invoice_number", "issue_date", "total", "currency", "decision", "reasons")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

Document = Mapping[str, Any]


class Printer(Protocol):
    """Takes what the files gave one by one, and ends."""

    def add(self, source: Path, documents: Sequence[Document]) -> None:
        """Print the documents of one file, or keep them for the end."""

    def end(self) -> None:
        """Print what was kept."""


def printer_for(name: str, count: int) -> Printer:
    """The printer of `json`, `table`, `csv` or `nothing`."""
    if name == "json":
        return _JsonPrinter(indent=2 if count == 1 else None)
    if name == "csv":
        return _CsvPrinter()
    return _TablePrinter() if name == "table" else _NoPrinter()


def as_file(document: Document) -> str:
    """A document as the text of its own JSON file."""
    return to_json(document, indent=2).decode() + "\n"


class _NoPrinter:
    def add(self, source: Path, documents: Sequence[Document]) -> None:
        pass

    def end(self) -> None:
        pass


class _JsonPrinter:
    """One document alone over several lines, many as JSON Lines."""

    def __init__(self, indent: int | None) -> None:
        self._indent = indent

    def add(self, source: Path, documents: Sequence[Document]) -> None:  # noqa: ARG002 - its name is in the document
        indent = self._indent if len(documents) == 1 else None
        for document in documents:
            print(json.dumps(document, ensure_ascii=False, indent=indent), flush=True)

    def end(self) -> None:
        pass


class _CsvPrinter:
    """Quoted, and without anything that a spreadsheet would take for a formula."""

    def __init__(self) -> None:
        self._writer = csv.writer(sys.stdout, lineterminator="\n")
        self._writer.writerow(_CSV_COLUMNS)

    def add(self, source: Path, documents: Sequence[Document]) -> None:
        for row in (_row(source, document) for document in documents):
            self._writer.writerow([_harmless(row[name]) for name in _CSV_COLUMNS])

    def end(self) -> None:
        sys.stdout.flush()


class _TablePrinter:
    def __init__(self) -> None:
        self._table = Table(*_TABLE_COLUMNS)

    def add(self, source: Path, documents: Sequence[Document]) -> None:
        for row in (_row(source, document) for document in documents):
            self._table.add_row(*(Text(row[name]) for name in _TABLE_COLUMNS))

    def end(self) -> None:
        console = Console() if sys.stdout.isatty() else Console(width=_PIPED_WIDTH)
        console.print(self._table)


def _row(source: Path, document: Document) -> dict[str, str]:
    """The columns of both tables, as texts."""
    fields = document.get("fields", {})
    head = {
        "file": str(source),
        "status": document["status"],
        "decision": document.get("decision", ""),
        "reasons": " ".join(document.get("reasons", ())),
        "document_type": document.get("document_type", ""),
        "line_items": str(len(document.get("line_items", ()))),
        "error": document.get("error", {}).get("message", ""),
    }
    return head | {name: fields.get(name, {}).get("value", "") for name in _FIELDS}


def _harmless(text: str) -> str:
    """A cell that no spreadsheet runs; numbers stay numbers.

    >>> _harmless("=HYPERLINK(1)"), _harmless("-12.50")
    ("'=HYPERLINK(1)", '-12.50')
    """
    if text.startswith(_FORMULA_STARTS) and not text.removeprefix("-").replace(".", "", 1).isdecimal():
        return f"'{text}"
    return text
