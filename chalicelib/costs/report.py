"""What was spent, by day, service, model or supplier: sums over the charges of the ledger."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.costs.forecast import Forecast
from chalicelib.costs.ladder import Level
from chalicelib.costs.mode import Mode
from chalicelib.domain.charge import Charge, ChargeState, Limits, Spending
from chalicelib.domain.usage import Unit


class GroupBy(StrEnum):
    """What charges are put together by."""

    DAY = "day"
    SERVICE = "service"
    MODEL = "model"
    SUPPLIER = "supplier"


class CostQuery(BaseModel):
    """Which days (UTC, both included), and how to put them together. `None`: this month so far."""

    model_config = ConfigDict(frozen=True)

    first: date | None = None
    last: date | None = None
    by: GroupBy = GroupBy.DAY


class Total(BaseModel):
    """The sum of charges: US dollars, calls, how many documents had them, and the quantities by unit.

    `open_usd` is the part of `usd` that is an estimate: reserved, or of calls whose answer nobody saw. A call that was
    surely not billed counts nowhere.
    """

    model_config = ConfigDict(frozen=True)

    usd: Decimal = Decimal(0)
    open_usd: Decimal = Decimal(0)
    calls: int = 0
    documents: int = 0
    units: Mapping[Unit, Decimal] = Field(default_factory=dict)


class Breakdown(NamedTuple):
    """The total of all paid calls, and of each group (`None`: not known); and, apart, the estimated shares by service.

    Shares are what Lambda, S3 and DynamoDB are thought to cost: no limit refuses them.
    """

    total: Total
    groups: Mapping[str | None, Total]
    shares: Total
    shares_by_service: Mapping[str | None, Total]


class CostReport(NamedTuple):
    """The sums of some days (both included), and where the budget stands now."""

    first: date
    last: date
    by: GroupBy
    breakdown: Breakdown
    limits: Limits
    spending: Spending
    level: Level
    mode: Mode
    month: date
    forecast: Forecast
    price_version: str
    prices_are_stale: bool


class _Sum:
    """A total that grows."""

    def __init__(self) -> None:
        self.usd = Decimal(0)
        self.open_usd = Decimal(0)
        self.calls = 0
        self.invoices: set[str] = set()
        self.units: dict[Unit, Decimal] = {}

    def add(self, charge: Charge) -> None:
        self.usd += charge.usd
        self.calls += 1
        self.invoices.add(charge.invoice_id)
        if charge.state in {ChargeState.RESERVED, ChargeState.UNKNOWN}:
            self.open_usd += charge.usd
        for unit, quantity in charge.usage.quantities.items():
            self.units[unit] = self.units.get(unit, Decimal(0)) + quantity

    def total(self) -> Total:
        return Total(
            usd=self.usd,
            open_usd=self.open_usd,
            calls=self.calls,
            documents=len(self.invoices),
            units=dict(sorted(self.units.items())),
        )


class _Sums:
    """Totals by key, and over all."""

    def __init__(self) -> None:
        self._all = _Sum()
        self._by_key: dict[str | None, _Sum] = {}

    def add(self, key: str | None, charge: Charge) -> None:
        self._all.add(charge)
        self._by_key.setdefault(key, _Sum()).add(charge)

    def totals(self) -> tuple[Total, dict[str | None, Total]]:
        return self._all.total(), {key: found.total() for key, found in self._by_key.items()}


def breakdown(charges: Iterable[Charge], by: GroupBy, supplier_of: Callable[[str], str | None]) -> Breakdown:
    """The sums of charges. `supplier_of` gives the supplier of an invoice id, and is asked for no other grouping.

    Days come in their order, everything else with the dearest first.
    """
    paid, shared = _Sums(), _Sums()
    for charge in charges:
        if charge.state is ChargeState.SHARED:
            shared.add(charge.usage.service, charge)
        elif charge.state is not ChargeState.RELEASED:
            paid.add(_key_of(charge, by, supplier_of), charge)
    (total, groups), (shares, by_service) = paid.totals(), shared.totals()
    return Breakdown(total, _in_order(groups, by), shares, _in_order(by_service, GroupBy.SERVICE))


def _key_of(charge: Charge, by: GroupBy, supplier_of: Callable[[str], str | None]) -> str | None:
    if by is GroupBy.DAY:
        return charge.day.isoformat()
    if by is GroupBy.SERVICE:
        return charge.usage.service
    if by is GroupBy.MODEL:
        return charge.usage.operation or charge.usage.service
    return supplier_of(charge.invoice_id)


def _in_order(groups: Mapping[str | None, Total], by: GroupBy) -> Mapping[str | None, Total]:
    if by is GroupBy.DAY:
        return dict(sorted(groups.items(), key=lambda item: item[0] or ""))
    return dict(sorted(groups.items(), key=lambda item: (-item[1].usd, item[0] or "")))
