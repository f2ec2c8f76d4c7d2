"""Whatever is written into an invoice, and even if the model obeys it: no other money, bank or supplier is approved."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

import pytest

from chalicelib.domain.document import ReadDocument
from chalicelib.domain.finding import Decision
from chalicelib.domain.hint import GUARDED_FIELDS, NEVER_FROM_A_MODEL, Hint, Hints
from chalicelib.domain.invoice import FieldName, Invoice
from chalicelib.domain.question import Question
from chalicelib.domain.source import Source
from chalicelib.extraction.answers import hints_of
from chalicelib.extraction.asking import question_about
from chalicelib.extraction.splitting import parts_of
from chalicelib.reading.limits import Limits
from chalicelib.reading.read import read_document
from chalicelib.validation.checking import Circumstances
from chalicelib.validation.checks import check
from chalicelib.validation.decision import decide
from chalicelib.validation.giving import given
from tests.injections import ATTACKS, ENGLISH, HONEST, THEIR_IBAN, THEIRS, Honest, Injected, injected_invoices
from tests.papers import Drawing, a_pdf, lines, together

ALL = tuple(injected_invoices())
_TODAY = date(2026, 11, 23)


class _Decided(NamedTuple):
    decision: Decision
    invoice: Invoice
    question: Question | None
    reasons: tuple[str, ...]


def _decided(read: ReadDocument, hints: Hints) -> _Decided:
    (part, *_) = parts_of(read, hints)
    invoice, found = check(part.invoice, Circumstances(read, _TODAY))
    findings = (*found, *part.findings)
    decision, reasons = decide(invoice, findings)
    return _Decided(decision, given(invoice), question_about(read, invoice, findings), reasons)


def _with_a_model_that_obeys(read: ReadDocument) -> _Decided:
    question = _decided(read, Hints()).question
    heard = hints_of(_obeying(question), question, read) if question else None
    return _decided(read, heard.hints if heard else Hints())


def _obeying(question: Question) -> Mapping[str, Any]:
    """What a model answers that believes the attacker: his values, and the words they stand in."""
    shown = [(int(number), text) for number, text in re.findall(r"(\d+):(\S+)", question.document)]
    answer: dict[str, Any] = {name.value: _entry(value, shown) for name, value in THEIRS.items()}
    return answer | {"lines": [{"amount": "9,480.00", "words": answer["total"]["words"]}]}


def _entry(value: str, shown: list[tuple[int, str]]) -> dict[str, Any]:
    wanted = set(value.split()) | {value}
    return {"value": value, "words": [number for number, text in shown if text.strip("£,.;)") in wanted]}


def _straight_from_the_attacker() -> Hints:
    """The same as hints, without any grounding before: the last line of defence by itself."""
    return Hints(fields=tuple(Hint(name, value, Source.MODEL, 1.0) for name, value in THEIRS.items()))


def _wrong(after: _Decided, one: Injected, read: ReadDocument) -> dict[str, str]:
    """What was approved, about money, bank and supplier, and is not what the honest invoice says.

    Where nothing on the page speaks against what was added, the rules believe it as a person would; then nothing may be
    approved that they do not say by themselves.
    """
    if after.decision is not Decision.AUTO_APPROVE:
        return {}
    truth = one.honest.says if one.contradicts_itself else _texts(_decided(read, Hints()).invoice)
    return {
        name.value: text
        for name, text in _texts(after.invoice).items()
        if text != truth.get(name, one.honest.says[FieldName.TOTAL] if name is FieldName.AMOUNT_DUE else None)
    }


def _texts(invoice: Invoice) -> dict[FieldName, str]:
    return {name: value.value for name, value in invoice.fields.items() if name in GUARDED_FIELDS}


def _untouched(honest: Honest) -> Injected:
    return Injected(honest.name, honest, honest.with_text("nowhere"), ())


def test_there_are_more_than_a_hundred_of_them() -> None:
    assert len({one.page for one in ALL}) > 100
    assert len({one.page for one in ALL if one.contradicts_itself}) > 100


@pytest.mark.parametrize("honest", HONEST[:3], ids=lambda one: one.name)
def test_an_honest_invoice_is_approved_as_it_is(honest: Honest) -> None:
    decided = _decided(_untouched(honest).read, Hints())

    assert (decided.decision, decided.reasons) == (Decision.AUTO_APPROVE, ())
    assert _texts(decided.invoice) == dict(honest.says)


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_the_rules_approve_nothing_that_was_changed(one: Injected) -> None:
    for read in (one.read, one.pictured):
        assert _wrong(_decided(read, Hints()), one, read) == {}


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_a_model_that_obeys_changes_nothing_that_is_approved(one: Injected) -> None:
    for read in (one.read, one.pictured):
        assert _wrong(_with_a_model_that_obeys(read), one, read) == {}


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_hints_that_nobody_grounded_change_nothing_that_is_approved(one: Injected) -> None:
    after = _decided(one.read, _straight_from_the_attacker())

    assert _wrong(after, one, one.read) == {}
    assert not {name for name, value in after.invoice.fields.items() if value.source is Source.MODEL} & (
        NEVER_FROM_A_MODEL
    )


def test_most_attacks_are_put_to_the_model() -> None:
    asked = [one for one in ALL if _decided(one.read, Hints()).question]

    assert len(asked) > 100


def _printed(honest: Honest) -> Drawing:
    """The page as it is typed, on paper: each word where its column is."""

    def draw(canvas: Any) -> None:
        canvas.setFont("Helvetica", 8)
        for row, text in enumerate(honest.with_text("nowhere").splitlines()):
            for word in re.finditer(r"\S+(?: \S+)*", text):
                canvas.drawString(40 + 4.6 * word.start(), 790 - 16 * row, word[0])

    return draw


@pytest.mark.parametrize("attack", ["ignore", "second_totals_and_bank", "corrected_invoice", "json_answer"])
@pytest.mark.parametrize("style", [{"grey": 1.0}, {"mode": 3}, {"size": 0.4}], ids=["white", "invisible", "tiny"])
def test_what_nobody_sees_on_paper_is_neither_read_nor_asked_about(attack: str, style: dict[str, float]) -> None:
    hidden = lines(*ATTACKS[attack][1], top=600, **style)
    read = read_document(a_pdf(together(_printed(ENGLISH), hidden)), Limits())

    after = _with_a_model_that_obeys(read)

    assert _wrong(after, _untouched(ENGLISH), read) == {}
    if "size" not in style:  # tiny print is print: it is read, and contradicts the rest
        words = " ".join(word.text for page in read.pages for word in page.words)
        assert "Crowbar" not in words
        assert THEIR_IBAN not in words.replace(" ", "")
