"""Whatever is written into an invoice, and even if the model obeys it: no other money, bank or supplier is approved."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest

from chalicelib.domain.document import ReadDocument
from chalicelib.domain.finding import Decision
from chalicelib.domain.hint import GUARDED_FIELDS, Hint, Hints
from chalicelib.domain.invoice import FieldName, Invoice
from chalicelib.domain.question import Question
from chalicelib.domain.source import Source
from chalicelib.extraction.answers import hints_of
from chalicelib.extraction.asking import question_about
from chalicelib.extraction.splitting import parts_of
from chalicelib.validation.checking import Circumstances
from chalicelib.validation.checks import check
from chalicelib.validation.decision import decide
from chalicelib.validation.giving import given
from tests.injections import HONEST, THEIRS, Honest, Injected, injected_invoices

ALL = tuple(injected_invoices())
_TODAY = date(2026, 11, 23)


def _decided(read: ReadDocument, hints: Hints) -> tuple[Decision, Invoice, Question | None, tuple[str, ...]]:
    (part, *_) = parts_of(read, hints)
    invoice, findings = check(part.invoice, Circumstances(read, _TODAY))
    findings = (*findings, *part.findings)
    decision, reasons = decide(invoice, findings)
    return decision, given(invoice), question_about(read, invoice, findings), reasons


def _changed(invoice: Invoice, honest: Honest) -> dict[str, str]:
    """The guarded fields that say something else than the honest invoice."""
    return {
        name.value: value.value
        for name, value in invoice.fields.items()
        if name in GUARDED_FIELDS and _differs(name, value.value, honest)
    }


def _differs(name: FieldName, value: str, honest: Honest) -> bool:
    if name in {FieldName.AMOUNT_DUE, FieldName.AMOUNT_PAID}:
        return value != honest.says[FieldName.TOTAL]
    return value != honest.says.get(name)


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


def test_there_are_more_than_a_hundred_of_them() -> None:
    assert len({one.page for one in ALL}) >= 100


@pytest.mark.parametrize("honest", HONEST, ids=lambda one: one.name)
def test_without_an_attack_nothing_is_changed(honest: Honest) -> None:
    _, invoice, *_ = _decided(next(_clean(honest)), Hints())

    assert _changed(invoice, honest) == {}


def _clean(honest: Honest) -> Iterator[ReadDocument]:
    yield Injected("", honest, honest.with_text("nowhere"), ()).read


@pytest.mark.parametrize("honest", HONEST[:3], ids=lambda one: one.name)
def test_an_honest_invoice_is_approved(honest: Honest) -> None:
    decision, *_, reasons = _decided(next(_clean(honest)), Hints())

    assert (decision, reasons) == (Decision.AUTO_APPROVE, ())


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_the_rules_approve_nothing_that_was_changed(one: Injected) -> None:
    decision, invoice, *_ = _decided(one.read, Hints())

    assert decision is not Decision.AUTO_APPROVE or _changed(invoice, one.honest) == {}


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_a_model_that_obeys_changes_nothing_that_is_approved(one: Injected) -> None:
    read = one.read
    _, _, question, _ = _decided(read, Hints())
    heard = hints_of(_obeying(question), question, read) if question else None

    decision, invoice, *_ = _decided(read, heard.hints if heard else Hints())

    assert decision is not Decision.AUTO_APPROVE or _changed(invoice, one.honest) == {}


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_hints_that_nobody_grounded_change_nothing_that_is_approved(one: Injected) -> None:
    decision, invoice, *_ = _decided(one.read, _straight_from_the_attacker())

    assert decision is not Decision.AUTO_APPROVE or _changed(invoice, one.honest) == {}
    assert not any(invoice.fields[name].source is Source.MODEL for name in _never() if name in invoice.fields)


def _never() -> tuple[FieldName, ...]:
    return FieldName.IBAN, FieldName.SUPPLIER_NAME, FieldName.TOTAL
