"""Which step read a value."""

from enum import StrEnum


class Source(StrEnum):
    """From the exact and free to the paid and the human."""

    EINVOICE = "einvoice"
    TEXT = "text"
    OCR = "ocr"
    TEXTRACT = "textract"
    MODEL = "model"
    HUMAN = "human"


PICTURED = frozenset({Source.OCR, Source.TEXTRACT})
"""Who reads pictures: a letter may be misread, and each word comes with a confidence."""
