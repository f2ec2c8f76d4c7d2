"""What a check is: it says what is wrong, or which values it confirms, or nothing when it does not apply."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from chalicelib.domain.document import ReadDocument
from chalicelib.domain.finding import Finding
from chalicelib.domain.invoice import FieldName, Invoice

ROUNDING = Decimal("0.02")  # what two roundings to the cent may differ by


class Passed(BaseModel):
    """A check that applied and held: its name, and the fields that it confirms."""

    model_config = ConfigDict(frozen=True)

    check: str
    fields: tuple[FieldName, ...]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a check may look at besides the invoice: the pages it was read from, and today's date."""

    read: ReadDocument
    today: date


Check = Callable[[Invoice, Circumstances], Iterator[Finding | Passed]]


def amounts(invoice: Invoice, *names: FieldName) -> tuple[Decimal, ...] | None:
    """The amounts of all the fields, or `None` when one of them is missing."""
    found = [invoice.amount(name) for name in names]
    return tuple(amount for amount in found if amount is not None) if None not in found else None


def or_zero(invoice: Invoice, *names: FieldName) -> Decimal:
    """The sum of the fields that were found."""
    return sum((invoice.amount(name) or Decimal(0) for name in names), Decimal(0))
