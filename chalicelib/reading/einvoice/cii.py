"""UN/CEFACT Cross Industry Invoice (Factur-X, ZUGFeRD 2, XRechnung) and its forerunner ZUGFeRD 1.0 → invoice."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from xml.etree.ElementTree import Element

from chalicelib.domain.invoice import FieldName, Invoice, LineItem, TaxLine
from chalicelib.reading.einvoice.tree import every, first, text, texts
from chalicelib.reading.einvoice.values import (
    Fields,
    Price,
    chosen_tax_id,
    described,
    document_type,
    parsed_number,
)

# ZUGFeRD 1.0 says the same things under other names; and one name here serves header and lines.
_RENAMED: Mapping[str, str] = {
    "HeaderExchangedDocument": "ExchangedDocument",
    "SpecifiedSupplyChainTradeTransaction": "SupplyChainTradeTransaction",
    "ApplicableSupplyChainTradeAgreement": "ApplicableHeaderTradeAgreement",
    "ApplicableSupplyChainTradeDelivery": "ApplicableHeaderTradeDelivery",
    "ApplicableSupplyChainTradeSettlement": "ApplicableHeaderTradeSettlement",
    "SpecifiedSupplyChainTradeAgreement": "SpecifiedLineTradeAgreement",
    "SpecifiedSupplyChainTradeDelivery": "SpecifiedLineTradeDelivery",
    "SpecifiedSupplyChainTradeSettlement": "SpecifiedLineTradeSettlement",
    "SpecifiedTradeSettlementMonetarySummation": "Summation",
    "SpecifiedTradeSettlementHeaderMonetarySummation": "Summation",
    "SpecifiedTradeSettlementLineMonetarySummation": "Summation",
    "ApplicablePercent": "RateApplicablePercent",
}
_AMOUNTS: Mapping[FieldName, str] = {
    FieldName.SUBTOTAL: "TaxBasisTotalAmount",
    FieldName.DISCOUNT: "AllowanceTotalAmount",
    # Shipping costs are part of BT-108 too: told apart from it they would be counted twice.
    FieldName.CHARGES: "ChargeTotalAmount",
    FieldName.TOTAL: "GrandTotalAmount",
    FieldName.AMOUNT_PAID: "TotalPrepaidAmount",
    FieldName.ROUNDING: "RoundingAmount",
    FieldName.AMOUNT_DUE: "DuePayableAmount",
}
_GROUP, _INFORMATION = "GROUP", "INFORMATION"


def read_cii(root: Element) -> Invoice:
    """The invoice of a `CrossIndustryInvoice` (or ZUGFeRD 1.0 `CrossIndustryDocument`) with local names."""
    for element in root.iter():
        element.tag = _RENAMED.get(element.tag, element.tag)
    document = first(root, "ExchangedDocument")
    trade = first(root, "SupplyChainTradeTransaction")
    agreement = first(trade, "ApplicableHeaderTradeAgreement")
    settlement = first(trade, "ApplicableHeaderTradeSettlement")
    fields = Fields()
    _add_document(fields, document, trade)
    _add_parties(fields, agreement)
    _add_payment(fields, settlement)
    _add_amounts(fields, settlement)
    return Invoice(
        document_type=document_type(text(document, "TypeCode")),
        fields=fields.found,
        taxes=tuple(_tax_line(tax) for tax in every(settlement, "ApplicableTradeTax")),
        line_items=_line_items(trade, parsed_number(text(settlement, "Summation/LineTotalAmount"))),
    )


def _add_document(fields: Fields, document: Element | None, trade: Element | None) -> None:
    agreement = first(trade, "ApplicableHeaderTradeAgreement")
    delivery = first(trade, "ApplicableHeaderTradeDelivery")
    settlement = first(trade, "ApplicableHeaderTradeSettlement")
    order, preceding = "BuyerOrderReferencedDocument", "InvoiceReferencedDocument"
    fields.add(FieldName.INVOICE_NUMBER, text(document, "ID"))
    fields.add_date(FieldName.ISSUE_DATE, _date(document, "IssueDateTime"))
    fields.add_currency(text(settlement, "InvoiceCurrencyCode"))
    fields.add(FieldName.PURCHASE_ORDER, text(agreement, f"{order}/IssuerAssignedID", f"{order}/ID"))
    fields.add(FieldName.BUYER_REFERENCE, text(agreement, "BuyerReference"))
    fields.add(FieldName.PRECEDING_INVOICE, text(settlement, f"{preceding}/IssuerAssignedID", f"{preceding}/ID"))
    fields.add_date(FieldName.DELIVERY_DATE, _date(delivery, "ActualDeliverySupplyChainEvent/OccurrenceDateTime"))
    fields.add_date(FieldName.PERIOD_START, _date(settlement, "BillingSpecifiedPeriod/StartDateTime"))
    fields.add_date(FieldName.PERIOD_END, _date(settlement, "BillingSpecifiedPeriod/EndDateTime"))


def _add_parties(fields: Fields, agreement: Element | None) -> None:
    seller, buyer = first(agreement, "SellerTradeParty"), first(agreement, "BuyerTradeParty")
    contact = first(seller, "DefinedTradeContact")
    fields.add(FieldName.SUPPLIER_NAME, _name(seller))
    fields.add_joined(FieldName.SUPPLIER_ADDRESS, _address(seller), ", ")
    fields.add(FieldName.SUPPLIER_TAX_ID, _tax_id(seller))
    fields.add(FieldName.SUPPLIER_REGISTRATION, text(seller, "SpecifiedLegalOrganization/ID"))
    fields.add(FieldName.SUPPLIER_EMAIL, text(contact, "EmailURIUniversalCommunication/URIID") or _email(seller))
    fields.add(FieldName.SUPPLIER_PHONE, text(contact, "TelephoneUniversalCommunication/CompleteNumber"))
    fields.add(FieldName.BUYER_NAME, _name(buyer))
    fields.add_joined(FieldName.BUYER_ADDRESS, _address(buyer), ", ")
    fields.add(FieldName.BUYER_TAX_ID, _tax_id(buyer))
    fields.add(FieldName.CUSTOMER_NUMBER, text(buyer, "ID"))


def _add_payment(fields: Fields, settlement: Element | None) -> None:
    means = "SpecifiedTradeSettlementPaymentMeans"
    terms = list(every(settlement, "SpecifiedTradePaymentTerms"))
    due = (found for term in terms if (found := _date(term, "DueDateDateTime")))
    fields.add_date(FieldName.DUE_DATE, next(due, None))
    descriptions = (found for term in terms for found in texts(term, "Description"))
    fields.add_joined(FieldName.PAYMENT_TERMS, descriptions, " ")
    fields.add(FieldName.PAYMENT_REFERENCE, text(settlement, "PaymentReference"))
    account, bank = "PayeePartyCreditorFinancialAccount", "PayeeSpecifiedCreditorFinancialInstitution"
    fields.add_account(
        texts(settlement, f"{means}/{account}/IBANID", f"{means}/{account}/ProprietaryID"),
        texts(settlement, f"{means}/{bank}/BICID"),
    )


def _add_amounts(fields: Fields, settlement: Element | None) -> None:
    summation = first(settlement, "Summation")
    for name, path in _AMOUNTS.items():
        fields.add_amount(name, _in_currency(summation, path, fields))
    fields.add_amount(FieldName.TAX, _in_currency(summation, "TaxTotalAmount", fields))


def _in_currency(summation: Element | None, path: str, fields: Fields) -> str | None:
    """The amount in the invoice's currency (BT-110), not in the one of the accounts (BT-111)."""
    currency = fields.found.get(FieldName.CURRENCY)
    found = list(every(summation, path))
    ours = (amount for amount in found if currency and amount.get("currencyID") == currency.value)
    chosen = next(ours, found[0] if found else None)
    return text(chosen, ".")


