"""UBL e-invoices (Peppol, XRechnung), field by field."""

from decimal import Decimal

import pytest

from chalicelib.domain.invoice import DocumentType, FieldName, Invoice, LineItem, TaxLine
from chalicelib.reading.einvoice.read import read_einvoices
from chalicelib.reading.limits import Limits
from tests.papers import a_ubl_invoice, a_ubl_line

PARTIES = """<cbc:BuyerReference>04011000-12345-03</cbc:BuyerReference>
<cac:InvoicePeriod><cbc:StartDate>2026-10-01</cbc:StartDate><cbc:EndDate>2026-10-31</cbc:EndDate></cac:InvoicePeriod>
<cac:OrderReference><cbc:ID>PO 99</cbc:ID></cac:OrderReference>
<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>RE-6</cbc:ID></cac:InvoiceDocumentReference>
</cac:BillingReference>
<cac:AccountingSupplierParty><cac:Party>
  <cbc:EndpointID schemeID="EM">rechnung@halden.example</cbc:EndpointID>
  <cac:PartyName><cbc:Name>Haldens</cbc:Name></cac:PartyName>
  <cac:PostalAddress><cbc:StreetName>Am Moor 3</cbc:StreetName><cbc:CityName>Berlin</cbc:CityName>
    <cbc:PostalZone>10115</cbc:PostalZone><cac:Country><cbc:IdentificationCode>DE</cbc:IdentificationCode></cac:Country>
  </cac:PostalAddress>
  <cac:PartyTaxScheme><cbc:CompanyID>Approved for company tax</cbc:CompanyID>
    <cac:TaxScheme><cbc:ID>TAX</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
  <cac:PartyTaxScheme><cbc:CompanyID>DE999001237</cbc:CompanyID>
    <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
  <cac:PartyLegalEntity><cbc:RegistrationName>Halden &amp; Moor GmbH</cbc:RegistrationName>
    <cbc:CompanyID>HRB 1234</cbc:CompanyID></cac:PartyLegalEntity>
  <cac:Contact><cbc:Telephone>+49 30 1234</cbc:Telephone></cac:Contact>
</cac:Party></cac:AccountingSupplierParty>
<cac:AccountingCustomerParty><cac:Party>
  <cac:PartyIdentification><cbc:ID>K-17</cbc:ID></cac:PartyIdentification>
  <cac:PartyName><cbc:Name>Birch Ltd</cbc:Name></cac:PartyName>
</cac:Party></cac:AccountingCustomerParty>
<cac:Delivery><cbc:ActualDeliveryDate>2026-11-18</cbc:ActualDeliveryDate></cac:Delivery>
<cac:PaymentMeans><cbc:PaymentDueDate>2026-12-20+01:00</cbc:PaymentDueDate><cbc:PaymentID>RF18</cbc:PaymentID>
  <cac:PayeeFinancialAccount><cbc:ID>5555-4444</cbc:ID>
    <cac:FinancialInstitutionBranch><cbc:ID>SE:BANKGIRO</cbc:ID></cac:FinancialInstitutionBranch>
  </cac:PayeeFinancialAccount></cac:PaymentMeans>
<cac:PaymentMeans><cac:PayeeFinancialAccount><cbc:ID>DE77999900001234567890</cbc:ID>
  <cac:FinancialInstitutionBranch><cbc:ID>SOGEDEFF</cbc:ID></cac:FinancialInstitutionBranch>
</cac:PayeeFinancialAccount></cac:PaymentMeans>
<cac:PaymentTerms><cbc:Note>30 days</cbc:Note></cac:PaymentTerms>
<cac:TaxTotal><cbc:TaxAmount currencyID="SEK">220.00</cbc:TaxAmount></cac:TaxTotal>"""


