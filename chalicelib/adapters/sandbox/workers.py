"""Children kept ready, one question each at a time, and replaced when they died or grew old."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import LifoQueue

from chalicelib.adapters.sandbox.child import Child, ChildDiedError, ChildTimeoutError
from chalicelib.adapters.sandbox.frames import Frame
from chalicelib.errors import RejectedError


class Workers:
    """A small pool of children. Thread-safe; each child is started when it is first needed."""

    def __init__(self, start: Callable[[], Child], *, count: int = 1, max_questions: int = 500) -> None:
        self._all = [_Worker(start, max_questions) for _ in range(count)]
        self._idle: LifoQueue[_Worker] = LifoQueue()
        for worker in self._all:
            self._idle.put(worker)

    def ask(self, question: Frame, seconds: float) -> Frame:
        """The answer of a child.

        `RejectedError` with its own code when the child rejects the document, `too_complex` when it needs more than
        `seconds`, `unreadable` when it dies of it; `UnavailableError` when no child can be started.
        """
        with self._an_idle_worker() as worker:
            answer = _answer(worker, question, seconds)
        if error := answer.header.get("error"):
            raise RejectedError(*error)
        return answer

    def close(self) -> None:
        """End all children; the next question starts new ones."""
        for worker in self._all:
            worker.close()

    @contextmanager
    def _an_idle_worker(self) -> Iterator["_Worker"]:
        worker = self._idle.get()
        try:
            yield worker
        finally:
            self._idle.put(worker)


class _Worker:
    """The place of one child."""

    def __init__(self, start: Callable[[], Child], max_questions: int) -> None:
        self._start = start
        self._max_questions = max_questions
        self._child: Child | None = None

    def ask(self, question: Frame, seconds: float) -> Frame:
        """Ask the child; a used one that dies is not the document's fault before a new one died of it too."""
        until = time.monotonic() + seconds
        child = self._ready_child()
        try:
            return child.ask(question, seconds)
        except ChildDiedError:
            if child.asked == 1:
                raise
        return self._ready_child().ask(question, until - time.monotonic())

    def close(self) -> None:
        if self._child:
            self._child.close()
        self._child = None

    def _ready_child(self) -> Child:
        if self._child and (self._child.asked >= self._max_questions or not self._child.is_alive):
            self.close()
        self._child = self._child or self._start()
        return self._child


def _answer(worker: _Worker, question: Frame, seconds: float) -> Frame:
    try:
        return worker.ask(question, seconds)
    except ChildTimeoutError:
        raise RejectedError(
            "too_complex",
            "Reading this document takes too long: it is built in a very complicated way. "
            "Please print it to PDF or scan it again, and send that.",
        ) from None
    except ChildDiedError as error:
        raise RejectedError(
            "unreadable",
            "This document could not be read: it is damaged or built in a very unusual way. Please export or scan it "
            "again and send that.",
        ) from error
