"""A record as the invoice document."""

import json
from decimal import Decimal

from chalicelib.domain.document import PageRange
from chalicelib.domain.finding import Severity
from chalicelib.domain.geometry import Box
from chalicelib.domain.invoice import FieldName, Invoice
from chalicelib.domain.record import Status
from chalicelib.domain.transitions import rejected
from chalicelib.domain.usage import Usage
from chalicelib.exports.invoice_json import invoice_document, invoice_summary
from tests.builders import (
    A_MOMENT,
    a_charge,
    a_completed_record,
    a_finding,
    a_line_item,
    a_problem,
    a_record,
    a_stored_document,
    a_tax_line,
    a_value,
    an_invoice,
    an_outcome,
)


def test_several_invoices_of_a_document_name_each_other() -> None:
    document = a_stored_document(pages=4, page_range=PageRange(first=3, last=4))

    first = invoice_document(a_completed_record(invoice_id="01JD", parts=3))
    third = invoice_summary(a_completed_record(invoice_id="01JD-3", part_of="01JD", document=document))

    assert first["further_invoices"] == ["01JD-2", "01JD-3"]
    assert (third["part_of"], "further_invoices" in third) == ("01JD", False)
    assert third["document"] == {
        "sha256": document.sha256, "filename": "invoice.pdf", "media_type": "application/pdf", "pages": 4,
        "page_range": {"first": 3, "last": 4}, "bytes": 48_211,
    }  # fmt: skip


def test_a_completed_invoice_has_exactly_the_agreed_shape() -> None:
    total = a_value("119.00", text="119,00 €", box=Box(0.7, 0.8, 0.1, 0.012), checks=("grounded", "totals_add_up"))
    invoice = Invoice(fields={FieldName.TOTAL: total}, taxes=(a_tax_line(),), line_items=(a_line_item(unit="PCE"),))
    outcome = an_outcome(
        invoice=invoice,
        reasons=("line_amount_mismatch",),
        findings=(a_finding("line_amount_mismatch", severity=Severity.WARNING, fields=("line_items.0.amount",)),),
        charges=(a_charge(usage=Usage.of("textract", "DetectDocumentText", pages=2), usd=Decimal("0.0030")),),
        timings_ms={"read": 12, "extract": 9},
    )
    document = a_stored_document(sha256="ab", filename="inv.pdf", pages=1)

    shown = invoice_document(a_completed_record(invoice_id="01JD", document=document, outcome=outcome))

    assert shown == {
        "invoice_id": "01JD",
        "status": "completed",
        "decision": "auto_approve",
        "reasons": ["line_amount_mismatch"],
        "document": {
            "sha256": "ab",
            "filename": "inv.pdf",
            "media_type": "application/pdf",
            "pages": 1,
            "bytes": 48211,
        },
        "document_type": "invoice",
        "fields": {
            "total": {
                "value": "119.00",
                "confidence": 0.99,
                "source": "text",
                "page": 1,
                "box": {"left": 0.7, "top": 0.8, "width": 0.1, "height": 0.012},
                "text": "119,00 €",
                "checks": ["grounded", "totals_add_up"],
            }
        },
        "taxes": [{"rate": "19", "category": "S", "base": "100.00", "amount": "19.00"}],
        "line_items": [
            {
                "description": "Oak board",
                "quantity": "2",
                "unit": "PCE",
                "unit_price": "50.00",
                "amount": "100.00",
                "tax_rate": "19",
                "page": 1,
            }
        ],
        "findings": [
            {
                "code": "line_amount_mismatch",
                "message": "expected 119.00, found 120.00",
                "severity": "warning",
                "fields": ["line_items.0.amount"],
            }
        ],
        "cost": {
            "usd": "0.0030",
            "usage": [
                {
                    "service": "textract",
                    "operation": "DetectDocumentText",
                    "step": "ocr",
                    "units": {"pages": "2"},
                    "usd": "0.0030",
                    "state": "settled",
                }
            ],
        },
        "timings_ms": {"read": 12, "extract": 9},
        "received_at": "2026-11-23T09:14:05Z",
        "processed_at": "2026-11-23T09:14:06Z",
    }
    assert json.loads(json.dumps(shown)) == shown


def test_a_rejected_document_says_why_and_claims_nothing_about_its_content() -> None:
    shown = invoice_document(rejected(a_record(), a_problem("encrypted"), A_MOMENT))

    assert (shown["status"], shown["decision"], shown["reasons"]) == ("rejected", "rejected", ["encrypted"])
    assert shown["error"] == {
        "code": "encrypted",
        "message": "Please send it without a password.",
        "retryable": False,
    }
    assert not {"document_type", "fields", "line_items"} & set(shown)


def test_what_is_not_known_yet_is_absent() -> None:
    waiting = a_record(
        status=Status.AWAITING_UPLOAD, document=a_stored_document(sha256=None, media_type=None, byte_count=None)
    )

    shown = invoice_document(waiting)

    assert shown["document"] == {"filename": "invoice.pdf"}
    assert not {"decision", "fields", "error", "processed_at"} & set(shown)


def test_numbers_are_written_without_exponent() -> None:
    record = a_completed_record(
        outcome=an_outcome(invoice=an_invoice(line_items=[a_line_item(quantity=Decimal("1E+3"))]))
    )

    (line,) = json.loads(json.dumps(invoice_document(record)))["line_items"]

    assert line["quantity"] == "1000"


def test_a_summary_is_the_same_document_with_less_in_it() -> None:
    record = a_completed_record()
    whole, summary = invoice_document(record), invoice_summary(record)

    assert {name: whole[name] for name in summary if name != "fields"} | {"fields": summary["fields"]} == summary
    assert summary["fields"] == {
        name: value
        for name, value in json.loads(json.dumps(whole["fields"])).items()
        if name not in {"tax", "subtotal"}
    }


def test_suggestions_are_shown_apart_and_only_where_there_are_any() -> None:
    guess = a_value("Roti", confidence=0.5)
    doubtful = an_invoice().model_copy(update={"suggestions": {FieldName.SUPPLIER_NAME: guess}})

    suggestions = invoice_document(a_completed_record(outcome=an_outcome(invoice=doubtful)))["suggestions"]

    assert isinstance(suggestions, dict)
    assert list(suggestions) == ["supplier_name"]
    assert "suggestions" not in invoice_document(a_completed_record())
