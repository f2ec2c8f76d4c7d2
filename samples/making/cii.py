"""A bill as UN/CEFACT Cross Industry Invoice, as EN 16931 orders its elements."""

from datetime import date
from xml.etree.ElementTree import Element

from samples.making.bill import Bill, Line, Party, Tax
from samples.making.expected import compact
from samples.making.notation import ISO, plain
from samples.making.xml_tree import node, unit_code, written

EN_16931 = "urn:cen.eu:en16931:2017"
XRECHNUNG = "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
NAMESPACES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}
TYPE_CODES = {"invoice": "380", "credit_note": "381"}


def cii(bill: Bill, guideline: str = EN_16931) -> bytes:
    """The XML; `guideline` names the specification it follows (BT-24)."""
    context = node("ram:GuidelineSpecifiedDocumentContextParameter", node("ram:ID", guideline))
    root = node(
        "rsm:CrossIndustryInvoice",
        node("rsm:ExchangedDocumentContext", context),
        node(
            "rsm:ExchangedDocument",
            node("ram:ID", bill.number),
            node("ram:TypeCode", TYPE_CODES[bill.document_type]),
            node("ram:IssueDateTime", day(bill.issued)),
        ),
        node(
            "rsm:SupplyChainTradeTransaction",
            *(_line(bill, number, line) for number, line in enumerate(bill.lines, 1)),
            _agreement(bill),
            _delivery(bill),
            _settlement(bill),
        ),
    )
    return written(root, NAMESPACES)


def _line(bill: Bill, number: int, line: Line) -> Element:
    tax = node(
        "ram:ApplicableTradeTax",
        node("ram:TypeCode", "VAT"),
        node("ram:CategoryCode", "S"),
        node("ram:RateApplicablePercent", plain(line.tax_rate)),
    )
    total = node("ram:LineTotalAmount", ISO.amount(bill.amount_of(line)))
    price = node("ram:NetPriceProductTradePrice", node("ram:ChargeAmount", ISO.amount(line.unit_price)))
    return node(
        "ram:IncludedSupplyChainTradeLineItem",
        node("ram:AssociatedDocumentLineDocument", node("ram:LineID", str(number))),
        node(
            "ram:SpecifiedTradeProduct",
            node("ram:SellerAssignedID", line.product_code) if line.product_code else None,
            node("ram:Name", line.description),
        ),
        node("ram:SpecifiedLineTradeAgreement", price),
        node(
            "ram:SpecifiedLineTradeDelivery",
            node("ram:BilledQuantity", plain(line.quantity), unitCode=unit_code(line.unit)),
        ),
        node("ram:SpecifiedLineTradeSettlement", tax, node("ram:SpecifiedTradeSettlementLineMonetarySummation", total)),
    )


def _agreement(bill: Bill) -> Element:
    order = bill.purchase_order
    return node(
        "ram:ApplicableHeaderTradeAgreement",
        node("ram:BuyerReference", bill.buyer_reference) if bill.buyer_reference else None,
        _party("ram:SellerTradeParty", bill.supplier),
        _party("ram:BuyerTradeParty", bill.buyer, bill.customer_number) if bill.buyer else None,
        node("ram:BuyerOrderReferencedDocument", node("ram:IssuerAssignedID", order)) if order else None,
    )


def _party(tag: str, party: Party, number: str | None = None) -> Element:
    tax_id = compact(party.tax_id)
    return node(
        tag,
        node("ram:ID", number) if number else None,
        node("ram:Name", party.name),
        node("ram:SpecifiedLegalOrganization", node("ram:ID", party.registration)) if party.registration else None,
        _contact(party) if party.phone else None,
        node(
            "ram:PostalTradeAddress",
            node("ram:PostcodeCode", party.postcode),
            node("ram:LineOne", party.address[0]),
            node("ram:CityName", party.city),
            node("ram:CountryID", party.country),
        ),
        node("ram:SpecifiedTaxRegistration", node("ram:ID", tax_id, schemeID="VA")) if tax_id else None,
    )


