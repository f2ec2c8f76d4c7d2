"""A document's answers beside what the product gave: every field judged, every line matched, every error of a kind."""

from collections.abc import Iterable
from typing import NamedTuple

from chalicelib.domain.finding import Decision
from chalicelib.domain.invoice import AMOUNT_FIELDS, FieldName, Invoice
from chalicelib.domain.record import InvoiceRecord
from chalicelib.exports.invoice_json import plain
from local.evaluation.comparing import amount_of, is_right
from local.evaluation.corpus import Case, Line, given
from local.evaluation.evidence import Evidence, Rival, plain_amount
from local.evaluation.line_matching import LineTally, matched
from local.evaluation.reading import Reading
from local.evaluation.scoring import Judgement, Verdict, judged


class Marked(NamedTuple):
    """One document of the corpus, its reading, and how right that is."""

    case: Case
    reading: Reading
    judgements: tuple[Judgement, ...]
    lines: LineTally

    @property
    def record(self) -> InvoiceRecord:
        """What the product gave."""
        return self.reading.record

    @property
    def is_approved(self) -> bool:
        """Whether nobody would look at it."""
        outcome = self.record.outcome
        return outcome is not None and outcome.decision is Decision.AUTO_APPROVE

    @property
    def spoiling(self) -> tuple[str, ...]:
        """The fields for which it should not have been approved, if it was."""
        return tuple(one.field for one in self.judgements if one.spoils)

    @property
    def is_scored(self) -> bool:
        """Whether there is a value to be found."""
        return any(judgement.truth is not None for judgement in self.judgements)

    def confidence(self, field: str) -> float | None:
        """The confidence of a given value."""
        value = invoice_of(self.record).fields.get(FieldName(field))
        return value.confidence if value else None


def marked(case: Case, reading: Reading) -> Marked:
    """Hold a reading against the answers."""
    invoice = invoice_of(reading.record)
    values = {name.value: text for name, value in invoice.fields.items() if (text := given(value.value)) is not None}
    return Marked(case, reading, tuple(judged(case.truth, values)), matched(case.truth.lines, _lines(invoice)))


def invoice_of(record: InvoiceRecord) -> Invoice:
    """What was read; an empty invoice where nothing was."""
    return record.outcome.invoice if record.outcome and not record.problem else Invoice()


def kind_of(judgement: Judgement, case: Case, evidence: Evidence) -> str | None:
    """What kind of error it is, or `None` for none.

    `not preferred`: the right value was among the candidates, and another one (or none) was chosen. `not labelled`: the
    amount is printed, but nothing was seen to say what it is. `not seen`: there was no such candidate.
    """
    if judgement.verdict in {Verdict.RIGHT, Verdict.ABSENT}:
        return None
    if judgement.verdict is Verdict.SPURIOUS:
        return "spurious"
    accepted = case.truth.fields[judgement.field]
    name = FieldName(judgement.field)
    if _any_right(judgement.field, accepted, evidence.rivals.get(name, ())):
        return f"{judgement.verdict.value}, right one not preferred"
    if name in AMOUNT_FIELDS and _is_printed(accepted, evidence):
        return f"{judgement.verdict.value}, right one not labelled"
    return f"{judgement.verdict.value}, right one not seen"


def _any_right(field: str, accepted: Iterable[str], rivals: Iterable[Rival]) -> bool:
    texts = [rival.value for rival in rivals]
    unsigned = [text.lstrip("-") for text in accepted] if FieldName(field) in AMOUNT_FIELDS else list(accepted)
    return any(is_right(field, one, text) for one in unsigned for text in texts)


def _is_printed(accepted: Iterable[str], evidence: Evidence) -> bool:
    amounts = (amount_of(text) for text in accepted)
    return any(plain_amount(amount) in evidence.amounts for amount in amounts if amount is not None)


def _lines(invoice: Invoice) -> list[Line]:
    return [
        Line(given(item.description), None if item.amount is None else plain(item.amount))
        for item in invoice.line_items
    ]
