"""The report of costs."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from chalicelib.costs.ladder import Level
from chalicelib.costs.report import CostQuery, GroupBy
from chalicelib.errors import RejectedError
from chalicelib.pipeline.backlog import CountBacklog
from chalicelib.pipeline.report_costs import ReportCosts
from chalicelib.pipeline.switches import Switches
from local.family import EmbeddedAdapters
from tests.builders import a_charge, a_clock, a_completed_record, a_record, an_outcome, some_settings
from tests.embedded_ledger import DictLedger, DictSharedState

TODAY = date(2026, 11, 23)


@pytest.fixture
def family(tmp_path: Path) -> Iterator[EmbeddedAdapters]:
    """The embedded adapters, empty."""
    adapters = EmbeddedAdapters(some_settings(tmp_path), a_clock())
    yield adapters
    adapters.close()


@pytest.fixture
def ledger() -> DictLedger:
    """A ledger, empty."""
    return DictLedger()


@pytest.fixture
def report(family: EmbeddedAdapters, ledger: DictLedger, tmp_path: Path) -> ReportCosts:
    """The use case on them."""
    switches = Switches(DictSharedState(), ledger, family.clock(), some_settings(tmp_path), lambda: 0)
    return ReportCosts(ledger, family.invoices(), switches, family.clock())


def test_by_default_it_is_this_month_by_day(report: ReportCosts, ledger: DictLedger) -> None:
    for number, day in enumerate(("2026-10-31", "2026-11-01", "2026-11-23")):
        ledger.spend(a_charge(invoice_id=str(number), day=date.fromisoformat(day)))

    found = report(CostQuery())

    assert (found.first, found.last, found.by) == (date(2026, 11, 1), TODAY, GroupBy.DAY)
    assert list(found.breakdown.groups) == ["2026-11-01", "2026-11-23"]


def test_both_days_are_included(report: ReportCosts, ledger: DictLedger) -> None:
    for day in range(1, 6):
        ledger.spend(a_charge(invoice_id=str(day), day=date(2026, 10, day)))

    found = report(CostQuery(first=date(2026, 10, 2), last=date(2026, 10, 4)))

    assert found.breakdown.total.calls == 3


def test_with_a_last_day_alone_its_month_begins(report: ReportCosts) -> None:
    assert report(CostQuery(last=date(2026, 9, 10))).first == date(2026, 9, 1)


def test_it_says_where_the_budget_stands(report: ReportCosts, ledger: DictLedger) -> None:
    ledger.spend(a_charge(usd=Decimal("4.5"), day=TODAY))

    found = report(CostQuery(last=date(2026, 9, 10)))

    assert (found.spending.day_usd, found.limits.day_usd) == (Decimal("4.5"), Decimal(5))
    assert found.level is Level.THRIFT
    assert (found.month, found.forecast.spent) == (date(2026, 11, 1), Decimal("4.5"))
    assert not found.prices_are_stale


def test_suppliers_come_from_the_invoices(report: ReportCosts, ledger: DictLedger, family: EmbeddedAdapters) -> None:
    known = a_completed_record(outcome=an_outcome("Halden & Moor GmbH"))
    unread = a_record()
    for record in (known, unread):
        family.invoices().register(record)
        ledger.spend(a_charge(invoice_id=record.invoice_id, day=TODAY))
    ledger.spend(a_charge(invoice_id="gone", day=TODAY))

    groups = report(CostQuery(by=GroupBy.SUPPLIER)).breakdown.groups

    assert {supplier: group.documents for supplier, group in groups.items()} == {None: 2, "Halden & Moor GmbH": 1}


@pytest.mark.parametrize(
    ("first", "last"),
    [(TODAY, TODAY - timedelta(days=1)), (TODAY - timedelta(days=92), TODAY), (date.min, date.max)],
)
def test_days_in_the_wrong_order_or_too_many_are_refused(report: ReportCosts, first: date, last: date) -> None:
    with pytest.raises(RejectedError, match="bad_parameter"):
        report(CostQuery(first=first, last=last))


def test_the_last_day_of_all_time_is_a_day_like_any_other(report: ReportCosts) -> None:
    assert report(CostQuery(first=date.max, last=date.max)).breakdown.total.calls == 0


def test_more_invoices_than_can_be_looked_up_are_refused(report: ReportCosts, ledger: DictLedger) -> None:
    for number in range(1001):
        ledger.spend(a_charge(invoice_id=str(number), day=TODAY))

    with pytest.raises(RejectedError, match="fewer days"):
        report(CostQuery(by=GroupBy.SUPPLIER))


@pytest.mark.parametrize(("received", "most", "counted"), [(0, 10, 0), (3, 10, 3), (3, 2, 2), (120, 1000, 120)])
def test_the_backlog_is_what_was_received_and_waits(
    family: EmbeddedAdapters, received: int, most: int, counted: int
) -> None:
    for _ in range(received):
        family.invoices().register(a_record())
    family.invoices().register(a_completed_record())

    assert CountBacklog(family.invoices(), most)() == counted
