"""How to reach the supplier: e-mail, telephone, web site, outside the buyer's block."""

import re
from collections.abc import Iterator

from chalicelib.domain.invoice import FieldName
from chalicelib.extraction.candidates import Candidate
from chalicelib.extraction.labels import FoundLabel, places_for
from chalicelib.extraction.layout import Cell, Sheet

_EMAIL = re.compile(r"[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+")
_WEBSITE = re.compile(r"(?:https?://)?www\.[\w\-]+(?:\.[\w\-]+)+", re.IGNORECASE)
_PHONE = re.compile(r"\+?\(?\d[\d\s()./\-]{6,20}\d")


def find_contacts(sheet: Sheet, labels: dict[int, list[FoundLabel]]) -> Iterator[Candidate]:
    """Candidates for the supplier's e-mail, web site and telephone; whose they are is decided with the parties."""
    for cell in sheet.cells:
        if "@" in cell.text:
            yield from _found(FieldName.SUPPLIER_EMAIL, _EMAIL, cell)
        if "www." in cell.text.lower():
            yield from _found(FieldName.SUPPLIER_WEBSITE, _WEBSITE, cell)
    for row in labels.values():
        for label in row:
            if label.concept == "phone":
                yield from _phone(label, sheet, labels)


def _found(name: FieldName, pattern: re.Pattern[str], cell: Cell) -> Iterator[Candidate]:
    for match in pattern.finditer(cell.text):
        yield _candidate(name, match[0].rstrip("."), cell, match.start(), 0.85)


def _phone(label: FoundLabel, sheet: Sheet, labels: dict[int, list[FoundLabel]]) -> Iterator[Candidate]:
    place = next(places_for(label, sheet, labels), None)
    match = _PHONE.search(place.text) if place else None
    if place and match and match.start() < 6:
        yield _candidate(FieldName.SUPPLIER_PHONE, match[0].strip(), place.cell, place.start + match.start(), 0.8)


def _candidate(name: FieldName, text: str, cell: Cell, start: int, strength: float) -> Candidate:
    return Candidate.printed(name, text, cell, start, start + len(text), strength)
