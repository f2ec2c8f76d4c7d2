"""The table of samples that `run` prints."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from local.client import Result

_WIDE = 170  # columns of a terminal that show a sample in one line
_ONE_LINE = tuple(
    (name,) for name in ("file", "supplier", "number", "date", "total", "decision", "reasons", "source", "cost", "ms")
)
_STACKED = (("file", "supplier"), ("number", "date", "total"), ("decision", "reasons"), ("source", "cost", "ms"))
_RIGHT = frozenset({"total", "cost", "ms"})
_STYLES = {"auto_approve": "green", "needs_review": "yellow", "rejected": "red", "failed": "bold red"}


def sample_table(results: Mapping[Path, Result], wrong: Mapping[Path, Sequence[str]], width: int) -> Table:
    """One row a sample; those that came out otherwise than expected are marked.

    A terminal of less than 170 characters gets the values stacked in four columns, which fit into 80.
    """
    columns = _ONE_LINE if width >= _WIDE else _STACKED
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), leading=int(columns is _STACKED))
    table.add_column("")
    for names in columns:
        table.add_column("\n".join(names), justify="right" if _RIGHT.issuperset(names) else "left", overflow="fold")
    for path, result in results.items():
        mark = Text("✗", "red") if wrong[path] else Text("✓", "green")
        cells = _cells(path.name, result)
        table.add_row(mark, *(Text("\n").join(cells[name] for name in names if cells[name]) for names in columns))
    return table


def _cells(file: str, result: Result) -> dict[str, Text]:
    document = result.document
    decision = document.get("decision") or ("failed" if document.get("status") == "failed" else "rejected")
    reasons = (
        document.get("reasons") or [document["error"]["code"]] if "error" in document else document.get("reasons", [])
    )
    texts = {
        "file": file,
        "supplier": _field(document, "supplier_name"),
        "number": _field(document, "invoice_number"),
        "date": _field(document, "issue_date"),
        "total": f"{_field(document, 'total')} {_field(document, 'currency')}".strip(),
        "decision": decision,
        "reasons": "\n".join(reasons),
        "source": _sources(document),
        "cost": _cost(document),
        "ms": _milliseconds(document),
    }
    return {name: Text(text, _STYLES.get(text, "") if name == "decision" else "") for name, text in texts.items()}


def _field(document: Mapping[str, Any], name: str) -> str:
    """The value; one that is only suggested has a question mark."""
    for place, mark in (("fields", ""), ("suggestions", "?")):
        if name in document.get(place, {}):
            return f"{document[place][name]['value']}{mark}"
    return ""


def _sources(document: Mapping[str, Any]) -> str:
    return "\n".join(sorted({value["source"] for value in document.get("fields", {}).values()}))


def _cost(document: Mapping[str, Any]) -> str:
    return f"${document['cost']['usd']}" if "cost" in document else ""


def _milliseconds(document: Mapping[str, Any]) -> str:
    return str(sum(document["timings_ms"].values())) if document.get("timings_ms") else ""
