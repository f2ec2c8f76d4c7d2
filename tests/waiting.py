"""Waiting for what happens in other threads and processes, without saying how long it takes."""

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")

_PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 0.02


def eventually(question: Callable[[], Answer], what: str = "it", seconds: float = _PATIENCE_SECONDS) -> Answer:
    """The first answer that is true; an `AssertionError` when there is none for a minute, or for so long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        answer = question()
        if answer:
            return answer
        time.sleep(_PAUSE_SECONDS)
    raise AssertionError(f"{what} did not come true in {seconds:.0f} seconds")
