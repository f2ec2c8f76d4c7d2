"""The jobs of the fake Textract: they take their time, end well or not, and are told page by page."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

Answer = Mapping[str, Any]

_PATIENCE_SECONDS = 10.0  # how long one question about a job waits for its reader


class Refused(Exception):  # noqa: N818 - it is an answer
    """An error of Textract's, by its code."""


class JobEnd(NamedTuple):
    """How a job ends: after so many `polls` that find it running, without the pages `failed_pages`."""

    status: str = "SUCCEEDED"
    message: str = ""
    failed_pages: tuple[int, ...] = ()
    polls: int = 1


class Job:
    """One job, reading in a thread of its own."""

    def __init__(self, operation: str, end: JobEnd, read: Callable[[], Answer]) -> None:
        self.operation = operation
        self.end = end
        self._polls_left = end.polls
        self._answer: Answer | None = None
        self._problem: Exception | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, args=(read,), daemon=True)
        self._thread.start()

    def poll(self) -> Answer | None:
        """The answer, or `None` while the job runs; raises what its reader raised."""
        with self._lock:
            self._polls_left -= 1
            if self._polls_left >= 0:
                return None
        self._thread.join(_PATIENCE_SECONDS)
        if self._problem:
            raise self._problem
        return self._answer

    def _run(self, read: Callable[[], Answer]) -> None:
        end = {"JobStatus": self.end.status, **({"StatusMessage": self.end.message} if self.end.message else {})}
        if self.end.status == "FAILED":
            self._answer = end
            return
        try:
            self._answer = {**_without(read(), self.end.failed_pages), **end}
        except Exception as error:  # noqa: BLE001 - whoever asks for the answer gets it
            self._problem = error


def _without(answer: Answer, pages: Sequence[int]) -> Answer:
    """An answer without what stands on some pages."""
    if not pages:
        return answer
    kept = dict(answer)
    kept["DocumentMetadata"] = {"Pages": answer["DocumentMetadata"]["Pages"] - len(pages)}
    kept["Warnings"] = [{"ErrorCode": "UNREADABLE_PAGE", "Pages": list(pages)}]
    if "Blocks" in answer:
        kept["Blocks"] = [block for block in answer["Blocks"] if block["Page"] not in pages]
    if "ExpenseDocuments" in answer:
        kept["ExpenseDocuments"] = [one for one in answer["ExpenseDocuments"] if one["ExpenseIndex"] not in pages]
    return kept


def one_page(answer: Answer, name: str, token: str | None, size: int) -> Answer:
    """The part of an answer that `token` asks for: at most `size` of the items called `name`."""
    if token is not None and not token.isdecimal():
        raise Refused("InvalidParameterException")
    begin = int(token or 0)
    items = answer.get(name, [])
    more = {"NextToken": str(begin + size)} if begin + size < len(items) else {}
    return {**answer, **({name: items[begin : begin + size]} if name in answer else {}), **more}
