"""The corpus of real documents beside the project, where there is one."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="there is no ../shared/corpus beside the project")


def documents_of(name: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every document of a set, with what it says."""
    for path in sorted((CORPUS / "docs" / name).iterdir()):
        truth = CORPUS / "truth" / name / f"{path.stem}.json"
        yield path, json.loads(truth.read_text(encoding="utf-8"))


def hostile_files() -> list[Path]:
    """Every damaged or hostile file."""
    return sorted(path for path in (CORPUS / "hostile").glob("*/*") if path.is_file())