def read(content: bytes) -> Invoice:
    return read_einvoices(content, Limits())[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (FieldName.INVOICE_NUMBER, "RE-7"),
        (FieldName.ISSUE_DATE, "2026-11-20"),
        (FieldName.DUE_DATE, "2026-12-20"),
        (FieldName.DELIVERY_DATE, "2026-11-18"),
        (FieldName.PERIOD_START, "2026-10-01"),
        (FieldName.PERIOD_END, "2026-10-31"),
        (FieldName.CURRENCY, "EUR"),
        (FieldName.PURCHASE_ORDER, "PO 99"),
        (FieldName.BUYER_REFERENCE, "04011000-12345-03"),
        (FieldName.PRECEDING_INVOICE, "RE-6"),
        (FieldName.PAYMENT_TERMS, "30 days"),
        (FieldName.SUPPLIER_NAME, "Halden & Moor GmbH"),
        (FieldName.SUPPLIER_ADDRESS, "Am Moor 3, 10115 Berlin, DE"),
        (FieldName.SUPPLIER_TAX_ID, "DE999001237"),
        (FieldName.SUPPLIER_REGISTRATION, "HRB 1234"),
        (FieldName.SUPPLIER_EMAIL, "rechnung@halden.example"),
        (FieldName.SUPPLIER_PHONE, "+49 30 1234"),
        (FieldName.BUYER_NAME, "Birch Ltd"),
        (FieldName.CUSTOMER_NUMBER, "K-17"),
        (FieldName.IBAN, "DE77999900001234567890"),
        (FieldName.BIC, "SOGEDEFF"),
        (FieldName.PAYMENT_REFERENCE, "RF18"),
        (FieldName.SUBTOTAL, "100.00"),
        (FieldName.TAX, "19.00"),
        (FieldName.TOTAL, "119.00"),
        (FieldName.AMOUNT_DUE, "119.00"),
    ],
)
def test_every_field_is_read_where_the_standard_puts_it(name: FieldName, value: str) -> None:
    assert read(a_ubl_invoice(PARTIES)).text(name) == value


def test_a_national_account_number_is_no_iban() -> None:
    account = "<cac:PaymentMeans><cac:PayeeFinancialAccount><cbc:ID>5555-4444</cbc:ID></cac:PayeeFinancialAccount>"

    assert FieldName.IBAN not in read(a_ubl_invoice(account + "</cac:PaymentMeans>")).fields


def test_a_statement_without_a_number_is_no_tax_id() -> None:
    without_vat = PARTIES.replace(">DE999001237<", "><")

    assert FieldName.SUPPLIER_TAX_ID not in read(a_ubl_invoice(without_vat)).fields


def test_an_order_that_is_not_available_is_absent() -> None:
    order = "<cac:OrderReference><cbc:ID>NA</cbc:ID><cbc:SalesOrderID>S-1</cbc:SalesOrderID></cac:OrderReference>"

    assert FieldName.PURCHASE_ORDER not in read(a_ubl_invoice(order)).fields


def test_a_credit_note_has_its_own_names() -> None:
    note = read(a_ubl_invoice(kind="CreditNote"))

    assert note.document_type is DocumentType.CREDIT_NOTE
    assert note.text(FieldName.TOTAL) == "119.00"
    assert note.line_items[0].quantity == 2


def test_an_invoice_may_be_a_credit_note_by_its_type_code() -> None:
    content = a_ubl_invoice("<cbc:InvoiceTypeCode>381</cbc:InvoiceTypeCode>")

    assert read(content).document_type is DocumentType.CREDIT_NOTE


def test_line_items_are_read() -> None:
    assert read(a_ubl_invoice()).line_items == (
        LineItem(
            description="Oak board – Planed, 2 m", quantity=Decimal(2), unit="C62", unit_price=Decimal("50.00"),
            amount=Decimal("100.00"), tax_rate=Decimal(19),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("price", "base", "expected"),
    [("500.00", "10", "50"), ("50.00", "2", "50.00"), ("5", "3", "1.6666666667"), ("50.00", "0", "50.00")],
)
def test_the_price_is_that_of_one_unit(price: str, base: str, expected: str) -> None:
    line = a_ubl_line(price=price, base=f"<cbc:BaseQuantity>{base}</cbc:BaseQuantity>")

    assert read(a_ubl_invoice(lines=[line])).line_items[0].unit_price == Decimal(expected)


def test_tax_lines_belong_to_the_tax_in_the_invoices_currency() -> None:
    line = """<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">19.00</cbc:TaxAmount><cac:TaxSubtotal>
      <cbc:TaxableAmount>100.00</cbc:TaxableAmount><cbc:TaxAmount>19.00</cbc:TaxAmount><cac:TaxCategory>
      <cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent></cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>"""

    assert read(a_ubl_invoice(PARTIES + line)).taxes == (
        TaxLine(rate=Decimal(19), category="S", base=Decimal("100.00"), amount=Decimal("19.00")),
    )
