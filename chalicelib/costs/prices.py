"""What things cost: dated list prices with their sources, and usage → US dollars.

What has no price is refused, never guessed: a missing price must stop the paid call, not make it free.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import ROUND_CEILING, Context, Decimal, localcontext
from functools import cache
from importlib import resources
from typing import Any, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.domain.usage import Unit, Usage
from chalicelib.errors import ConfigurationError

STALE_AFTER = timedelta(days=90)

_SMALLEST = Decimal("1e-12")  # US dollars: what the ledger counts in
_UPWARDS = Context(prec=60, rounding=ROUND_CEILING)


class Price(NamedTuple):
    """US dollars, rounded up to 12 places, and the prices they were computed from."""

    usd: Decimal
    version: str


class ListPrice(BaseModel):
    """One line of a price list: `usd` for `per` of a unit, from the day `since` on.

    `source_url` is the list that has it, `published` the day of that list as far as it is known, `retrieved` the day
    on which somebody last compared the two.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    service: str
    operation: str
    unit: Unit
    usd: Decimal = Field(ge=0, allow_inf_nan=False)
    per: int = Field(gt=0)
    region: str
    since: date
    tier: str
    source_url: str
    published: date | None
    retrieved: date


class PriceBook:
    """All prices. `version` changes with any of them, so that a charge can say what it was computed from."""

    def __init__(self, prices: Iterable[ListPrice], free: Iterable[str] = ()) -> None:
        self.prices = tuple(prices)
        self.free = frozenset(free)
        self.verified = max((price.retrieved for price in self.prices), default=date.min)
        self.version = f"{self.verified}-{_digest(self.prices)}"
        self._by_key = _by_key(self.prices)
        self._known = {key[:3] for key in self._by_key}

    @staticmethod
    @cache
    def load() -> "PriceBook":
        """The prices that come with the program, read once; `ConfigurationError("bad_prices", …)` for a wrong file."""
        text = (resources.files("chalicelib.costs") / "prices.json").read_text(encoding="utf-8")
        return PriceBook.from_json(text)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The prices in the text of such a file."""
        try:
            data = json.loads(text)
            return cls(_prices_in(data), data["free"])
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigurationError("bad_prices", f"The prices cannot be read: {error!r}") from error

    def price_of(self, usage: Usage, region: str, on: date) -> Price:
        """What `usage` costs in a region at the prices of a day, never less than what is billed.

        Raises `ConfigurationError("unpriced", …)` for an unknown service, operation, model, unit, region or quantity,
        and for a day before the first price. Services that are free by nature cost nothing.
        """
        _refuse_nonsense(usage)
        if usage.service in self.free:
            return Price(Decimal(0), self.version)
        if (usage.service, usage.operation, region) not in self._known:
            raise _unpriced(usage, region, on)
        with localcontext(_UPWARDS):
            usd = sum((self._part(usage, unit, region, on) for unit in usage.quantities), Decimal(0))
            return Price(usd.quantize(_SMALLEST), self.version)

    def is_stale(self, on: date) -> bool:
        """Whether nobody compared the prices with their sources for more than 90 days. Stale prices still count."""
        return on - self.verified > STALE_AFTER

    def _part(self, usage: Usage, unit: Unit, region: str, on: date) -> Decimal:
        """What one quantity costs; nothing needs no price."""
        quantity = usage.count(unit)
        if not quantity:
            return Decimal(0)
        price = self._price(usage, unit, region, on)
        return quantity * price.usd / price.per

    def _price(self, usage: Usage, unit: Unit, region: str, on: date) -> ListPrice:
        """The latest price of a unit that was in force on a day."""
        known = self._by_key.get((usage.service, usage.operation, region, unit), ())
        in_force = [price for price in known if price.since <= on]
        if not in_force:
            raise _unpriced(usage, region, on, unit)
        return max(in_force, key=lambda price: price.since)


_Key = tuple[str, str, str, Unit]


def _by_key(prices: Iterable[ListPrice]) -> Mapping[_Key, tuple[ListPrice, ...]]:
    found: dict[_Key, list[ListPrice]] = defaultdict(list)
    for price in prices:
        found[(price.service, price.operation, price.region, price.unit)].append(price)
    return {key: tuple(entries) for key, entries in found.items()}


def _digest(prices: Iterable[ListPrice]) -> str:
    written = sorted(price.model_dump_json() for price in prices)
    return hashlib.sha256("\n".join(written).encode()).hexdigest()[:8]


def _prices_in(data: Mapping[str, Any]) -> Iterable[ListPrice]:
    for entry in data["prices"]:
        source = data["sources"][entry["source"]]
        rest = {name: value for name, value in entry.items() if name != "source"}
        yield ListPrice.model_validate({**rest, "source_url": source["url"], "published": source["published"]})


def _refuse_nonsense(usage: Usage) -> None:
    for unit, quantity in usage.quantities.items():
        if not 0 <= quantity < _MOST:
            raise ConfigurationError("unpriced", f"{quantity} {unit} of {usage.service} cannot be priced.")


_MOST = Decimal("1e30")  # far beyond anything, and still exact in `_UPWARDS`


def _unpriced(usage: Usage, region: str, on: date, unit: Unit | None = None) -> ConfigurationError:
    what = " ".join(filter(None, (usage.service, usage.operation, unit)))
    return ConfigurationError(
        "unpriced",
        f"There is no price of {what} in {region} on {on}. Please add it to chalicelib/costs/prices.json, "
        "or use what has one.",
    )
