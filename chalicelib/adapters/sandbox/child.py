"""The outside of a sandboxed process: start it, ask it, and end it when it takes too long or dies."""

import os
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO, BinaryIO, Self, cast

from chalicelib.adapters.sandbox.frames import Frame, receive, send
from chalicelib.errors import UnavailableError

_START_SECONDS = 60.0
_PIPE_BYTES = 1 << 20  # most documents fit at once; with the usual 64 kB, both sides would wait for each other in turn
# A process that reads strangers' files gets no credentials: only what finding its code and libraries needs.
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "LANG", "LC_ALL", "TMPDIR", "HOME", "TZ")


class ChildTimeoutError(Exception):
    """The child did not answer in time, or used up its processor time, and is dead."""


class ChildDiedError(Exception):
    """The child crashed, ran out of memory, or failed in a way it could not name."""


class Child:
    """One process running `python -m module arguments…`, that answers frames with frames. Not thread-safe.

    `asked` counts its questions. A child that raised is dead: make another. `close()` ends the process, whatever it is
    doing; it ends with this object at the latest.
    """

    def __init__(
        self, module: str, arguments: Sequence[str] = (), environment: Mapping[str, str] | None = None
    ) -> None:
        self.asked = 0
        try:
            self._process = _start([sys.executable, "-m", module, *arguments], environment or {})
        except OSError as error:
            raise _not_started() from error
        _widen(_pipe(self._process.stdin), _pipe(self._process.stdout))
        self.close = weakref.finalize(self, _end, self._process, os.getpid())
        self._expect_ready()

    @property
    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def ask(self, question: Frame, seconds: float) -> Frame:
        """The answer to `question`; `ChildTimeoutError` after `seconds`, `ChildDiedError` when there is none."""
        self.asked += 1
        with _Deadline(self._process, seconds) as deadline:
            with suppress(OSError):  # it died while it was being asked: there is no answer then
                send(_pipe(self._process.stdin), question)
            answer = receive(_pipe(self._process.stdout))
        if answer and "failed" not in answer.header and not deadline.is_over:
            return answer
        self.close()
        if deadline.is_over or self._process.returncode == -signal.SIGPROF:
            raise ChildTimeoutError
        raise ChildDiedError(answer.header["failed"] if answer else f"exit status {self._process.returncode}")

    def _expect_ready(self) -> None:
        with _Deadline(self._process, _START_SECONDS):
            answer = receive(_pipe(self._process.stdout))
        if not answer:
            self.close()
            raise _not_started()


class _Deadline:
    """Kills a process after some seconds, unless the block is left before."""

    def __init__(self, process: "subprocess.Popen[bytes]", seconds: float) -> None:
        self._process = process
        self._timer = threading.Timer(max(seconds, 0.0), self._end)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._is_left = False
        self.is_over = False

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:  # from here on the timer does nothing, even if it is already running
            self._is_left = True

    def _end(self) -> None:
        with self._lock:
            if not self._is_left:
                self.is_over = True
                self._process.kill()


def _start(command: Sequence[str], environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    inherited = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    paths = os.pathsep.join(path or os.getcwd() for path in sys.path)  # noqa: PTH109 — as the import system does
    return subprocess.Popen(  # noqa: S603 — our own interpreter and module
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**inherited, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1", **environment},
    )


def _widen(*pipes: BinaryIO) -> None:
    if sys.platform != "linux":
        return
    import fcntl  # noqa: PLC0415 — there is no such module on Windows

    for pipe in pipes:
        with suppress(OSError):  # the system may allow less; it works all the same
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _end(process: "subprocess.Popen[bytes]", owner: int) -> None:
    """Kill and collect a process, unless this is a fork of the one it belongs to."""
    if os.getpid() != owner:
        return
    process.kill()
    with suppress(OSError):  # a question that was never read may still be in the buffer
        process.communicate()


def _pipe(stream: "IO[bytes] | None") -> BinaryIO:
    return cast("BinaryIO", stream)  # both ends were asked for in `_start`


def _not_started() -> UnavailableError:
    return UnavailableError("reader_unavailable", "The reading process could not be started. Please try again later.")
