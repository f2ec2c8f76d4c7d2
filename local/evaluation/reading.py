"""One document of a corpus, read by the product with the embedded engines: what came out, and why."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from chalicelib.domain.document import ReadDocument
from chalicelib.domain.record import InvoiceRecord
from chalicelib.extraction.extract import read_out
from chalicelib.pipeline.interpret import Interpretation, free_interpretation
from chalicelib.ports import DocumentReader, OcrEngine
from chalicelib.settings import Settings
from local.evaluation.evidence import NO_EVIDENCE, Evidence, evidence_of
from local.evaluation.kept_reading import Kept, KeptOcr, KeptReader
from local.family import EmbeddedAdapters
from local.reading_file import crashed_record, record_of


class Reading(NamedTuple):
    """What one document gave. `read` is what stands on its pages, `None` when it could not be read."""

    record: InvoiceRecord
    evidence: Evidence = NO_EVIDENCE
    read: ReadDocument | None = None


def reader_of(cache: Path | None) -> Callable[[Path], Reading]:
    """A function that reads one file after the other; with `cache`, what was read before is taken from there."""
    product = _Product(cache)

    def read(path: Path) -> Reading:
        return product.reading_of(path)

    return read


def evidence_reader(cache: Path | None) -> Callable[[], Callable[[Path], Reading]]:
    """What makes such functions in other processes; their readings come without the pages, which nobody needs there."""
    return partial(_without_pages, cache)


def crashed_reading(path: Path) -> Reading:
    """The reading of a file that took its process down."""
    return Reading(crashed_record(path))


def _without_pages(cache: Path | None) -> Callable[[Path], Reading]:
    read = reader_of(cache)
    return lambda path: read(path)._replace(read=None)


class _Product:
    """The product's own way from bytes to a decided invoice, with readers that may keep what they read."""

    def __init__(self, cache: Path | None) -> None:
        settings = Settings.from_environment(os.environ)
        family = EmbeddedAdapters(settings)
        reader: DocumentReader = family.reader()
        ocr: OcrEngine | None = family.ocr()
        self._kept: dict[str, Kept] = {}
        if cache is not None:
            reader = kept_reader = KeptReader(reader, cache, settings)
            self._kept["read"] = kept_reader.kept
        if cache is not None and ocr is not None:
            ocr = kept_ocr = KeptOcr(ocr, cache, settings)
            self._kept["ocr"] = kept_ocr.kept
        self._interpret = free_interpretation(reader, ocr, family.clock(), settings)

    def reading_of(self, path: Path) -> Reading:
        for kept in self._kept.values():
            kept.saved_ms = 0
        seen: list[Interpretation] = []  # what came out, unless the document was refused
        record = record_of(path, lambda content: self._noted(content, seen))
        if not seen:
            return Reading(record)
        outcome, read, *_ = seen[0]
        return Reading(self._with_saved_time(record), evidence_of(read, outcome, read_out(read.pages)), read)

    def _noted(self, content: bytes, seen: list[Interpretation]) -> Interpretation:
        seen.append(self._interpret(content))
        return seen[0]

    def _with_saved_time(self, record: InvoiceRecord) -> InvoiceRecord:
        """What was kept took its time when it was read: the figures are those of the first reading."""
        if record.outcome is None:
            return record
        spent = dict(record.outcome.timings_ms)
        for step, kept in self._kept.items():
            spent[step] = spent.get(step, 0) + kept.saved_ms
        return record.model_copy(update={"outcome": record.outcome.model_copy(update={"timings_ms": spent})})
