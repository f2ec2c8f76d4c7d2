"""What usage costs."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.costs.prices import PriceBook
from chalicelib.domain.usage import Unit, Usage
from chalicelib.errors import ConfigurationError
from chalicelib.settings import Settings

TODAY = date(2026, 11, 23)
HAIKU = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
BOOK = PriceBook.load()


def usd_of(service: str, operation: str, **quantities: Decimal | int) -> Decimal:
    """The price of a usage today in us-east-1."""
    return BOOK.price_of(Usage.of(service, operation, **quantities), "us-east-1", TODAY).usd


@pytest.mark.parametrize(
    ("service", "operation", "quantities", "usd"),
    [
        ("textract", "DetectDocumentText", {"pages": 3}, "0.0045"),
        ("textract", "AnalyzeExpense", {"pages": 2}, "0.02"),
        ("textract", "StartDocumentTextDetection", {"pages": 3}, "0.0045"),
        ("textract", "StartExpenseAnalysis", {"pages": 2}, "0.02"),
        ("bedrock", HAIKU, {"input_tokens": 2500, "output_tokens": 600}, "0.00605"),
        ("bedrock", HAIKU.replace("us.", "eu.", 1), {"input_tokens": 2500, "output_tokens": 600}, "0.00605"),
        ("bedrock", HAIKU.replace("us.", "global.", 1), {"input_tokens": 2500, "output_tokens": 600}, "0.0055"),
        ("bedrock", HAIKU, {"cache_read_tokens": 1000, "cache_write_tokens": 1000}, "0.001485"),
        ("bedrock", "us.amazon.nova-2-lite-v1:0", {"input_tokens": 2500, "output_tokens": 600}, "0.002475"),
        ("lambda", "x86_64", {"gb_seconds": 12}, "0.0002000004"),
        ("dynamodb", "on_demand", {"write_units": 20}, "0.0000125"),
        ("s3", "Standard", {"write_units": 5}, "0.000025"),
    ],
)
def test_usage_costs_what_the_list_says(service: str, operation: str, quantities: dict[str, int], usd: str) -> None:
    assert usd_of(service, operation, **quantities) == Decimal(usd)


def test_what_is_free_by_nature_costs_nothing_in_any_region() -> None:
    assert BOOK.price_of(Usage.of("rapidocr", pages=1000), "xx-nowhere-1", TODAY).usd == 0


@pytest.mark.parametrize(
    "usage",
    [
        Usage.of("bedrock", "us.anthropic.claude-new-v9:0", input_tokens=1),
        Usage.of("bedrock", "us.anthropic.claude-new-v9:0"),
        Usage.of("textract", "AnalyzeID", pages=1),
        Usage.of("textract", "AnalyzeExpense", input_tokens=1),
        Usage.of("astrology", "", pages=1),
    ],
)
def test_what_has_no_price_is_refused(usage: Usage) -> None:
    with pytest.raises(ConfigurationError, match="unpriced"):
        BOOK.price_of(usage, "us-east-1", TODAY)


def test_a_region_without_prices_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="unpriced"):
        BOOK.price_of(Usage.of("textract", "AnalyzeExpense", pages=1), "eu-central-1", TODAY)


def test_a_day_before_the_first_price_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="unpriced"):
        BOOK.price_of(Usage.of("textract", "AnalyzeExpense", pages=1), "us-east-1", date(2020, 1, 1))


@pytest.mark.parametrize("quantity", ["-1", "1e31"])
def test_quantities_that_make_no_sense_are_refused(quantity: str) -> None:
    usage = Usage(service="textract", operation="AnalyzeExpense", quantities={Unit.PAGES: Decimal(quantity)})

    with pytest.raises(ConfigurationError, match="unpriced"):
        BOOK.price_of(usage, "us-east-1", TODAY)


def test_units_of_which_nothing_was_used_need_no_price() -> None:
    assert usd_of("textract", "AnalyzeExpense", pages=1, cache_read_tokens=0) == Decimal("0.01")


def test_a_new_price_counts_from_its_day_on() -> None:
    (old,) = (price for price in BOOK.prices if (price.operation, price.unit) == ("AnalyzeExpense", Unit.PAGES))
    new = old.model_copy(update={"usd": Decimal("0.02"), "since": TODAY})
    book, usage = PriceBook([old, new]), Usage.of("textract", "AnalyzeExpense", pages=1)

    assert book.price_of(usage, "us-east-1", TODAY - timedelta(days=1)).usd == Decimal("0.01")
    assert book.price_of(usage, "us-east-1", TODAY).usd == Decimal("0.02")
    assert book.version != PriceBook([old]).version


def test_the_version_names_the_day_of_the_newest_verification() -> None:
    assert BOOK.version.startswith(f"{BOOK.verified}-")
    assert BOOK.version == PriceBook(reversed(BOOK.prices)).version


def test_prices_are_stale_ninety_days_after_they_were_verified_and_still_count() -> None:
    last_day = BOOK.verified + timedelta(days=90)

    assert (BOOK.is_stale(last_day), BOOK.is_stale(last_day + timedelta(days=1))) == (False, True)
    assert BOOK.price_of(Usage.of("textract", "AnalyzeExpense", pages=1), "us-east-1", date(2040, 1, 1)).usd > 0


def test_every_price_has_a_source_and_a_note_where_there_are_tiers() -> None:
    assert all(price.source_url.startswith("https://") for price in BOOK.prices)
    assert all("tier" in price.tier for price in BOOK.prices if price.service == "textract")


def test_no_price_is_listed_twice_for_one_day() -> None:
    keys = [(price.service, price.operation, price.unit, price.region, price.since) for price in BOOK.prices]

    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("setting", ["models", "thrift_models"])
def test_every_model_of_the_settings_has_all_prices(setting: str) -> None:
    units = {"input_tokens": 1, "output_tokens": 1, "cache_read_tokens": 1, "cache_write_tokens": 1}

    for model in str(getattr(Settings(), setting)).split(","):
        assert usd_of("bedrock", model, **units) > 0


def test_a_file_that_is_none_is_reported() -> None:
    with pytest.raises(ConfigurationError, match="bad_prices"):
        PriceBook.from_json('{"prices": [{"usd": -1, "source": "x"}], "sources": {"x": {}}}')


_QUANTITIES = st.decimals(0, 10**12, allow_nan=False, allow_infinity=False, places=9)


@given(st.sampled_from(BOOK.prices), _QUANTITIES)
def test_a_price_is_never_negative_nor_less_than_is_billed(price: object, quantity: Decimal) -> None:
    entry = next(listed for listed in BOOK.prices if listed == price)
    usage = Usage(service=entry.service, operation=entry.operation, quantities={entry.unit: quantity})
    usd = BOOK.price_of(usage, entry.region, TODAY).usd
    exact = Fraction(quantity) * Fraction(entry.usd) / entry.per

    assert exact <= Fraction(usd) < exact + Fraction(1, 10**12)
    assert usd >= 0


@given(_QUANTITIES, _QUANTITIES)
def test_more_never_costs_less(one: Decimal, other: Decimal) -> None:
    less, more = sorted((one, other))

    assert usd_of("bedrock", HAIKU, input_tokens=less) <= usd_of("bedrock", HAIKU, input_tokens=more)
