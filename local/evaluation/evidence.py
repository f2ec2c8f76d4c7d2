"""What spoke for each value, and what it was preferred to: to explain errors, and to learn confidences from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from chalicelib.domain.document import ReadDocument
from chalicelib.domain.geometry import Box
from chalicelib.domain.invoice import AMOUNT_FIELDS, FieldName, Invoice, Value
from chalicelib.domain.record import Outcome
from chalicelib.domain.source import Source
from chalicelib.extraction.trace import Extraction

# In words: the product's own confidence; how much speaks for the value, and how much more than for the next one; how
# often it is printed again; how many others there are; the checks it passed, and the findings about it; whether it was
# read by OCR, and how legible its worst word is; whether net and tax give the total.
FEATURES = (
    "confidence",
    "strength",
    "lead",
    "again",
    "others",
    "checks",
    "doubts",
    "ocr",
    "legibility",
    "sum_holds",
)
_AMOUNT_CONCEPTS = {name.value: name for name in AMOUNT_FIELDS} | {
    "tax_base": FieldName.SUBTOTAL,
    "tax_part": FieldName.TAX,
}
_UNTELLING_CHECK = "grounded"  # nearly every value passes it


class Rival(NamedTuple):
    """A value that could have been chosen. `strength` (0–1) is of its best place, `times` counts its places."""

    value: str
    text: str
    strength: float
    page: int
    box: Box
    times: int = 1


class Evidence(NamedTuple):
    """Of one document: by field the features of the chosen value (as `FEATURES`) and all values seen for it.

    `amounts` is every printed amount without its sign. There are no features for values of an e-invoice.
    """

    features: Mapping[FieldName, tuple[float, ...]]
    rivals: Mapping[FieldName, tuple[Rival, ...]]
    amounts: frozenset[str]


NO_EVIDENCE = Evidence({}, {}, frozenset())


def evidence_of(read: ReadDocument, outcome: Outcome, extraction: Extraction) -> Evidence:
    """The evidence for an outcome, from the trace of its extraction."""
    rivals = rivals_of(extraction)
    features = {
        name: _features(name, value, rivals.get(name, ()), read, outcome)
        for name, value in outcome.invoice.fields.items()
        if value.source is not Source.EINVOICE
    }
    amounts = frozenset(plain_amount(amount.value) for amount in extraction.figures.all_amounts())
    return Evidence(features, rivals, amounts)


def rivals_of(extraction: Extraction) -> dict[FieldName, tuple[Rival, ...]]:
    """By field, every value that was seen for it, the strongest first."""
    found: dict[FieldName, dict[str, Rival]] = {}
    for name, rival in (*_candidates(extraction), *_amounts(extraction)):
        of_field = found.setdefault(name, {})
        earlier = of_field.get(rival.value)
        better = rival if earlier is None or rival.strength > earlier.strength else earlier
        of_field[rival.value] = better._replace(times=earlier.times + 1 if earlier else 1)
    return {
        name: tuple(sorted(of_field.values(), key=lambda rival: (-rival.strength, rival.value)))
        for name, of_field in found.items()
    }


def chosen_of(name: FieldName, value: Value, rivals: Iterable[Rival]) -> Rival | None:
    """The rival that became the value of a field."""
    wanted = plain_amount(Decimal(value.value)) if name in AMOUNT_FIELDS else value.value
    return next((rival for rival in rivals if rival.value == wanted), None)


def plain_amount(amount: Decimal) -> str:
    """An amount for comparing: without sign and without zeros at its end.

    >>> plain_amount(Decimal("-100.50"))
    '100.5'
    """
    return f"{abs(amount).normalize():f}"


def _candidates(extraction: Extraction) -> Iterator[tuple[FieldName, Rival]]:
    for one in extraction.candidates:
        yield one.field, Rival(one.value, one.text, one.strength, one.page, one.box)


def _amounts(extraction: Extraction) -> Iterator[tuple[FieldName, Rival]]:
    """What was labelled; and what was chosen, which may be a sum of several or come from a row of taxes."""
    for labelled in extraction.labelled:
        name = _AMOUNT_CONCEPTS.get(labelled.label.concept)
        if name:
            amount = labelled.amount
            text = f"{amount.text} ({labelled.label.concept}: {labelled.words})"
            yield name, Rival(plain_amount(amount.value), text, labelled.label.strength, amount.page, amount.box)
    for name, choice in extraction.totals.chosen.items():
        first = choice.amounts[0]
        text = " + ".join(amount.text for amount in choice.amounts)
        yield name, Rival(plain_amount(choice.value), text, choice.strength, first.page, first.box)


def _features(
    name: FieldName, value: Value, rivals: Sequence[Rival], read: ReadDocument, outcome: Outcome
) -> tuple[float, ...]:
    mine = chosen_of(name, value, rivals)
    others = [rival for rival in rivals if rival is not mine]
    strength = mine.strength if mine else 0.0
    lead = strength - max((rival.strength for rival in others), default=0.0)
    checks = sum(1 for check in value.checks if check != _UNTELLING_CHECK)
    return (
        value.confidence,
        strength,
        lead,
        _share(mine.times - 1 if mine else 0, 3),
        _share(len(others), 4),
        _share(checks, 3),
        _share(sum(1 for finding in outcome.findings if name in finding.fields), 2),
        float(value.source is Source.OCR),
        _legibility(value, read),
        float(_sum_holds(outcome.invoice)),
    )


def _share(count: int, most: int) -> float:
    return min(count, most) / most


def _legibility(value: Value, read: ReadDocument) -> float:
    """The least confidence of the words where the value stands; 1 where nothing is known."""
    box = value.box
    if box is None:
        return 1.0
    words = (word for page in read.pages if page.number == value.page for word in page.words)
    return min((word.confidence for word in words if _is_within(word.box, box)), default=1.0)


def _is_within(word: Box, box: Box) -> bool:
    return box.left <= word.centre <= box.right and box.top <= word.middle <= box.bottom


def _sum_holds(invoice: Invoice) -> bool:
    total = invoice.fields.get(FieldName.TOTAL)
    return total is not None and "totals_add_up" in total.checks
