"""The inside of a sandboxed process: its limits, and its loop of questions and answers.

A child module calls `serve` from its `__main__`. Standard input and output are taken for the frames first, so that no
library can write between them.
"""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO

from chalicelib.adapters.sandbox.frames import Frame, receive, send
from chalicelib.errors import RejectedError

Answer = Callable[[Frame], Frame]


def serve(prepare: Callable[[], Answer], *, memory_bytes: int, cpu_seconds: float) -> None:
    """Limit this process, load what `prepare` loads, say that it is ready, and answer until the pipe is closed.

    A `RejectedError` is an answer (`error` in the header). Anything else that an answer raises is answered with its
    name (`failed`) and ends the process: nobody knows what state it is in. A question that takes more than
    `cpu_seconds` of processor time, in whatever library, ends it too (SIGPROF), even when the parent is long gone.
    """
    questions, answers = _take_pipes()
    _limit(memory_bytes)
    answer = prepare()
    send(answers, Frame({"ready": True}))
    while question := receive(questions):
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
        reply = _reply(answer, question)
        signal.setitimer(signal.ITIMER_PROF, 0)
        send(answers, reply)
        if "failed" in reply.header:
            return


def _reply(answer: Answer, question: Frame) -> Frame:
    try:
        return answer(question)
    except RejectedError as error:
        return Frame({"error": [error.code, error.message]})
    except Exception as error:  # noqa: BLE001 — the parent raises it: the last boundary of the process
        return Frame({"failed": type(error).__name__})


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Our ends of the pipes. Whatever else reads or writes gets nothing, and goes nowhere."""
    questions, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    return os.fdopen(questions, "rb"), os.fdopen(answers, "wb")


def _limit(memory_bytes: int) -> None:
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 — there is no such module on Windows

    for kind, amount in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_AS, memory_bytes)):
        with suppress(ValueError, OSError):  # macOS does not know a limit of address space
            resource.setrlimit(kind, (amount, amount))
