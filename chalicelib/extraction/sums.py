"""A choice among printed amounts, and the three sums that every invoice has."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from chalicelib.extraction.amounts import Amount


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """A value for one amount field: where it is printed, and how much speaks for it (0–1)."""

    amounts: tuple[Amount, ...]
    value: Decimal
    strength: float


class Sums(NamedTuple):
    """Net, tax and total as far as they were found; `adds_up` tells that net and tax give the total."""

    net: Choice | None
    tax: Choice | None
    total: Choice | None
    adds_up: bool = False


def sum_of(amounts: Sequence[Amount], strength: float) -> Choice:
    """Several printed amounts taken together."""
    return Choice(tuple(amounts), sum((amount.value for amount in amounts), Decimal(0)), strength)
