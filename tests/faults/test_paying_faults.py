"""Money under faults (F73 to F79): never overspent, never charged twice, and in doubt counted in full."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from chalicelib.bootstrap import Services
from chalicelib.domain.charge import Charge, ChargeState
from chalicelib.domain.job import Job
from chalicelib.domain.question import ModelAnswer
from chalicelib.domain.usage import Usage
from chalicelib.errors import (
    BudgetExhaustedError,
    ConfigurationError,
    PendingError,
    RejectedError,
    UnavailableError,
    UncertainError,
)
from chalicelib.pipeline.paying import Order, Purse
from chalicelib.pipeline.settle_forgotten import SettleForgotten
from chalicelib.settings import Settings
from local.family import EmbeddedAdapters
from local.ledger import SqliteLedger
from tests.at_once import at_once
from tests.builders import SetClock, a_clock, a_completed_record, an_id, an_outcome
from tests.faults.dying import Crash, Fuse, Fused, Trouble
from tests.paid import PAGE_USD, Provider, Till


class SystemDownError(BaseException):
    """The process ends here: nothing after it is done."""


class WithADyingBreaker(EmbeddedAdapters):
    """Adapters of a process that may die when it writes down how a provider is."""

    def __init__(self, settings: Settings, clock: SetClock, fuse: Fuse) -> None:
        super().__init__(settings, clock)
        self._fuse = fuse

    def shared_state(self) -> Any:
        """Breakers, beside mode and level."""
        return Fused("shared_state", super().shared_state(), self._fuse)


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    """Purses and a provider."""
    made = Till(tmp_path)
    yield made
    made.adapters.close()


def states(till: Till) -> list[ChargeState]:
    return [charge.state for charge in till.charges()]


def test_an_answer_is_paid_for_once_and_kept(till: Till) -> None:
    first = till.purse().buy(till.order())

    again = till.purse().buy(till.order())

    assert again == first
    assert till.provider.billed == 1
    assert till.spent() == PAGE_USD
    assert states(till) == [ChargeState.SETTLED]


def test_another_question_is_another_charge(till: Till) -> None:
    purse = till.purse()

    purse.buy(till.order("words-1"))
    purse.buy(till.order("words-2"))

    assert till.provider.billed == 2
    assert till.spent() == 2 * PAGE_USD


def test_what_was_used_is_paid_and_not_what_was_estimated(till: Till) -> None:
    order = till.order(call=lambda _: ModelAnswer({}, Usage.of("textract", "DetectDocumentText", pages=3), "r-7"))

    till.purse().buy(order)

    (charge,) = till.charges()
    assert (charge.usd, charge.request_id) == (3 * PAGE_USD, "r-7")
    assert till.spent() == 3 * PAGE_USD


def test_an_answer_that_could_not_be_had_costs_nothing(till: Till) -> None:
    till.provider.then(UnavailableError("textract_unavailable", "busy"))

    with pytest.raises(UnavailableError):
        till.purse().buy(till.order())

    assert states(till) == [ChargeState.RELEASED]
    assert till.spent() == 0


def test_a_document_that_the_provider_refuses_costs_nothing(till: Till) -> None:
    till.provider.then(RejectedError("unreadable_for_ocr", "no"))

    with pytest.raises(RejectedError):
        till.purse().buy(till.order())

    assert till.spent() == 0


def test_f43_what_may_have_been_billed_is_counted_in_full_and_bought_at_most_once_more(till: Till) -> None:
    till.provider.then(UncertainError("textract_uncertain", "silence"), is_billed=True)
    with pytest.raises(UncertainError):
        till.purse().buy(till.order())

    till.purse().buy(till.order())

    assert till.provider.billed == 2
    assert till.spent() == 2 * PAGE_USD
    assert sorted(states(till)) == [ChargeState.SETTLED, ChargeState.UNKNOWN]


def test_f43_what_was_never_seen_twice_is_not_bought_a_third_time(till: Till) -> None:
    for _ in range(2):
        till.provider.then(UncertainError("textract_uncertain", "silence"), is_billed=True)
        with pytest.raises(UncertainError):
            till.purse().buy(till.order())

    with pytest.raises(BudgetExhaustedError, match="never_answered"):
        till.purse().buy(till.order())

    assert till.provider.asked == 2


def test_f37_what_is_pending_stays_reserved_and_is_settled_once(till: Till) -> None:
    till.provider.then(PendingError("textract_pending", "not yet"))
    with pytest.raises(PendingError):
        till.purse().buy(till.order())
    waiting = till.spent()

    till.purse().buy(till.order())

    assert waiting == till.spent() == PAGE_USD
    assert till.provider.billed == 1
    assert states(till) == [ChargeState.SETTLED]


@pytest.mark.parametrize(
    "error", [UnavailableError("textract_unavailable", "busy"), ConfigurationError("textract_refused", "no right")]
)
def test_f37_what_was_ordered_stays_counted_while_it_cannot_be_fetched(till: Till, error: Exception) -> None:
    till.provider.then(PendingError("textract_pending", "not yet"), is_billed=True).then(error)
    for expected in (PendingError, type(error)):
        with pytest.raises(expected):
            till.purse().buy(till.order())
    in_between = states(till)
    with pytest.raises(UnavailableError, match="no_time_left"):
        till.purse(seconds=5).buy(till.order())

    till.purse().buy(till.order())

    assert in_between == [ChargeState.RESERVED]
    assert states(till) == [ChargeState.SETTLED]
    assert till.spent() == PAGE_USD


def test_f40_what_was_ordered_and_refused_is_reserved_anew_the_next_time(till: Till) -> None:
    till.provider.then(PendingError("textract_pending", "not yet")).then(RejectedError("unreadable_for_ocr", "no"))
    for expected in (PendingError, RejectedError):
        with pytest.raises(expected):
            till.purse().buy(till.order())

    till.purse().buy(till.order())

    assert sorted(states(till)) == [ChargeState.RELEASED, ChargeState.SETTLED]
    assert till.spent() == PAGE_USD


def test_an_answer_that_another_version_kept_is_bought_anew(till: Till) -> None:
    till.adapters.checkpoints().save(till.invoice_id, "words-1", b'[{"of": "old"}, null]')

    till.purse().buy(till.order())

    assert till.provider.billed == 1
    assert states(till) == [ChargeState.SETTLED]


def test_a_bug_in_a_call_is_counted_in_full(till: Till) -> None:
    till.provider.then(ZeroDivisionError(), is_billed=True)

    with pytest.raises(ZeroDivisionError):
        till.purse().buy(till.order())

    assert till.spent() == PAGE_USD
    assert states(till) == [ChargeState.UNKNOWN]


def test_f73_two_workers_do_not_share_the_last_cents(tmp_path: Path) -> None:
    till = Till(tmp_path, day_limit_usd="0.05")

    def buys(number: int) -> bool:
        try:
            till.purse(an_id()).buy(till.order(f"words-{number}"))
        except BudgetExhaustedError:
            return False
        return True

    bought = at_once([lambda number=number: buys(number) for number in range(50)])  # type: ignore[misc]

    assert sum(bought) == till.provider.billed == 33
    assert till.spent() == 33 * PAGE_USD <= Decimal("0.05")


def crash_at_the_breaker(till: Till, *, is_after: bool) -> None:
    """Buy in a process that dies right before or after it writes down how the provider is."""
    fuse = Fuse()
    fuse.set(Trouble("shared_state.save", 1, is_after))
    job = Job(invoice_id=till.invoice_id, run=till.clock.new_id())
    with closing(WithADyingBreaker(till.settings, till.clock, fuse)) as adapters:
        purse = Services(till.settings, adapters).purse_of(job)
        with pytest.raises(Crash):
            purse.buy(till.order())


@pytest.mark.parametrize("is_after", [False, True])
def test_f74_an_answer_is_kept_before_anything_else_is_written(till: Till, is_after: bool) -> None:
    till.provider.then(UnavailableError("textract_unavailable", "busy"))
    with pytest.raises(UnavailableError):
        till.purse().buy(till.order())
    crash_at_the_breaker(till, is_after=is_after)

    till.purse().buy(till.order())

    assert till.provider.billed == 1
    assert till.spent() == PAGE_USD


@pytest.mark.parametrize("is_after", [False, True])
def test_f74_what_was_not_billed_is_released_before_the_breaker_is_told(till: Till, is_after: bool) -> None:
    till.provider.then(UnavailableError("textract_unavailable", "busy"))

    crash_at_the_breaker(till, is_after=is_after)

    assert states(till) == [ChargeState.RELEASED]
    assert till.spent() == 0


def test_f74_a_crash_between_call_and_settling_is_counted_in_full(till: Till) -> None:
    def crashing(_: float) -> ModelAnswer:
        till.provider.billed += 1
        raise SystemDownError

    with pytest.raises(SystemDownError):
        till.purse().buy(till.order(call=crashing))
    at_the_crash = till.spent()
    till.clock.advance(hours=2)

    settled = till.services.settle_forgotten()

    assert settled == 1
    assert at_the_crash == till.spent() == till.provider.billed * PAGE_USD
    assert states(till) == [ChargeState.UNKNOWN]


def test_f74_a_young_reservation_is_left_to_its_owner(till: Till) -> None:
    def slow(_: float) -> ModelAnswer:
        till.clock.advance(minutes=10)
        assert till.services.settle_forgotten() == 0
        return till.provider(1)

    till.purse().buy(till.order(call=slow))

    assert states(till) == [ChargeState.SETTLED]


def test_f75_a_charge_is_booked_on_the_day_of_its_reservation(tmp_path: Path) -> None:
    clock = a_clock(datetime(2026, 11, 30, 23, 59, 58, tzinfo=UTC))
    till = Till(tmp_path, clock)

    def over_midnight(_: float) -> ModelAnswer:
        clock.advance(seconds=5)
        return till.provider(1)

    till.purse().buy(till.order(call=over_midnight))

    ledger = till.adapters.ledger()
    assert ledger.spending(datetime(2026, 11, 30, tzinfo=UTC).date()).month_usd == PAGE_USD
    assert ledger.spending(datetime(2026, 12, 1, tzinfo=UTC).date()).month_usd == 0


def test_f76_one_bad_document_cannot_spend_more_than_its_limit(tmp_path: Path) -> None:
    till = Till(tmp_path, invoice_limit_usd="0.0050")
    for number in range(3):
        till.purse().buy(till.order(f"words-{number}"))

    for _ in range(20):
        with pytest.raises(BudgetExhaustedError, match="invoice_budget"):
            till.purse().buy(till.order("words-3"))

    assert till.provider.billed == 3


def test_f77_what_has_no_price_is_never_asked(till: Till) -> None:
    unknown = Usage.of("bedrock", "some.new-model-v9:0", input_tokens=5)
    order = Order("bedrock", "model", "model-1", unknown, till.provider, ModelAnswer, 30)

    with pytest.raises(ConfigurationError, match="unpriced"):
        till.purse().buy(order)

    assert till.provider.asked == 0


class SulkingLedger(SqliteLedger):
    """A ledger that cannot be reached when something is to be settled, until it is told to."""

    is_sulking = True

    def settle(self, charge: Charge) -> None:
        """Settle, or not."""
        if SulkingLedger.is_sulking:
            raise UnavailableError("dynamodb_unavailable", "not now")
        super().settle(charge)


def test_f78_a_result_is_kept_although_the_ledger_does_not_answer(till: Till) -> None:
    SulkingLedger.is_sulking = True
    purse = till.purse()
    ledger = SulkingLedger(till.adapters._database())
    sulking = Purse(purse._job, ledger, till.adapters.checkpoints(), till.services.switches, till.clock, till.settings)

    sulking.buy(till.order(call=lambda _: ModelAnswer({}, Usage.of("textract", "DetectDocumentText", pages=2))))
    in_the_row = sulking.all_charges()
    record = a_completed_record(invoice_id=till.invoice_id, outcome=an_outcome(charges=in_the_row))
    till.adapters.invoices().register(record)
    till.clock.advance(hours=2)
    settled = till.services.settle_forgotten()

    assert settled == 1
    assert till.spent() == 2 * PAGE_USD
    assert states(till) == [ChargeState.SETTLED]


def test_f78_a_charge_that_cannot_be_settled_now_does_not_stop_the_sweep(till: Till) -> None:
    SulkingLedger.is_sulking = True
    purse = till.purse()
    ledger = SulkingLedger(till.adapters._database())
    sulking = Purse(purse._job, ledger, till.adapters.checkpoints(), till.services.switches, till.clock, till.settings)
    sulking.buy(till.order())
    till.clock.advance(hours=2)

    assert SettleForgotten(ledger, till.adapters.invoices(), till.clock)() == 0
    assert states(till) == [ChargeState.RESERVED]
    assert till.services.settle_forgotten() == 1


def test_f78_a_kept_answer_settles_what_a_crash_left_open(till: Till) -> None:
    SulkingLedger.is_sulking = True
    purse = till.purse()
    ledger = SulkingLedger(till.adapters._database())
    Purse(purse._job, ledger, till.adapters.checkpoints(), till.services.switches, till.clock, till.settings).buy(
        till.order()
    )

    till.purse().buy(till.order())

    assert till.provider.billed == 1
    assert states(till) == [ChargeState.SETTLED]


def test_f79_without_money_nothing_is_asked(tmp_path: Path) -> None:
    till = Till(tmp_path, day_limit_usd="0.0020")
    till.purse().buy(till.order("words-1"))

    with pytest.raises(BudgetExhaustedError, match="day_budget"):
        till.purse(an_id()).buy(till.order("words-2"))
    till.clock.advance(days=1)
    till.purse(an_id()).buy(till.order("words-2"))

    assert till.provider.billed == 2


def test_a_provider_that_keeps_failing_is_left_alone_and_nothing_is_reserved(till: Till) -> None:
    for _ in range(till.settings.breaker_failures):
        till.provider.then(UnavailableError("textract_unavailable", "busy"))
        with pytest.raises(UnavailableError, match="textract_unavailable"):
            till.purse(an_id()).buy(till.order())

    with pytest.raises(UnavailableError, match="breaker_open"):
        till.purse().buy(till.order())

    assert till.provider.asked == till.settings.breaker_failures
    assert till.charges() == ()


def test_a_refused_right_opens_the_breaker_at_once(till: Till) -> None:
    till.provider.then(ConfigurationError("textract_refused", "no right"))
    with pytest.raises(ConfigurationError):
        till.purse().buy(till.order())

    with pytest.raises(UnavailableError, match="breaker_open"):
        till.purse().buy(till.order())

    assert till.provider.asked == 1


def test_who_has_no_time_left_does_not_take_the_turn_of_who_tries(till: Till) -> None:
    till.provider.then(ConfigurationError("textract_refused", "no right"))
    with pytest.raises(ConfigurationError):
        till.purse().buy(till.order())
    till.clock.advance(minutes=20)

    with pytest.raises(UnavailableError, match="no_time_left"):
        till.purse(seconds=5).buy(till.order())

    assert till.purse().buy(till.order()).content == {"asked": 2}


def test_a_call_gets_what_is_left_of_the_invocation(till: Till) -> None:
    till.purse(seconds=25).buy(till.order())

    assert till.provider.seconds == [pytest.approx(25 - till.settings.reserve_seconds)]


def test_without_time_left_nothing_is_reserved(till: Till) -> None:
    with pytest.raises(UnavailableError, match="no_time_left"):
        till.purse(seconds=5).buy(till.order())

    assert till.provider.asked == 0
    assert till.charges() == ()


def test_a_share_is_no_matter_of_budget(tmp_path: Path) -> None:
    till = Till(tmp_path, day_limit_usd="0")

    till.purse().share("infrastructure", Usage.of("lambda", "x86_64", gb_seconds=3, requests=1))

    (charge,) = till.charges()
    assert charge.state is ChargeState.SHARED
    assert charge.usd > 0


def test_all_charges_of_an_invoice_are_those_of_all_its_runs(till: Till) -> None:
    till.provider.then(UncertainError("textract_uncertain", "silence"), is_billed=True)
    with pytest.raises(UncertainError):
        till.purse().buy(till.order())
    purse = till.purse()

    purse.buy(till.order())

    assert sum(charge.usd for charge in purse.all_charges()) == 2 * PAGE_USD


def test_the_provider_of_these_tests_bills_what_it_says() -> None:
    provider = Provider().then(ValueError(), is_billed=True).then(ValueError())

    for _ in range(2):
        with pytest.raises(ValueError):  # noqa: PT011 - the one it was given
            provider(1)
    provider(1)

    assert (provider.asked, provider.billed) == (3, 2)