def _contact(party: Party) -> Element:
    return node(
        "ram:DefinedTradeContact",
        node("ram:TelephoneUniversalCommunication", node("ram:CompleteNumber", party.phone)),
        node("ram:EmailURIUniversalCommunication", node("ram:URIID", party.email)) if party.email else None,
    )


def _delivery(bill: Bill) -> Element:
    if not bill.delivered:
        return node("ram:ApplicableHeaderTradeDelivery")
    event = node("ram:ActualDeliverySupplyChainEvent", node("ram:OccurrenceDateTime", day(bill.delivered)))
    return node("ram:ApplicableHeaderTradeDelivery", event)


def _settlement(bill: Bill) -> Element:
    before = bill.preceding
    return node(
        "ram:ApplicableHeaderTradeSettlement",
        node("ram:PaymentReference", bill.payment_reference) if bill.payment_reference else None,
        node("ram:InvoiceCurrencyCode", bill.currency),
        _payment_means(bill),
        *(_tax(tax) for tax in bill.taxes),
        _allowance(bill),
        _payment_terms(bill),
        _summation(bill),
        node("ram:InvoiceReferencedDocument", node("ram:IssuerAssignedID", before)) if before else None,
    )


def _payment_means(bill: Bill) -> Element | None:
    if not bill.bank:
        return None
    institution = node("ram:PayeeSpecifiedCreditorFinancialInstitution", node("ram:BICID", bill.bank.bic))
    return node(
        "ram:SpecifiedTradeSettlementPaymentMeans",
        node("ram:TypeCode", "58"),
        node("ram:PayeePartyCreditorFinancialAccount", node("ram:IBANID", compact(bill.bank.iban))),
        institution if bill.bank.bic else None,
    )


def _tax(tax: Tax) -> Element:
    return node(
        "ram:ApplicableTradeTax",
        node("ram:CalculatedAmount", ISO.amount(tax.amount)),
        node("ram:TypeCode", "VAT"),
        node("ram:BasisAmount", ISO.amount(tax.base)),
        node("ram:CategoryCode", "S"),
        node("ram:RateApplicablePercent", plain(tax.rate)),
    )


def _allowance(bill: Bill) -> Element | None:
    if not bill.discount:
        return None
    return node(
        "ram:SpecifiedTradeAllowanceCharge",
        node("ram:ChargeIndicator", node("udt:Indicator", "false")),
        node("ram:ActualAmount", ISO.amount(bill.discount)),
        node("ram:Reason", "Rabatt"),
        node(
            "ram:CategoryTradeTax",
            node("ram:TypeCode", "VAT"),
            node("ram:CategoryCode", "S"),
            node("ram:RateApplicablePercent", plain(bill.taxes[-1].rate)),
        ),
    )


def _payment_terms(bill: Bill) -> Element | None:
    if not (bill.terms or bill.due):
        return None
    return node(
        "ram:SpecifiedTradePaymentTerms",
        node("ram:Description", bill.terms) if bill.terms else None,
        node("ram:DueDateDateTime", day(bill.due)) if bill.due else None,
    )


def _summation(bill: Bill) -> Element:
    return node(
        "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
        node("ram:LineTotalAmount", ISO.amount(bill.lines_total)),
        node("ram:AllowanceTotalAmount", ISO.amount(bill.discount)) if bill.discount else None,
        node("ram:TaxBasisTotalAmount", ISO.amount(bill.subtotal)),
        node("ram:TaxTotalAmount", ISO.amount(bill.tax), currencyID=bill.currency),
        node("ram:GrandTotalAmount", ISO.amount(bill.total)),
        node("ram:DuePayableAmount", ISO.amount(bill.total)),
    )


def day(day: date) -> Element:
    """A date as CII writes it."""
    return node("udt:DateTimeString", f"{day:%Y%m%d}", format="102")
