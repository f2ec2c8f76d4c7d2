"""An invented invoice as data: what the layouts draw, the XML says, and `expected.json` repeats."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from samples.making.notation import Notation

HUNDRED = Decimal(100)


class Party(NamedTuple):
    """A company or person as a letterhead shows it; `address` is one string a printed line.

    `postcode` and `city` are the parts of `address` that XML wants apart; `country` is ISO 3166.
    """

    name: str
    address: tuple[str, ...]
    country: str
    tax_id: str | None = None
    registration: str | None = None
    email: str | None = None
    phone: str | None = None
    website: str | None = None
    postcode: str = ""
    city: str = ""


class Line(NamedTuple):
    """One line; `tax_rate` in per cent, `unit` as it is printed."""

    description: str
    quantity: Decimal
    unit_price: Decimal
    tax_rate: Decimal
    product_code: str | None = None
    unit: str | None = None


class Tax(NamedTuple):
    """One row of the tax breakdown: `rate` in per cent, `base` and `amount` in the bill's currency."""

    rate: Decimal
    base: Decimal
    amount: Decimal


class Bank(NamedTuple):
    """Where the money goes; `iban` as it is printed, in groups of four."""

    name: str
    iban: str
    bic: str | None = None


def line(
    description: str, quantity: str, unit_price: str, tax_rate: str, code: str | None = None, unit: str | None = None
) -> Line:
    """A line from numbers as text, so that the data reads like a page."""
    return Line(description, Decimal(quantity), Decimal(unit_price), Decimal(tax_rate), code, unit)


@dataclass(frozen=True, kw_only=True)
class Bill:
    """Everything that one sample says. What is `None` is not printed and not expected.

    `tax_shares` splits each rate into equal taxes (India's central and state GST). `prices_include_tax` is how
    tills count. `total_error` is added to the total wherever it is shown, to make a bill that is wrong.
    """

    number: str
    issued: date
    currency: str
    notation: Notation
    supplier: Party
    lines: tuple[Line, ...]
    buyer: Party | None = None
    document_type: str = "invoice"
    due: date | None = None
    delivered: date | None = None
    period: tuple[date, date] | None = None
    purchase_order: str | None = None
    buyer_reference: str | None = None
    customer_number: str | None = None
    preceding: str | None = None
    payment_reference: str | None = None
    terms: str | None = None
    bank: Bank | None = None
    discount: Decimal | None = None
    charges: Decimal | None = None
    paid: Decimal | None = None
    prices_include_tax: bool = False
    tax_shares: int = 1
    total_error: Decimal = Decimal(0)

    def rounded(self, amount: Decimal) -> Decimal:
        """`amount` in the currency's smallest coin, halves away from zero."""
        return amount.quantize(Decimal(1).scaleb(-self.notation.decimals), ROUND_HALF_UP)

    def amount_of(self, line: Line) -> Decimal:
        """What a line costs: its quantity times its price."""
        return self.rounded(line.quantity * line.unit_price)

    @property
    def lines_total(self) -> Decimal:
        """The sum of the lines, with or without tax as the prices are."""
        return sum((self.amount_of(line) for line in self.lines), Decimal(0))

    @property
    def taxes(self) -> tuple[Tax, ...]:
        """The breakdown by rate, lowest rate first; discount and charges belong to the highest rate."""
        rates = sorted({line.tax_rate for line in self.lines})
        taxes = []
        for rate in rates:
            amounts = [self.amount_of(line) for line in self.lines if line.tax_rate == rate]
            adjustment = self._adjustment if rate == rates[-1] else Decimal(0)
            taxes += self._shares(rate, sum(amounts, adjustment))
        return tuple(taxes)

    @property
    def subtotal(self) -> Decimal:
        """The net amount: what the total is without tax."""
        if self.prices_include_tax:
            return self.lines_total - self.tax
        return self.lines_total + self._adjustment

    @property
    def tax(self) -> Decimal:
        """The sum of the taxes."""
        return sum((tax.amount for tax in self.taxes), Decimal(0))

    @property
    def total(self) -> Decimal:
        """Net and tax together, and the mistake where the bill has one."""
        return self.subtotal + self.tax + self.total_error

    @property
    def _adjustment(self) -> Decimal:
        return (self.charges or Decimal(0)) - (self.discount or Decimal(0))

    def _shares(self, rate: Decimal, amount: Decimal) -> list[Tax]:
        base = self.rounded(amount * HUNDRED / (HUNDRED + rate)) if self.prices_include_tax else amount
        share = rate / self.tax_shares
        tax = amount - base if self.prices_include_tax else self.rounded(base * share / HUNDRED)
        return [Tax(share, base, tax)] * self.tax_shares
