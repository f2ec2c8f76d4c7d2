"""A PDF of only some pages of another, for readers that are paid by the page."""

import io
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from chalicelib.domain.document import Excerpt
from chalicelib.errors import RejectedError
from chalicelib.reading.pdf import PDFIUM, open_pdf

_NOT_ENCRYPTED = -1


def pdf_excerpt(content: bytes, numbers: Sequence[int]) -> Excerpt:
    """A PDF of the pages `numbers` (from 1), in that order, without encryption.

    The document itself where these are all of its pages and nothing is encrypted. `RejectedError` `encrypted` or
    `damaged`, the latter also when it has no such pages.
    """
    with PDFIUM, closing(open_pdf(content)) as document:
        if not numbers or min(numbers) < 1 or max(numbers) > len(document):
            raise _no_such_pages()
        sizes = tuple(document.get_page_size(number - 1) for number in numbers)
        if list(numbers) == list(range(1, len(document) + 1)) and not _is_encrypted(document):
            return Excerpt(content, sizes, is_whole=True)
        return Excerpt(_saved(document, numbers), sizes)


def _is_encrypted(document: Any) -> bool:
    return int(pdfium.FPDF_GetSecurityHandlerRevision(document.raw)) != _NOT_ENCRYPTED


def _saved(document: Any, numbers: Sequence[int]) -> bytes:
    stream = io.BytesIO()
    try:
        with closing(pypdfium2.PdfDocument.new()) as excerpt:
            excerpt.import_pages(document, [number - 1 for number in numbers])
            excerpt.save(stream)
    except pypdfium2.PdfiumError:
        raise _no_such_pages() from None
    return stream.getvalue()


def _no_such_pages() -> RejectedError:
    return RejectedError("damaged", "Some pages of this document cannot be opened. Please export or scan it again.")
