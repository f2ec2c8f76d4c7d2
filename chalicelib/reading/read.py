"""Bytes → read document: the embedded e-invoice, the words of the text layer, and what was noticed on the way."""

from collections.abc import Iterable

from chalicelib.domain.document import MediaType, ReadDocument
from chalicelib.domain.invoice import Invoice
from chalicelib.errors import RejectedError
from chalicelib.reading.einvoice.read import read_einvoices
from chalicelib.reading.limits import Limits
from chalicelib.reading.pdf import Attachment, read_pdf
from chalicelib.reading.signed import content_of
from chalicelib.reading.sniffing import image_sizes, inspect

_EINVOICE_NAMES = frozenset({"factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml"})


def read_document(content: bytes, limits: Limits) -> ReadDocument:
    """Read what a document says without OCR; `RejectedError` when the document is at fault.

    Images have pages but no words: those are for an `OcrEngine`, as are the pages in `ocr_pages` of a PDF.
    """
    media_type = inspect(content, limits)
    if media_type is MediaType.PDF:
        return _read_pdf(content, limits)
    if media_type is MediaType.XML:
        return _read_xml(content, media_type, limits)
    if media_type is MediaType.P7M:
        return _read_xml(_signed_xml(content, limits), media_type, limits)
    page_count = len(image_sizes(content, media_type))
    return ReadDocument(media_type, page_count, ocr_pages=tuple(range(1, page_count + 1)))


def _read_xml(xml: bytes, media_type: MediaType, limits: Limits) -> ReadDocument:
    first, *more = read_einvoices(xml, limits)
    return ReadDocument(media_type, page_count=1, einvoice=first, more_einvoices=tuple(more))


def _signed_xml(content: bytes, limits: Limits) -> bytes:
    signed = content_of(content)
    if inspect(signed, limits) is MediaType.XML:
        return signed
    raise RejectedError(
        "unreadable_envelope",
        "This signed file (p7m) holds something else than an e-invoice as XML. Please send the document without the "
        "signature around it.",
    )


def _read_pdf(content: bytes, limits: Limits) -> ReadDocument:
    pdf = read_pdf(content, limits)
    einvoices, remarks = _embedded(pdf.attachments, limits)
    return ReadDocument(
        MediaType.PDF,
        pdf.page_count,
        pages=pdf.pages,
        text_layer=pdf.text_layer,
        einvoice=einvoices[0] if einvoices else None,
        remarks=(*pdf.remarks, *remarks),
        ocr_pages=pdf.ocr_pages,
        more_einvoices=einvoices[1:],
    )


def _embedded(attachments: Iterable[Attachment], limits: Limits) -> tuple[tuple[Invoice, ...], tuple[str, ...]]:
    """The first e-invoice among the attachments. One that cannot be read is a remark: the pages still can."""
    codes = []
    for attachment in sorted(attachments, key=_is_named_otherwise):
        try:
            return read_einvoices(attachment.content, limits), ()
        except RejectedError as error:
            codes.append(error.code)
    unreadable = any(code != "not_an_einvoice" for code in codes)
    return (), ("einvoice_unreadable",) if unreadable else ()


def _is_named_otherwise(attachment: Attachment) -> bool:
    """Whether it has another name than the standards (Factur-X, ZUGFeRD, XRechnung, Order-X's kin) prescribe."""
    return attachment.name.lower() not in _EINVOICE_NAMES
