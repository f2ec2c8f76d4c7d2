"""All that paid readers say about one document, sorted by how it may be used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from chalicelib.domain.hint import GUARDED_FIELDS, Hint, HintedLine, Hints
from chalicelib.domain.invoice import AMOUNT_FIELDS, FieldName, LineItem, Value
from chalicelib.domain.source import Source
from chalicelib.extraction.amount_labels import LabelledAmount
from chalicelib.extraction.amounts import Figures
from chalicelib.extraction.candidates import Candidate
from chalicelib.extraction.dates import Order
from chalicelib.extraction.hinted import Notation, hinted_candidates, second_opinion
from chalicelib.extraction.hinted_amounts import hinted_lines, labelled_by_hints
from chalicelib.extraction.layout import Sheet
from chalicelib.extraction.totals import Totals
from chalicelib.extraction.whereabouts import Whereabouts

_UNPRINTED_CURRENCY = 0.5


@dataclass(frozen=True)
class Heard:
    """Hints as what they become.

    `opinions` join the rules' candidates, `labelled` the labelled amounts. `guarded` and `guarded_amounts` are what a
    language model says about money, bank and supplier, and are weighed apart.
    """

    opinions: tuple[Candidate, ...] = ()
    labelled: tuple[LabelledAmount, ...] = ()
    guarded: tuple[Candidate, ...] = ()
    guarded_amounts: tuple[LabelledAmount, ...] = ()
    item_lines: tuple[HintedLine, ...] = ()

    @classmethod
    def of(cls, hints: Hints, sheet: Sheet, figures: Figures, order: Order) -> Self:
        """What `hints` become on a sheet whose dates are written in one order."""
        if not hints.fields:
            return cls(item_lines=hints.lines)
        places, notation = Whereabouts(sheet), Notation(order)
        free = [hint for hint in hints.fields if not _is_guarded(hint)]
        guarded = [hint for hint in hints.fields if _is_guarded(hint)]
        return cls(
            tuple(hinted_candidates(free, places, notation)),
            tuple(labelled_by_hints(free, figures)),
            tuple(hinted_candidates(guarded, places, notation)),
            tuple(labelled_by_hints(guarded, figures)),
            hints.lines,
        )

    @property
    def has_guarded(self) -> bool:
        """Whether a language model said something that is weighed apart."""
        from_model = any(line.source is Source.MODEL for line in self.item_lines)
        return bool(self.guarded or self.guarded_amounts or from_model)

    def among(self, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
        """The rules' candidates with the opinions."""
        return second_opinion(candidates, self.opinions) if self.opinions else candidates

    def lines(self, source: Source, figures: Figures, sums: Sequence[Decimal]) -> tuple[LineItem, ...]:
        """The lines of one reader, if they add up to one of `sums`."""
        return hinted_lines(self.item_lines, source, figures, sums)

    def marked(
        self, fields: dict[FieldName, Value], totals: Totals, labelled: Sequence[LabelledAmount]
    ) -> dict[FieldName, Value]:
        """The amounts; those whose figure no rule had a label for have the hint's source."""
        if not self.labelled:
            return fields
        known = {id(one.amount) for one in labelled}
        hinted = {id(one.amount) for one in self.labelled} - known
        return {
            name: value.model_copy(update={"source": Source.TEXTRACT})
            if id(totals.chosen[name].amounts[0]) in hinted
            else value
            for name, value in fields.items()
        }


def _is_guarded(hint: Hint) -> bool:
    return hint.source is Source.MODEL and hint.field in GUARDED_FIELDS


def unprinted_currency(hints: Hints, fields: Mapping[FieldName, Value]) -> dict[FieldName, Value]:
    """The currency that a paid reader assumes, where none is printed: a suggestion, as a currency is never assumed."""
    if hints.currency is None or FieldName.CURRENCY in fields or not fields.keys() & AMOUNT_FIELDS:
        return {}
    source = hints.fields[0].source if hints.fields else Source.TEXTRACT
    return {FieldName.CURRENCY: Value(value=hints.currency, confidence=_UNPRINTED_CURRENCY, source=source)}
