"""Documents a second: our whole extraction, another program, and reading alone, in alternating rounds."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from statistics import median

from pydantic import BaseModel, ConfigDict

from bench.documents import Documents
from bench.peer import peer_command
from bench.processes import BenchError, Run, ours, peak_megabytes, run

_NO_PDFTOTEXT = (
    "invoice2data was left out: its default reader needs pdftotext. "
    "Debian and Ubuntu: apt-get install poppler-utils; macOS: brew install poppler."
)
OURS, PEER, WORDS = "smart-invoice", "invoice2data 1.0.1", "words alone (PDFium)"


class Speed(BaseModel):
    """One program over all documents; medians of the rounds. `peak_mb` is of the process and its children together."""

    model_config = ConfigDict(frozen=True)

    documents_per_second: float
    slowest_round: float
    fastest_round: float
    median_document_ms: float
    ready_seconds: float
    answered: int
    peak_mb: float | None
    steps_share: Mapping[str, float] = {}


class Comparison(BaseModel):
    """All programs over the same documents, and what follows.

    `speed_ratio` (documents a second) and `memory_ratio` are ours to invoice2data's, absent without it;
    `time_to_words_ratio` is the time of our whole extraction to that of reading the words alone.
    """

    model_config = ConfigDict(frozen=True)

    origin: str
    documents: int
    pages: int
    left_out: int
    rounds: int
    programs: Mapping[str, Speed]
    notes: tuple[str, ...]
    speed_ratio: float | None
    memory_ratio: float | None
    time_to_words_ratio: float | None


def compare(documents: Documents, rounds: int, tell: Callable[[str], None]) -> Comparison:
    """Measure every program that is there; what is missing is said in the notes."""
    commands, notes = _commands(tell)
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for number in range(1, rounds + 1):
        for name, command in commands.items():
            tell(f"Round {number} of {rounds}: {name}")
            runs[name].append(run(command, documents.paths))
    tell("Memory")
    peaks = {name: peak_megabytes(command, documents.paths) for name, command in commands.items()}
    programs = {name: _speed(runs[name], peaks[name]) for name in commands}
    mine, peer, words = programs[OURS], programs.get(PEER), programs[WORDS]
    return Comparison(
        origin=documents.origin,
        documents=len(documents.paths),
        pages=documents.pages,
        left_out=documents.left_out,
        rounds=rounds,
        programs=programs,
        notes=tuple(notes),
        speed_ratio=mine.documents_per_second / peer.documents_per_second if peer else None,
        memory_ratio=mine.peak_mb / peer.peak_mb if peer and mine.peak_mb and peer.peak_mb else None,
        time_to_words_ratio=words.documents_per_second / mine.documents_per_second,
    )


def _commands(tell: Callable[[str], None]) -> tuple[dict[str, list[str]], list[str]]:
    commands = {OURS: ours("whole"), WORDS: ours("words")}
    if not shutil.which("pdftotext"):
        return commands, [_NO_PDFTOTEXT]
    tell("Setting up invoice2data")
    try:
        return {OURS: commands[OURS], PEER: peer_command(), WORDS: commands[WORDS]}, []
    except BenchError as error:
        return commands, [str(error)]


def _speed(runs: Sequence[Run], peak: float | None) -> Speed:
    rates = [len(one.seconds) / one.total_seconds for one in runs]
    steps = runs[-1].steps_ms
    return Speed(
        documents_per_second=median(rates),
        slowest_round=min(rates),
        fastest_round=max(rates),
        median_document_ms=1000 * median(second for one in runs for second in one.seconds),
        ready_seconds=median(one.ready_seconds for one in runs),
        answered=runs[-1].answered,
        peak_mb=peak,
        steps_share={name: spent / (1000 * runs[-1].total_seconds) for name, spent in steps.items()},
    )
