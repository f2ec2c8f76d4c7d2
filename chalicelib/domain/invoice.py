"""The invoice: what was decided to be true of a document, each value with its evidence.

The names are those of EN 16931's business terms as accounts-payable people say them; `BT-…` in the comments.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.domain.geometry import Box
from chalicelib.domain.source import Source


class DocumentType(StrEnum):
    """BT-3, reduced to what accounts payable treats differently."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    RECEIPT = "receipt"
    PROFORMA = "proforma"
    STATEMENT = "statement"
    OTHER = "other"


class FieldName(StrEnum):
    """Every header field of the invoice document."""

    INVOICE_NUMBER = "invoice_number"  # BT-1
    ISSUE_DATE = "issue_date"  # BT-2
    DUE_DATE = "due_date"  # BT-9
    DELIVERY_DATE = "delivery_date"  # BT-72
    PERIOD_START = "period_start"  # BT-73
    PERIOD_END = "period_end"  # BT-74
    CURRENCY = "currency"  # BT-5
    PURCHASE_ORDER = "purchase_order"  # BT-13
    BUYER_REFERENCE = "buyer_reference"  # BT-10
    PRECEDING_INVOICE = "preceding_invoice"  # BT-25
    PAYMENT_TERMS = "payment_terms"  # BT-20
    SUPPLIER_NAME = "supplier_name"  # BT-27
    SUPPLIER_ADDRESS = "supplier_address"  # BT-35…40
    SUPPLIER_TAX_ID = "supplier_tax_id"  # BT-31, BT-32
    SUPPLIER_REGISTRATION = "supplier_registration"  # BT-30
    SUPPLIER_EMAIL = "supplier_email"  # BT-43
    SUPPLIER_PHONE = "supplier_phone"  # BT-42
    SUPPLIER_WEBSITE = "supplier_website"
    BUYER_NAME = "buyer_name"  # BT-44
    BUYER_ADDRESS = "buyer_address"  # BT-50…55
    BUYER_TAX_ID = "buyer_tax_id"  # BT-48
    CUSTOMER_NUMBER = "customer_number"  # BT-46
    IBAN = "iban"  # BT-84
    BIC = "bic"  # BT-86
    PAYMENT_REFERENCE = "payment_reference"  # BT-83
    SUBTOTAL = "subtotal"  # BT-109
    DISCOUNT = "discount"  # BT-107
    CHARGES = "charges"  # BT-108
    SHIPPING = "shipping"
    TIP = "tip"
    TAX = "tax"  # BT-110
    TOTAL = "total"  # BT-112
    AMOUNT_PAID = "amount_paid"  # BT-113
    ROUNDING = "rounding"  # BT-114
    AMOUNT_DUE = "amount_due"  # BT-115
    PRIOR_BALANCE = "prior_balance"


AMOUNT_FIELDS = frozenset(
    {
        FieldName.SUBTOTAL, FieldName.DISCOUNT, FieldName.CHARGES, FieldName.SHIPPING, FieldName.TIP, FieldName.TAX,
        FieldName.TOTAL, FieldName.AMOUNT_PAID, FieldName.ROUNDING, FieldName.AMOUNT_DUE, FieldName.PRIOR_BALANCE,
    }
)  # fmt: skip
CONFIRMS_TOTAL = frozenset({"totals_add_up", "lines_add_up", "due_fits"})  # checks: one that passed is enough
DATE_FIELDS = frozenset(
    {
        FieldName.ISSUE_DATE, FieldName.DUE_DATE, FieldName.DELIVERY_DATE, FieldName.PERIOD_START, FieldName.PERIOD_END,
    }
)  # fmt: skip


class Value(BaseModel):
    """One value and its evidence.

    `value` is normalised (plain decimal, ISO 8601, ISO 4217), `text` is what stands there. `confidence` is the
    probability (0–1) that the value is right. `box` is a fraction of page `page` (from 1); both are absent for
    values from XML. `checks` names the checks the value passed.
    """

    model_config = ConfigDict(frozen=True)

    value: str = Field(min_length=1)
    confidence: float = Field(ge=0, le=1)
    source: Source
    text: str = ""
    page: int | None = None
    box: Box | None = None
    checks: tuple[str, ...] = ()


class TaxLine(BaseModel):
    """One rate of the tax breakdown (BG-23): `rate` in per cent, `base` and `amount` in the invoice's currency."""

    model_config = ConfigDict(frozen=True)

    rate: Decimal | None = None  # BT-119
    category: str | None = None  # BT-118
    base: Decimal | None = None  # BT-116
    amount: Decimal | None = None  # BT-117


class LineItem(BaseModel):
    """One line (BG-25): prices and amounts in the invoice's currency, `tax_rate` in per cent."""

    model_config = ConfigDict(frozen=True)

    description: str | None = None  # BT-153, BT-154
    product_code: str | None = None  # BT-155, BT-157
    quantity: Decimal | None = None  # BT-129
    unit: str | None = None  # BT-130
    unit_price: Decimal | None = None  # BT-146
    amount: Decimal | None = None  # BT-131
    tax_rate: Decimal | None = None  # BT-152
    tax_amount: Decimal | None = None
    page: int | None = None


class Invoice(BaseModel):
    """What one document says, as far as it was found. What was not found is absent, never empty or zero.

    `suggestions` are values that are too unsure to stand for; nobody should compute with them.

    >>> invoice = Invoice(fields={FieldName.TOTAL: Value(value="119.00", confidence=0.9, source="text")})
    >>> invoice.amount(FieldName.TOTAL), invoice.amount(FieldName.TAX)
    (Decimal('119.00'), None)
    """

    model_config = ConfigDict(frozen=True)

    document_type: DocumentType = DocumentType.INVOICE
    fields: Mapping[FieldName, Value] = Field(default_factory=dict)
    suggestions: Mapping[FieldName, Value] = Field(default_factory=dict)
    taxes: tuple[TaxLine, ...] = ()
    line_items: tuple[LineItem, ...] = ()

    def text(self, name: FieldName) -> str | None:
        """The normalised value of a field, or `None` where it was not found."""
        found = self.fields.get(name)
        return found.value if found else None

    def amount(self, name: FieldName) -> Decimal | None:
        """An amount field in the invoice's currency, or `None` where it was not found."""
        found = self.fields.get(name)
        return Decimal(found.value) if found else None

    def date(self, name: FieldName) -> date | None:
        """A date field, or `None` where it was not found."""
        found = self.fields.get(name)
        return date.fromisoformat(found.value) if found else None
