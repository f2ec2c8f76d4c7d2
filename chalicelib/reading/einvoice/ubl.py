"""OASIS UBL 2.1 Invoice and CreditNote (Peppol BIS Billing 3, XRechnung) → invoice."""

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from chalicelib.domain.invoice import DocumentType, FieldName, Invoice, LineItem, TaxLine
from chalicelib.reading.einvoice.tree import every, first, text, texts
from chalicelib.reading.einvoice.values import (
    Fields,
    Price,
    chosen_tax_id,
    described,
    document_type,
    parsed_number,
)

_NO_ORDER = "NA"  # Peppol BIS: what to write when only the seller's order number is known
_AMOUNTS: Mapping[FieldName, str] = {
    FieldName.SUBTOTAL: "TaxExclusiveAmount",
    FieldName.DISCOUNT: "AllowanceTotalAmount",
    FieldName.CHARGES: "ChargeTotalAmount",
    FieldName.TOTAL: "TaxInclusiveAmount",
    FieldName.AMOUNT_PAID: "PrepaidAmount",
    FieldName.ROUNDING: "PayableRoundingAmount",
    FieldName.AMOUNT_DUE: "PayableAmount",
}


def read_ubl(root: Element) -> Invoice:
    """The invoice of a UBL `Invoice` or `CreditNote` with local names."""
    fields = Fields()
    _add_document(fields, root)
    _add_parties(fields, root)
    _add_payment(fields, root)
    tax_total = _tax_total(root, text(root, "DocumentCurrencyCode"))
    for name, path in _AMOUNTS.items():
        fields.add_amount(name, text(root, f"LegalMonetaryTotal/{path}"))
    fields.add_amount(FieldName.TAX, text(tax_total, "TaxAmount"))
    return Invoice(
        document_type=_document_type(root),
        fields=fields.found,
        taxes=tuple(_tax_line(tax) for tax in every(tax_total, "TaxSubtotal")),
        line_items=tuple(_line_item(line) for line in every(root, "InvoiceLine", "CreditNoteLine")),
    )


def _document_type(root: Element) -> DocumentType:
    if root.tag == "CreditNote":
        return DocumentType.CREDIT_NOTE
    return document_type(text(root, "InvoiceTypeCode"))


def _add_document(fields: Fields, root: Element) -> None:
    order = text(root, "OrderReference/ID")
    fields.add(FieldName.INVOICE_NUMBER, text(root, "ID"))
    fields.add_date(FieldName.ISSUE_DATE, text(root, "IssueDate"))
    fields.add_currency(text(root, "DocumentCurrencyCode"))
    fields.add(FieldName.PURCHASE_ORDER, order if order != _NO_ORDER else None)
    fields.add(FieldName.BUYER_REFERENCE, text(root, "BuyerReference"))
    fields.add(FieldName.PRECEDING_INVOICE, text(root, "BillingReference/InvoiceDocumentReference/ID"))
    fields.add_date(FieldName.DELIVERY_DATE, text(root, "Delivery/ActualDeliveryDate"))
    fields.add_date(FieldName.PERIOD_START, text(root, "InvoicePeriod/StartDate"))
    fields.add_date(FieldName.PERIOD_END, text(root, "InvoicePeriod/EndDate"))


def _add_parties(fields: Fields, root: Element) -> None:
    seller = first(root, "AccountingSupplierParty/Party")
    buyer = first(root, "AccountingCustomerParty/Party")
    fields.add(FieldName.SUPPLIER_NAME, _name(seller))
    fields.add_joined(FieldName.SUPPLIER_ADDRESS, _address(seller), ", ")
    fields.add(FieldName.SUPPLIER_TAX_ID, _tax_id(seller))
    fields.add(FieldName.SUPPLIER_REGISTRATION, text(seller, "PartyLegalEntity/CompanyID"))
    fields.add(FieldName.SUPPLIER_EMAIL, text(seller, "Contact/ElectronicMail", "EndpointID[@schemeID='EM']"))
    fields.add(FieldName.SUPPLIER_PHONE, text(seller, "Contact/Telephone"))
    fields.add(FieldName.SUPPLIER_WEBSITE, text(seller, "WebsiteURI"))
    fields.add(FieldName.BUYER_NAME, _name(buyer))
    fields.add_joined(FieldName.BUYER_ADDRESS, _address(buyer), ", ")
    fields.add(FieldName.BUYER_TAX_ID, _tax_id(buyer))
    fields.add(FieldName.CUSTOMER_NUMBER, text(buyer, "PartyIdentification/ID"))


