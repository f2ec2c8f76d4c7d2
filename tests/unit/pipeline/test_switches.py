"""Mode, level and breakers, as all processes share them."""

import logging
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from chalicelib.costs.ladder import Level
from chalicelib.costs.mode import ModeName
from chalicelib.domain.charge import ChargeState
from chalicelib.domain.shared_state import SharedFact
from chalicelib.errors import (
    BudgetExhaustedError,
    ConfigurationError,
    RejectedError,
    UnavailableError,
)
from chalicelib.pipeline.breakers import BREAKER
from chalicelib.pipeline.switches import LEVEL, MODE, Switches
from chalicelib.settings import Settings
from tests.at_once import at_once
from tests.builders import A_MOMENT, SetClock, a_charge, a_clock, an_id, some_settings
from tests.embedded_ledger import DictLedger, DictSharedState

LOGGER = "smart-invoice.switches"
BUSY = UnavailableError("textract_unavailable", "")
AN_HOUR_LATER = A_MOMENT + timedelta(hours=1)


class World:
    """What all processes share, and the processes."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.shared, self.ledger, self.clock = DictSharedState(), DictLedger(), a_clock()
        self.waiting = 0

    def a_process(self) -> Switches:
        """The switches of one more process."""
        return Switches(self.shared, self.ledger, self.clock, self.settings, lambda: self.waiting)

    def spend(self, usd: str, day: date | None = None) -> None:
        """Spend so many US dollars on a day, by default today."""
        day = day or self.clock.now().date()
        self.ledger.spend(a_charge(invoice_id=an_id(), usd=Decimal(usd), day=day))

    def facts(self) -> set[str]:
        """The names of what is stored."""
        return {name for name in (MODE, LEVEL, f"{BREAKER}textract") if self.shared.load(name)}


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Limits of 10 a day and 100 a month; three failures open a breaker for a minute; ten documents may wait."""
    settings = some_settings(
        tmp_path, day_limit_usd=10, month_limit_usd=100, breaker_failures=3, breaker_seconds=60, max_backlog=10
    )
    return World(settings)


def test_while_little_is_spent_everything_is_allowed_and_nothing_written(world: World) -> None:
    allowed = world.a_process().permissions()

    assert (allowed.model, allowed.deep_ocr, allowed.uploads) == ("primary", True, True)
    assert world.shared.saves == 0


def test_a_level_goes_up_for_all_within_seconds(world: World) -> None:
    one, other = world.a_process(), world.a_process()
    assert (one.permissions().model, other.permissions().model) == ("primary", "primary")

    world.spend("9.6")
    world.clock.advance(seconds=5)

    assert (one.permissions().model, other.permissions().model) == (None, None)
    assert world.shared.saves == 1


def test_within_seconds_nothing_is_read_again(world: World) -> None:
    process = world.a_process()
    process.permissions()
    before = world.shared.loads, world.ledger.questions
    world.clock.advance(seconds=4.9)

    process.permissions()

    assert (world.shared.loads, world.ledger.questions) == before


def test_a_level_stays_up_when_a_reservation_is_released(world: World) -> None:
    process = world.a_process()
    charge = a_charge(usd=Decimal(10), state=ChargeState.RESERVED)
    world.ledger.reserve(charge)
    assert process.standing().level.level is Level.NO_PAID_CALLS

    world.ledger.settle(charge.model_copy(update={"usd": Decimal(0), "state": ChargeState.RELEASED}))
    world.clock.advance(minutes=10)

    assert process.standing().level.level is Level.NO_PAID_CALLS


def test_the_next_day_begins_without_the_level_of_the_day_before(world: World) -> None:
    process = world.a_process()
    world.spend("10")
    assert not process.permissions().ocr

    world.clock.advance(hours=15)

    assert process.permissions().model == "primary"


def test_at_midnight_nobody_waits_for_what_was_remembered(world: World) -> None:
    world.clock = a_clock(datetime(2026, 11, 23, 23, 59, 59, tzinfo=UTC))
    process = world.a_process()
    world.spend("10")
    assert not process.permissions().ocr

    world.clock.advance(seconds=1)

    assert process.permissions().ocr


