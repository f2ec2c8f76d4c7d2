"""An e-invoice that carries only a part of what its page says is completed from the page, and never contradicted."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.document import TextLayer
from chalicelib.domain.invoice import FieldName, Invoice, Value
from chalicelib.domain.source import Source
from chalicelib.extraction.completing import completed
from chalicelib.extraction.extract import extract
from tests.builders import a_line_item, a_tax_line, an_invoice
from tests.pages import a_read_document

A_PAGE = """
    Northwind Paper Ltd                          INVOICE
    12 Mill Lane
    Leeds LS1 4AB

    Bill to:                          Invoice no:   INV-2026-0042
    Brook & Field plc                 Date:         7 March 2026
    4 Quay Street                     Due date:     6 April 2026
    Bristol BS1 5TY                   PO number:    PO-7781

    Description            Qty    Unit price      Amount
    A4 paper, box           10         12.50      125.00
    Envelopes C5             4          6.25       25.00

                                     Subtotal    £150.00
                                      VAT 20%     £30.00
                                        Total    £180.00

    VAT no GB980780684        IBAN GB33 BUKB 2020 1555 5555 55
"""
_MINIMUM: dict[str, Any] = {
    "invoice_number": "INV-2026-0042", "issue_date": "2026-03-07", "currency": "GBP",
    "supplier_name": "Northwind Paper Ltd", "supplier_tax_id": "GB980780684",
    "buyer_name": "Brook & Field plc", "subtotal": "150.00", "tax": "30.00", "total": "180.00", "amount_due": "180.00",
}  # fmt: skip


def an_einvoice(*, whole: dict[str, Any] | None = None, **changed: Any) -> Invoice:
    """What a Factur-X XML of the profile MINIMUM says; `None` takes a field out, `whole` adds tables."""
    given = {name: text for name, text in {**_MINIMUM, **changed}.items() if text is not None}
    fields = {
        FieldName(name): Value(value=text, confidence=0.999, source=Source.EINVOICE, text=text)
        for name, text in given.items()
    }
    return Invoice(fields=fields, **(whole or {}))


def read_with(einvoice: Invoice, page: str = A_PAGE, text_layer: TextLayer = TextLayer.GOOD) -> Invoice:
    """What comes out of a PDF with this page and this XML inside."""
    return extract(replace(a_read_document(page, text_layer=text_layer), einvoice=einvoice))


def added_to(einvoice: Invoice, page: str = A_PAGE) -> set[str]:
    return {name.value for name in read_with(einvoice, page).fields.keys() - einvoice.fields.keys()}


def test_what_the_xml_lacks_comes_from_the_page_with_its_place() -> None:
    invoice = read_with(an_einvoice())
    due = invoice.fields[FieldName.DUE_DATE]

    assert (due.value, due.source, due.page, due.text) == ("2026-04-06", Source.TEXT, 1, "6 April 2026")
    assert invoice.text(FieldName.IBAN) == "GB33BUKB20201555555555"
    assert invoice.text(FieldName.PURCHASE_ORDER) == "PO-7781"
    assert [line.amount for line in invoice.line_items] == [Decimal("125.00"), Decimal("25.00")]


def test_what_the_xml_says_stays_as_it_is() -> None:
    einvoice = an_einvoice(purchase_order="4711")
    invoice = read_with(einvoice)

    assert {name: invoice.fields[name] for name in einvoice.fields} == einvoice.fields
    assert invoice.text(FieldName.PURCHASE_ORDER) == "4711"


@pytest.mark.parametrize(
    "changed",
    [{"total": "199.00"}, {"invoice_number": "INV-2026-0043"}, {"issue_date": "2026-03-08"}, {"currency": "EUR"}],
)
def test_nothing_is_taken_from_a_page_that_says_otherwise(changed: dict[str, Any]) -> None:
    einvoice = an_einvoice(**changed)

    assert read_with(einvoice) == einvoice


def test_lines_that_are_not_the_net_are_not_taken() -> None:
    assert read_with(an_einvoice(), A_PAGE.replace("25.00\n\n", "26.00\n\n")).line_items == ()


@pytest.mark.parametrize("discount", ["15.00", None], ids=["in the XML, too", "on the page alone"])
def test_lines_are_the_net_with_a_discount_beside_them(discount: str | None) -> None:
    sums: dict[str, Any] = {"subtotal": "135.00", "tax": "27.00", "total": "162.00", "amount_due": "162.00"}
    lines = (a_line_item(amount=Decimal("125.00")), a_line_item(amount=Decimal("25.00")))
    printed = an_invoice(**{**_MINIMUM, **sums, "discount": "15.00"}, taxes=[], line_items=lines)

    invoice = completed(an_einvoice(**sums, discount=discount), printed, frozenset())

    assert (invoice.line_items, invoice.text(FieldName.DISCOUNT)) == (lines, "15.00")


def test_a_country_alone_is_no_address() -> None:
    printed = an_invoice(**_MINIMUM, supplier_address="12 Mill Lane, Leeds LS1 4AB")
    einvoice = an_einvoice(supplier_address="GB")

    assert completed(einvoice, printed, frozenset()).text(FieldName.SUPPLIER_ADDRESS) == "12 Mill Lane, Leeds LS1 4AB"


def test_an_invoice_that_is_due_before_it_is_issued_has_no_due_date() -> None:
    assert "due_date" not in added_to(an_einvoice(), A_PAGE.replace("6 April 2026", "6 February 2026"))


def test_another_suppliers_letterhead_gives_nothing_about_the_supplier() -> None:
    einvoice = an_einvoice(supplier_name="Halden & Moor GmbH", supplier_tax_id=None)

    assert not any(name.startswith("supplier_") for name in added_to(einvoice))


def test_the_buyers_number_is_never_the_suppliers() -> None:
    assert "supplier_tax_id" not in added_to(an_einvoice(supplier_tax_id=None, buyer_tax_id="GB980780684"))


def test_sums_are_taken_where_they_fit_those_of_the_xml() -> None:
    assert {"tax", "subtotal"} <= added_to(an_einvoice(subtotal=None, tax=None))
    assert "tax" not in added_to(an_einvoice(subtotal="151.00", tax=None))


def test_an_xml_with_lines_gets_only_what_every_invoice_has() -> None:
    whole = {"line_items": (a_line_item(amount=Decimal("150.00")),), "taxes": (a_tax_line(),)}

    assert added_to(an_einvoice(whole=whole)) <= {"supplier_address", "buyer_address"}
    assert "issue_date" in added_to(an_einvoice(whole=whole, issue_date=None))


@pytest.mark.parametrize("text_layer", [TextLayer.POOR, TextLayer.NONE])
def test_hidden_words_of_a_scan_complete_nothing(text_layer: TextLayer) -> None:
    assert read_with(an_einvoice(), text_layer=text_layer) == an_einvoice()