def _add_payment(fields: Fields, root: Element) -> None:
    account = "PaymentMeans/PayeeFinancialAccount"
    # A credit note has no due date of its own in UBL 2.1: it stands with the means of payment.
    fields.add_date(FieldName.DUE_DATE, text(root, "DueDate", "PaymentMeans/PaymentDueDate"))
    fields.add_joined(FieldName.PAYMENT_TERMS, texts(root, "PaymentTerms/Note"), " ")
    fields.add(FieldName.PAYMENT_REFERENCE, text(root, "PaymentMeans/PaymentID"))
    fields.add_account(
        texts(root, f"{account}/ID"),
        texts(
            root,
            f"{account}/FinancialInstitutionBranch/ID",
            f"{account}/FinancialInstitutionBranch/FinancialInstitution/ID",
        ),
    )


def _name(party: Element | None) -> str | None:
    """The legal name (BT-27, BT-44), or the trading name (BT-28) where that is all there is."""
    return text(party, "PartyLegalEntity/RegistrationName", "PartyName/Name")


def _address(party: Element | None) -> Iterator[str]:
    address = first(party, "PostalAddress")
    if street := " ".join(texts(address, "StreetName", "BuildingNumber")):
        yield street
    yield from texts(address, "AdditionalStreetName", "AddressLine/Line")
    if town := " ".join(texts(address, "PostalZone", "CityName")):
        yield town
    yield from texts(address, "CountrySubentity", "Country/IdentificationCode")


def _tax_id(party: Element | None) -> str | None:
    schemes = list(every(party, "PartyTaxScheme"))
    vat_ids = (found for scheme in schemes if _is_vat(scheme) for found in texts(scheme, "CompanyID"))
    return chosen_tax_id(vat_ids, texts(party, "PartyTaxScheme/CompanyID"))


def _is_vat(scheme: Element) -> bool:
    return (text(scheme, "TaxScheme/ID") or "").upper() == "VAT"


def _tax_total(root: Element, currency: str | None) -> Element | None:
    """The tax in the invoice's currency (BT-110), not in the one of the accounts (BT-111)."""
    totals = list(every(root, "TaxTotal"))
    ours = (total for total in totals if total.find(f"TaxAmount[@currencyID='{currency}']") is not None)
    return next(ours, totals[0] if totals else None)


def _tax_line(tax: Element) -> TaxLine:
    return TaxLine(
        rate=parsed_number(text(tax, "TaxCategory/Percent", "Percent")),
        category=text(tax, "TaxCategory/ID"),
        base=parsed_number(text(tax, "TaxableAmount")),
        amount=parsed_number(text(tax, "TaxAmount")),
    )


def _line_item(line: Element) -> LineItem:
    item, net_price = first(line, "Item"), first(line, "Price")
    billed = first(line, "InvoicedQuantity", "CreditedQuantity")
    quantity, amount = parsed_number(text(billed, ".")), parsed_number(text(line, "LineExtensionAmount"))
    price = Price(parsed_number(text(net_price, "PriceAmount")), parsed_number(text(net_price, "BaseQuantity")))
    return LineItem(
        description=described(text(item, "Name"), text(item, "Description")),
        product_code=text(
            item, "SellersItemIdentification/ID", "StandardItemIdentification/ID", "BuyersItemIdentification/ID"
        ),
        quantity=quantity,
        unit=billed.get("unitCode") if billed is not None else None,
        unit_price=price.of_one(quantity, amount),
        amount=amount,
        tax_rate=parsed_number(text(item, "ClassifiedTaxCategory/Percent")),
        tax_amount=parsed_number(text(line, "TaxTotal/TaxAmount")),
    )
