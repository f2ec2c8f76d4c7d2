"""An e-invoice that carries only a part of what its page says, completed from the page.

The Factur-X profiles MINIMUM and BASIC WL have no lines, and MINIMUM neither addresses nor dates of payment: the page
is the invoice, and they are its summary. What the XML says stays as it is. What it lacks is taken from the page where
it is sure, and where nothing contradicts.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from chalicelib.domain.invoice import AMOUNT_FIELDS, FieldName, Invoice, Value
from chalicelib.domain.wording import folded

_SURE = 0.85
_ROUNDING = Decimal("0.02")
_HALF_CENT = Decimal("0.005")
# What every invoice has (Directive 2006/112/EC, article 226): an XML without it is not as it should be.
_ON_EVERY_INVOICE = frozenset(
    {
        FieldName.INVOICE_NUMBER, FieldName.ISSUE_DATE, FieldName.CURRENCY, FieldName.SUPPLIER_NAME,
        FieldName.SUPPLIER_ADDRESS, FieldName.BUYER_NAME, FieldName.BUYER_ADDRESS, FieldName.SUBTOTAL, FieldName.TAX,
        FieldName.TOTAL,
    }
)  # fmt: skip
_COMPARED = (FieldName.INVOICE_NUMBER, FieldName.ISSUE_DATE, FieldName.CURRENCY)
_OF_SUPPLIER = frozenset(name for name in FieldName if name.value.startswith("supplier_"))
_OF_BUYER = frozenset(name for name in FieldName if name.value.startswith("buyer_")) - {FieldName.BUYER_REFERENCE}
_ADDRESSES = (FieldName.SUPPLIER_ADDRESS, FieldName.BUYER_ADDRESS)
_COUNTRY_CODE = 2  # characters
_SUMS = (
    ((FieldName.SUBTOTAL, FieldName.TAX), FieldName.TOTAL),
    ((FieldName.AMOUNT_DUE, FieldName.AMOUNT_PAID), FieldName.TOTAL),
)
_BESIDE_LINES = {FieldName.DISCOUNT: -1, FieldName.CHARGES: 1, FieldName.SHIPPING: 1}


def lacks_something(einvoice: Invoice) -> bool:
    """Whether the page may have something to add: lines, or what every invoice has."""
    return not einvoice.line_items or not einvoice.fields.keys() >= _ON_EVERY_INVOICE


def completed(einvoice: Invoice, printed: Invoice, amounts_on_pages: frozenset[str]) -> Invoice:
    """`einvoice` with what it lacks from `printed`, which is what was read from the pages of the same document.

    `amounts_on_pages` are all printed amounts, as plain decimals without sign. Where the page is of another number,
    date, currency or total, nothing is taken from it: the checks will say that they differ.
    """
    if not _is_the_same(einvoice, printed, amounts_on_pages):
        return einvoice
    whole = _with_fields(einvoice, _missing(einvoice, printed))
    whole = _with_sums(whole, printed)
    return whole if einvoice.line_items else _with_tables(whole, printed)


def _is_the_same(einvoice: Invoice, printed: Invoice, amounts_on_pages: frozenset[str]) -> bool:
    for name in _COMPARED:
        exact, read = einvoice.text(name), printed.fields.get(name)
        if exact and read and read.confidence > _SURE and folded(exact) != folded(read.value):
            return False
    total, seen = einvoice.amount(FieldName.TOTAL), printed.amount(FieldName.TOTAL)
    if total is None or seen is None:
        return seen is not None or total is not None
    return total == seen or abs(total) in map(Decimal, amounts_on_pages)


def _missing(einvoice: Invoice, printed: Invoice) -> dict[FieldName, Value]:
    """What the page says for sure and the XML does not say; of an XML with lines, only what every invoice has."""
    allowed = _ON_EVERY_INVOICE if einvoice.line_items else frozenset(FieldName)
    for names, party in ((_OF_SUPPLIER, FieldName.SUPPLIER_NAME), (_OF_BUYER, FieldName.BUYER_NAME)):
        if not _may_be_the_same(einvoice.text(party), printed.text(party)):
            allowed -= names
    found = {
        name: value
        for name, value in printed.fields.items()
        if name in allowed - AMOUNT_FIELDS and _is_missing(name, einvoice) and value.confidence >= _SURE
    }
    return dict(_plausible(found, einvoice))


def _is_missing(name: FieldName, einvoice: Invoice) -> bool:
    """Whether the XML does not say it; a country alone is no address."""
    said = einvoice.text(name)
    return said is None or (name in _ADDRESSES and len(said) == _COUNTRY_CODE)


def _plausible(found: Mapping[FieldName, Value], einvoice: Invoice) -> Iterator[tuple[FieldName, Value]]:
    """Without dates of payment before the invoice, and without numbers that are the other party's."""
    issued = einvoice.date(FieldName.ISSUE_DATE)
    tax_ids = {einvoice.text(FieldName.SUPPLIER_TAX_ID), einvoice.text(FieldName.BUYER_TAX_ID)}
    for name, value in found.items():
        if name is FieldName.DUE_DATE and issued and date.fromisoformat(value.value) < issued:
            continue
        if name in {FieldName.SUPPLIER_TAX_ID, FieldName.BUYER_TAX_ID} and value.value in tax_ids:
            continue
        yield name, value


def _may_be_the_same(exact: str | None, read: str | None) -> bool:
    """Whether two names may be of one party: one holds the other, or one of them was not found."""
    if not exact or not read:
        return True
    one, other = folded(exact), folded(read)
    return one in other or other in one


def _with_sums(invoice: Invoice, printed: Invoice) -> Invoice:
    """Net, tax and total, and what was paid, as far as they are missing and fit what is there."""
    for parts, whole in _SUMS:
        names = [name for name in (*parts, whole) if name not in invoice.fields]
        sure = {name: value for name in names if (value := printed.fields.get(name)) and value.confidence >= _SURE}
        filled = _with_fields(invoice, sure)
        added, target = [filled.amount(name) for name in parts], filled.amount(whole)
        if target is not None and None not in added and abs(sum(filter(None, added)) - target) <= _ROUNDING:
            invoice = filled
    return invoice


def _with_tables(invoice: Invoice, printed: Invoice) -> Invoice:
    """The taxes, if they add up to the tax; and the lines, if they add up to the net with what stands beside them."""
    tax, rates = invoice.amount(FieldName.TAX), [line.amount for line in printed.taxes]
    if not invoice.taxes and rates and None not in rates and tax == sum(filter(None, rates)):
        invoice = invoice.model_copy(update={"taxes": printed.taxes})
    net, amounts = invoice.amount(FieldName.SUBTOTAL), [line.amount for line in printed.line_items]
    if net is None or not amounts or None in amounts:
        return invoice
    added = sum(filter(None, amounts), Decimal(0))
    for filled in (invoice, _with_fields(invoice, _beside_lines(invoice, printed))):
        beside = sum((sign * (filled.amount(name) or 0) for name, sign in _BESIDE_LINES.items()), Decimal(0))
        if abs(added + beside - net) <= max(_ROUNDING, _HALF_CENT * len(amounts)):
            return filled.model_copy(update={"line_items": printed.line_items})
    return invoice


def _beside_lines(invoice: Invoice, printed: Invoice) -> dict[FieldName, Value]:
    missing = _BESIDE_LINES.keys() - invoice.fields.keys()
    return {name: value for name, value in printed.fields.items() if name in missing}


def _with_fields(invoice: Invoice, more: Mapping[FieldName, Value]) -> Invoice:
    return invoice.model_copy(update={"fields": {**invoice.fields, **more}}) if more else invoice
