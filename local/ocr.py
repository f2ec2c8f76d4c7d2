"""The embedded OCR engine: RapidOCR in a process of its own, its models inside its wheel."""

import time
from collections.abc import Iterator, Sequence

from chalicelib.adapters.sandbox.child import Child
from chalicelib.adapters.sandbox.frames import Frame
from chalicelib.adapters.sandbox.wire import unpacked_pages
from chalicelib.adapters.sandbox.workers import Workers
from chalicelib.domain.document import MediaType, Page
from chalicelib.domain.usage import Usage
from chalicelib.errors import RejectedError
from chalicelib.ports import Depth, OcrReading
from chalicelib.reading.limits import limits_of
from chalicelib.reading.sniffing import inspect
from chalicelib.settings import Settings

_CHILD_MODULE = "local.ocr_child"
# Address space, most of it never touched: the libraries map far more than the 1.1 GB they use.
_MEMORY_BYTES = 3_000_000_000
_MAX_QUESTIONS = 300
_PAGE_CPU_SECONDS = 45.0  # a dense page, read twice, takes 15 on a slow machine
_PAGE_SECONDS = 120.0  # wall clock: a busy machine is not the document's fault
_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}


class EmbeddedOcr:
    """An `OcrEngine` that needs no network. The process and its models (2 seconds) are loaded with the first page."""

    depths = frozenset({Depth.WORDS})

    def __init__(self, settings: Settings) -> None:
        self._limits = limits_of(settings)
        self._seconds = settings.ocr_seconds
        arguments = [str(_MEMORY_BYTES), str(_PAGE_CPU_SECONDS)]
        self._workers = Workers(lambda: Child(_CHILD_MODULE, arguments, _ENVIRONMENT), max_questions=_MAX_QUESTIONS)

    def estimate(self, pages: int, depth: Depth = Depth.WORDS) -> Usage:  # noqa: ARG002 - free at any depth
        """The pages, which cost nothing."""
        return _used(pages)

    def read_pages(
        self,
        content: bytes,
        media_type: MediaType,
        numbers: Sequence[int],
        depth: Depth = Depth.WORDS,  # noqa: ARG002 - there are only words here
        seconds: float | None = None,
    ) -> OcrReading:
        """The pages `numbers` (from 1), upright, in order; and what reading them used.

        Pages that cannot be shown are left out, and those that were not begun within `ocr_seconds` of the settings.
        `RejectedError` when no page at all could be read, with the first page's code.
        """
        inspect(content, self._limits)
        limit = self._seconds if seconds is None else min(seconds, self._seconds)
        pages = tuple(self._pages(content, media_type, numbers, limit))
        return OcrReading(pages, _used(len(pages)))

    def close(self) -> None:
        """End the child process. The engine stays usable."""
        self._workers.close()

    def _pages(self, content: bytes, media_type: MediaType, numbers: Sequence[int], seconds: float) -> Iterator[Page]:
        until = time.monotonic() + seconds
        problem: RejectedError | None = None
        is_any_read = False
        for number in numbers:
            if time.monotonic() >= until:
                break
            try:
                yield self._page(content, media_type, number)
                is_any_read = True
            except RejectedError as error:
                problem = problem or error
        if problem and not is_any_read:
            raise problem

    def _page(self, content: bytes, media_type: MediaType, number: int) -> Page:
        answer = self._workers.ask(Frame({"media_type": media_type, "number": number}, content), _PAGE_SECONDS)
        (page,) = unpacked_pages(answer.header["pages"], answer.block)
        return page


def _used(pages: int) -> Usage:
    return Usage.of("rapidocr", pages=pages)
