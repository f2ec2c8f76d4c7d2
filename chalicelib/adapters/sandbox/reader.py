"""The reader whose native code runs in a process of its own, so that one file cannot take this one down."""

from collections.abc import Sequence

from chalicelib.adapters.sandbox.child import Child
from chalicelib.adapters.sandbox.frames import Frame
from chalicelib.adapters.sandbox.wire import unpacked_document, unpacked_excerpt
from chalicelib.adapters.sandbox.workers import Workers
from chalicelib.domain.document import Excerpt, ReadDocument
from chalicelib.reading.limits import limits_of
from chalicelib.reading.sniffing import inspect
from chalicelib.settings import Settings

_CHILD_MODULE = "chalicelib.adapters.sandbox.reading_child"


class SandboxedReader:
    """A `DocumentReader` whose child may use `read_seconds` and `read_memory_bytes` of the settings for a document.

    Thread-safe; up to `processes` documents are read at the same time. The children start with the first document.
    """

    def __init__(self, settings: Settings, *, processes: int = 1) -> None:
        self._limits = limits_of(settings)
        self._seconds = settings.read_seconds
        arguments = [str(number) for number in (settings.read_memory_bytes, settings.read_seconds, *self._limits)]
        self._workers = Workers(lambda: Child(_CHILD_MODULE, arguments), count=processes)

    def read(self, content: bytes) -> ReadDocument:
        """Read embedded e-invoice XML and text layer.

        `RejectedError` when the document is at fault: the codes of `read_document`, and `too_complex` or `unreadable`
        when reading it takes too long or breaks the process. `UnavailableError` when no process can be started.
        """
        inspect(content, self._limits)  # what is refused at first sight costs no journey
        return unpacked_document(self._workers.ask(Frame({}, content), self._seconds))

    def excerpt(self, content: bytes, numbers: Sequence[int]) -> Excerpt:
        """A PDF of only the pages `numbers` (from 1) of another, and their sizes. Raises as `read` does."""
        answer = self._workers.ask(Frame({"excerpt": list(numbers)}, content), self._seconds)
        return unpacked_excerpt(answer, content)

    def close(self) -> None:
        """End the child processes. The reader stays usable."""
        self._workers.close()
