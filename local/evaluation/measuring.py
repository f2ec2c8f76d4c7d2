"""The figures of a whole evaluation: by category, by set, by field, and what went wrong."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from statistics import fmean
from typing import NamedTuple

from chalicelib.domain.source import Source
from local.evaluation.line_matching import LineTally
from local.evaluation.marking import Marked, invoice_of, kind_of
from local.evaluation.reliability import Reliability, Sure, reliability
from local.evaluation.scoring import Judgement, Tally, Verdict, tally

ALL = "all"


class Approved(NamedTuple):
    """Straight-through: of the scored documents, those nobody would look at; `wrong` names the spoilt ones."""

    documents: int
    approved: int
    wrong: Mapping[str, tuple[str, ...]]

    @property
    def rate(self) -> float | None:
        """The share that was approved."""
        return self.approved / self.documents if self.documents else None

    @property
    def error_rate(self) -> float | None:
        """The share of the approved that is wrong in a scored field, or lacks its total or number."""
        return len(self.wrong) / self.approved if self.approved else None


class Measures(NamedTuple):
    """The figures of some documents. Both macro figures weigh every layout alike, however many documents it has."""

    name: str
    documents: int
    layouts: int
    fields: Tally
    by_field: Mapping[str, Tally]
    macro_f1: float | None
    macro_accuracy: float | None  # of the values that are there, the share given right: by document, then by layout
    lines: LineTally
    approved: Approved
    reliability: Reliability


class Slow(NamedTuple):
    """One document and where its milliseconds went."""

    key: str
    timings_ms: Mapping[str, int]

    @property
    def total_ms(self) -> int:
        """All of its milliseconds."""
        return sum(self.timings_ms.values())


def measures(name: str, documents: Sequence[Marked]) -> Measures:
    """The figures of these documents."""
    layouts = _by_layout(documents)
    f1s = [one for held in layouts.values() if (one := tally(_judgements(held)).f1) is not None]
    accuracies = [fmean(found) for held in layouts.values() if (found := _accuracies(held))]
    return Measures(
        name,
        len(documents),
        len(layouts),
        tally(_judgements(documents)),
        _by_field(documents),
        fmean(f1s) if f1s else None,
        fmean(accuracies) if accuracies else None,
        reduce(LineTally.plus, (one.lines for one in documents), LineTally()),
        _approved(documents),
        reliability(sure_values(documents)),
    )


def by_category(documents: Sequence[Marked]) -> list[Measures]:
    """The figures of each category, and of all."""
    return [*_grouped((one.case.category, one) for one in documents), measures(ALL, documents)]


def by_set(documents: Sequence[Marked]) -> list[Measures]:
    """The figures of each set."""
    return _grouped((one.case.set_name, one) for one in documents)


def sure_values(documents: Iterable[Marked]) -> list[Sure]:
    """The confidence of every given and scored value, and whether the value is right."""
    return [
        (confidence, judgement.verdict is Verdict.RIGHT)
        for one in documents
        for judgement in one.judgements
        if judgement.is_given and (confidence := one.confidence(judgement.field)) is not None
    ]


def read_from_pages(documents: Iterable[Marked]) -> list[Marked]:
    """The documents that were read, not those whose e-invoice says what they hold."""
    return [
        one
        for one in documents
        if all(value.source is not Source.EINVOICE for value in invoice_of(one.record).fields.values())
    ]


def kinds_of_errors(documents: Iterable[Marked]) -> Counter[tuple[str, str]]:
    """How often each kind of error came in each field."""
    return Counter(
        (judgement.field, kind)
        for one in documents
        for judgement in one.judgements
        if (kind := kind_of(judgement, one.case, one.reading.evidence))
    )


def slowest(documents: Iterable[Marked], count: int) -> list[Slow]:
    """The documents that took longest."""
    timed = [Slow(one.case.key, one.record.outcome.timings_ms) for one in documents if one.record.outcome]
    return sorted(timed, key=lambda slow: -slow.total_ms)[:count]


def _grouped(named: Iterable[tuple[str, Marked]]) -> list[Measures]:
    groups: dict[str, list[Marked]] = defaultdict(list)
    for name, one in named:
        groups[name].append(one)
    return [measures(name, groups[name]) for name in sorted(groups)]


def _by_layout(documents: Iterable[Marked]) -> dict[str, list[Marked]]:
    groups: dict[str, list[Marked]] = defaultdict(list)
    for one in documents:
        if one.is_scored:
            groups[one.case.layout].append(one)
    return groups


def _by_field(documents: Iterable[Marked]) -> dict[str, Tally]:
    groups: dict[str, list[Judgement]] = defaultdict(list)
    for judgement in _judgements(documents):
        groups[judgement.field].append(judgement)
    return {field: tally(found) for field, found in groups.items()}


def _judgements(documents: Iterable[Marked]) -> list[Judgement]:
    return [judgement for one in documents for judgement in one.judgements]


def _accuracies(documents: Iterable[Marked]) -> list[float]:
    return [recall for one in documents if (recall := tally(one.judgements).recall) is not None]


def _approved(documents: Iterable[Marked]) -> Approved:
    scored = [one for one in documents if one.is_scored]
    approved = [one for one in scored if one.is_approved]
    return Approved(len(scored), len(approved), {one.case.key: one.spoiling for one in approved if one.spoiling})
