"""Estimated shares of infrastructure."""

from datetime import date
from decimal import Decimal

import pytest

from chalicelib.costs.prices import PriceBook
from chalicelib.costs.shares import Work, shares_of
from chalicelib.domain.usage import Unit


def usd_of(work: Work) -> Decimal:
    """What the shares of some work cost."""
    book = PriceBook.load()
    return sum((book.price_of(usage, "us-east-1", date(2026, 11, 23)).usd for usage in shares_of(work)), Decimal(0))


def test_there_is_one_usage_for_each_service() -> None:
    services = [usage.service for usage in shares_of(Work(seconds=2))]

    assert len(services) == len(set(services))


def test_lambda_bills_memory_times_the_time_rounded_up_to_the_millisecond() -> None:
    usage = shares_of(Work(seconds=1.0001, lambda_memory=1024, requests=0))[0]

    assert usage.count(Unit.GB_SECONDS) == Decimal("1.001")
    assert usage.count(Unit.REQUESTS) == 1


def test_a_document_is_stored_for_a_year() -> None:
    storage = next(
        usage for usage in shares_of(Work(seconds=1, byte_count=2**30, other_bytes=0)) if usage.service == "s3"
    )

    assert storage.count(Unit.GB_MONTHS) == 12


@pytest.mark.parametrize("architecture", ["x86_64", "arm64"])
def test_every_share_has_a_price(architecture: str) -> None:
    assert usd_of(Work(seconds=2, architecture=architecture)) > 0


def test_a_page_that_rules_read_costs_a_fraction_of_one_that_textract_reads() -> None:
    assert usd_of(Work(seconds=1, byte_count=50_000)) < Decimal("0.0015") / 4


def test_a_clock_that_went_backwards_costs_nothing() -> None:
    assert shares_of(Work(seconds=-1, requests=0))[0].count(Unit.GB_SECONDS) == 0
