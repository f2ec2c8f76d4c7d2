"""What the month will have cost when it ends: an expectation, and a range of likely ends.

Invoices come by the week: Mondays are not Sundays. So what remains of the month is estimated from the same weekdays of
the last four weeks.
"""

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

_HISTORY = 28  # days before today
_ENOUGH = 7  # days of data, below which there is no telling the weekdays apart
_TRIMMED_FROM = 4  # values of a weekday, from which the largest and the smallest are left out
_ENDS = 300  # possible ends of the month that are drawn: enough for a P10
_SMALLEST = Decimal("1e-12")

Daily = Mapping[date, Decimal]


class Forecast(NamedTuple):
    """US dollars: spent so far in the month, and what it is expected to end with.

    Of the possible ends a tenth lies below `p10`, half below `p50`, a tenth above `p90`. `is_simple`: there are fewer
    than seven days of data, so that it is nothing but the average day times the days that remain, and has no range.
    """

    spent: Decimal
    expected: Decimal
    p10: Decimal
    p50: Decimal
    p90: Decimal
    is_simple: bool


def first_day_needed(today: date) -> date:
    """The first day whose spending a forecast on `today` looks at."""
    return min(today.replace(day=1), today - timedelta(days=_HISTORY))


def forecast(daily: Daily, today: date) -> Forecast:
    """The forecast of the month of `today`, from US dollars by day; a day that is absent cost nothing.

    Today is not over: it counts with what a day like this costs as a rule, or with what it has cost already if that is
    more. The same input gives the same forecast.
    """
    month = today.replace(day=1)
    spent = sum((usd for day, usd in daily.items() if month <= day <= today), Decimal(0))
    history = _history(daily, today)
    if len(history) < _ENOUGH:
        return _run_rate(spent, [*history.values(), daily.get(today, Decimal(0))], today)
    weekdays = [[usd for day, usd in history.items() if day.weekday() == weekday] for weekday in range(7)]
    before_today, so_far = spent - daily.get(today, Decimal(0)), daily.get(today, Decimal(0))
    remaining = [weekdays[day.weekday()] for day in _days_after(today)]
    expected_today = max(so_far, _trimmed_mean(weekdays[today.weekday()]))
    expected = before_today + expected_today + sum(map(_trimmed_mean, remaining), Decimal(0))
    ends = _possible_ends(before_today, so_far, [weekdays[today.weekday()], *remaining], today)
    p10, p50, p90 = (ends[len(ends) * tenths // 10] for tenths in (1, 5, 9))
    return Forecast(spent, _rounded(expected), p10, p50, p90, is_simple=False)


def _history(daily: Daily, today: date) -> Daily:
    """Every whole day of the last four weeks, from the first on which anything was spent."""
    days = [today - timedelta(days=back) for back in range(_HISTORY, 0, -1)]
    first = next((day for day in days if daily.get(day)), today)
    return {day: daily.get(day, Decimal(0)) for day in days if day >= first}


def _run_rate(spent: Decimal, days: Sequence[Decimal], today: date) -> Forecast:
    """The average of all days, today included, for each that remains."""
    average = sum(days, Decimal(0)) / len(days)
    end = _rounded(spent + average * len(_days_after(today)))
    return Forecast(spent, end, end, end, end, is_simple=True)


def _days_after(today: date) -> list[date]:
    """The days of the month that are still to come."""
    days = (today + timedelta(days=ahead) for ahead in range(1, 31))
    return [day for day in days if day.month == today.month]


def _trimmed_mean(values: Sequence[Decimal]) -> Decimal:
    """The mean without the largest and the smallest, where there are enough: one odd day is no rule."""
    kept = sorted(values)[1:-1] if len(values) >= _TRIMMED_FROM else values
    return sum(kept, Decimal(0)) / len(kept)


def _possible_ends(
    before_today: Decimal, so_far: Decimal, days: Sequence[Sequence[Decimal]], today: date
) -> list[Decimal]:
    """Ends of the month, in order: each day that remains (today first) drawn from days like it."""
    chance = random.Random(today.toordinal())  # noqa: S311 - no secret: the same day gives the same forecast
    first, *others = days
    ends = (
        before_today + max(so_far, chance.choice(first)) + sum((chance.choice(day) for day in others), Decimal(0))
        for _ in range(_ENDS)
    )
    return sorted(ends)


def _rounded(usd: Decimal) -> Decimal:
    return usd.quantize(_SMALLEST, ROUND_CEILING)