def test_a_level_of_the_month_stays_until_the_next_month(world: World) -> None:
    process = world.a_process()
    world.spend("96", day=date(2026, 11, 2))
    world.clock.advance(days=7)
    assert process.standing().level.level is Level.RULES_ONLY

    world.clock.advance(days=1)

    assert world.clock.now().month == 12
    assert process.standing().level.level is Level.NORMAL


def test_each_move_of_the_level_is_logged_once_by_the_one_who_moved_it(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, LOGGER)
    world.spend("10")

    for process in (world.a_process(), world.a_process()):
        process.permissions()
    world.clock.advance(days=1)
    for process in (world.a_process(), world.a_process()):
        process.permissions()

    assert [(moved.before, moved.after) for moved in caplog.records] == [  # type: ignore[attr-defined]  # our own facts
        ("normal", "no_paid_calls"), ("no_paid_calls", "normal"),
    ]  # fmt: skip


def test_a_forecast_above_the_months_limit_makes_thrifty(world: World) -> None:
    for back in range(1, 22):
        world.spend("4", day=A_MOMENT.date() - timedelta(days=back))

    assert world.a_process().permissions().model == "thrift"


def test_a_forecast_of_few_days_makes_nobody_thrifty(world: World) -> None:
    world.spend("7")

    assert world.a_process().permissions().model == "primary"


def test_the_backlog_is_counted_only_when_the_money_is_gone(world: World) -> None:
    def asked() -> int:
        raise AssertionError

    world.spend("9.9")

    Switches(world.shared, world.ledger, world.clock, world.settings, asked).permissions()


def test_uploads_are_taken_until_the_money_is_gone_and_the_backlog_full(world: World) -> None:
    process = world.a_process()
    world.spend("10")
    world.waiting = 9
    process.permissions()
    process.check_uploads()

    world.waiting = 10
    world.clock.advance(seconds=5)
    process.permissions()

    with pytest.raises(BudgetExhaustedError, match="uploads_paused") as caught:
        process.check_uploads()
    assert caught.value.retry_seconds == 53_150  # until midnight


def test_where_little_is_left_a_refused_call_ends_paying_for_the_day(world: World) -> None:
    process = world.a_process()
    world.spend("9.9")
    assert process.permissions().ocr

    process.ran_out(BudgetExhaustedError("day_budget", ""))

    assert not process.permissions().ocr
    world.clock.advance(days=1)
    assert process.permissions().model == "primary"


def test_documents_that_wait_after_a_refused_call_fill_the_backlog(world: World) -> None:
    process = world.a_process()
    world.spend("9.9")
    process.ran_out(BudgetExhaustedError("day_budget", ""))
    world.waiting = 10
    world.clock.advance(seconds=5)

    assert not process.permissions().uploads


@pytest.mark.parametrize(("usd", "code"), [("9.4", "day_budget"), ("9.9", "month_budget"), ("9.9", "invoice_budget")])
def test_a_call_refused_for_another_reason_says_nothing_of_the_day(world: World, usd: str, code: str) -> None:
    process = world.a_process()
    world.spend(usd)

    process.ran_out(BudgetExhaustedError(code, ""))

    assert process.permissions().ocr


def test_a_refused_call_is_no_error_because_it_cannot_be_written_down(world: World) -> None:
    world.shared.is_away = True

    world.a_process().ran_out(BudgetExhaustedError("day_budget", ""))


def test_a_limit_of_zero_takes_documents_and_pays_for_none(tmp_path: Path) -> None:
    world = World(some_settings(tmp_path, day_limit_usd=0, max_backlog=10))
    world.waiting = 10
    process = world.a_process()

    assert (process.permissions().ocr, process.permissions().uploads) == (False, True)
    process.check_uploads()


