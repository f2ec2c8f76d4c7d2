"""What is learned from a corpus flatters itself on it: measure it on layouts that it has not learned from.

A part of the product that is fitted to documents is named in `FITTED`, with how to learn it anew from some of them.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from local.evaluation.confidences import Confidences
from local.evaluation.folds import folds_of
from local.evaluation.marking import Marked, marked
from local.evaluation.measuring import Measures, measures
from local.evaluation.reading import Reading

_FOLDS = 5

Redo = Callable[[Marked], Reading]


class Fitted(Protocol):
    """A part of the product whose numbers were learned from documents."""

    @property
    def name(self) -> str:
        """What it is called in tables."""

    def learned(self, documents: Sequence[Marked]) -> Redo:
        """Learn from these documents alone; what comes back reads any document with what was learned.

        A ranker reads the file again (`case.path`); what changes only confidences can work on the reading it is given.
        """


FITTED: tuple[Fitted, ...] = (Confidences(),)


class Validated(NamedTuple):
    """The same documents three times: as the product is; learned from all of them; learned without their layout."""

    name: str
    plain: Sequence[Marked]
    flattered: Sequence[Marked]
    apart: Sequence[Marked]


class LayoutComparison(NamedTuple):
    """One layout, as the product is and learned without it."""

    layout: str
    plain: Measures
    apart: Measures


def cross_validated(part: Fitted, documents: Sequence[Marked], folds: int = _FOLDS) -> Validated:
    """Learn `part` anew for each fold of layouts from all other documents, and read the fold's documents with that."""
    again: dict[str, Marked] = {}
    for layouts in folds_of([one.case.layout for one in documents], folds):
        redo = part.learned([one for one in documents if one.case.layout not in layouts])
        again |= {one.case.key: _redone(one, redo) for one in documents if one.case.layout in layouts}
    everything = part.learned(documents)
    return Validated(
        part.name,
        documents,
        [_redone(one, everything) for one in documents],
        [again[one.case.key] for one in documents],
    )


def by_layout(found: Validated) -> list[LayoutComparison]:
    """Both figures of each layout, those with most documents first."""
    plain, apart = _groups(found.plain), _groups(found.apart)
    names = sorted(plain, key=lambda name: (-len(plain[name]), name))
    return [LayoutComparison(name, measures(name, plain[name]), measures(name, apart[name])) for name in names]


def _redone(one: Marked, redo: Redo) -> Marked:
    return marked(one.case, redo(one))


def _groups(documents: Sequence[Marked]) -> dict[str, list[Marked]]:
    groups: dict[str, list[Marked]] = defaultdict(list)
    for one in documents:
        groups[one.case.layout].append(one)
    return groups
