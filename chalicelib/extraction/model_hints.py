"""What a language model says about money, bank and supplier, against what the rules found.

A model reads what the sender wrote, and may obey it. So here it never decides: it confirms what the rules chose where
nothing else comes near, it fills what they left open (which a person then sees), and where it says otherwise, the
rules' value stays and is doubted.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from chalicelib.domain.finding import Finding
from chalicelib.domain.hint import NEVER_FROM_A_MODEL
from chalicelib.domain.invoice import AMOUNT_FIELDS, FieldName, Value
from chalicelib.domain.source import Source
from chalicelib.extraction.amount_labels import LabelledAmount
from chalicelib.extraction.candidates import Candidate
from chalicelib.extraction.confidence import probability
from chalicelib.extraction.hinted import agreed, says_the_same

DOUBTED = 0.8  # below what passes without a person
_AT_MOST = 0.95
_GUESS = 0.5
_NEAR = 0.2  # a rival of so much less strength is none
_A_RIVAL_LABEL = 0.6


@dataclass(frozen=True)
class Weighed:
    """The fields with what a model said about them; what it alone said of the most guarded; and the remarks."""

    fields: Mapping[FieldName, Value]
    suggestions: Mapping[FieldName, Value] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def weighed(fields: Mapping[FieldName, Value], candidates: Sequence[Candidate], said: Iterable[Candidate]) -> Weighed:
    """The rules' `fields` with what a model `said` of guarded ones but the amounts; `candidates` are the rules'."""
    result, guesses, findings = dict(fields), dict[FieldName, Value](), []
    for hint in said:
        name, chosen = hint.field, fields.get(hint.field)
        own = [one for one in candidates if one.field is name]
        if chosen is not None and _is(chosen, hint):
            result[name] = _confirmed(result[name]) if not _has_rival(own, hint) else chosen
        elif chosen is not None:
            result[name] = doubted(result[name])
            findings.append(disagreement(name))
        elif seen := [one for one in own if says_the_same(one, hint)]:
            result[name] = _value(agreed(max(seen, key=lambda one: one.strength), hint))
        elif name in NEVER_FROM_A_MODEL:
            guesses[name] = _value(hint, at_most=_GUESS)
        else:
            result[name] = _value(hint, at_most=DOUBTED)
    return Weighed(result, guesses, tuple(findings))


def with_amounts(
    fields: Mapping[FieldName, Value],
    more: Mapping[FieldName, Value],
    labelled: Sequence[LabelledAmount],
    said: Iterable[LabelledAmount],
) -> Weighed:
    """The same of amounts. `more` is what the arithmetic chose with the model's labels among the rules' `labelled`."""
    result, findings = dict(fields), []
    for hint in said:
        name = FieldName(hint.label.concept)
        if (chosen := fields.get(name)) is None:
            continue
        if abs(Decimal(chosen.value)) == abs(hint.amount.value):
            result[name] = _confirmed(result[name]) if not _has_rival_label(labelled, hint) else chosen
        else:
            result[name] = doubted(result[name])
            findings.append(disagreement(name))
    added = dict(_added(fields, more))
    guesses = {name: value for name, value in added.items() if name in NEVER_FROM_A_MODEL}
    kept = {name: value for name, value in added.items() if name not in guesses}
    return Weighed({**result, **kept}, guesses, tuple(findings))


def _added(fields: Mapping[FieldName, Value], more: Mapping[FieldName, Value]) -> Iterator[tuple[FieldName, Value]]:
    """The amounts that only came with the model, if they leave all others as they are."""
    if any(name in fields and fields[name].value != value.value for name, value in more.items()):
        return
    if not fields.keys() & AMOUNT_FIELDS <= more.keys():
        return
    for name, value in more.items():
        if name not in fields:
            lowered = min(value.confidence, _GUESS if name in NEVER_FROM_A_MODEL else DOUBTED)
            yield name, value.model_copy(update={"source": Source.MODEL, "confidence": lowered})


def doubted(value: Value) -> Value:
    """The same value, below what passes without a person."""
    return value.model_copy(update={"confidence": min(value.confidence, DOUBTED)})


def disagreement(name: FieldName) -> Finding:
    """That the model and the rules say different things of a field."""
    return Finding(
        code="model_disagrees",
        message=f"A language model reads another {name.value.replace('_', ' ')} than the rules. Please look yourself.",
        fields=(name.value,),
    )


def _is(chosen: Value, hint: Candidate) -> bool:
    seen = Candidate(hint.field, chosen.value, chosen.text, hint.page, hint.box, 1.0)
    return says_the_same(seen, hint)


def _confirmed(value: Value) -> Value:
    """A second reader halves the doubt."""
    more = max(value.confidence, min(_AT_MOST, 1 - (1 - value.confidence) / 2))
    return value.model_copy(update={"confidence": round(more, 3)})


def _has_rival(own: Sequence[Candidate], hint: Candidate) -> bool:
    """Whether the rules saw another value that speaks nearly as loud as the one that the model confirms."""
    strongest = max((one.strength for one in own if says_the_same(one, hint)), default=0.0)
    return any(one.strength > strongest - _NEAR for one in own if not says_the_same(one, hint))


def _has_rival_label(labelled: Sequence[LabelledAmount], hint: LabelledAmount) -> bool:
    return any(
        one.label.concept == hint.label.concept
        and one.label.strength >= _A_RIVAL_LABEL
        and abs(one.amount.value) != abs(hint.amount.value)
        for one in labelled
    )


def _value(candidate: Candidate, at_most: float = 1.0) -> Value:
    sure = probability(candidate.field, candidate.strength, 1.0, candidate.source, legibility=candidate.legibility)
    return Value(
        value=candidate.value,
        confidence=min(at_most, sure),
        source=candidate.source,
        text=candidate.text,
        page=candidate.page,
        box=candidate.box,
    )
