"""A model's answer is checked: its shape, and that each value is printed."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.document import ReadDocument
from chalicelib.domain.finding import Severity
from chalicelib.domain.invoice import FieldName
from chalicelib.domain.question import Question
from chalicelib.domain.source import Source
from chalicelib.extraction.answers import Heard, hints_of
from chalicelib.extraction.asking import question_about
from chalicelib.extraction.extract import extract
from tests.builders import a_finding, an_invoice
from tests.pages import a_read_document

PAGE = """
    Halden & Moor GmbH                 Rechnung
    Nr. R-2026-17       vom 05.03.2026
    Rabatt    1.000,00     Summe  1.453,70     Anzahlung   1.000,00
"""
READ = a_read_document(PAGE)
CODES = ("missing_supplier_name", "missing_total", "missing_issue_date", "missing_invoice_number", "lines_mismatch")


def a_question(read: ReadDocument = READ) -> Question:
    question = question_about(read, an_invoice(), [a_finding(code) for code in CODES])
    assert question is not None
    return question


def heard(**answer: Any) -> Heard:
    return hints_of(answer, a_question(), READ)


def texts(found: Heard) -> dict[FieldName, str]:
    return {hint.field: hint.text for hint in found.hints.fields}


def dropped(found: Heard) -> list[str]:
    return [name for finding in found.dropped for name in finding.fields]


def test_a_value_in_the_words_it_points_to_becomes_a_hint_with_its_place() -> None:
    (hint,) = heard(supplier_name={"value": "Halden & Moor GmbH", "words": [1, 2, 3, 4]}).hints.fields

    assert (hint.field, hint.text, hint.source, hint.page) == (
        FieldName.SUPPLIER_NAME, "Halden & Moor GmbH", Source.MODEL, 1,
    )  # fmt: skip
    assert hint.box is not None
    assert hint.box.top == pytest.approx(0.02)


def test_a_value_that_is_not_printed_is_dropped_and_named() -> None:
    found = heard(supplier_name={"value": "Crowbar Holdings Ltd", "words": [1, 2, 3, 4]})

    assert texts(found) == {}
    assert [(one.code, one.severity, one.fields) for one in found.dropped] == [
        ("not_in_document", Severity.INFO, ("supplier_name",))
    ]
    assert "Crowbar" not in found.dropped[0].message


def test_wrong_words_do_not_matter_where_the_value_stands_only_once() -> None:
    assert texts(heard(total={"value": "1.453,70", "words": [1, 99_999]})) == {FieldName.TOTAL: "1.453,70"}


def test_wrong_words_matter_where_the_value_stands_twice() -> None:
    found = heard(discount={"value": "1.000,00", "words": [1]})

    assert (texts(found), dropped(found)) == ({}, ["discount"])


@pytest.mark.parametrize("value", ["1.453,70", "1453.70", "1,453.70", "1453,7", "EUR 1.453,70"])
def test_an_amount_may_be_written_otherwise_than_it_is_printed(value: str) -> None:
    assert texts(heard(total={"value": value, "words": []})) == {FieldName.TOTAL: "1.453,70"}


@pytest.mark.parametrize("value", ["05.03.2026", "2026-03-05", "5 March 2026"])
def test_a_date_may_be_written_otherwise_than_it_is_printed(value: str) -> None:
    assert texts(heard(issue_date={"value": value, "words": []})) == {FieldName.ISSUE_DATE: "05.03.2026"}


def test_what_was_not_asked_for_is_not_heard() -> None:
    found = heard(
        iban={"value": "DE87200500001234567890", "words": [1]}, buyer_name={"value": "Rechnung", "words": [5]}
    )

    assert found == Heard(found.hints)
    assert found.hints.fields == ()


def test_a_part_of_a_word_is_not_the_word() -> None:
    assert texts(heard(invoice_number={"value": "2026-1", "words": [7]})) == {}


def test_lines_are_heard_if_all_of_them_are_printed() -> None:
    whole = {"description": "Rechnung", "amount": "1.453,70", "words": [5, 12, 13]}

    assert [line.amount for line in heard(lines=[whole]).hints.lines] == ["1.453,70"]
    assert dropped(heard(lines=[whole, {"amount": "7,00", "words": [5]}])) == ["line_items"]


@pytest.mark.parametrize(
    "entry",
    [None, [], "Halden", 7, {}, {"value": 7}, {"value": ""}, {"value": "x" * 400}, {"value": "Halden", "words": "1"},
     {"value": "Crow", "words": [True, None, "1", 1.5, 10**30]}],
)  # fmt: skip
def test_odd_entries_are_no_hints(entry: Any) -> None:
    assert len(texts(heard(supplier_name=entry))) <= 1


_keys = st.sampled_from(["value", "words", "lines", "total", "issue_date", "supplier_name", "amount"]) | st.text(
    max_size=5
)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_keys, inner, max_size=4),
    max_leaves=20,
)
_QUESTION = a_question()


@given(st.dictionaries(_keys, _json, max_size=6))
def test_whatever_is_answered_is_heard_without_an_error(answer: Mapping[str, Any]) -> None:
    found = hints_of(answer, _QUESTION, READ)

    printed = " ".join(word.text for page in READ.pages for word in page.words)
    assert all(hint.text in printed for hint in found.hints.fields)
    assert extract(READ, found.hints).fields.keys() >= {FieldName.SUPPLIER_NAME}


@given(_json)
def test_any_json_may_be_the_answer(answer: Any) -> None:
    assert hints_of(answer, _QUESTION, READ).hints.fields == () or isinstance(answer, Mapping)
