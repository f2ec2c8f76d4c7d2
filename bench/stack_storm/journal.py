"""What a process notes so that it is known after its death, too."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

_NOTES, _CALLS = "notes.jsonl", "calls"
_FINE, _FAULT = b".", b"x"


class Note(BaseModel):
    """What happened (`what`) at a time (seconds since 1970), to which invoice or message (`of`), and how (`how`)."""

    model_config = ConfigDict(frozen=True)

    what: str
    at: float
    of: str = ""
    how: str = ""


class Calls(NamedTuple):
    """How many calls there were, and how many of them failed."""

    made: int
    failed: int


class Journal:
    """Notes in a folder. Each is one write behind the last, which nothing but a power cut undoes."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._notes, self._calls = (_opened(folder / name) for name in (_NOTES, _CALLS))

    def note(self, what: str, of: str = "", how: str = "") -> None:
        """Note something that has just happened."""
        line = Note(what=what, at=time.time(), of=of, how=how).model_dump_json()
        os.write(self._notes, f"{line}\n".encode())

    def count_call(self, *, failed: bool) -> None:
        """Count a call."""
        os.write(self._calls, _FAULT if failed else _FINE)

    def notes(self) -> Iterator[Note]:
        """All notes, in order."""
        for line in (self._folder / _NOTES).read_text(encoding="utf-8").splitlines():
            yield Note.model_validate(json.loads(line))

    def calls(self) -> Calls:
        """All calls that were counted."""
        counted = (self._folder / _CALLS).read_bytes()
        return Calls(len(counted), counted.count(_FAULT))

    def close(self) -> None:
        """Note nothing any more."""
        for descriptor in (self._notes, self._calls):
            os.close(descriptor)


def _opened(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
