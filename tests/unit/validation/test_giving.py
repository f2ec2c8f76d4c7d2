"""Unsure values are kept apart, with their evidence."""

import pytest

from chalicelib.domain.invoice import FieldName, Invoice
from chalicelib.domain.source import Source
from chalicelib.validation.giving import given
from tests.builders import a_value


@pytest.mark.parametrize(
    ("source", "confidence", "stands"),
    [
        (Source.OCR, 0.79, False),
        (Source.OCR, 0.8, True),
        (Source.TEXT, 0.39, False),
        (Source.TEXT, 0.4, True),
        (Source.EINVOICE, 0.1, True),
    ],
)
def test_a_value_stands_from_a_probability_on_that_depends_on_who_read_it(
    source: Source, confidence: float, *, stands: bool
) -> None:
    value = a_value("119.00", source=source, confidence=confidence)

    invoice = given(Invoice(fields={FieldName.TOTAL: value}))

    assert (FieldName.TOTAL in invoice.fields) is stands
    assert invoice.suggestions == ({} if stands else {FieldName.TOTAL: value})


def test_an_invoice_without_doubts_stays_as_it_is() -> None:
    invoice = Invoice(fields={FieldName.TOTAL: a_value("119.00")})

    assert given(invoice) is invoice
