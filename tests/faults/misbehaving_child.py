"""A sandboxed process that does to order what hostile documents do: `python -m tests.faults.misbehaving_child`."""

import os
import sys
import time
from collections.abc import Callable

from chalicelib.adapters.sandbox.frames import Frame
from chalicelib.adapters.sandbox.serving import serve
from chalicelib.errors import RejectedError

_HELD: list[bytes] = []


def _answer(question: Frame) -> Frame:
    _ORDERS.get(question.header["order"], lambda: None)()
    _HELD.append(b"used")
    return Frame({"pid": os.getpid(), "environment": sorted(os.environ)}, question.block)


def _reject() -> None:
    raise RejectedError("damaged", "This is damaged. Please send another.")


def _fail() -> None:
    raise ValueError("something no document may say aloud")


def _spin() -> None:
    while True:
        pass


def _grow() -> None:
    while True:
        _HELD.append(bytes(10_000_000))


def _shout() -> None:
    sys.stdout.write("noise")
    sys.stdout.flush()
    os.write(1, b"more noise")


def _crash_when_used() -> None:
    if _HELD:
        os.abort()


_ORDERS: dict[str, Callable[[], object]] = {
    "reject": _reject,
    "fail": _fail,
    "crash": os.abort,
    "hang": lambda: time.sleep(3600),
    "spin": _spin,
    "grow": _grow,
    "shout": _shout,
    "crash when used": _crash_when_used,
}


if __name__ == "__main__":
    serve(lambda: _answer, memory_bytes=int(sys.argv[1]), cpu_seconds=float(sys.argv[2]))
