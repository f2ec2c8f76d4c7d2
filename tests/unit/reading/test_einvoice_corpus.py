"""Real e-invoices: they are read exactly, or they are read wrong."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from chalicelib.domain.invoice import FieldName, Invoice
from chalicelib.reading.limits import Limits
from chalicelib.reading.read import read_document
from tests.corpus import documents_of, needs_corpus

pytestmark = [pytest.mark.corpus, needs_corpus]

_TEXTS = (FieldName.INVOICE_NUMBER, FieldName.ISSUE_DATE, FieldName.DUE_DATE, FieldName.CURRENCY)
_AMOUNTS = (FieldName.SUBTOTAL, FieldName.TAX, FieldName.TOTAL)


@pytest.mark.parametrize("name", ["xml_cii", "xml_ubl", "facturx_pdf"])
def test_header_fields_are_read_exactly(name: str) -> None:
    wrong = []
    for path, truth in documents_of(name):
        invoice = _read(path)
        wrong += [(path.name, field) for field in _TEXTS if field in truth and truth[field] != invoice.text(field)]
        wrong += [
            (path.name, field)
            for field in _AMOUNTS
            if field in truth and (truth[field] and Decimal(truth[field])) != invoice.amount(field)
        ]

    assert wrong == []


@pytest.mark.parametrize("name", ["xml_cii", "xml_ubl", "facturx_pdf"])
def test_line_amounts_are_read_exactly(name: str) -> None:
    wrong = [
        path.name
        for path, truth in documents_of(name)
        if truth.get("line_items")
        and Counter(Decimal(line["amount"]) for line in truth["line_items"])
        != Counter(line.amount for line in _read(path).line_items)
    ]

    assert wrong == []


def _read(path: Path) -> Invoice:
    einvoice = read_document(path.read_bytes(), Limits()).einvoice
    assert einvoice is not None, path
    return einvoice
