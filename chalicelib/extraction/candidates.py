"""A candidate is a value that may be right for a field, with its evidence and what speaks for it."""

from dataclasses import dataclass
from typing import Self

from chalicelib.domain.geometry import Box
from chalicelib.domain.invoice import FieldName
from chalicelib.domain.source import Source
from chalicelib.extraction.layout import Cell


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

    @classmethod
    def printed(cls, field: FieldName, value: str, cell: Cell, start: int, end: int, strength: float) -> Self:
        """A value that stands in a cell's text, from `start` to `end`."""
        return cls(
            field,
            value,
            cell.text[start:end],
            cell.page,
            cell.box_between(start, end),
            strength,
            cell.source,
            cell.legibility_between(start, end),
        )