def _name(party: Element | None) -> str | None:
    """The legal name (BT-27, BT-44), or the trading name (BT-28) where that is all there is."""
    return text(party, "Name", "SpecifiedLegalOrganization/TradingBusinessName")


def _address(party: Element | None) -> Iterator[str]:
    address = first(party, "PostalTradeAddress")
    yield from texts(address, "LineOne", "LineTwo", "LineThree")
    if town := " ".join(texts(address, "PostcodeCode", "CityName")):
        yield town
    yield from texts(address, "CountrySubDivisionName", "CountryID")


def _tax_id(party: Element | None) -> str | None:
    path = "SpecifiedTaxRegistration/ID"
    return chosen_tax_id(texts(party, f"{path}[@schemeID='VA']"), texts(party, path))


def _email(party: Element | None) -> str | None:
    """The electronic address (BT-34), where that is one for mail."""
    return text(party, "URIUniversalCommunication/URIID[@schemeID='EM']")


def _date(element: Element | None, path: str) -> str | None:
    return text(element, f"{path}/DateTimeString", f"{path}/DateTime", f"{path}/DateString", path)


def _tax_line(tax: Element) -> TaxLine:
    return TaxLine(
        rate=parsed_number(text(tax, "RateApplicablePercent")),
        category=text(tax, "CategoryCode"),
        base=parsed_number(text(tax, "BasisAmount")),
        amount=parsed_number(text(tax, "CalculatedAmount")),
    )


