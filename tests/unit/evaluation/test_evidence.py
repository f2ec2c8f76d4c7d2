"""What spoke for a value, and what it was preferred to."""

from chalicelib.domain.invoice import FieldName
from chalicelib.domain.record import Outcome
from chalicelib.extraction.extract import read_out
from chalicelib.validation.checking import Circumstances
from chalicelib.validation.checks import check
from chalicelib.validation.decision import decide
from local.evaluation.evidence import FEATURES, Evidence, chosen_of, evidence_of, rivals_of
from tests.builders import A_MOMENT
from tests.pages import a_read_document

_PAGE = """
    Halden & Moor Ltd
    Invoice no. HM-204                        Invoice date 14 March 2025

    Description                 Quantity      Price          Amount
    Oak board                   2             50.00          100.00

    Subtotal                                                 100.00
    VAT 20 %                                                  20.00
    Total                                                GBP 120.00
"""


def evidence() -> tuple[Outcome, Evidence]:
    """The evidence of a page."""
    read = a_read_document(_PAGE)
    extraction = read_out(read.pages)
    invoice, findings = check(extraction.invoice, Circumstances(read, A_MOMENT.date()))
    decision, reasons = decide(invoice, findings)
    outcome = Outcome(invoice=invoice, decision=decision, reasons=reasons, findings=findings)
    return outcome, evidence_of(read, outcome, extraction)


def test_every_value_has_its_features() -> None:
    outcome, found = evidence()

    assert found.features.keys() == outcome.invoice.fields.keys()
    for name, features in found.features.items():
        named = dict(zip(FEATURES, features, strict=True))
        assert named["confidence"] == outcome.invoice.fields[name].confidence
        assert all(-1 <= feature <= 1 for feature in features)
        assert (named["ocr"], named["legibility"], named["sum_holds"]) == (0.0, 1.0, 1.0)


def test_the_chosen_value_is_among_the_rivals() -> None:
    outcome, found = evidence()

    for name in (FieldName.TOTAL, FieldName.TAX, FieldName.INVOICE_NUMBER, FieldName.ISSUE_DATE):
        assert chosen_of(name, outcome.invoice.fields[name], found.rivals[name]) is not None


def test_rivals_come_strongest_first() -> None:
    for found in rivals_of(read_out(a_read_document(_PAGE).pages)).values():
        strengths = [rival.strength for rival in found]
        assert strengths == sorted(strengths, reverse=True)


def test_all_printed_amounts_are_known_without_sign_and_trailing_zeros() -> None:
    assert {"100", "120", "50"} <= evidence()[1].amounts
