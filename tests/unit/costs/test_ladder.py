"""The ladder of the budget."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.costs.ladder import (
    NOTHING,
    LatchedLevel,
    Level,
    Levels,
    Window,
    latched,
    level_of,
    permissions,
    refusing,
    seconds_until_next_window,
    without_money,
)
from chalicelib.costs.mode import ModeName
from chalicelib.domain.charge import Limits, Spending
from chalicelib.errors import ConfigurationError

LIMITS = Limits(day_usd=Decimal(10), month_usd=Decimal(100), invoice_usd=Decimal(1))
TODAY = date(2026, 11, 23)
levels = st.builds(Levels, st.sampled_from(Level), st.sampled_from(Level))
days = st.dates(date(2026, 1, 1), date(2027, 12, 31))


def spent(day: str, month: str = "0") -> Spending:
    """Spending of so much."""
    return Spending(day_usd=Decimal(day), month_usd=Decimal(month))


@pytest.mark.parametrize(
    ("usd", "level"),
    [
        ("0", Level.NORMAL),
        ("7.999999999999", Level.NORMAL),
        ("8", Level.THRIFT),
        ("9.499999999999", Level.THRIFT),
        ("9.5", Level.RULES_ONLY),
        ("9.999999999999", Level.RULES_ONLY),
        ("10", Level.NO_PAID_CALLS),
        ("11", Level.NO_PAID_CALLS),
    ],
)
def test_the_share_of_the_day_that_is_spent_decides(usd: str, level: Level) -> None:
    assert level_of(spent(usd), LIMITS) == Levels(level, Level.NORMAL)


def test_the_month_counts_by_its_own_limit() -> None:
    assert level_of(spent("0", "95"), LIMITS) == Levels(Level.NORMAL, Level.RULES_ONLY)


def test_the_money_is_gone_when_what_is_left_buys_no_page() -> None:
    least = Decimal("0.0015")

    assert level_of(spent("9.9985"), LIMITS, least=least).by_day is Level.RULES_ONLY
    assert level_of(spent("9.998500000001"), LIMITS, least=least).by_day is Level.NO_PAID_CALLS


def test_a_call_that_the_ledger_refused_ends_paying_where_little_is_left() -> None:
    reached = Levels(Level.RULES_ONLY, Level.RULES_ONLY)

    assert without_money(reached, Window.DAY) == Levels(Level.NO_PAID_CALLS, Level.RULES_ONLY)
    assert without_money(reached, Window.MONTH) == Levels(Level.RULES_ONLY, Level.NO_PAID_CALLS)


@pytest.mark.parametrize("window", Window)
def test_a_large_call_that_the_ledger_refused_says_nothing_of_the_others(window: Window) -> None:
    reached = Levels(Level.THRIFT, Level.NORMAL)

    assert without_money(reached, window) == reached


def test_documents_are_refused_where_the_money_is_gone() -> None:
    level = LatchedLevel(day=TODAY, by_day=Level.NO_PAID_CALLS, by_month=Level.RULES_ONLY)

    assert refusing(level, LIMITS) == level.model_copy(update={"by_day": Level.REJECT})


def test_as_long_as_there_is_money_no_document_is_refused() -> None:
    level = LatchedLevel(day=TODAY, by_day=Level.RULES_ONLY, by_month=Level.THRIFT)

    assert refusing(level, LIMITS) == level


def test_a_month_that_will_end_above_its_limit_makes_thrifty_for_the_day() -> None:
    assert level_of(spent("1"), LIMITS, Decimal("100.01")) == Levels(Level.THRIFT, Level.NORMAL)
    assert level_of(spent("1"), LIMITS, Decimal(100)) == Levels(Level.NORMAL, Level.NORMAL)


def test_a_limit_of_zero_forbids_paid_calls_and_never_refuses_documents() -> None:
    none = Limits(day_usd=Decimal(0), month_usd=Decimal(0), invoice_usd=Decimal(0))

    found = level_of(Spending(), none)

    assert found == Levels(Level.NO_PAID_CALLS, Level.NO_PAID_CALLS)
    level = latched(LatchedLevel(), TODAY, found)
    assert refusing(level, none) == level


def test_a_level_stays_when_spending_sinks_within_the_day() -> None:
    up = latched(LatchedLevel(), TODAY, Levels(Level.RULES_ONLY, Level.NORMAL))

    assert latched(up, TODAY, Levels(Level.NORMAL, Level.NORMAL)).level is Level.RULES_ONLY


def test_a_level_of_the_day_ends_with_the_day_and_one_of_the_month_with_the_month() -> None:
    up = latched(LatchedLevel(), TODAY, Levels(Level.NO_PAID_CALLS, Level.THRIFT))

    assert (up.level, up.window) == (Level.NO_PAID_CALLS, Window.DAY)
    tomorrow = up.at(TODAY + timedelta(days=1))
    assert (tomorrow.level, tomorrow.window) == (Level.THRIFT, Window.MONTH)
    assert up.at(date(2026, 12, 1)).level is Level.NORMAL


def test_the_same_month_of_another_year_is_another_month() -> None:
    up = latched(LatchedLevel(), TODAY, Levels(Level.NORMAL, Level.REJECT))

    assert up.at(TODAY.replace(year=2027)).level is Level.NORMAL


@given(levels, st.lists(st.tuples(days, levels), max_size=12))
def test_no_level_ever_goes_down_without_a_new_day_or_month(first: Levels, steps: list[tuple[date, Levels]]) -> None:
    before = latched(LatchedLevel(), TODAY, first)
    for day, reached in sorted(steps):
        after = latched(before, day, reached)
        assert after.by_day >= reached.by_day
        assert after.by_month >= reached.by_month
        if day == before.day:
            assert after.by_day >= before.by_day
        if (day.year, day.month) == (before.day.year, before.day.month):
            assert after.by_month >= before.by_month
        before = after


@given(levels, days)
def test_a_level_survives_being_stored(reached: Levels, day: date) -> None:
    level = latched(LatchedLevel(), day, reached)

    assert LatchedLevel.from_json(level.model_dump_json()) == level


def test_a_level_that_cannot_be_read_is_reported() -> None:
    with pytest.raises(ConfigurationError, match="bad_shared_state"):
        LatchedLevel.from_json("{")


@pytest.mark.parametrize(
    ("level", "ocr", "beside", "deep", "model", "uploads"),
    [
        (Level.NORMAL, True, True, True, "primary", True),
        (Level.THRIFT, True, True, False, "thrift", True),
        (Level.RULES_ONLY, True, False, False, None, True),
        (Level.NO_PAID_CALLS, False, False, False, None, True),
        (Level.REJECT, False, False, False, None, False),
    ],
)
def test_a_higher_level_allows_less(
    level: Level, ocr: bool, beside: bool, deep: bool, model: str | None, uploads: bool
) -> None:
    found = permissions(level)

    assert (found.ocr, found.ocr_beside_text, found.deep_ocr, found.model, found.uploads) == (
        ocr, beside, deep, model, uploads,
    )  # fmt: skip
    assert (found.reason is None) == (level is Level.NORMAL)


def test_the_mode_rules_only_takes_the_model_away_and_gives_nothing_back() -> None:
    assert permissions(Level.NORMAL, ModeName.RULES_ONLY).model is None
    assert permissions(Level.NORMAL, ModeName.RULES_ONLY).reason == "mode_rules_only"
    assert permissions(Level.NO_PAID_CALLS, ModeName.RULES_ONLY) == NOTHING


def test_the_mode_reject_refuses_new_documents_and_reads_the_old() -> None:
    found = permissions(Level.NORMAL, ModeName.REJECT)

    assert (found.uploads, found.ocr, found.model, found.reason) == (False, True, "primary", "mode_reject")


@pytest.mark.parametrize(
    ("now", "window", "seconds"),
    [
        (datetime(2026, 11, 23, 9, 14, 5, tzinfo=UTC), Window.DAY, 53_155),
        (datetime(2026, 11, 30, 23, 59, 59, 999_999, tzinfo=UTC), Window.DAY, 1),
        (datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC), Window.MONTH, 1),
        (datetime(2026, 12, 31, tzinfo=UTC), Window.MONTH, 86_400),
        (datetime(2028, 2, 28, tzinfo=UTC), Window.MONTH, 2 * 86_400),
        (datetime(2026, 1, 31, tzinfo=UTC), Window.MONTH, 86_400),
    ],
)
def test_the_next_window_begins_at_midnight_utc(now: datetime, window: Window, seconds: int) -> None:
    assert seconds_until_next_window(now, window) == seconds


@given(st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC)), st.sampled_from(Window))  # noqa: DTZ001 - the zone comes with the last argument
def test_whoever_waits_that_long_is_in_another_window(now: datetime, window: Window) -> None:
    later = now + timedelta(seconds=seconds_until_next_window(now, window))

    up = latched(LatchedLevel(), now.date(), Levels(Level.REJECT, Level.NORMAL))
    if window is Window.MONTH:
        up = latched(LatchedLevel(), now.date(), Levels(Level.NORMAL, Level.REJECT))
    assert up.at(later.date()).level is Level.NORMAL
