"""Processes that each read one document after the other, and whose crash costs no more than the document in hand."""

import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Generic, TypeVar

Answer = TypeVar("Answer")
Reading = Callable[[Path], Answer]

_SECONDS_TO_END = 2.0


class Workers(Generic[Answer]):
    """`count` processes. In each, `make()` gives the function that answers for a path.

    `crashed` answers for a path whose process died over it. Both must be importable, for processes start afresh.
    """

    def __init__(self, count: int, make: Callable[[], Reading[Answer]], crashed: Reading[Answer]) -> None:
        self._count = count
        self._make = make
        self._crashed = crashed
        self._of_thread = threading.local()
        self._workers: list[_Worker[Answer]] = []
        self._ending = threading.Event()

    def answers(self, paths: Sequence[Path]) -> Iterator[Answer]:
        """The answers, in the order of the paths. When this is left, for whatever reason, all processes end."""
        pool = ThreadPoolExecutor(max(1, min(self._count, len(paths))))
        try:
            yield from pool.map(self._answer, paths)
        finally:
            self._ending.set()
            pool.shutdown(wait=False, cancel_futures=True)
            for worker in self._workers:
                worker.end()

    def _answer(self, path: Path) -> Answer:
        """Each thread of the pool has a process of its own, and a new one after a crash."""
        worker: _Worker[Answer] | None = getattr(self._of_thread, "worker", None)
        if worker is None:
            worker = self._of_thread.worker = _Worker(self._make)
            self._workers.append(worker)
        if self._ending.is_set():
            worker.end()
        try:
            return worker.ask(path)
        except (EOFError, OSError):  # the process is gone
            worker.end()
            self._of_thread.worker = None
            return self._crashed(path)


class _Worker(Generic[Answer]):
    """One process, at the other end of a pipe."""

    def __init__(self, make: Callable[[], Reading[Answer]]) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, far_end = context.Pipe()
        self._process = context.Process(target=_work, args=(far_end, make))
        self._process.start()
        far_end.close()

    def ask(self, path: Path) -> Answer:
        self._pipe.send(path)
        answer: Answer = self._pipe.recv()
        return answer

    def end(self) -> None:
        self._process.terminate()
        self._process.join(_SECONDS_TO_END)
        self._process.kill()
        self._process.join()


def _work(pipe: Connection, make: Callable[[], Reading[Answer]]) -> None:
    """Answer until nobody asks any more. Ctrl-C is for the process in front, which then ends this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    read = make()
    while True:
        try:
            path = pipe.recv()
        except EOFError:
            return
        pipe.send(read(path))
