"""Hints as candidates: what a paid reader says is looked for on the pages, and read as the rules read it.

What does not stand on the pages is dropped, whoever said it. The value is always that of the print.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from chalicelib.domain.hint import Hint
from chalicelib.domain.invoice import AMOUNT_FIELDS, DATE_FIELDS, FieldName
from chalicelib.domain.source import Source
from chalicelib.domain.wording import folded, tokens
from chalicelib.extraction.candidates import Candidate
from chalicelib.extraction.codes import MAX_LENGTH, read_code
from chalicelib.extraction.company_names import is_name, restored
from chalicelib.extraction.dates import Order, find_dates
from chalicelib.extraction.identifiers import BIC, read_tax_id, valid_iban
from chalicelib.extraction.lexicon import world
from chalicelib.extraction.whereabouts import Stretch, Whereabouts

_CODES = frozenset(
    {
        FieldName.INVOICE_NUMBER, FieldName.PURCHASE_ORDER, FieldName.BUYER_REFERENCE, FieldName.PRECEDING_INVOICE,
        FieldName.CUSTOMER_NUMBER, FieldName.PAYMENT_REFERENCE, FieldName.SUPPLIER_REGISTRATION,
    }
)  # fmt: skip
_MAY_BE_WORDS = frozenset({FieldName.PURCHASE_ORDER, FieldName.BUYER_REFERENCE})
_NAMES = frozenset({FieldName.SUPPLIER_NAME, FieldName.BUYER_NAME})
_TAX_IDS = frozenset({FieldName.SUPPLIER_TAX_ID, FieldName.BUYER_TAX_ID})
_LONGEST = 300  # characters
_MODEL_ALONE = 0.5  # the strength of what only a model says
_ON_PICTURES = 0.85  # what a picture leaves of it
_AGREED = {Source.TEXTRACT: 0.25, Source.MODEL: 0.15}  # what a second opinion adds to a rule's strength
_MOST = 0.98


class Notation(NamedTuple):
    """How this document writes: which of day and month comes first."""

    order: Order


def hinted_candidates(hints: Iterable[Hint], places: Whereabouts, notation: Notation) -> Iterator[Candidate]:
    """A candidate for each hint about anything but an amount that stands on the pages and can be read."""
    for hint in hints:
        if hint.field in AMOUNT_FIELDS or len(hint.text) > _LONGEST:
            continue
        for place in places.find(hint.text, hint.page, hint.box)[:1]:
            if value := _read(hint.field, place.text, notation):
                yield _candidate(hint, value, place)


def second_opinion(candidates: Sequence[Candidate], hinted: Iterable[Candidate]) -> list[Candidate]:
    """The rules' candidates, the stronger for each hint that agrees; and the hints that no rule agrees with."""
    weighed, alone = list(candidates), []
    for hint in hinted:
        agreeing = [place for place, one in enumerate(weighed) if says_the_same(one, hint)]
        for place in agreeing:
            weighed[place] = agreed(weighed[place], hint)
        if not agreeing:
            alone.append(hint)
    return [*weighed, *alone]


def agreed(candidate: Candidate, hint: Candidate) -> Candidate:
    """A rule's candidate with what a hint adds to its strength; its evidence stays its own."""
    more = _AGREED.get(hint.source, 0.0) * min(1.0, hint.strength / _MODEL_ALONE)
    return replace(candidate, strength=min(_MOST, max(candidate.strength, candidate.strength + more)))


def says_the_same(one: Candidate, other: Candidate) -> bool:
    """Whether two candidates have one field and value; of two names, one may be the other's beginning."""
    if one.field is not other.field:
        return False
    mine, yours = folded(one.value), folded(other.value)
    if one.field in _NAMES:
        return f"{mine} ".startswith(f"{yours} ") or f"{yours} ".startswith(f"{mine} ")
    return mine.replace(" ", "") == yours.replace(" ", "")


def _candidate(hint: Hint, value: str, place: Stretch) -> Candidate:
    return Candidate(
        field=hint.field,
        value=value,
        text=place.quoted,
        page=place.page,
        box=place.box,
        strength=_alone(hint, place.source),
        source=hint.source,
        legibility=place.legibility,
    )


def _alone(hint: Hint, page_source: Source) -> float:
    """How much a hint is worth that no rule agrees with: Textract's grows with its confidence.

    At 0.95 it is 0.74, or 0.45 for a supplier (curves differ): enough to be given, and a supplier not to pass.
    """
    sure = max(0.0, min(1.0, hint.confidence)) ** 2
    if hint.source is Source.TEXTRACT:
        return 0.5 * sure if hint.field is FieldName.SUPPLIER_NAME else 0.3 + 0.49 * sure
    return _MODEL_ALONE if page_source is Source.TEXT else _MODEL_ALONE * _ON_PICTURES


def _read(name: FieldName, text: str, notation: Notation) -> str | None:
    """The normalised value of a printed text, or `None` where it cannot be one of this field."""
    if name in DATE_FIELDS:
        return _date(text, notation.order)
    if name in _CODES:
        return _code(name, text)
    if name in _NAMES:
        return restored(text) if is_name(text, tokens(text)) else None
    if name in _TAX_IDS:
        return read_tax_id(text)
    return _exactly(name, text)


def _exactly(name: FieldName, text: str) -> str | None:
    if name is FieldName.IBAN:
        return valid_iban(text)
    if name is FieldName.BIC:
        found = BIC.fullmatch(re.sub(r"\s", "", text))
        return found[0] if found else None
    if name is FieldName.CURRENCY:
        return text if text in world().currencies else None
    return text


def _date(text: str, order: Order) -> str | None:
    """The one date in a text."""
    found = find_dates(text)
    value = found[0].value(order) if len(found) == 1 else None
    return value.isoformat() if value else None


def _code(name: FieldName, text: str) -> str | None:
    found = read_code(text)
    if found:
        return text[slice(*found)].strip(" .:;,-/#") or None
    is_short = name in _MAY_BE_WORDS and len(text) <= MAX_LENGTH
    return text if is_short and any(map(str.isdigit, text)) else None
