"""Amazon Textract reads scans: words alone, or what they mean on an invoice, too."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chalicelib.adapters.aws.clients import TEXTRACT_READ_SECONDS, AwsClients
from chalicelib.adapters.aws.failures import TOO_LARGE_FOR_OCR
from chalicelib.adapters.aws.textract_answers import count_of, mapping, mappings, text_of
from chalicelib.adapters.aws.textract_calls import FIELDS, SERVICE, WORDS, Api, Deadline, TextractCalls, pending
from chalicelib.adapters.aws.textract_expenses import hints_of
from chalicelib.adapters.aws.textract_sending import Excerpts, Sent, to_send
from chalicelib.adapters.aws.textract_words import all_blocks, pages_of, sheets_of
from chalicelib.domain.document import MediaType
from chalicelib.domain.hint import Hints
from chalicelib.domain.usage import Usage
from chalicelib.errors import RejectedError
from chalicelib.ports import Depth, OcrReading
from chalicelib.reading.limits import limits_of
from chalicelib.reading.sniffing import inspect
from chalicelib.settings import Settings

# Textract's own limits (https://docs.aws.amazon.com/textract/latest/dg/limits-document.html), in decimal megabytes:
# it is not said which are meant, and these are the smaller.
_MAX_BYTES_WITH_CALL = 5_000_000
_MAX_BYTES_AT_ONCE = 10_000_000
_IMAGES = frozenset({MediaType.PNG, MediaType.JPEG})
_LEAST_SECONDS = 5.0  # in less, hardly any page is read, and its price would be lost
_APIS: Mapping[Depth, Api] = {Depth.WORDS: WORDS, Depth.FIELDS: FIELDS}


class TextractOcr:
    """An `OcrEngine` that costs money. `Depth.WORDS` is DetectDocumentText, `Depth.FIELDS` AnalyzeExpense.

    One page is read at once, several as a job; so is one page when less time is left than an answer at once may take.
    `now` and `wait` are the monotonic clock and how to wait on it.
    """

    depths = frozenset(_APIS)

    def __init__(
        self,
        settings: Settings,
        clients: AwsClients,
        excerpts: Excerpts,
        *,
        now: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._limits = limits_of(settings)
        self._seconds = settings.textract_seconds
        self._calls = TextractCalls(settings, clients)
        self._excerpts = excerpts
        self._now = now
        self._wait = wait

    def estimate(self, pages: int, depth: Depth = Depth.WORDS) -> Usage:
        """So many pages of the operation that `depth` asks for."""
        return Usage.of(SERVICE, _APIS[depth].operation, pages=pages)

    def read_pages(
        self,
        content: bytes,
        media_type: MediaType,
        numbers: Sequence[int],
        depth: Depth = Depth.WORDS,
        seconds: float | None = None,
    ) -> OcrReading:
        """The pages `numbers` (from 1), upright, in order; those that Textract could not read are left out.

        Takes about `seconds` (at most those of the settings). `UnavailableError`
        `textract_pending` when they are not enough: asked again for the same pages, it goes on with the same job and
        nothing is billed twice. `RejectedError` `unreadable_for_ocr` or `too_large_for_ocr` when Textract will not read
        this document.
        """
        if not numbers:
            return OcrReading((), self.estimate(0, depth))
        inspect(content, self._limits)
        limit = self._seconds if seconds is None else min(seconds, self._seconds)
        deadline = Deadline(limit, self._now, self._wait)
        sent = to_send(content, media_type, numbers, self._excerpts)
        answer = self._answer(_APIS[depth], sent, deadline)
        return _reading(answer, sent, self.estimate(_page_count(answer, sent), depth))

    def _answer(self, api: Api, sent: Sent, deadline: Deadline) -> Mapping[str, Any]:
        if deadline.left < _LEAST_SECONDS:
            raise pending()
        is_image, is_large = sent.media_type in _IMAGES, len(sent.content) > _MAX_BYTES_AT_ONCE
        if is_image and is_large:
            raise _too_large()
        if len(sent.numbers) > 1 or is_large or deadline.left < TEXTRACT_READ_SECONDS:
            return self._calls.ask_for_job(api, sent, deadline)
        if is_image and len(sent.content) <= _MAX_BYTES_WITH_CALL:
            return self._calls.ask_with_bytes(api, sent)
        try:
            return self._calls.ask(api, sent)
        except RejectedError as error:
            if error.code != TOO_LARGE_FOR_OCR:
                raise
        return self._calls.ask_for_job(api, sent, deadline)  # whose limits are wider


def _reading(answer: Mapping[str, Any], sent: Sent, usage: Usage) -> OcrReading:
    """An answer in our types."""
    blocks = all_blocks(answer)
    sheets = sheets_of(blocks, sent.numbers, sent.sizes)
    unread = {page for warning in mappings(answer.get("Warnings")) for page in _pages_of(warning)}
    hints = hints_of(answer, sheets) if "ExpenseDocuments" in answer else Hints()
    request_id = text_of(mapping(answer.get("ResponseMetadata")).get("RequestId")) or None
    return OcrReading(pages_of(blocks, sheets, unread), usage, hints, request_id)


def _pages_of(warning: Mapping[str, Any]) -> list[int]:
    pages = warning.get("Pages")
    return [page for page in pages if count_of(page)] if isinstance(pages, list) else []


def _page_count(answer: Mapping[str, Any], sent: Sent) -> int:
    """The pages that are billed: as many as Textract says, or else as were sent."""
    return count_of(mapping(answer.get("DocumentMetadata")).get("Pages")) or len(sent.numbers)


def _too_large() -> RejectedError:
    return RejectedError(
        TOO_LARGE_FOR_OCR, "This picture has more than the 10 MB that OCR takes. Please scan it with 300 dpi or less."
    )
