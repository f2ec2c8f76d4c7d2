"""Our figures and those of the corpus's own score are the same, on the same predictions."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.finding import Decision
from chalicelib.domain.invoice import FieldName, Invoice, LineItem
from local.evaluation.corpus import read_corpus
from local.evaluation.evaluate import Wishes, read_all
from local.evaluation.marking import Marked, marked
from local.evaluation.measuring import Measures, by_category, by_set
from local.evaluation.reading import Reading
from local.evaluation.results import write_results
from tests.builders import a_completed_record, a_problem, a_value, an_outcome
from tests.corpora import Entry, a_corpus
from tests.corpus import CORPUS, needs_corpus

pytestmark = [pytest.mark.corpus, needs_corpus]


Told = dict[str, Any]  # what a product gave: fields, `lines` as pairs, `decision`, and whether there was a `problem`
_TRUTHS: Mapping[str, Mapping[str, Any]] = {
    "a/all-right": {"supplier_name": "Halden & Moor GmbH", "total": "119.00", "iban": None, "invoice_number": "RE-1"},
    "a/some-wrong": {"supplier_name": "Halden & Moor GmbH", "total": "1.119,00", "tax": "19", "issue_date": "2026-1-2"},
    "a/alternatives": {"currency": "EUR", "total": "5.90", "_alt": {"total": ["6.00"], "currency": ["€", None]}},
    "a/spurious": {"iban": None, "due_date": "null", "purchase_order": "", "total": "7"},
    "b/lines": {
        "total": "119.50",
        "line_items": [
            {"description": "Oak board, planed", "amount": "100.00"},
            {"description": "Delivery", "amount": "12.50"},
            {"description": None, "amount": "7"},
            {"description": "Delivery", "amount": "12.50"},
            {"description": "No charge"},
        ],
    },
    "b/tax-ids": {"supplier_tax_id": "ATU99900100", "invoice_number": "# 17 b"},
    "b/rejected": {"total": "12.00", "currency": "EUR"},
    "b/nothing-scored": {"iban": None},
    "b/empty": {},
}
_TOLD: Mapping[str, Told] = {
    "a/all-right": Told(supplier_name="Halden Moor", total="119", invoice_number="re-1"),
    "a/some-wrong": Told(supplier_name="Moor", total="1119.00", tax="190.00", issue_date="2026-02-01"),
    "a/alternatives": Told(currency="€", total="6.00"),
    "a/spurious": Told(iban="GB61ZZZZ99990012345678", due_date="2026-01-01", total="7.00"),
    "b/lines": Told(
        total="119.50",
        lines=[
            ("board of oak", "100"), ("Delivery, timed", "12.50"), (None, "12.50"), ("Oil", "7.00"), ("Free", None),
        ],
    ),
    "b/tax-ids": Told(supplier_tax_id="VAT 99900100", decision=Decision.NEEDS_REVIEW),
    "b/rejected": Told(total="12.00", problem=True),
    "b/nothing-scored": Told(iban="X"),
    "b/empty": Told(),
}  # fmt: skip


def a_reading(told: Told) -> Reading:
    """The reading of a product that gave just that."""
    fields = {FieldName(name): a_value(value) for name, value in told.items() if name in FieldName._value2member_map_}
    lines = tuple(LineItem(description=words, amount=amount) for words, amount in told.get("lines", ()))
    invoice = Invoice(fields=fields, line_items=lines)
    outcome = an_outcome(invoice=invoice, decision=told.get("decision", Decision.AUTO_APPROVE))
    problem = a_problem() if told.get("problem") else None
    return Reading(a_completed_record(outcome=outcome, problem=problem))


def their_score(corpus: Path, predictions: Path, *more: str) -> dict[str, Any]:
    """What the corpus's own score says."""
    told = predictions / "score.json"
    command = [sys.executable, str(CORPUS / "score.py"), "--truth", str(corpus / "truth"), "--pred", str(predictions)]
    subprocess.run([*command, "--quiet", "--json", str(told), *more], check=True, timeout=300)
    return dict(json.loads(told.read_text()))


def assert_same(ours: Measures, theirs: Mapping[str, Any]) -> None:
    """The same counts and figures."""
    for counts, other in ((ours.fields, theirs["all_fields"]), *_by_field(ours, theirs)):
        given = [counts.right, counts.wrong, counts.missing, counts.spurious, counts.absent]
        assert given == [other[name] for name in ("correct", "wrong", "missing", "spurious", "absent_ok")]
        for name in ("precision", "recall", "f1", "silent_error_rate"):
            assert getattr(counts, name) == pytest.approx(other[name]), name
    lines = theirs["line_items"]
    if lines is None:
        assert ours.lines.f1 is None
    else:
        assert [ours.lines.printed, ours.lines.found, ours.lines.right] == [
            lines[n] for n in ("truth", "pred", "matched")
        ]
        assert ours.lines.f1 == pytest.approx(lines["f1"])
        assert ours.lines.all_right == lines["docs_all_lines_right"]
    approved = [ours.approved.documents, ours.approved.approved, len(ours.approved.wrong)]
    assert approved == [theirs[name] for name in ("docs", "straight_through", "straight_through_errors")]


def _by_field(ours: Measures, theirs: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    assert ours.by_field.keys() == theirs["fields"].keys()
    return [(ours.by_field[field], other) for field, other in theirs["fields"].items()]


def assert_agreement(documents: list[Marked], corpus: Path, out: Path, *more: str) -> None:
    """Both scores say the same, over all, by set, and by category."""
    write_results(out, documents)
    theirs = their_score(corpus, out, *more)
    *categories, whole = by_category(documents)
    assert_same(whole, theirs["overall"])
    assert whole.macro_accuracy == pytest.approx(theirs["overall"]["macro_doc_accuracy_by_layout"])
    for one in by_set(documents):
        assert_same(one, theirs["sets"][one.name])
    for category in categories:
        assert category.fields.f1 == pytest.approx(theirs["categories"][category.name]["f1"])


def test_invented_cases_are_scored_alike(tmp_path: Path) -> None:
    entries = {key: Entry(b"", truth, layout="one" if key.startswith("a/") else "") for key, truth in _TRUTHS.items()}
    corpus = a_corpus(tmp_path / "corpus", entries)
    documents = [marked(case, a_reading(_TOLD[case.key])) for case in read_corpus(corpus, "dev")]

    assert_agreement(documents, corpus, tmp_path / "out")


def test_einvoices_are_scored_alike(tmp_path: Path) -> None:
    cases = [case for case in read_corpus(CORPUS, "dev") if case.set_name in {"xml_cii", "xml_ubl"}]

    documents = [marked(case, reading) for case, reading in zip(cases, read_all(cases, Wishes(CORPUS)), strict=True)]

    assert_agreement(documents, CORPUS, tmp_path, "--sets", "xml_cii,xml_ubl")
