"""What a reader saw, as JSON: words with their boxes, just as exact as they were."""

from collections.abc import Iterable
from typing import Any

from chalicelib.domain.document import MediaType, Page, ReadDocument, TextLayer, Word
from chalicelib.domain.geometry import Box
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.source import Source


def document_to_json(read: ReadDocument) -> dict[str, Any]:
    """A read document; `document_from_json` gives it back."""
    return {
        "media_type": read.media_type.value,
        "page_count": read.page_count,
        "pages": pages_to_json(read.pages),
        "text_layer": read.text_layer.value,
        "einvoice": read.einvoice.model_dump(mode="json") if read.einvoice else None,
        "remarks": list(read.remarks),
        "ocr_pages": list(read.ocr_pages),
        "more_einvoices": [invoice.model_dump(mode="json") for invoice in read.more_einvoices],
    }


def document_from_json(kept: dict[str, Any]) -> ReadDocument:
    """The read document that was kept."""
    return ReadDocument(
        media_type=MediaType(kept["media_type"]),
        page_count=kept["page_count"],
        pages=pages_from_json(kept["pages"]),
        text_layer=TextLayer(kept["text_layer"]),
        einvoice=Invoice.model_validate(kept["einvoice"]) if kept["einvoice"] else None,
        remarks=tuple(kept["remarks"]),
        ocr_pages=tuple(kept["ocr_pages"]),
        more_einvoices=tuple(map(Invoice.model_validate, kept["more_einvoices"])),
    )


def pages_to_json(pages: Iterable[Page]) -> list[dict[str, Any]]:
    """Pages; a word is `[text, left, top, width, height, confidence]`."""
    return [
        {
            "number": page.number,
            "width": page.width,
            "height": page.height,
            "source": page.source.value,
            "words": [[word.text, *word.box, word.confidence] for word in page.words],
        }
        for page in pages
    ]


def pages_from_json(kept: Iterable[dict[str, Any]]) -> tuple[Page, ...]:
    """The pages that were kept."""
    return tuple(
        Page(
            page["number"],
            page["width"],
            page["height"],
            tuple(Word(text, Box(*box), confidence) for text, *box, confidence in page["words"]),
            Source(page["source"]),
        )
        for page in kept
    )
