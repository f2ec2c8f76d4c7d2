"""From what speaks for a value to the probability that it is right."""

from chalicelib.domain.invoice import FieldName
from chalicelib.domain.source import Source

_CEILING = {Source.TEXT: 0.97, Source.OCR: 0.9}


def probability(name: FieldName, strength: float, margin: float, source: Source, *, adds_up: bool = False) -> float:
    """A probability (0–1) from a candidate's strength (0–1), its lead over the next one, and the arithmetic.

    Amounts that add up are almost certain; a close race between two candidates halves what the strength says.
    """
    ceiling = _CEILING.get(source, 0.97)
    if adds_up:
        return round(min(0.985, ceiling + 0.02), 3)
    lead = 1.0 if margin >= 0.2 else 0.75 + 1.25 * max(0.0, margin)
    weight = 0.9 if name is FieldName.SUPPLIER_NAME else 1.0
    return round(max(0.05, min(ceiling, strength * lead * weight)), 3)
