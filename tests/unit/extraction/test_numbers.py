"""Amounts in any notation."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.extraction.numbers import Mark, decimal_mark, is_ambiguous, parse_number


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1 234,56", "1234.56"),
        ("1\u202f234,56", "1234.56"),
        ("1'234.56", "1234.56"),
        ("12’345.60", "12345.60"),
        ("12,34,567.89", "1234567.89"),
        ("1.234.567", "1234567"),
        ("12,5", "12.5"),
        ("0,125", "0.125"),
        ("0.99", "0.99"),
        ("1939", "1939"),
    ],
)
def test_a_number_that_can_be_read_in_one_way_is(printed: str, value: str) -> None:
    assert parse_number(printed, None) == Decimal(value)


def test_an_open_number_follows_the_document() -> None:
    assert parse_number("1.234", Mark.COMMA) == 1234
    assert parse_number("1.234", Mark.POINT) == Decimal("1.234")
    assert is_ambiguous("1.234", None)
    assert not is_ambiguous("1.234", Mark.COMMA)


def test_the_mark_is_what_most_numbers_show() -> None:
    assert decimal_mark(["1.234,56", "7,00", "9.5"]) is Mark.COMMA
    assert decimal_mark(["12", "1.234"]) is None


_FORMATS = [
    (lambda text: text, Mark.POINT),
    (lambda text: text.replace(",", "'"), Mark.POINT),
    (lambda text: text.translate(str.maketrans(",.", ".,")), Mark.COMMA),
    (lambda text: text.translate(str.maketrans(",.", " ,")), Mark.COMMA),
    (lambda text: text.translate(str.maketrans(",.", "\u202f,")), Mark.COMMA),
    (lambda text: text.replace(",", ""), Mark.POINT),
]


@given(st.decimals(min_value=0, max_value=10**9, places=2), st.sampled_from(_FORMATS))
def test_every_way_of_printing_an_amount_reads_back(amount: Decimal, notation) -> None:  # type: ignore[no-untyped-def]
    write, mark = notation
    assert parse_number(write(f"{amount:,.2f}"), mark) == amount
