"""The forecast of the month."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.costs.forecast import first_day_needed, forecast

TODAY = date(2026, 11, 23)  # a Monday; seven days of November remain


def spending(by_day: Callable[[date], int], days: int = 40, until: date = TODAY) -> dict[date, Decimal]:
    """US dollars by day, for so many days until today, today included."""
    dates = [until - timedelta(days=back) for back in range(days)]
    return {day: Decimal(by_day(day)) for day in dates}


def on_workdays(day: date) -> int:
    """Ten a workday, nothing at weekends."""
    return 10 if day.weekday() < 5 else 0


def test_a_constant_spending_goes_on() -> None:
    found = forecast(spending(lambda _: 2), TODAY)

    assert found.spent == 46
    assert found.expected == found.p10 == found.p50 == found.p90 == 60
    assert not found.is_simple


def test_weekdays_are_told_apart() -> None:
    found = forecast(spending(on_workdays), TODAY)

    assert found.expected == found.p10 == found.p90 == 16 * 10 + 5 * 10


def test_one_odd_day_is_no_rule_and_widens_the_range() -> None:
    spike = date(2026, 11, 10)  # a Tuesday; one Tuesday remains
    found = forecast(spending(lambda day: 100 if day == spike else 2), TODAY)

    assert found.spent == 22 * 2 + 100
    assert found.expected == found.spent + 7 * 2
    assert found.p50 == found.expected
    assert found.p90 == found.expected + 98


def test_nothing_spent_is_nothing_expected() -> None:
    found = forecast({}, TODAY)

    assert found.spent == found.expected == found.p90 == 0
    assert found.is_simple


@pytest.mark.parametrize(("days", "is_simple"), [(7, True), (8, False)])
def test_less_than_seven_whole_days_give_a_simple_rate(days: int, is_simple: bool) -> None:
    found = forecast(spending(lambda _: 3, days), TODAY)

    assert found.is_simple == is_simple
    assert found.expected == 3 * (days + 7)


def test_a_simple_rate_has_no_range() -> None:
    found = forecast({TODAY: Decimal(4)}, TODAY)

    assert found.p10 == found.p50 == found.p90 == found.expected == 4 * 8


def test_today_counts_with_what_a_day_like_it_costs_as_a_rule() -> None:
    so_far = spending(lambda day: 10 if day != TODAY else 1)
    much = spending(lambda day: 10 if day != TODAY else 25)

    assert forecast(so_far, TODAY).expected == 30 * 10
    assert forecast(much, TODAY).expected == 30 * 10 + 15


def test_on_the_last_day_only_the_rest_of_it_remains() -> None:
    last = date(2026, 11, 30)

    assert forecast(spending(lambda _: 2, until=last), last).expected == 60


def test_on_the_first_day_the_weeks_of_the_month_before_count() -> None:
    first = date(2026, 12, 1)

    found = forecast(spending(lambda day: 2 if day != first else 0, until=first), first)

    assert found.spent == 0
    assert found.expected == 62
    assert not found.is_simple


def test_february_of_a_leap_year_has_a_day_more() -> None:
    for year, days in ((2027, 28), (2028, 29)):
        first = date(year, 2, 1)
        assert forecast(spending(lambda _: 1, until=first), first).expected == days


@pytest.mark.parametrize(
    ("today", "first"),
    [(TODAY, date(2026, 10, 26)), (date(2026, 12, 31), date(2026, 12, 1)), (date(2026, 12, 1), date(2026, 11, 3))],
)
def test_it_looks_at_the_month_and_four_weeks(today: date, first: date) -> None:
    assert first_day_needed(today) == first


_daily = st.dictionaries(
    st.dates(date(2026, 10, 1), TODAY), st.decimals(0, 100, allow_nan=False, allow_infinity=False, places=12)
)


@given(_daily)
def test_the_month_never_ends_below_what_was_spent_and_the_range_is_in_order(daily: dict[date, Decimal]) -> None:
    found = forecast(daily, TODAY)

    assert found.spent <= found.p10 <= found.p50 <= found.p90
    assert found.spent <= found.expected
    assert found == forecast(daily, TODAY)
