"""What is sent to Textract: exactly the pages that are to be read, because each one costs."""

import base64
import hashlib
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from chalicelib.domain.document import Excerpt, MediaType
from chalicelib.domain.upload import ocr_folder
from chalicelib.errors import RejectedError
from chalicelib.reading.sniffing import image_sizes
from chalicelib.reading.tiff_excerpt import tiff_excerpt

_ENDINGS = {MediaType.PDF: "pdf", MediaType.TIFF: "tiff", MediaType.PNG: "png", MediaType.JPEG: "jpg"}


class Excerpts(Protocol):
    """Makes PDFs of some pages of others, in a process of its own."""

    def excerpt(self, content: bytes, numbers: Sequence[int]) -> Excerpt:
        """A PDF of the pages `numbers` (from 1), and their sizes; `RejectedError` when the document is at fault."""


class Sent(NamedTuple):
    """A document for Textract: its page `k` is page `numbers[k - 1]` of ours, of the size `sizes[k - 1]`.

    `sha256` is that of the original: an excerpt made twice need not have the same bytes.
    """

    content: bytes
    media_type: MediaType
    numbers: tuple[int, ...]
    sizes: tuple[tuple[float, float], ...]
    sha256: str

    @property
    def key(self) -> str:
        """Where it is put for Textract: the same for the same pages of the same original."""
        return f"{ocr_folder(self.sha256)}{_ranges(self.numbers)}.{_ENDINGS[self.media_type]}"


def to_send(content: bytes, media_type: MediaType, numbers: Sequence[int], excerpts: Excerpts) -> Sent:
    """The pages `numbers` (from 1) of a document, alone; `RejectedError` when it has none of them, or is no picture."""
    sha256 = hashlib.sha256(content).hexdigest()
    if media_type is MediaType.PDF:
        excerpt = excerpts.excerpt(content, numbers)
        return Sent(excerpt.content, media_type, tuple(numbers), excerpt.sizes, sha256)
    if media_type not in _ENDINGS:
        raise RejectedError("unreadable_for_ocr", "This is no picture and no PDF; there is nothing for OCR to read.")
    sizes = image_sizes(content, media_type)
    if not 0 < min(numbers) <= max(numbers) <= len(sizes):
        raise RejectedError("damaged", "Some pages of this image are missing. Please scan it again.")
    if media_type is MediaType.TIFF and len(sizes) > 1:
        content = tiff_excerpt(content, numbers)
    wanted = tuple((float(sizes[number - 1].width), float(sizes[number - 1].height)) for number in numbers)
    return Sent(content, media_type, tuple(numbers), wanted, sha256)


def token_of(bucket: str, sent: Sent, operation: str, attempt: int) -> str:
    """The `ClientRequestToken` of a job (43 characters): the same for whoever asks the same, at whatever time.

    `attempt` is 0, and more for a job that has to be started anew.
    """
    parts = (bucket, sent.key, sent.sha256, operation, _ranges(sent.numbers), str(attempt))
    digest = hashlib.sha256("\n".join(parts).encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")[:64]


def _ranges(numbers: Sequence[int]) -> str:
    """Numbers as a part of a key.

    >>> _ranges([1, 2, 3, 7])
    '1-3_7'
    """
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and ranges[-1][-1] == number - 1:
            ranges[-1] = [ranges[-1][0], number]
        else:
            ranges.append([number])
    return "_".join("-".join(map(str, one)) for one in ranges)
