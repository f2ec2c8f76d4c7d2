"""Raw texts of an e-invoice → values of the invoice."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from chalicelib.domain.invoice import DocumentType, FieldName, Value
from chalicelib.domain.source import Source

_CENT = Decimal("0.01")
_PRICE_PLACES = 10
_CONFIDENCE = 0.999  # exact, but for what its sender typed
_NUMBER = re.compile(r"[+-]?(\d{1,20}(\.\d{0,20})?|\.\d{1,20})")
_DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?!\d{3,5}$)")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{8,30}")
_BIC = re.compile(r"[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
_CURRENCY = re.compile(r"[A-Z]{3}")

# UNTDID 1001: the credit notes among the codes EN 16931 allows for BT-3; and what is no invoice yet.
_CREDIT_NOTES = frozenset({"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"})
_PROFORMA = frozenset({"325"})


class Fields:
    """The header fields of one e-invoice as they are found. What is absent or makes no sense is left out."""

    def __init__(self) -> None:
        self.found: dict[FieldName, Value] = {}

    def add(self, name: FieldName, raw: str | None, value: str | None = None) -> None:
        """Note the text `raw`, meaning `value` (the text itself, if that is not given)."""
        if raw and (value is None or value):
            self.found[name] = Value(value=value or raw, confidence=_CONFIDENCE, source=Source.EINVOICE, text=raw)

    def add_date(self, name: FieldName, raw: str | None) -> None:
        """Note a date."""
        self.add(name, raw, parsed_date(raw) or "")

    def add_amount(self, name: FieldName, raw: str | None) -> None:
        """Note an amount."""
        amount = parsed_number(raw)
        self.add(name, raw, "" if amount is None else f"{amount:f}")

    def add_sum(self, name: FieldName, amounts: Iterable[Decimal]) -> None:
        """Note the sum of some amounts, each as it stands; nothing where there are none."""
        parts = list(amounts)
        if parts:
            self.add(name, " + ".join(f"{part:f}" for part in parts), f"{sum(parts, Decimal(0)):f}")

    def add_matching(self, name: FieldName, raw: str | None, pattern: re.Pattern[str]) -> None:
        """Note a code that matches `pattern` once its spaces are gone."""
        code = re.sub(r"\s", "", raw or "").upper()
        self.add(name, raw, code if pattern.fullmatch(code) else "")

    def add_joined(self, name: FieldName, parts: Iterable[str], separator: str) -> None:
        """Note several texts as one, each once."""
        self.add(name, separator.join(dict.fromkeys(parts)))

    def add_account(self, ibans: Iterable[str], bics: Iterable[str]) -> None:
        """Note the first IBAN and BIC among account and bank numbers (national ones stand in the same places)."""
        for raw in ibans:
            if FieldName.IBAN not in self.found:
                self.add_matching(FieldName.IBAN, raw, _IBAN)
        for raw in bics:
            if FieldName.BIC not in self.found:
                self.add_matching(FieldName.BIC, raw, _BIC)

    def add_currency(self, raw: str | None) -> None:
        """Note the currency of the invoice."""
        self.add_matching(FieldName.CURRENCY, raw, _CURRENCY)


def parsed_number(raw: str | None) -> Decimal | None:
    """An XSD decimal, or `None`.

    >>> parsed_number("+12.50"), parsed_number("1e9"), parsed_number(None)
    (Decimal('12.50'), None, None)
    """
    if not raw or not _NUMBER.fullmatch(raw):
        return None
    return Decimal(raw)


def parsed_date(raw: str | None) -> str | None:
    """An ISO date from an XSD date (with or without time and zone) or from `YYYYMMDD`, or `None`.

    >>> parsed_date("20240229"), parsed_date("2024-02-29+01:00"), parsed_date("20230229")
    ('2024-02-29', '2024-02-29', None)
    """
    match = _DATE.match(raw or "")
    if not match:
        return None
    try:
        return date(*(int(part) for part in match.groups())).isoformat()
    except ValueError:
        return None


def document_type(code: str | None) -> DocumentType:
    """What a type code (UNTDID 1001) means for accounts payable."""
    if code in _CREDIT_NOTES:
        return DocumentType.CREDIT_NOTE
    return DocumentType.PROFORMA if code in _PROFORMA else DocumentType.INVOICE


def chosen_tax_id(vat_ids: Iterable[str], others: Iterable[str]) -> str | None:
    """The VAT id where there is one (BT-31), else another registration (BT-32) that holds a number at all.

    >>> chosen_tax_id([], ["approved for company tax", "99/999/00123"])
    '99/999/00123'
    """
    return next((text for text in (*vat_ids, *others) if any(character.isdigit() for character in text)), None)


class Price(NamedTuple):
    """A net price (BT-146) for a number of units (BT-149; one, where it is not given)."""

    amount: Decimal | None
    units: Decimal | None = None

    def of_one(self, quantity: Decimal | None, total: Decimal | None) -> Decimal | None:
        """The price of one unit in a line of `quantity` that comes to `total`.

        Some writers repeat the quantity or the price as the number of units: the line tells when that is so.

        >>> Price(Decimal("9.90"), Decimal("100")).of_one(Decimal("200"), Decimal("19.80"))
        Decimal('0.099')
        >>> Price(Decimal("9.90"), Decimal("2")).of_one(Decimal("2"), Decimal("19.80"))
        Decimal('9.90')
        """
        if self.amount is None or not self.units or self.units == 1:
            return self.amount
        if quantity is not None and total is not None and abs(self.amount * quantity - total) < _CENT:
            return self.amount
        try:
            return round(self.amount / self.units, _PRICE_PLACES).normalize() + 0
        except InvalidOperation:
            return self.amount


def described(name: str | None, description: str | None) -> str | None:
    """Name and description of an item (BT-153, BT-154) as one text.

    >>> described("Paper", "Paper A4, 80 g"), described("Paper", "A4, 80 g"), described(None, None)
    ('Paper A4, 80 g', 'Paper – A4, 80 g', None)
    """
    if not name or not description:
        return name or description
    if name in description:
        return description
    return name if description in name else f"{name} – {description}"
