"""From the bytes of a document to a decided invoice."""

from typing import NamedTuple

from chalicelib.domain.document import MediaType
from chalicelib.domain.finding import Decision
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.record import Outcome
from chalicelib.ports import Clock, DocumentReader, OcrEngine
from chalicelib.settings import Settings


class Interpretation(NamedTuple):
    """What one document gave."""

    outcome: Outcome
    media_type: MediaType
    pages: int


class Interpret:
    """Read, extract, check, decide."""

    def __init__(self, reader: DocumentReader, ocr: OcrEngine | None, clock: Clock, settings: Settings) -> None:
        self._reader = reader
        self._ocr = ocr
        self._clock = clock
        self._settings = settings

    def __call__(self, content: bytes) -> Interpretation:
        """The outcome; `RejectedError` when the document is at fault."""
        read = self._reader.read(content)
        outcome = Outcome(invoice=read.einvoice or Invoice(), decision=Decision.NEEDS_REVIEW, reasons=("no_rules",))
        return Interpretation(outcome, read.media_type, read.page_count)
