"""Hints are what a paid reader says a document means. They become candidates, and never the answer by themselves."""

from dataclasses import dataclass, replace
from typing import Self

from chalicelib.domain.geometry import Box
from chalicelib.domain.invoice import AMOUNT_FIELDS, DocumentType, FieldName
from chalicelib.domain.source import Source

GUARDED_FIELDS = AMOUNT_FIELDS | {
    FieldName.CURRENCY, FieldName.IBAN, FieldName.BIC, FieldName.SUPPLIER_NAME, FieldName.SUPPLIER_ADDRESS,
    FieldName.SUPPLIER_TAX_ID, FieldName.SUPPLIER_REGISTRATION,
}  # fmt: skip
"""Money, bank and supplier: what somebody would change who wants to be paid. A model does not decide about them."""

NEVER_FROM_A_MODEL = frozenset({FieldName.IBAN, FieldName.SUPPLIER_NAME, FieldName.TOTAL})
"""What is not even given, if a model alone says it."""


@dataclass(frozen=True, slots=True)
class Hint:
    """One field as a paid reader sees it.

    `text` is what is printed, not normalised. `page` (from 1) and `box` (fractions of it) say where it stands, as far
    as the reader said so. `confidence` (0–1) is the reader's own and no probability. `label` is what is printed beside
    it. `invoice` counts the invoices of one document, from 1.
    """

    field: FieldName
    text: str
    source: Source
    confidence: float
    page: int | None = None
    box: Box | None = None
    label: str = ""
    invoice: int = 1


@dataclass(frozen=True, slots=True)
class HintedLine:
    """One line item as a paid reader sees it: texts as they are printed, `None` where it saw none."""

    source: Source
    confidence: float
    page: int | None = None
    box: Box | None = None
    description: str | None = None
    product_code: str | None = None
    quantity: str | None = None
    unit_price: str | None = None
    amount: str | None = None
    tax_rate: str | None = None
    row: str = ""  # the whole row as it is printed
    invoice: int = 1


@dataclass(frozen=True, slots=True)
class OtherHint:
    """What a paid reader said that no field of ours takes: kept, so that nothing paid for is lost."""

    kind: str  # the reader's own word for it
    text: str
    label: str = ""
    group: str = ""
    page: int | None = None
    box: Box | None = None
    confidence: float = 0.0
    invoice: int = 1


@dataclass(frozen=True, slots=True)
class Hints:
    """All that paid readers said about one document."""

    fields: tuple[Hint, ...] = ()
    lines: tuple[HintedLine, ...] = ()
    others: tuple[OtherHint, ...] = ()
    currency: str | None = None  # ISO 4217, where the reader named it by code
    document_type: DocumentType | None = None

    def and_also(self, more: Self) -> Self:
        """Both together; what was said first about currency and type stands."""
        return replace(
            self,
            fields=(*self.fields, *more.fields),
            lines=(*self.lines, *more.lines),
            others=(*self.others, *more.others),
            currency=self.currency or more.currency,
            document_type=self.document_type or more.document_type,
        )
