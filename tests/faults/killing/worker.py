"""The processes that are killed: `python -m tests.faults.killing`.

It loads everything once and waits for tasks on its input (pickles). For each it forks: the child does the task and may
kill itself on the way, the parent says what became of it. A fork of a warm process costs a hundredth of a new one.
"""

import gc
import os
import pickle
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, NamedTuple

from chalicelib.adapters.aws.bedrock import BedrockModel
from chalicelib.adapters.aws.clients import AwsClients
from chalicelib.adapters.aws.family import AwsAdapters
from chalicelib.adapters.aws.textract import TextractOcr
from chalicelib.adapters.clock import SystemClock
from chalicelib.bootstrap import Services
from chalicelib.domain.document import Excerpt, ReadDocument
from chalicelib.errors import SmartInvoiceError
from chalicelib.reading.limits import limits_of
from chalicelib.reading.pdf_excerpt import pdf_excerpt
from chalicelib.reading.read import read_document
from chalicelib.settings import Settings
from local.family import EmbeddedAdapters
from tests.builders import some_settings
from tests.bundles import a_pdf_of, an_invoice_page
from tests.faults.killing.steps import Fate, Watched, watch_requests

NEVER = -1

_CLIENTS = AwsClients()


class MovedClock(SystemClock):
    """The machine's clock, so many minutes ahead."""

    def __init__(self, minutes: float) -> None:
        self._ahead = timedelta(minutes=minutes)

    def now(self) -> datetime:
        """The moment."""
        return datetime.now(UTC) + self._ahead


class ReaderHere:
    """Reads in this very process: what is killed is whoever asked for it."""

    def __init__(self, settings: Settings) -> None:
        self._limits = limits_of(settings)

    def read(self, content: bytes) -> ReadDocument:
        """As the sandboxed reader."""
        return read_document(content, self._limits)

    def excerpt(self, content: bytes, numbers: Sequence[int]) -> Excerpt:
        """The same."""
        return pdf_excerpt(content, numbers)


class PaidEmbeddedAdapters(EmbeddedAdapters):
    """The embedded adapters, but for OCR and model: these are Amazon's."""

    def reader(self) -> ReaderHere:
        """The reader."""
        return ReaderHere(self._settings)

    def ocr(self) -> TextractOcr:
        """Textract."""
        return TextractOcr(self._settings, _CLIENTS, self.reader())

    def model(self) -> BedrockModel:
        """Bedrock."""
        return BedrockModel(self._settings, _CLIENTS)


class WarmAwsAdapters(AwsAdapters):
    """The AWS adapters over clients that are there already."""

    def __init__(self, settings: Settings, clock: MovedClock) -> None:
        super().__init__(settings, clock)
        self._clients = _CLIENTS

    def reader(self) -> ReaderHere:
        """The reader."""
        return ReaderHere(self._settings)

    def ocr(self) -> TextractOcr:
        """Textract."""
        return TextractOcr(self._settings, _CLIENTS, self.reader())


class Call(NamedTuple):
    """A use case and what it is given, `minutes` from now."""

    use_case: str
    given: tuple[Any, ...]
    minutes: float = 0


class Task(NamedTuple):
    """What a process is to do, one call after the other, until the step number `last`."""

    settings: Settings
    calls: tuple[Call, ...]
    last: int = NEVER


class Ended(NamedTuple):
    """What became of a task: the signal that ended it (0: none), its steps, what it gave last, and an error's code."""

    signal: int
    steps: tuple[str, ...]
    result: Any
    error: str | None


def adapters_of(settings: Settings, minutes: float = 0) -> EmbeddedAdapters | AwsAdapters:
    """The family that the settings name."""
    clock = MovedClock(minutes)
    return PaidEmbeddedAdapters(settings, clock) if is_embedded(settings) else WarmAwsAdapters(settings, clock)


def is_embedded(settings: Settings) -> bool:
    """Whether the settings name the embedded family."""
    return settings.adapters.startswith("local.")


def _do(task: Task, tell: Callable[[str, Any], None]) -> None:
    fate = Fate(task.last, lambda name: tell("step", name))
    by_call = is_embedded(task.settings)
    if not by_call:
        for client in _all_clients():
            watch_requests(client, fate)
    for call in task.calls:
        adapters = Watched(adapters_of(task.settings, call.minutes), fate, by_call=by_call)
        try:
            result = getattr(Services(task.settings, adapters), call.use_case)(*call.given)
        except SmartInvoiceError as error:
            tell("error", error.code)
        else:
            tell("result", result)


def _all_clients() -> list[Any]:
    """The clients of a process that has all the time it may have."""
    model = _CLIENTS.bedrock_runtime(Settings().model_seconds)
    return [_CLIENTS.s3(), _CLIENTS.dynamodb(), _CLIENTS.sqs(), _CLIENTS.textract(), model]


def serve() -> None:
    """Do what is asked for until nobody asks any more."""
    _warm()
    gc.freeze()  # what is there now stays shared with the children
    for asked in _all_of(sys.stdin.buffer):
        sys.stdout.buffer.write(pickle.dumps(_ended(asked)))
        sys.stdout.buffer.flush()


def _ended(task: Task) -> Ended:
    """Let a child do the task."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _run(task, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        facts = list(_all_of(told))
    _, status = os.waitpid(child, 0)
    last: Mapping[str, Any] = dict(facts)
    steps = tuple(name for kind, name in facts if kind == "step")
    return Ended(os.WTERMSIG(status), steps, last.get("result"), last.get("error"))


def _run(task: Task, writing: int) -> None:
    """The child: it never returns."""

    def tell(kind: str, fact: Any) -> None:
        _write(writing, pickle.dumps((kind, fact)))

    try:
        _do(task, tell)
    except BaseException:  # noqa: BLE001 - the last boundary of this process
        tell("error", traceback.format_exc())
    finally:
        os._exit(0)


def _write(file: int, content: bytes) -> None:
    while content:
        content = content[os.write(file, content) :]


def _all_of(file: BinaryIO) -> Any:
    while True:
        try:
            yield pickle.load(file)
        except EOFError:
            return


def _warm() -> None:
    """Load and make whatever the children would have to: a document is read once, as far as that is free."""
    _all_clients()
    with TemporaryDirectory() as folder:
        settings = some_settings(Path(folder))
        adapters = PaidEmbeddedAdapters(settings, MovedClock(0))
        services = Services(settings, adapters)
        services.interpret_for_free(a_pdf_of([an_invoice_page(), an_invoice_page("INV-2")]))
        _ = services.process, services.reprocess, services.sweep
        adapters.close()
