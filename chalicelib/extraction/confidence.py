"""From what speaks for a value to the probability that it is right.

The curve was read off documents with known answers: how often a value of a given strength was right when no other
candidate came near it. A race between two candidates takes some of it away.
"""

from bisect import bisect_right
from itertools import pairwise

from chalicelib.domain.invoice import FieldName
from chalicelib.domain.source import PICTURED, Source

_CEILING = {Source.TEXT: 0.97, Source.OCR: 0.93, Source.TEXTRACT: 0.93, Source.MODEL: 0.9}
_CURVE = ((0.0, 0.1), (0.3, 0.6), (0.4, 0.75), (0.5, 0.86), (0.6, 0.92), (0.8, 0.95), (1.0, 0.97))
_NAME_CURVE = ((0.0, 0.1), (0.4, 0.45), (0.6, 0.7), (0.8, 0.86), (0.95, 0.92), (1.0, 0.94))
_PICTURED_NAME_CURVE = ((0.0, 0.1), (0.3, 0.6), (0.45, 0.82), (0.7, 0.88), (0.95, 0.93))
_WEAK_IN_OCR = 0.7  # a weak label and a misread digit together are worth less than each alone
_CLEAR_LEAD = 0.2
_ALONE = (0.3, 0.5)  # leads: no name that led by less than the first was sure, and from the second on nothing competes
_ALONE_PICTURED = (0.2, 0.4)
_ALONE_DOUBT = 0.5  # what is left of the doubt then
_TIED = 0.88  # what a tie leaves of the probability
_TIED_PICTURED_NAME = 0.7  # large letters at the top of a receipt may be anything: what comes near it counts
_LEGIBLE_NAME = 0.95  # OCR's own confidence, from which on names were as often right as their rank says
_LEGIBLE = 0.99
_ILLEGIBLE = 0.96  # what remains of a code, a date or a sum that OCR was not sure of


def probability(
    name: FieldName, strength: float, margin: float, source: Source, *, adds_up: bool = False, legibility: float = 1.0
) -> float:
    """A probability (0–1) from a candidate's strength (0–1), its lead over the next one, and the arithmetic.

    Amounts that add up are almost certain, whatever their labels say.
    """
    ceiling = _CEILING.get(source, 0.97)
    if adds_up:
        return round(min(0.985, ceiling + 0.02) * _legible(legibility), 3)
    is_name = name is FieldName.SUPPLIER_NAME
    if source in PICTURED and strength < _WEAK_IN_OCR:
        strength *= 0.8
    place = _undisputed(_on(_NAME_CURVE, strength), margin, _ALONE) if is_name else _on(_CURVE, strength)
    return round(max(0.05, min(ceiling, place * _lead(margin, _TIED)) * _legible(legibility)), 3)


def _undisputed(sure: float, margin: float, leads: tuple[float, float]) -> float:
    """A name that nothing else on the pages comes near is the likelier for it."""
    least, clear = leads
    share = min(1.0, max(0.0, (margin - least) / (clear - least)))
    return 1 - (1 - sure) * (1 - (1 - _ALONE_DOUBT) * share)


def _legible(legibility: float) -> float:
    return max(_ILLEGIBLE, min(1.0, 1 - 2 * (_LEGIBLE - legibility)))


def pictured_name_probability(strength: float, margin: float, legibility: float) -> float:
    """The same for a supplier's name that OCR read: one misread letter makes it a wrong name."""
    legible = min(1.0, legibility / _LEGIBLE_NAME) ** 2
    lead = _lead(margin, _TIED_PICTURED_NAME)
    sure = _undisputed(_on(_PICTURED_NAME_CURVE, strength), margin, _ALONE_PICTURED)
    return round(max(0.05, min(_CEILING[Source.OCR], sure * lead * legible)), 3)


def _lead(margin: float, tied: float) -> float:
    """What a race takes away: all but `tied` remains of a candidate without any lead."""
    return min(1.0, tied + (1 - tied) * max(0.0, margin) / _CLEAR_LEAD)


def _on(curve: tuple[tuple[float, float], ...], strength: float) -> float:
    """The curve's height at `strength`, on straight lines between its points."""
    if strength >= curve[-1][0]:
        return curve[-1][1]
    place = max(1, bisect_right([x for x, _ in curve], strength))
    (left, low), (right, high) = tuple(pairwise(curve))[place - 1]
    return low + (high - low) * (strength - left) / (right - left)
