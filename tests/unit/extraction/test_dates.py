"""Dates in any notation."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.extraction.dates import Order, day_month_order, find_dates

ISSUED = date(2026, 3, 7)


@pytest.mark.parametrize(
    "printed",
    [
        "2026-03-07",
        "2026/3/7",
        "07.03.2026",
        "7.3.26",
        "7. März 2026",
        "7 March 2026",
        "March 7, 2026",
        "Mar 7th, 2026",
        "07-Mar-2026",
        "7 de março de 2026",
        "7 mars 2026",
        "07MAR2026",
        "2026年3月7日",
        "20260307",
    ],
)
def test_a_date_is_read(printed: str) -> None:
    [found] = find_dates(f"x {printed}")

    assert found.value(Order.DAY_FIRST) == ISSUED


def test_day_and_month_are_told_apart_by_the_other_dates() -> None:
    printed = [*find_dates("10/18/18"), *find_dates("10/05/18")]

    assert day_month_order(printed) is Order.MONTH_FIRST
    assert printed[1].value(Order.MONTH_FIRST) == date(2018, 10, 5)


@pytest.mark.parametrize("printed", ["1.234,56", "12,50", "+49 6051 916 44 10", "12:30:45", "1.2.3.4", "31.02.2026x"])
def test_what_only_looks_like_a_date_is_none(printed: str) -> None:
    assert find_dates(printed) == ()


@given(
    st.dates(min_value=date(1990, 1, 1), max_value=date(2069, 12, 31)),
    st.sampled_from(["%d.%m.%Y", "%d/%m/%Y", "%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%d-%b-%Y"]),
)
def test_every_way_of_printing_a_date_reads_back(day: date, notation: str) -> None:
    [found] = find_dates(day.strftime(notation))

    assert found.value(Order.DAY_FIRST) == day
