"""Start a measured program, wait for its answer, and watch the memory of it and its children."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

PROJECT = Path(__file__).resolve().parents[1]
BUILD = PROJECT / "build"

_SAMPLE_SECONDS = 0.01
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "SYSTEMROOT")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_PROC = Path("/proc")


class BenchError(Exception):
    """Something could not be measured; the message says what, and what to do."""


class Run(BaseModel):
    """What one run of a program gave; see `bench.runs` for the first four."""

    model_config = ConfigDict(frozen=True)

    ready_seconds: float
    seconds: tuple[float, ...]
    answered: int
    steps_ms: Mapping[str, int] = {}

    @property
    def total_seconds(self) -> float:
        """All documents together, without the warm-up."""
        return sum(self.seconds)


def run(command: Sequence[str], paths: Sequence[Path]) -> Run:
    """Run a program of `bench.runs` over `paths`."""
    with _started(command) as process:
        return _answer(process, command, paths)


def peak_megabytes(command: Sequence[str], paths: Sequence[Path]) -> float | None:
    """The most memory that a program and its children held at any one time; see `observed`."""
    return observed(command, paths)[1]


def observed(command: Sequence[str], paths: Sequence[Path]) -> tuple[Run, float | None]:
    """A run, and the most memory that the program and its children held at any one time, in MB (10⁶ bytes).

    Resident sets are summed, so what processes share is counted in each. `None` where there is no `/proc`.
    """
    with _started(command) as process:
        watcher = _Watcher(process.pid)
        watcher.start()
        run = _answer(process, command, paths)
        return run, watcher.peak_bytes / 1e6 or None


def ours(module: str) -> list[str]:
    """The command of a program that needs this project's environment."""
    return [sys.executable, "-m", f"bench.runs.{module}"]


def quiet_environment() -> dict[str, str]:
    """The environment without settings of ours, credentials and Python's switches."""
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ}


def _started(command: Sequence[str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        command,
        cwd=PROJECT,
        env=quiet_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _answer(process: "subprocess.Popen[str]", command: Sequence[str], paths: Sequence[Path]) -> Run:
    out, errors = process.communicate(json.dumps([str(path.resolve()) for path in paths]))
    if process.returncode:
        raise BenchError(f"{' '.join(command)} failed:\n{errors.strip()[-2000:]}")
    answer: dict[str, Any] = json.loads(out)
    return Run.model_validate(answer)


class _Watcher(threading.Thread):
    """Samples the memory of a process and its children until it ends."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._pause = threading.Event()
        self.peak_bytes = 0

    def run(self) -> None:
        while found := sum(map(_resident_bytes, _tree(self._pid))):
            self.peak_bytes = max(self.peak_bytes, found)
            self._pause.wait(_SAMPLE_SECONDS)


def _tree(pid: int) -> Iterator[int]:
    """A process and its descendants, as far as they still live."""
    yield pid
    for task in _listed(_PROC / str(pid) / "task"):
        for child in _text(task / "children").split():
            yield from _tree(int(child))


def _resident_bytes(pid: int) -> int:
    numbers = _text(_PROC / str(pid) / "statm").split()
    return int(numbers[1]) * _PAGE_BYTES if numbers else 0


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:  # the process ended between two looks
        return []


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # as above
        return ""
