"""What a right system says about a bill: the entries of `expected.json`, made from the same data as the pages."""

import re
from datetime import date
from decimal import Decimal

from samples.making.bill import Bill, Line, Tax
from samples.making.notation import plain


def expected_of(bill: Bill, decision: str) -> dict[str, object]:
    """The entry of a document that is read: normalised as the invoice document, without evidence."""
    return {
        "document_type": bill.document_type,
        "decision": decision,
        "fields": fields_of(bill),
        "taxes": [_tax(bill, tax) for tax in bill.taxes],
        "line_items": [_line_item(bill, line) for line in bill.lines],
    }


def fields_of(bill: Bill) -> dict[str, str]:
    """The header fields that stand in the document, by their names in the invoice document."""
    given = _references(bill) | _parties(bill) | _amounts(bill)
    return {name: value for name, value in given.items() if value is not None}


def compact(identifier: str | None) -> str | None:
    """An identifier without the spaces, dots and dashes it is printed with, and without Switzerland's ending.

    >>> compact("GB61 ZZZZ 9999 0012 3456 78"), compact("CHE-999.004.129 MWST")
    ('GB61ZZZZ99990012345678', 'CHE999004129')
    """
    return identifier and re.sub(r"[\s.-]", "", identifier.removesuffix(" MWST"))


def _references(bill: Bill) -> dict[str, str | None]:
    start, end = bill.period or (None, None)
    return {
        "invoice_number": bill.number,
        "issue_date": _day(bill.issued),
        "due_date": _day(bill.due),
        "delivery_date": _day(bill.delivered),
        "period_start": _day(start),
        "period_end": _day(end),
        "purchase_order": bill.purchase_order,
        "buyer_reference": bill.buyer_reference,
        "preceding_invoice": bill.preceding,
        "customer_number": bill.customer_number,
        "payment_reference": bill.payment_reference,
    }


def _parties(bill: Bill) -> dict[str, str | None]:
    return {
        "supplier_name": bill.supplier.name,
        "supplier_tax_id": compact(bill.supplier.tax_id),
        "supplier_email": bill.supplier.email,
        "buyer_name": bill.buyer and bill.buyer.name,
        "buyer_tax_id": compact(bill.buyer.tax_id) if bill.buyer else None,
        "iban": compact(bill.bank.iban) if bill.bank else None,
        "bic": bill.bank and bill.bank.bic,
    }


def _amounts(bill: Bill) -> dict[str, str | None]:
    due = bill.total - bill.paid if bill.paid is not None else None
    return {
        "currency": bill.currency,
        "subtotal": _amount(bill, bill.subtotal),
        "discount": _amount(bill, bill.discount),
        "charges": _amount(bill, bill.charges),
        "tax": _amount(bill, bill.tax),
        "total": _amount(bill, bill.total),
        "amount_paid": _amount(bill, bill.paid),
        "amount_due": _amount(bill, due),
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _amount(bill: Bill, amount: Decimal | None) -> str | None:
    return None if amount is None else f"{bill.rounded(amount):f}"


def _tax(bill: Bill, tax: Tax) -> dict[str, str | None]:
    return {"rate": plain(tax.rate), "base": _amount(bill, tax.base), "amount": _amount(bill, tax.amount)}


def _line_item(bill: Bill, line: Line) -> dict[str, str | None]:
    named = {"description": line.description, "amount": _amount(bill, bill.amount_of(line))}
    if bill.prices_include_tax and line.quantity == 1:  # a till prints a quantity only where there are several
        return named
    return named | {"quantity": plain(line.quantity), "unit_price": plain(line.unit_price)}