def test_uploads_paused_for_the_month_say_when_the_month_ends(world: World) -> None:
    process = world.a_process()
    world.spend("100", day=date(2026, 11, 2))
    world.waiting = 10
    process.permissions()

    with pytest.raises(BudgetExhaustedError) as caught:
        process.check_uploads()

    assert caught.value.retry_seconds == 53_155 + 7 * 86_400


def test_an_upload_reads_two_facts_and_no_sums(world: World) -> None:
    process = world.a_process()

    process.check_uploads()
    process.check_uploads()

    assert (world.shared.loads, world.ledger.questions) == (2, 0)


def test_a_mode_is_in_force_in_all_processes_within_ten_seconds(world: World) -> None:
    one, other = world.a_process(), world.a_process()
    assert other.permissions().model == "primary"

    one.set_mode(ModeName.RULES_ONLY, "Bedrock is slow", "ada", AN_HOUR_LATER)
    world.clock.advance(seconds=10)

    assert (one.permissions().reason, other.permissions().reason) == ("mode_rules_only", "mode_rules_only")


def test_a_mode_ends_by_itself(world: World) -> None:
    process = world.a_process()
    process.set_mode(ModeName.REJECT, "moving house", "ada", AN_HOUR_LATER)
    with pytest.raises(BudgetExhaustedError) as caught:
        process.check_uploads()
    assert caught.value.retry_seconds == 3600

    world.clock.advance(hours=1)

    process.check_uploads()
    assert process.permissions().reason is None


def test_a_mode_can_be_ended_by_hand(world: World) -> None:
    process = world.a_process()
    process.set_mode(ModeName.REJECT, "moving house", "ada", AN_HOUR_LATER)

    process.set_mode(ModeName.AUTO, who="ada")

    process.check_uploads()


@pytest.mark.parametrize(
    ("reason", "who", "until"),
    [("", "ada", AN_HOUR_LATER), ("slow", "", AN_HOUR_LATER), ("slow", "ada", None), ("slow", "ada", A_MOMENT)],
)
def test_a_mode_needs_a_reason_a_name_and_an_end(world: World, reason: str, who: str, until: datetime | None) -> None:
    with pytest.raises(RejectedError, match="bad_mode"):
        world.a_process().set_mode(ModeName.REJECT, reason, who, until)


def test_lowering_the_level_by_hand_forgets_what_was_and_counts_what_is(world: World) -> None:
    process = world.a_process()
    charge = a_charge(usd=Decimal("9.6"), state=ChargeState.RESERVED)
    world.ledger.reserve(charge)
    process.permissions()
    world.ledger.settle(charge.model_copy(update={"usd": Decimal("8.1"), "state": ChargeState.SETTLED}))

    assert process.lower_level("ada").level is Level.THRIFT
    assert process.permissions().model == "thrift"


def test_lowering_the_level_by_hand_spends_no_money_that_is_not_there(world: World) -> None:
    process = world.a_process()
    world.spend("10")

    process.lower_level("ada")

    assert not process.permissions().ocr


def test_three_failures_in_a_row_open_the_breaker_for_all(world: World) -> None:
    for process in (world.a_process(), world.a_process(), world.a_process()):
        process.allow("textract")
        process.failed("textract", BUSY)

    with pytest.raises(UnavailableError, match="breaker_open"):
        world.a_process().allow("textract")
    world.a_process().allow("bedrock")


def test_an_error_of_configuration_opens_the_breaker_at_once(world: World) -> None:
    process = world.a_process()

    process.failed("bedrock", ConfigurationError("bedrock_refused", ""))

    with pytest.raises(UnavailableError, match="bedrock_refused"):
        process.allow("bedrock")


def test_when_a_breaker_is_due_exactly_one_caller_tries(world: World) -> None:
    opened(world)
    processes = [world.a_process() for _ in range(8)]
    world.clock.advance(seconds=60)

    assert sum(at_once([is_allowed(process) for process in processes])) == 1


