"""PDF → words with places, embedded XML, and what was noticed on the way."""

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from chalicelib.domain.document import Page, TextLayer
from chalicelib.errors import RejectedError
from chalicelib.reading.limits import Limits
from chalicelib.reading.pdf_page import PdfPage, Trust, read_page
from chalicelib.reading.sniffing import too_many_pages

# PDFium is not thread-safe at all: without one lock for the process, half of the answers are wrong.
PDFIUM = threading.Lock()

_MAX_ATTACHMENTS = 20
_MAX_ANNOTATIONS = 2_000
_WITH_TEXT = frozenset({pdfium.FPDF_ANNOT_WIDGET, pdfium.FPDF_ANNOT_FREETEXT})
_MIN_HIDDEN_LENGTH = 8  # characters: a logo's white letters are fewer
_A4 = (595.0, 842.0)  # points: the size of a page that cannot be opened
_ACTIVE = re.compile(rb"/(?:JavaScript|JS|Launch|RichMedia|XFA|SubmitForm|ImportData)\b")
_HEX_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")


class Attachment(NamedTuple):
    """A file inside the PDF."""

    name: str
    content: bytes


class Pdf(NamedTuple):
    """What was read of a PDF.

    `pages` hold the words a person can see; where there are none in the whole document (`TextLayer.POOR`), those of
    the hidden layer. `ocr_pages` are the numbers of the pages that show something this reader could not read.
    """

    page_count: int
    pages: tuple[Page, ...]
    text_layer: TextLayer
    ocr_pages: tuple[int, ...]
    attachments: tuple[Attachment, ...]
    remarks: tuple[str, ...]


def read_pdf(content: bytes, limits: Limits) -> Pdf:
    """Read every page; `RejectedError` with the code `encrypted`, `damaged` or `too_many_pages`.

    A PDF that only restricts what may be done with it (an owner's password) is read.
    """
    with PDFIUM, closing(open_pdf(content)) as document:
        page_count = len(document)
        if page_count > limits.max_pages:
            raise too_many_pages(page_count, limits.max_pages)
        pages = [_page(document, index) for index in range(page_count)]
        attachments = tuple(_xml_attachments(document, limits))
        remarks = tuple(_remarks(document, content, pages))
    if all(page is None for page in pages):
        raise _damaged()
    return _judged(pages, attachments, remarks)


def open_pdf(content: bytes) -> Any:
    """PDFium's document, to be used and closed under `PDFIUM`; `RejectedError` `encrypted` or `damaged`."""
    try:
        return pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if error.err_code in {pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY}:
            raise RejectedError(
                "encrypted", "This PDF is protected by a password. Please send it without the password."
            ) from None
        raise _damaged() from None


def _page(document: Any, index: int) -> PdfPage | None:
    """One page, or `None` when it is too damaged to be opened."""
    try:
        with closing(_with_form_values(document, index)) as page, closing(page.get_textpage()) as textpage:
            return read_page(index + 1, page.raw, textpage.raw)
    except pypdfium2.PdfiumError:
        return None


def _with_form_values(document: Any, index: int) -> Any:
    """A page on which what was typed into form fields and notes is text like any other."""
    page = document[index]
    count = pdfium.FPDFPage_GetAnnotCount(page)
    if not any(_subtype(page, place) in _WITH_TEXT for place in range(min(count, _MAX_ANNOTATIONS))):
        return page
    pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY)
    page.close()
    return document[index]


def _subtype(page: Any, place: int) -> int:
    annotation = pdfium.FPDFPage_GetAnnot(page, place)
    kind = pdfium.FPDFAnnot_GetSubtype(annotation)
    pdfium.FPDFPage_CloseAnnot(annotation)
    return int(kind)


def _judged(pages: Sequence[PdfPage | None], attachments: tuple[Attachment, ...], remarks: tuple[str, ...]) -> Pdf:
    trusts = {page.trust for page in pages if page}
    if Trust.VISIBLE in trusts:
        layer, kept = TextLayer.GOOD, Trust.VISIBLE
    elif Trust.HIDDEN in trusts:
        layer, kept = TextLayer.POOR, Trust.HIDDEN
    else:
        layer, kept = TextLayer.NONE, Trust.ABSENT
    read = (
        page.page if page and page.trust is kept else _without_words(number, page)
        for number, page in enumerate(pages, start=1)
    )
    unread = (page.page.number for page in pages if page and page.trust in {Trust.HIDDEN, Trust.ABSENT})
    return Pdf(len(pages), tuple(read), layer, tuple(unread), attachments, remarks)


def _without_words(number: int, page: PdfPage | None) -> Page:
    return page.page._replace(words=()) if page else Page(number, *_A4, ())


def _remarks(document: Any, content: bytes, pages: Sequence[PdfPage | None]) -> Iterator[str]:
    if any(page is None for page in pages):
        yield "pages_not_read"
    if sum(page.hidden_length for page in pages if page) >= _MIN_HIDDEN_LENGTH:
        yield "hidden_text"
    if _is_active(document, content):
        yield "active_content"


def _is_active(document: Any, content: bytes) -> bool:
    """Whether the PDF holds scripts, programs to launch, or forms that send themselves. They are never run here."""
    if pdfium.FPDFDoc_GetJavaScriptActionCount(document) > 0:
        return True
    outside = b"".join(part.partition(b"stream")[0] for part in content.split(b"endstream"))
    return _ACTIVE.search(_HEX_ESCAPE.sub(lambda escape: bytes([int(escape[1], 16)]), outside)) is not None


def _xml_attachments(document: Any, limits: Limits) -> Iterator[Attachment]:
    """The attached XML files. One that is too large comes without its content."""
    for index in range(min(document.count_attachments(), _MAX_ATTACHMENTS)):
        attachment = _attachment(document, index)
        if attachment and attachment.name.lower().endswith(".xml"):
            is_bearable = len(attachment.content) <= limits.max_xml_bytes
            yield attachment if is_bearable else Attachment(attachment.name, b"")


def _attachment(document: Any, index: int) -> Attachment | None:
    try:
        attachment = document.get_attachment(index)
        return Attachment(attachment.get_name(), bytes(attachment.get_data()))
    except pypdfium2.PdfiumError:
        return None


def _damaged() -> RejectedError:
    return RejectedError(
        "damaged", "This PDF is damaged and cannot be opened. Please export or scan it again and send that."
    )
