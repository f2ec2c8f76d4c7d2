"""Every sample gives just what it gave when somebody last looked: values, lines, taxes, decision and reasons.

`pytest tests/golden --update-golden` rewrites the stored answers; the difference is then read like code. Confidences,
boxes and timings are not stored: they may move without anything being wrong.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.sandbox.reader import SandboxedReader
from chalicelib.exports.invoice_json import invoice_document
from chalicelib.pipeline.interpret import free_interpretation
from local.ocr import EmbeddedOcr
from local.reading_file import record_of
from tests.builders import a_clock, some_settings

_SAMPLES = Path(__file__).resolve().parents[2] / "samples"
_GOLDEN = Path(__file__).parent / "samples"
_RASTER = frozenset({"au-scan.pdf", "gb-receipt.jpg"})
_OF_A_VALUE = ("value", "text", "page", "source", "checks")
_TODAY = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)


def _documents() -> list[Path]:
    return sorted(path for path in _SAMPLES.iterdir() if path.suffix in {".pdf", ".jpg", ".png", ".xml"})


def _parameters() -> Iterator[object]:
    for path in _documents():
        yield pytest.param(path, id=path.name, marks=[pytest.mark.ocr] if path.name in _RASTER else [])


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxedReader]:
    """The reader of the product."""
    reader = SandboxedReader(some_settings(tmp_path_factory.mktemp("data")))
    yield reader
    reader.close()


@pytest.fixture(scope="module")
def ocr(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedOcr]:
    """The embedded engine; it is loaded with the first page."""
    engine = EmbeddedOcr(some_settings(tmp_path_factory.mktemp("data"), ocr_seconds=120.0))
    yield engine
    engine.close()


@pytest.mark.parametrize("path", list(_parameters()))
def test_a_sample_gives_what_it_gave(
    path: Path, reader: SandboxedReader, ocr: EmbeddedOcr, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    engine = ocr if path.name in _RASTER else None
    interpret = free_interpretation(reader, engine, a_clock(_TODAY), some_settings(tmp_path))

    given = _essence(invoice_document(record_of(path, interpret)))

    assert given["status"] != "failed", given
    golden = _GOLDEN / f"{path.name}.json"
    if request.config.getoption("--update-golden"):
        golden.write_text(json.dumps(given, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert given == json.loads(golden.read_text(encoding="utf-8"))


def test_there_is_an_answer_for_every_sample_and_no_other() -> None:
    stored = {path.name.removesuffix(".json") for path in _GOLDEN.iterdir()}

    assert stored == {path.name for path in _documents()}


def _essence(document: dict[str, Any]) -> dict[str, Any]:
    """The parts of an invoice document that must not change by themselves."""
    fields = {
        name: {fact: value[fact] for fact in _OF_A_VALUE if fact in value}
        for name, value in document.get("fields", {}).items()
    }
    parts = ("status", "document_type", "decision", "reasons", "taxes", "line_items")
    essence = {part: document[part] for part in parts if part in document} | {"fields": fields}
    return essence | ({"error": document["error"]["code"]} if "error" in document else {})
