"""Memory and time with OCR: scans and photos, read by the engine of one machine in a child process."""

from itertools import islice
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from bench.processes import PROJECT, observed, ours

_SAMPLES = ("au-scan.pdf", "gb-receipt.jpg")
_CORPUS = PROJECT.parent / "shared" / "corpus" / "docs" / "jens_scan"
_MOST_OF_CORPUS = 6  # a page takes seconds


class ScanTimes(BaseModel):
    """One run over `documents` scans, those of `samples` first; `answered` of them gave something.

    `peak_mb` is of the process, its reader and its OCR engine together, in MB (10⁶ bytes); absent without `/proc`.
    """

    model_config = ConfigDict(frozen=True)

    documents: int
    answered: int
    seconds_a_document: float
    peak_mb: float | None


def scan_times() -> ScanTimes:
    """Read the scans among the samples, and a few of the corpus if it is there."""
    paths = [*(PROJECT / "samples" / name for name in _SAMPLES), *islice(_of_corpus(), _MOST_OF_CORPUS)]
    run, peak = observed(ours("whole"), paths)
    return ScanTimes(
        documents=len(paths),
        answered=run.answered,
        seconds_a_document=run.total_seconds / len(paths),
        peak_mb=peak,
    )


def _of_corpus() -> list[Path]:
    return sorted(path for path in _CORPUS.rglob("*") if path.is_file()) if _CORPUS.is_dir() else []
