"""A bill as an OASIS UBL 2.1 invoice, as EN 16931 and Peppol order its elements."""

from datetime import date
from decimal import Decimal
from xml.etree.ElementTree import Element

from samples.making.bill import Bill, Line, Party, Tax
from samples.making.expected import compact
from samples.making.notation import ISO, plain
from samples.making.xml_tree import node, unit_code, written

_PEPPOL = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
_NAMESPACES = {
    "": "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2",
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}


def ubl(bill: Bill) -> bytes:
    """The XML of an invoice (not of a credit note, which has another root)."""
    root = node(
        "Invoice",
        *_head(bill),
        node("cac:AccountingSupplierParty", _party(bill.supplier)),
        node("cac:AccountingCustomerParty", _party(bill.buyer)) if bill.buyer else None,
        _payment_means(bill),
        node("cac:PaymentTerms", node("cbc:Note", bill.terms)) if bill.terms else None,
        _adjustment(bill, "false", "Loyalty discount", bill.discount),
        _adjustment(bill, "true", "Fuel surcharge", bill.charges),
        node("cac:TaxTotal", _money(bill, "cbc:TaxAmount", bill.tax), *(_tax(bill, tax) for tax in bill.taxes)),
        _totals(bill),
        *(_line(bill, number, line) for number, line in enumerate(bill.lines, 1)),
    )
    return written(root, _NAMESPACES)


def _head(bill: Bill) -> tuple[Element | None, ...]:
    order = bill.purchase_order
    return (
        node("cbc:CustomizationID", _PEPPOL),
        node("cbc:ProfileID", "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"),
        node("cbc:ID", bill.number),
        _day("cbc:IssueDate", bill.issued),
        _day("cbc:DueDate", bill.due) if bill.due else None,
        node("cbc:InvoiceTypeCode", "380"),
        node("cbc:DocumentCurrencyCode", bill.currency),
        node("cbc:BuyerReference", bill.buyer_reference) if bill.buyer_reference else None,
        _period(bill),
        node("cac:OrderReference", node("cbc:ID", order)) if order else None,
    )


def _period(bill: Bill) -> Element | None:
    if not bill.period:
        return None
    start, end = bill.period
    return node("cac:InvoicePeriod", _day("cbc:StartDate", start), _day("cbc:EndDate", end))


def _party(party: Party) -> Element:
    return node(
        "cac:Party",
        node("cac:PartyName", node("cbc:Name", party.name)),
        node(
            "cac:PostalAddress",
            node("cbc:StreetName", party.address[0]),
            node("cbc:CityName", party.city),
            node("cbc:PostalZone", party.postcode),
            node("cac:Country", node("cbc:IdentificationCode", party.country)),
        ),
        node("cac:PartyTaxScheme", node("cbc:CompanyID", compact(party.tax_id)), _vat()),
        node(
            "cac:PartyLegalEntity",
            node("cbc:RegistrationName", party.name),
            node("cbc:CompanyID", party.registration) if party.registration else None,
        ),
        _contact(party) if party.email else None,
    )


def _contact(party: Party) -> Element:
    return node("cac:Contact", node("cbc:Telephone", party.phone), node("cbc:ElectronicMail", party.email))


def _payment_means(bill: Bill) -> Element | None:
    if not bill.bank:
        return None
    return node(
        "cac:PaymentMeans",
        node("cbc:PaymentMeansCode", "30"),
        node("cbc:PaymentID", bill.payment_reference) if bill.payment_reference else None,
        node(
            "cac:PayeeFinancialAccount",
            node("cbc:ID", compact(bill.bank.iban)),
            node("cbc:Name", bill.supplier.name),
            node("cac:FinancialInstitutionBranch", node("cbc:ID", bill.bank.bic)) if bill.bank.bic else None,
        ),
    )


def _adjustment(bill: Bill, is_charge: str, reason: str, amount: Decimal | None) -> Element | None:
    if amount is None:
        return None
    return node(
        "cac:AllowanceCharge",
        node("cbc:ChargeIndicator", is_charge),
        node("cbc:AllowanceChargeReason", reason),
        _money(bill, "cbc:Amount", amount),
        _category("cac:TaxCategory", bill.taxes[-1].rate),
    )


def _tax(bill: Bill, tax: Tax) -> Element:
    return node(
        "cac:TaxSubtotal",
        _money(bill, "cbc:TaxableAmount", tax.base),
        _money(bill, "cbc:TaxAmount", tax.amount),
        _category("cac:TaxCategory", tax.rate),
    )


def _totals(bill: Bill) -> Element:
    return node(
        "cac:LegalMonetaryTotal",
        _money(bill, "cbc:LineExtensionAmount", bill.lines_total),
        _money(bill, "cbc:TaxExclusiveAmount", bill.subtotal),
        _money(bill, "cbc:TaxInclusiveAmount", bill.total),
        _money(bill, "cbc:AllowanceTotalAmount", bill.discount) if bill.discount else None,
        _money(bill, "cbc:ChargeTotalAmount", bill.charges) if bill.charges else None,
        _money(bill, "cbc:PayableAmount", bill.total),
    )


def _line(bill: Bill, number: int, line: Line) -> Element:
    code = line.product_code
    return node(
        "cac:InvoiceLine",
        node("cbc:ID", str(number)),
        node("cbc:InvoicedQuantity", plain(line.quantity), unitCode=unit_code(line.unit)),
        _money(bill, "cbc:LineExtensionAmount", bill.amount_of(line)),
        node(
            "cac:Item",
            node("cbc:Name", line.description),
            node("cac:SellersItemIdentification", node("cbc:ID", code)) if code else None,
            _category("cac:ClassifiedTaxCategory", line.tax_rate),
        ),
        node("cac:Price", _money(bill, "cbc:PriceAmount", line.unit_price)),
    )


def _category(tag: str, rate: Decimal) -> Element:
    return node(tag, node("cbc:ID", "S"), node("cbc:Percent", plain(rate)), _vat())


def _vat() -> Element:
    return node("cac:TaxScheme", node("cbc:ID", "VAT"))


def _money(bill: Bill, tag: str, amount: Decimal) -> Element:
    return node(tag, ISO.amount(amount), currencyID=bill.currency)


def _day(tag: str, day: date) -> Element:
    return node(tag, day.isoformat())
