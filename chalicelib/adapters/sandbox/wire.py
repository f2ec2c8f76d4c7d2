"""A read document as a frame, and back: cheap enough for hundreds of words a page.

Texts travel as JSON; boxes and confidences as one block of doubles, so that they arrive as exact as they were.
"""

from array import array
from collections.abc import Iterable, Iterator
from itertools import chain, islice, repeat
from typing import Any

from chalicelib.adapters.sandbox.frames import Frame
from chalicelib.domain.document import Excerpt, MediaType, Page, ReadDocument, TextLayer, Word
from chalicelib.domain.geometry import Box
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.source import Source


def packed_document(document: ReadDocument) -> Frame:
    """The document as a frame."""
    pages, block = packed_pages(document.pages)
    header = {
        "media_type": document.media_type,
        "page_count": document.page_count,
        "pages": pages,
        "text_layer": document.text_layer,
        "einvoices": [invoice.model_dump_json() for invoice in _einvoices(document)],
        "remarks": document.remarks,
        "ocr_pages": document.ocr_pages,
    }
    return Frame(header, block)


def unpacked_document(frame: Frame) -> ReadDocument:
    """The document that `packed_document` packed."""
    header = frame.header
    einvoices = tuple(map(Invoice.model_validate_json, header["einvoices"]))
    return ReadDocument(
        media_type=MediaType(header["media_type"]),
        page_count=header["page_count"],
        pages=unpacked_pages(header["pages"], frame.block),
        text_layer=TextLayer(header["text_layer"]),
        einvoice=einvoices[0] if einvoices else None,
        remarks=tuple(header["remarks"]),
        ocr_pages=tuple(header["ocr_pages"]),
        more_einvoices=einvoices[1:],
    )


def _einvoices(document: ReadDocument) -> tuple[Invoice, ...]:
    return () if document.einvoice is None else (document.einvoice, *document.more_einvoices)


def packed_excerpt(excerpt: Excerpt) -> Frame:
    """The excerpt as a frame; without its content where that is the whole document."""
    return Frame({"sizes": excerpt.sizes}, b"" if excerpt.is_whole else excerpt.content)


def unpacked_excerpt(frame: Frame, whole: bytes) -> Excerpt:
    """The excerpt that `packed_excerpt` packed, of a document whose bytes are `whole`."""
    sizes = tuple((float(width), float(height)) for width, height in frame.header["sizes"])
    return Excerpt(frame.block or whole, sizes, is_whole=not frame.block)


def packed_pages(pages: Iterable[Page]) -> tuple[list[dict[str, Any]], bytes]:
    """A header for each page, and the boxes and confidences of all."""
    headers = []
    numbers = array("d")
    for page in pages:
        confidences = [word.confidence for word in page.words]
        certain = all(confidence == 1.0 for confidence in confidences)
        headers.append(
            {
                "number": page.number,
                "size": [page.width, page.height],
                "texts": [word.text for word in page.words],
                "source": page.source,
                "certain": certain,
            }
        )
        numbers.extend(chain.from_iterable(word.box for word in page.words))
        numbers.extend(() if certain else confidences)
    return headers, numbers.tobytes()


def unpacked_pages(headers: Iterable[dict[str, Any]], block: bytes) -> tuple[Page, ...]:
    """The pages that `packed_pages` packed."""
    numbers = array("d")
    numbers.frombytes(block)
    return tuple(_pages(headers, iter(numbers)))


def _pages(headers: Iterable[dict[str, Any]], numbers: Iterator[float]) -> Iterator[Page]:
    for header in headers:
        texts = header["texts"]
        edges = islice(numbers, 4 * len(texts))
        boxes = list(map(Box, edges, edges, edges, edges))
        confidences = repeat(1.0) if header["certain"] else islice(numbers, len(texts))
        words = tuple(map(Word, texts, boxes, confidences))
        width, height = header["size"]
        yield Page(header["number"], width, height, words, Source(header["source"]))
