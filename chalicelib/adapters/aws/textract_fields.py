"""Textract's types of expense fields in our words.

Source: the table "Expense types" of AnalyzeExpense's documentation. `STREET` is `STREET_ADDRESS` there, and the code of
the Brazilian real is `BZR`.
"""

from collections.abc import Mapping

from chalicelib.domain.invoice import FieldName

FIELDS: Mapping[str, FieldName] = {
    "INVOICE_RECEIPT_ID": FieldName.INVOICE_NUMBER,
    "INVOICE_RECEIPT_DATE": FieldName.ISSUE_DATE,
    "DUE_DATE": FieldName.DUE_DATE,
    "DELIVERY_DATE": FieldName.DELIVERY_DATE,
    "PO_NUMBER": FieldName.PURCHASE_ORDER,
    "PAYMENT_TERMS": FieldName.PAYMENT_TERMS,
    "VENDOR_NAME": FieldName.SUPPLIER_NAME,
    "VENDOR_ADDRESS": FieldName.SUPPLIER_ADDRESS,
    "VENDOR_PHONE": FieldName.SUPPLIER_PHONE,
    "VENDOR_URL": FieldName.SUPPLIER_WEBSITE,
    "VENDOR_VAT_NUMBER": FieldName.SUPPLIER_TAX_ID,
    "VENDOR_GST_NUMBER": FieldName.SUPPLIER_TAX_ID,
    "VENDOR_ABN_NUMBER": FieldName.SUPPLIER_TAX_ID,
    "VENDOR_PAN_NUMBER": FieldName.SUPPLIER_TAX_ID,
    "TAX_PAYER_ID": FieldName.SUPPLIER_TAX_ID,
    "RECEIVER_NAME": FieldName.BUYER_NAME,
    "RECEIVER_ADDRESS": FieldName.BUYER_ADDRESS,
    "RECEIVER_VAT_NUMBER": FieldName.BUYER_TAX_ID,
    "RECEIVER_GST_NUMBER": FieldName.BUYER_TAX_ID,
    "RECEIVER_ABN_NUMBER": FieldName.BUYER_TAX_ID,
    "RECEIVER_PAN_NUMBER": FieldName.BUYER_TAX_ID,
    "CUSTOMER_NUMBER": FieldName.CUSTOMER_NUMBER,
    "ACCOUNT_NUMBER": FieldName.CUSTOMER_NUMBER,
    "SUBTOTAL": FieldName.SUBTOTAL,
    "DISCOUNT": FieldName.DISCOUNT,
    "SERVICE_CHARGE": FieldName.CHARGES,
    "SHIPPING_HANDLING_CHARGE": FieldName.SHIPPING,
    "GRATUITY": FieldName.TIP,
    "TAX": FieldName.TAX,
    "TOTAL": FieldName.TOTAL,
    "AMOUNT_PAID": FieldName.AMOUNT_PAID,
    "AMOUNT_DUE": FieldName.AMOUNT_DUE,
    "PRIOR_BALANCE": FieldName.PRIOR_BALANCE,
}
"""What says by itself which field it is. RECEIVER_PHONE, ORDER_DATE and OTHER have no field of ours."""

SUPPLIER, BUYER = "supplier", "buyer"
_PARTIES: Mapping[str, str] = {
    "VENDOR": SUPPLIER,
    "VENDOR_SUPPLIER": SUPPLIER,
    "RECEIVER": BUYER,
    "RECEIVER_BILL_TO": BUYER,
    "RECEIVER_SOLD_TO": BUYER,
}  # to whom it is shipped, or where the money goes, need not be either
OF_A_PARTY: Mapping[tuple[str, str], FieldName] = {
    (SUPPLIER, "NAME"): FieldName.SUPPLIER_NAME,
    (SUPPLIER, "ADDRESS"): FieldName.SUPPLIER_ADDRESS,
    (BUYER, "NAME"): FieldName.BUYER_NAME,
    (BUYER, "ADDRESS"): FieldName.BUYER_ADDRESS,
}
"""What becomes a field only with the party of its group."""

ADDRESS_PARTS = frozenset({"STREET", "STREET_ADDRESS", "CITY", "STATE", "COUNTRY", "ZIP_CODE"})
LINE_TEXTS: Mapping[str, str] = {
    "ITEM": "description",
    "PRODUCT_CODE": "product_code",
    "QUANTITY": "quantity",
    "UNIT_PRICE": "unit_price",
    "PRICE": "amount",
    "EXPENSE_ROW": "row",
}
"""Types of a line item's fields → attributes of `HintedLine`."""

_CURRENCIES: Mapping[str, str] = {"BZR": "BRL"}


def party_of(types: frozenset[str]) -> str | None:
    """Whom a group with these types speaks of; `None` for neither, or for both."""
    parties = {_PARTIES[kind] for kind in types if kind in _PARTIES}
    return parties.pop() if len(parties) == 1 else None


def currency_of(code: str) -> str:
    """ISO 4217's code for one of Textract's.

    >>> currency_of("BZR"), currency_of("EUR")
    ('BRL', 'EUR')
    """
    return _CURRENCIES.get(code, code)
