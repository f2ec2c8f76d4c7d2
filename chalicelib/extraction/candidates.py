"""A candidate is a value that may be right for a field, with its evidence and what speaks for it."""

from dataclasses import dataclass

from chalicelib.domain.geometry import Box
from chalicelib.domain.invoice import FieldName
from chalicelib.domain.source import Source


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """`value` is normalised, `text` is what is printed; `strength` (0–1) is how much speaks for it.

    `legibility` (0–1) is the OCR engine's confidence in the least certain of its words.
    """

    field: FieldName
    value: str
    text: str
    page: int
    box: Box
    strength: float
    source: Source = Source.TEXT
    legibility: float = 1.0
