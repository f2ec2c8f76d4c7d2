"""Bytes → read document: the embedded e-invoice, the words of the text layer, and what was noticed on the way."""

from chalicelib.domain.document import MediaType, ReadDocument
from chalicelib.reading.limits import Limits
from chalicelib.reading.pdf import read_pdf
from chalicelib.reading.sniffing import image_sizes, inspect


def read_document(content: bytes, limits: Limits) -> ReadDocument:
    """Read what a document says without OCR; `RejectedError` when the document is at fault.

    Images have pages but no words: those are for an `OcrEngine`, as are the pages in `ocr_pages` of a PDF.
    """
    media_type = inspect(content, limits)
    if media_type is MediaType.PDF:
        return _read_pdf(content, limits)
    if media_type is MediaType.XML:
        return ReadDocument(media_type, page_count=1)
    page_count = len(image_sizes(content, media_type))
    return ReadDocument(media_type, page_count, ocr_pages=tuple(range(1, page_count + 1)))


def _read_pdf(content: bytes, limits: Limits) -> ReadDocument:
    pdf = read_pdf(content, limits)
    return ReadDocument(
        MediaType.PDF,
        pdf.page_count,
        pages=pdf.pages,
        text_layer=pdf.text_layer,
        remarks=pdf.remarks,
        ocr_pages=pdf.ocr_pages,
    )
