"""CII e-invoices (Factur-X, ZUGFeRD, XRechnung), field by field."""

from decimal import Decimal

import pytest

from chalicelib.domain.invoice import DocumentType, FieldName, Invoice, LineItem, TaxLine
from chalicelib.domain.source import Source
from chalicelib.reading.einvoice.read import read_einvoices
from chalicelib.reading.limits import Limits
from tests.papers import a_cii_invoice, a_cii_line

A_SELLER = """<ram:SellerTradeParty>
  <ram:Name>Halden &amp; Moor GmbH</ram:Name>
  <ram:SpecifiedLegalOrganization><ram:ID>HRB 1234</ram:ID>
    <ram:TradingBusinessName>Haldens</ram:TradingBusinessName></ram:SpecifiedLegalOrganization>
  <ram:DefinedTradeContact>
    <ram:TelephoneUniversalCommunication><ram:CompleteNumber>+49 30 1234</ram:CompleteNumber>
    </ram:TelephoneUniversalCommunication>
    <ram:EmailURIUniversalCommunication><ram:URIID>post@halden.example</ram:URIID></ram:EmailURIUniversalCommunication>
  </ram:DefinedTradeContact>
  <ram:PostalTradeAddress><ram:PostcodeCode>10115</ram:PostcodeCode><ram:LineOne>Am Moor 3</ram:LineOne>
    <ram:CityName>Berlin</ram:CityName><ram:CountryID>DE</ram:CountryID></ram:PostalTradeAddress>
  <ram:SpecifiedTaxRegistration><ram:ID schemeID="FC">37/001/00001</ram:ID></ram:SpecifiedTaxRegistration>
  <ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">DE999001237</ram:ID></ram:SpecifiedTaxRegistration>
</ram:SellerTradeParty>"""
A_BUYER = """<ram:BuyerTradeParty><ram:ID>K-17</ram:ID><ram:Name>Birch Ltd</ram:Name>
  <ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">GB123456789</ram:ID></ram:SpecifiedTaxRegistration>
</ram:BuyerTradeParty>
<ram:BuyerOrderReferencedDocument><ram:IssuerAssignedID>PO 99</ram:IssuerAssignedID>
</ram:BuyerOrderReferencedDocument>"""
A_PAYMENT = """<ram:PaymentReference>RF18 5390</ram:PaymentReference>
<ram:SpecifiedTradeSettlementPaymentMeans>
  <ram:PayerPartyDebtorFinancialAccount><ram:IBANID>DE34999900000000202051</ram:IBANID>
  </ram:PayerPartyDebtorFinancialAccount>
  <ram:PayeePartyCreditorFinancialAccount><ram:IBANID>de77 9999 0000 1234 5678 90</ram:IBANID>
  </ram:PayeePartyCreditorFinancialAccount>
  <ram:PayeeSpecifiedCreditorFinancialInstitution><ram:BICID>SOGEDEFF</ram:BICID>
  </ram:PayeeSpecifiedCreditorFinancialInstitution>
</ram:SpecifiedTradeSettlementPaymentMeans>
<ram:ApplicableTradeTax><ram:CalculatedAmount>19.00</ram:CalculatedAmount><ram:BasisAmount>100.00</ram:BasisAmount>
  <ram:CategoryCode>S</ram:CategoryCode><ram:RateApplicablePercent>19</ram:RateApplicablePercent></ram:ApplicableTradeTax>
<ram:BillingSpecifiedPeriod>
  <ram:StartDateTime><udt:DateTimeString format="102">20261001</udt:DateTimeString></ram:StartDateTime>
  <ram:EndDateTime><udt:DateTimeString format="102">20261031</udt:DateTimeString></ram:EndDateTime>
</ram:BillingSpecifiedPeriod>
<ram:SpecifiedTradePaymentTerms><ram:Description>2 % within
  a week</ram:Description>
  <ram:DueDateDateTime><udt:DateTimeString format="102">20261220</udt:DateTimeString></ram:DueDateDateTime>
</ram:SpecifiedTradePaymentTerms>
<ram:InvoiceReferencedDocument><ram:IssuerAssignedID>RE-6</ram:IssuerAssignedID></ram:InvoiceReferencedDocument>"""


def read(content: bytes) -> Invoice:
    return read_einvoices(content, Limits())[0]


def a_full_invoice() -> Invoice:
    return read(a_cii_invoice(agreement=A_SELLER + A_BUYER, settlement=A_PAYMENT))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (FieldName.INVOICE_NUMBER, "RE-7"),
        (FieldName.ISSUE_DATE, "2026-11-20"),
        (FieldName.DUE_DATE, "2026-12-20"),
        (FieldName.PERIOD_START, "2026-10-01"),
        (FieldName.PERIOD_END, "2026-10-31"),
        (FieldName.CURRENCY, "EUR"),
        (FieldName.PURCHASE_ORDER, "PO 99"),
        (FieldName.PRECEDING_INVOICE, "RE-6"),
        (FieldName.PAYMENT_TERMS, "2 % within a week"),
        (FieldName.SUPPLIER_NAME, "Halden & Moor GmbH"),
        (FieldName.SUPPLIER_ADDRESS, "Am Moor 3, 10115 Berlin, DE"),
        (FieldName.SUPPLIER_TAX_ID, "DE999001237"),
        (FieldName.SUPPLIER_REGISTRATION, "HRB 1234"),
        (FieldName.SUPPLIER_EMAIL, "post@halden.example"),
        (FieldName.SUPPLIER_PHONE, "+49 30 1234"),
        (FieldName.BUYER_NAME, "Birch Ltd"),
        (FieldName.BUYER_TAX_ID, "GB123456789"),
        (FieldName.CUSTOMER_NUMBER, "K-17"),
        (FieldName.IBAN, "DE77999900001234567890"),
        (FieldName.BIC, "SOGEDEFF"),
        (FieldName.PAYMENT_REFERENCE, "RF18 5390"),
        (FieldName.SUBTOTAL, "100.00"),
        (FieldName.TAX, "19.00"),
        (FieldName.TOTAL, "119.00"),
        (FieldName.AMOUNT_DUE, "119.00"),
    ],
)
def test_every_field_is_read_where_the_standard_puts_it(name: FieldName, value: str) -> None:
    assert a_full_invoice().text(name) == value


