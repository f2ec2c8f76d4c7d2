"""A document is the bytes somebody sent; a read document is what stands on its pages."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from chalicelib.domain.geometry import Box
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.source import Source


class MediaType(StrEnum):
    """What a document is, decided by its bytes."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"
    TIFF = "image/tiff"
    XML = "application/xml"
    P7M = "application/pkcs7-mime"  # an XML in a signed envelope


class DocumentRef(BaseModel):
    """Where a stored document is. `version_id` and `sequencer` are S3's, when the event named them.

    The sequencer says which of two events of one key is the newer (`domain/versions.py`).
    """

    model_config = ConfigDict(frozen=True)

    key: str
    version_id: str | None = None
    sequencer: str | None = None


class Word(NamedTuple):
    """One word as it stands on a page. `confidence` (0–1) is the OCR engine's, 1.0 for a text layer.

    A named tuple and not a model: a page has hundreds of them, and they are made in the hottest loop.
    """

    text: str
    box: Box
    confidence: float = 1.0


class Page(NamedTuple):
    """One page, upright as a person would hold it. Width and height are points (PDF) or pixels (images)."""

    number: int
    width: float
    height: float
    words: tuple[Word, ...]
    source: Source = Source.TEXT


class Excerpt(NamedTuple):
    """A PDF of only some pages of another, and the width and height (points) of each. `is_whole`: these are all."""

    content: bytes
    sizes: tuple[tuple[float, float], ...]
    is_whole: bool = False


class PageRange(BaseModel):
    """Pages `first` to `last` of a document, both included, counted from 1."""

    model_config = ConfigDict(frozen=True)

    first: int
    last: int


class TextLayer(StrEnum):
    """How far the words of a PDF can be trusted before anything was checked."""

    GOOD = "good"
    POOR = "poor"  # hidden words under a scan, from somebody else's OCR
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """What stands on the pages of one document, and what came embedded in it.

    `einvoice` is the invoice of an e-invoice XML: the document itself, or the one embedded in a PDF. `more_einvoices`
    are further ones of the same XML.
    `text_layer` speaks of PDFs; images and XML have `none`. `remarks` are codes of what the reader noticed
    (`active_content`, `pages_not_read`, …) for the checks to turn into findings. `ocr_pages` are the numbers of the
    pages that show something the reader could not read: all pages of an image, the scanned ones of a PDF.

    A dataclass and not a model: its pages hold thousands of words that were checked where they were read.
    """

    media_type: MediaType
    page_count: int
    pages: tuple[Page, ...] = ()
    text_layer: TextLayer = TextLayer.NONE
    einvoice: Invoice | None = None
    remarks: tuple[str, ...] = ()
    ocr_pages: tuple[int, ...] = ()
    more_einvoices: tuple[Invoice, ...] = ()
