"""The table of samples that `run` prints."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from local.client import Result

_COLUMNS = ("file", "supplier", "number", "date", "total", "decision", "reasons", "source", "cost", "ms")
_RIGHT = frozenset({"total", "cost", "ms"})
_STYLES = {"auto_approve": "green", "needs_review": "yellow", "rejected": "red", "failed": "bold red"}


def sample_table(results: Mapping[Path, Result], wrong: Mapping[Path, Sequence[str]]) -> Table:
    """One row a sample; those that came out otherwise than expected are marked."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    for name in _COLUMNS:
        table.add_column(name, justify="right" if name in _RIGHT else "left", overflow="fold")
    for path, result in results.items():
        mark = Text("✗", "red") if wrong[path] else Text("✓", "green")
        table.add_row(mark, *_cells(path.name, result))
    return table


def _cells(name: str, result: Result) -> list[Text]:
    document = result.document
    decision = document.get("decision") or ("failed" if document.get("status") == "failed" else "rejected")
    reasons = (
        document.get("reasons") or [document["error"]["code"]] if "error" in document else document.get("reasons", [])
    )
    texts = [
        name,
        _field(document, "supplier_name"),
        _field(document, "invoice_number"),
        _field(document, "issue_date"),
        f"{_field(document, 'total')} {_field(document, 'currency')}".strip(),
    ]
    rest = [", ".join(reasons), _sources(document), _cost(document), _milliseconds(document)]
    return [*map(Text, texts), Text(decision, _STYLES.get(decision, "")), *map(Text, rest)]


def _field(document: Mapping[str, Any], name: str) -> str:
    """The value; one that is only suggested has a question mark."""
    for place, mark in (("fields", ""), ("suggestions", "?")):
        if name in document.get(place, {}):
            return f"{document[place][name]['value']}{mark}"
    return ""


def _sources(document: Mapping[str, Any]) -> str:
    return ", ".join(sorted({value["source"] for value in document.get("fields", {}).values()}))


def _cost(document: Mapping[str, Any]) -> str:
    return f"${document['cost']['usd']}" if "cost" in document else ""


def _milliseconds(document: Mapping[str, Any]) -> str:
    return str(sum(document["timings_ms"].values())) if document.get("timings_ms") else ""
