"""A bill as Cross Industry Invoice in Factur-X's profile MINIMUM: a number, two names and four sums."""

from xml.etree.ElementTree import Element

from samples.making.bill import Bill, Party
from samples.making.cii import NAMESPACES, TYPE_CODES, day
from samples.making.expected import compact
from samples.making.notation import ISO
from samples.making.xml_tree import node, written

MINIMUM = "urn:factur-x.eu:1p0:minimum"


def cii_minimum(bill: Bill) -> bytes:
    """The XML."""
    context = node("ram:GuidelineSpecifiedDocumentContextParameter", node("ram:ID", MINIMUM))
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
            node(
                "ram:ApplicableHeaderTradeAgreement",
                _seller(bill.supplier),
                node("ram:BuyerTradeParty", node("ram:Name", bill.buyer.name)) if bill.buyer else None,
            ),
            node("ram:ApplicableHeaderTradeDelivery"),
            node(
                "ram:ApplicableHeaderTradeSettlement", node("ram:InvoiceCurrencyCode", bill.currency), _summation(bill)
            ),
        ),
    )
    return written(root, NAMESPACES)


def _seller(party: Party) -> Element:
    return node(
        "ram:SellerTradeParty",
        node("ram:Name", party.name),
        node("ram:PostalTradeAddress", node("ram:CountryID", party.country)),
        node("ram:SpecifiedTaxRegistration", node("ram:ID", compact(party.tax_id), schemeID="VA")),
    )


def _summation(bill: Bill) -> Element:
    return node(
        "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
        node("ram:TaxBasisTotalAmount", ISO.amount(bill.subtotal)),
        node("ram:TaxTotalAmount", ISO.amount(bill.tax), currencyID=bill.currency),
        node("ram:GrandTotalAmount", ISO.amount(bill.total)),
        node("ram:DuePayableAmount", ISO.amount(bill.total)),
    )