def _line_items(trade: Element | None, lines_total: Decimal | None) -> tuple[LineItem, ...]:
    """The lines that make up the total, each once.

    In the EXTENDED profile lines may have lines of their own: a GROUP repeats the sum of those below it (BT-X-8), and
    INFORMATION counts for nothing. Some writers count the upper lines instead; the total (BT-106) tells.
    """
    lines = [line for line in every(trade, "IncludedSupplyChainTradeLineItem") if _is_item(line)]
    counting = [line for line in lines if _status(line) != _GROUP]
    upper = [line for line in lines if not text(line, "AssociatedDocumentLineDocument/ParentLineID")]
    if lines_total is not None and _sum(counting) != lines_total and _sum(upper) == lines_total:
        counting = upper
    return tuple(_line_item(line) for line in counting)


def _is_item(line: Element) -> bool:
    """Whether a line is more than a remark (ZUGFeRD 1.0 writes notes as lines without a product)."""
    return _status(line) != _INFORMATION and bool(_amount(line) or text(line, "SpecifiedTradeProduct/Name"))


def _status(line: Element) -> str | None:
    return text(line, "AssociatedDocumentLineDocument/LineStatusReasonCode")


def _amount(line: Element) -> str | None:
    return text(line, "SpecifiedLineTradeSettlement/Summation/LineTotalAmount")


def _sum(lines: list[Element]) -> Decimal:
    return sum((parsed_number(_amount(line)) or Decimal(0) for line in lines), Decimal(0))


def _line_item(line: Element) -> LineItem:
    product, delivery = first(line, "SpecifiedTradeProduct"), first(line, "SpecifiedLineTradeDelivery")
    net_price = first(line, "SpecifiedLineTradeAgreement/NetPriceProductTradePrice")
    tax = first(line, "SpecifiedLineTradeSettlement/ApplicableTradeTax")
    billed = first(delivery, "BilledQuantity")
    quantity, amount = parsed_number(text(billed, ".")), parsed_number(_amount(line))
    price = Price(parsed_number(text(net_price, "ChargeAmount")), parsed_number(text(net_price, "BasisQuantity")))
    return LineItem(
        description=described(text(product, "Name"), text(product, "Description")),
        product_code=text(product, "SellerAssignedID", "GlobalID", "BuyerAssignedID"),
        quantity=quantity,
        unit=billed.get("unitCode") if billed is not None else None,
        unit_price=price.of_one(quantity, amount),
        amount=amount,
        tax_rate=parsed_number(text(tax, "RateApplicablePercent")),
        tax_amount=parsed_number(text(tax, "CalculatedAmount")),
    )