def test_the_breaker_closes_for_all_when_the_one_who_tries_has_an_answer(world: World) -> None:
    one, other = opened(world), world.a_process()
    world.clock.advance(seconds=60)
    one.allow("textract")
    assert not is_allowed(other)()

    one.succeeded("textract")
    world.clock.advance(seconds=5)

    assert (is_allowed(one)(), is_allowed(other)()) == (True, True)


def test_the_breaker_opens_again_when_the_one_who_tries_has_none(world: World) -> None:
    process = opened(world)
    world.clock.advance(seconds=60)
    process.allow("textract")

    process.failed("textract", BUSY)

    assert not is_allowed(process)()
    world.clock.advance(seconds=60)
    assert is_allowed(process)()


def test_whoever_tries_and_vanishes_is_followed_by_another(world: World) -> None:
    opened(world)
    world.clock.advance(seconds=60)
    world.a_process().allow("textract")
    assert not is_allowed(world.a_process())()

    world.clock.advance(seconds=120)

    assert is_allowed(world.a_process())()


def test_each_move_of_a_breaker_is_logged_with_its_provider_and_reason(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, LOGGER)
    process = opened(world)
    world.clock.advance(seconds=60)
    process.allow("textract")
    process.succeeded("textract")

    moves = [(line.provider, line.before, line.after) for line in caplog.records]  # type: ignore[attr-defined]  # ours
    assert moves == [
        ("textract", "closed", "open"),
        ("textract", "open", "half_open"),
        ("textract", "half_open", "closed"),
    ]
    assert caplog.records[0].code == "textract_unavailable"  # type: ignore[attr-defined]  # ours


def test_answers_of_a_healthy_provider_are_not_written_down(world: World) -> None:
    process = world.a_process()

    for _ in range(5):
        process.allow("textract")
        process.succeeded("textract")

    assert world.shared.saves == 0


def test_an_answer_starts_the_count_of_failures_anew(world: World) -> None:
    process = world.a_process()

    for _ in range(4):
        process.failed("textract", BUSY)
        process.failed("textract", BUSY)
        process.succeeded("textract")

    process.allow("textract")


def test_what_says_nothing_of_the_provider_moves_no_breaker(world: World) -> None:
    process = world.a_process()

    for _ in range(5):
        process.failed("textract", UnavailableError("no_time_left", ""))

    assert world.facts() == set()


def test_an_answer_is_not_lost_because_its_success_cannot_be_noted(world: World) -> None:
    process = world.a_process()
    process.failed("textract", BUSY)
    world.shared.is_away = True

    process.succeeded("textract")
    process.failed("textract", BUSY)


def test_without_the_shared_state_nothing_is_paid(world: World) -> None:
    world.shared.is_away = True

    with pytest.raises(UnavailableError):
        world.a_process().permissions()
    with pytest.raises(UnavailableError):
        world.a_process().allow("textract")


def test_fifty_failures_at_once_are_all_counted_or_open_the_breaker(world: World) -> None:
    at_once([failing(world.a_process()) for _ in range(50)])

    assert not is_allowed(world.a_process())()


def test_a_fact_that_others_change_at_every_try_is_given_up(world: World, tmp_path: Path) -> None:
    class Contested(DictSharedState):
        """Somebody else always is faster."""

        def save(self, fact: SharedFact) -> SharedFact:
            super().save(fact.model_copy(update={"value": ""}))
            return super().save(fact)

    switches = Switches(Contested(), world.ledger, SetClock(), world.settings, lambda: 0)

    with pytest.raises(UnavailableError, match="shared_state_busy"):
        switches.set_mode(ModeName.AUTO)


def opened(world: World) -> Switches:
    """A process that has just opened the breaker of Textract."""
    process = world.a_process()
    for _ in range(3):
        process.failed("textract", BUSY)
    return process


def failing(process: Switches) -> Callable[[], None]:
    """A call that notes a failure."""
    return lambda: process.failed("textract", BUSY)


def is_allowed(process: Switches) -> Callable[[], bool]:
    """A call that says whether Textract may be asked."""

    def asking() -> bool:
        try:
            process.allow("textract")
        except UnavailableError:
            return False
        return True

    return asking
