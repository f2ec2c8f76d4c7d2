"""What kind of document it is, by its title; and whether it is an invoice at all."""

from dataclasses import dataclass
from functools import lru_cache

from chalicelib.domain.invoice import DocumentType
from chalicelib.domain.wording import tokens
from chalicelib.extraction.layout import Cell, Sheet
from chalicelib.extraction.lexicon import lexicon

_PRIORITY = ("credit_note", "proforma", "statement", "other", "receipt", "invoice")
_MINIMUM = 0.3
_MOST_WORDS = 12  # more are a sentence
_DOUBT = {"other": 0.35, "statement": 0.2, "receipt": 0.1}


@dataclass(frozen=True)
class Title:
    """The kind of document and how sure it is (0–1); strength 0 means that no title was found."""

    document_type: DocumentType
    strength: float


def read_title(sheet: Sheet, languages: frozenset[str]) -> Title:
    """Weigh every title on the pages by how much of its cell it fills, how high it stands and how large it is."""
    weights: dict[str, float] = {}
    for row in sheet.rows:
        for cell in row.cells:
            for concept, weight in _weights(cell, row.page, sheet, languages):
                weights[concept] = max(weights.get(concept, 0.0), weight)
    if "invoice" in weights:  # an invoice speaks of orders, contracts and delivery notes; these seldom of invoices
        weights = {concept: weight - _DOUBT.get(concept, 0.0) for concept, weight in weights.items()}
    likely = [concept for concept in _PRIORITY if weights.get(concept, 0.0) >= _MINIMUM]
    if not likely:
        return Title(DocumentType.OTHER, 0.0)
    best = max(likely, key=lambda concept: (round(weights[concept], 1), -_PRIORITY.index(concept)))
    return Title(DocumentType(best), min(1.0, weights[best]))


def _weights(cell: Cell, page: int, sheet: Sheet, languages: frozenset[str]) -> list[tuple[str, float]]:
    found = _titles_in(cell.text, languages)
    if not found:
        return []
    high = 0.3 * (1 - cell.rect.top) if page == 1 else 0.0
    large = min(0.4, 0.3 * max(0.0, cell.rect.height / sheet.line_height - 1))
    return [(concept, weight + high + large) for concept, weight in found]


@lru_cache(maxsize=8192)
def _titles_in(text: str, languages: frozenset[str]) -> tuple[tuple[str, float], ...]:
    """Titles, each with what it weighs for the share of the text that it fills, and for where it begins."""
    words = [token.text for token in tokens(text) if not token.text.isdigit()]
    if not words or len(words) > _MOST_WORDS:
        return ()
    hits = ((hit, hit.concept(languages)) for hit in lexicon().titles.find(words))
    return tuple(
        (concept, 0.5 * ((hit.end - hit.start) / len(words)) + (0.25 if hit.start == 0 else 0.0))
        for hit, concept in hits
        if concept
    )
