"""Small corpora, invented for one test: documents with the answers that a test says are right."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple


class Entry(NamedTuple):
    """One document and its answers."""

    content: bytes
    truth: Mapping[str, Any]
    category: str = "born_digital_pdf"
    layout: str = ""
    suffix: str = ".pdf"


def a_corpus(folder: Path, entries: Mapping[str, Entry], holdout: Mapping[str, Entry] | None = None) -> Path:
    """A corpus in `folder`; entries are by `<set>/<id>`, and without a layout each has its own."""
    facts = []
    for key, entry in {**entries, **(holdout or {})}.items():
        set_name, name = key.split("/")
        file = f"docs/{key}{entry.suffix}"
        _written(folder / file).write_bytes(entry.content)
        _written(folder / "truth" / f"{key}.json").write_text(json.dumps(entry.truth))
        layout = entry.layout or key
        facts.append({"set": set_name, "id": name, "file": file, "category": entry.category, "layout": layout})
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "meta.json").write_text(json.dumps(facts))
    (folder / "split.json").write_text(json.dumps({"dev": sorted(entries), "holdout": sorted(holdout or {})}))
    return folder


def _written(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