def test_a_value_says_where_it_comes_from() -> None:
    iban = a_full_invoice().fields[FieldName.IBAN]

    assert (iban.source, iban.text, iban.page) == (Source.EINVOICE, "de77 9999 0000 1234 5678 90", None)
    assert iban.confidence == pytest.approx(0.999)


def test_what_is_not_there_is_absent() -> None:
    invoice = read(a_cii_invoice())

    assert FieldName.SUPPLIER_NAME not in invoice.fields
    assert FieldName.DISCOUNT not in invoice.fields
    assert invoice.taxes == ()


def test_tax_lines_are_read() -> None:
    assert a_full_invoice().taxes == (
        TaxLine(rate=Decimal(19), category="S", base=Decimal("100.00"), amount=Decimal("19.00")),
    )


def test_line_items_are_read() -> None:
    assert read(a_cii_invoice()).line_items == (
        LineItem(
            description="Oak board", product_code="OB-2", quantity=Decimal(2), unit="C62", unit_price=Decimal("50.00"),
            amount=Decimal("100.00"), tax_rate=Decimal(19),
        ),
    )  # fmt: skip


def test_the_trading_name_serves_where_there_is_no_other() -> None:
    seller = A_SELLER.replace("<ram:Name>Halden &amp; Moor GmbH</ram:Name>", "")

    assert read(a_cii_invoice(agreement=seller)).text(FieldName.SUPPLIER_NAME) == "Haldens"


def test_without_a_vat_id_the_tax_number_is_taken() -> None:
    seller = A_SELLER.replace('schemeID="VA">DE999001237', 'schemeID="VA">')

    assert read(a_cii_invoice(agreement=seller)).text(FieldName.SUPPLIER_TAX_ID) == "37/001/00001"


def test_the_tax_is_the_one_in_the_invoices_currency() -> None:
    in_kroner = '<ram:TaxTotalAmount currencyID="SEK">220.00</ram:TaxTotalAmount>'
    content = a_cii_invoice().replace(b"<ram:TaxTotalAmount", in_kroner.encode() + b"<ram:TaxTotalAmount")

    assert read(content).text(FieldName.TAX) == "19.00"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("380", DocumentType.INVOICE),
        ("384", DocumentType.INVOICE),
        ("381", DocumentType.CREDIT_NOTE),
        ("261", DocumentType.CREDIT_NOTE),
        ("325", DocumentType.PROFORMA),
    ],
)
def test_the_type_code_says_what_it_is(code: str, kind: DocumentType) -> None:
    assert read(a_cii_invoice(type_code=code)).document_type is kind


def test_a_group_is_not_counted_beside_its_lines() -> None:
    grouped = [
        a_cii_line("Hardware", "100.00", number="1", status="GROUP"),
        a_cii_line("Printer", "60.00", number="1.1", parent="1", status="DETAIL"),
        a_cii_line("Toner", "40.00", number="1.2", parent="1", status="DETAIL"),
        a_cii_line("Manual", "0.00", number="1.3", parent="1", status="INFORMATION"),
    ]

    items = read(a_cii_invoice(lines=grouped)).line_items

    assert [item.description for item in items] == ["Printer", "Toner"]


def test_upper_lines_are_taken_where_only_they_make_up_the_total() -> None:
    kit = [
        a_cii_line("Kit", "100.00", number="1"),
        a_cii_line("Part of the kit", "70.00", number="1.1", parent="1"),
        a_cii_line("Other part", "30.00", number="1.2", parent="1"),
    ]

    assert [item.description for item in read(a_cii_invoice(lines=kit)).line_items] == ["Kit"]


def test_a_note_written_as_a_line_is_no_item() -> None:
    note = """<ram:IncludedSupplyChainTradeLineItem><ram:AssociatedDocumentLineDocument>
      <ram:IncludedNote><ram:Content>Thank you</ram:Content></ram:IncludedNote>
      </ram:AssociatedDocumentLineDocument></ram:IncludedSupplyChainTradeLineItem>"""

    assert len(read(a_cii_invoice(lines=[note, a_cii_line()])).line_items) == 1


def test_zugferd_1_says_the_same_under_other_names() -> None:
    content = a_cii_invoice(agreement=A_SELLER, settlement=A_PAYMENT).decode()
    for new, old in (
        ("urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100", "urn:ferd:CrossIndustryDocument:invoice:1p0"),
        ("CrossIndustryInvoice", "CrossIndustryDocument"),
        ("ExchangedDocument", "HeaderExchangedDocument"),
        ("rsm:SupplyChainTradeTransaction", "rsm:SpecifiedSupplyChainTradeTransaction"),
        ("ApplicableHeaderTrade", "ApplicableSupplyChainTrade"),
        ("SpecifiedLineTrade", "SpecifiedSupplyChainTrade"),
        ("SettlementHeaderMonetary", "SettlementMonetary"),
        ("SettlementLineMonetary", "SettlementMonetary"),
        ("RateApplicablePercent", "ApplicablePercent"),
    ):
        content = content.replace(new, old)

    assert read(content.encode()) == read(a_cii_invoice(agreement=A_SELLER, settlement=A_PAYMENT))
