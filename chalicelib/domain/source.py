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
