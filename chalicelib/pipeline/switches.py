"""What may be done now: the mode, the level of the budget, and the circuit breakers, as all processes share them.

Each is read at most once in a few seconds (`switch_seconds`), so that a change is in force everywhere within ten, and
written only when it moves, under the condition that nobody else moved it meanwhile.
"""

import logging
import math
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Generic, NamedTuple, TypeVar

from pydantic import ValidationError

from chalicelib.costs.breaker import (
    CLOSED,
    Breaker,
    Policy,
    after_failure,
    after_success,
    kind_of,
    probing,
)
from chalicelib.costs.forecast import first_day_needed, forecast
from chalicelib.costs.ladder import (
    LatchedLevel,
    Level,
    Levels,
    Permissions,
    latched,
    level_of,
    permissions,
    seconds_until_next_window,
)
from chalicelib.costs.mode import AUTO, Mode, ModeName
from chalicelib.domain.charge import Limits
from chalicelib.domain.shared_state import SharedFact
from chalicelib.errors import (
    BudgetExhaustedError,
    ConflictError,
    RejectedError,
    SmartInvoiceError,
    UnavailableError,
)
from chalicelib.ports import Clock, Ledger, SharedState
from chalicelib.settings import Settings

log = logging.getLogger("smart-invoice.switches")

MODE, LEVEL, BREAKER = "mode", "level", "breaker#"

_TRIES = 5  # at a fact that others change at the same moment
_FORECAST_SECONDS = 600.0  # a month's end does not change within minutes, and costs a query

Thing = TypeVar("Thing")


class Standing(NamedTuple):
    """The mode and the level that are in force."""

    mode: Mode
    level: LatchedLevel


class Switches:
    """One for each process: it remembers what it read for a few seconds.

    `backlog` counts the documents that wait to be read; it is asked only when the money is gone.
    """

    def __init__(
        self, shared: SharedState, ledger: Ledger, clock: Clock, settings: Settings, backlog: Callable[[], int]
    ) -> None:
        self._shared = shared
        self._ledger = ledger
        self._clock = clock
        self._settings = settings
        self._backlog = backlog
        self._lock = threading.RLock()
        seconds = settings.switch_seconds
        self._mode = _Remembered[Mode](seconds)
        self._level = _Remembered[LatchedLevel](seconds)
        self._evaluated = _Remembered[LatchedLevel](seconds)
        self._forecast = _Remembered[Decimal | None](_FORECAST_SECONDS)
        self._breakers: dict[str, _Remembered[Breaker]] = {}

    def permissions(self) -> Permissions:
        """What may be paid for now. Spending is looked at, and the level moves up if that asks for it."""
        standing = self.standing()
        return permissions(standing.level.level, standing.mode.name)

    def standing(self) -> Standing:
        """The mode and the level, after a look at what was spent."""
        now = self._clock.now()
        with self._lock:
            mode = self._mode.at(now, self._load_mode).at(now)
            return Standing(mode, self._evaluated.at(now, self._evaluate).at(now.date()))

    def check_uploads(self) -> None:
        """Return if new documents are taken; else `BudgetExhaustedError("uploads_paused", …)` with when to try again.

        Reads two facts and no sums: those who read documents move the level.
        """
        now = self._clock.now()
        with self._lock:
            mode = self._mode.at(now, self._load_mode).at(now)
            level = self._level.at(now, self._load_level).at(now.date())
        if mode.name is ModeName.REJECT and mode.until is not None:
            seconds = max(1, math.ceil((mode.until - now).total_seconds()))
            raise BudgetExhaustedError("uploads_paused", f"Uploads were paused by hand until {mode.until}.", seconds)
        if level.level is Level.REJECT:
            raise BudgetExhaustedError(
                "uploads_paused",
                f"The {level.window} has no money left, and as many documents wait as may.",
                seconds_until_next_window(now, level.window),
            )

    def allow(self, provider: str) -> None:
        """Return if the provider may be called; else `UnavailableError("breaker_open", …)`.

        When an open breaker is due, exactly one caller gets through, in whatever process.
        """
        now = self._clock.now()
        breaker = self._breaker(provider, now)
        if breaker.is_closed or (breaker.is_due(now) and self._may_probe(provider, now)):
            return
        raise UnavailableError(
            "breaker_open", f"{provider} is left alone until {breaker.until} because of {breaker.reason}."
        )

    def succeeded(self, provider: str) -> None:
        """The provider answered. What cannot be written down is logged: the answer is worth more."""
        breaker = self._breakers.get(provider)
        seen = breaker.value if breaker else None
        if seen is None or seen != CLOSED:
            self._note(provider, after_success)

    def failed(self, provider: str, error: Exception) -> None:
        """The provider did not answer, or refused. An error that says nothing of it changes nothing."""
        kind, now = kind_of(error), self._clock.now()
        if kind is None:
            return
        code, policy = getattr(error, "code", type(error).__name__), self._policy
        self._note(provider, lambda breaker: after_failure(breaker, kind, code, now, policy))

    def set_mode(self, name: ModeName, reason: str = "", who: str = "", until: datetime | None = None) -> Mode:
        """Set the mode for all processes; in force within `switch_seconds`.

        Any but `auto` needs a reason, who sets it, and a moment in the future until when: `RejectedError("bad_mode",
        …)` otherwise.
        """
        now = self._clock.now()
        mode = _mode(name, reason, who, now, until)
        before, _ = self._change(MODE, lambda _: mode.model_dump_json())
        log.warning("Mode changed", extra={"before": _mode_in(before).at(now).name, **_facts_of(mode)})
        with self._lock:
            self._mode.put(mode, now)
        return mode

    def lower_level(self, who: str) -> LatchedLevel:
        """Forget what was reached before. The level that spending asks for now stands, with the limits as they are."""
        log.warning("Level lowered by hand", extra={"who": who})
        now = self._clock.now()
        with self._lock:
            level = self._move(now, LatchedLevel(day=now.date()))
            self._evaluated.put(level, now)
            return level

    @property
    def limits(self) -> Limits:
        """The limits, from the settings."""
        return Limits(
            day_usd=self._settings.day_limit_usd,
            month_usd=self._settings.month_limit_usd,
            invoice_usd=self._settings.invoice_limit_usd,
        )

    @property
    def _policy(self) -> Policy:
        return Policy(failures=self._settings.breaker_failures, seconds=self._settings.breaker_seconds)

    def _evaluate(self, now: datetime) -> LatchedLevel:
        return self._move(now)

    def _move(self, now: datetime, base: LatchedLevel | None = None) -> LatchedLevel:
        """The level as it is after a look at what was spent: latched on what is stored, or on `base`."""
        reached = self._reached(now)

        def moved(text: str) -> str:
            before = _level_in(text)
            after = latched(base or before, now.date(), reached)
            return text if after.level == before.level == Level.NORMAL else after.model_dump_json()

        before, after = self._change(LEVEL, moved)
        if _level_in(before).level != _level_in(after).level:
            log.warning("Budget level changed", extra=_move_facts(_level_in(before), _level_in(after), reached))
        level = _level_in(after)
        self._level.put(level, now)
        return level

    def _reached(self, now: datetime) -> Levels:
        spending, limits = self._ledger.spending(now.date()), self.limits
        expected = self._forecast.at(now, self._expected)
        if spending.day_usd < limits.day_usd and spending.month_usd < limits.month_usd:
            return level_of(spending, limits, expected)
        is_full = self._backlog() >= self._settings.max_backlog
        return level_of(spending, limits, expected, backlog_is_full=is_full)

    def _expected(self, now: datetime) -> Decimal | None:
        """The likely end of the month; `None` while there are too few days to say."""
        today = now.date()
        predicted = forecast(self._ledger.daily(first_day_needed(today), today), today)
        return None if predicted.is_simple else predicted.p50

    def _load_mode(self, _: datetime) -> Mode:
        return _mode_in(self._load(MODE).value)

    def _load_level(self, _: datetime) -> LatchedLevel:
        return _level_in(self._load(LEVEL).value)

    def _breaker(self, provider: str, now: datetime) -> Breaker:
        with self._lock:
            remembered = self._breakers.setdefault(provider, _Remembered(self._settings.switch_seconds))
            return remembered.at(now, lambda _: _breaker_in(self._load(f"{BREAKER}{provider}").value))

    def _may_probe(self, provider: str, now: datetime) -> bool:
        """Whether this caller is the one that tries, or the breaker is closed by now."""

        def taken(breaker: Breaker) -> Breaker:
            return probing(breaker, now, self._policy) if breaker.is_due(now) else breaker

        before, after = self._change_breaker(provider, taken)
        return after.is_closed or before != after

    def _note(self, provider: str, change: Callable[[Breaker], Breaker]) -> None:
        try:
            self._change_breaker(provider, change)
        except SmartInvoiceError as error:
            log.warning("Could not move a breaker", extra={"provider": provider, "code": error.code})

    def _change_breaker(self, provider: str, change: Callable[[Breaker], Breaker]) -> tuple[Breaker, Breaker]:
        """Change what is stored of a breaker, and return it as it was before and is after."""

        def changed(text: str) -> str:
            before = _breaker_in(text)
            after = change(before)
            return text if after == before else after.model_dump_json()

        before, after = map(_breaker_in, self._change(f"{BREAKER}{provider}", changed))
        if before.state is not after.state:
            log.warning("Breaker moved", extra=_breaker_facts(provider, before, after))
        with self._lock:
            remembered = self._breakers.setdefault(provider, _Remembered(self._settings.switch_seconds))
            remembered.put(after, self._clock.now())
        return before, after

    def _change(self, name: str, change: Callable[[str], str]) -> tuple[str, str]:
        """Change the value of a fact, whoever else does at the same time; its value before and after."""
        for _ in range(_TRIES):
            fact = self._load(name)
            value = change(fact.value)
            if value == fact.value:
                return value, value
            try:
                self._shared.save(fact.model_copy(update={"value": value}))
            except ConflictError:
                continue
            return fact.value, value
        raise UnavailableError("shared_state_busy", f"Others changed {name!r} at every try.")

    def _load(self, name: str) -> SharedFact:
        return self._shared.load(name) or SharedFact(name=name, value="")


class _Remembered(Generic[Thing]):
    """A value that is made anew when it is older than so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._age = timedelta(seconds=seconds)
        self._made: datetime | None = None
        self.value: Thing | None = None

    def at(self, now: datetime, make: Callable[[datetime], Thing]) -> Thing:
        """The value, made anew if need be."""
        if self._made is None or not self._made <= now < self._made + self._age:
            value = make(now)
            self.put(value, now)
            return value
        return self.value  # type: ignore[return-value]  # put() has set it, and `None` may be a value

    def put(self, value: Thing, now: datetime) -> None:
        """Take a value that is known to be new."""
        self.value, self._made = value, now


def _mode(name: ModeName, reason: str, who: str, now: datetime, until: datetime | None) -> Mode:
    if until is not None and until <= now:
        raise RejectedError("bad_mode", "Please give a time in the future, until when the mode is to last.")
    try:
        return Mode(name=name, reason=reason, who=who, since=now, until=until)
    except ValidationError:
        raise RejectedError(
            "bad_mode", "Please say why (up to 300 characters), who you are, and until when: any mode but auto ends."
        ) from None


def _mode_in(text: str) -> Mode:
    return Mode.from_json(text) if text else AUTO


def _level_in(text: str) -> LatchedLevel:
    return LatchedLevel.from_json(text) if text else LatchedLevel()


def _breaker_in(text: str) -> Breaker:
    return Breaker.from_json(text) if text else CLOSED


def _facts_of(mode: Mode) -> dict[str, str]:
    return {"after": mode.name, "reason": mode.reason, "who": mode.who, "until": str(mode.until or "")}


def _move_facts(before: LatchedLevel, after: LatchedLevel, reached: Levels) -> dict[str, str]:
    return {
        "before": before.level.code,
        "after": after.level.code,
        "window": after.window,
        "by_day": reached.by_day.code,
        "by_month": reached.by_month.code,
    }


def _breaker_facts(provider: str, before: Breaker, after: Breaker) -> dict[str, str]:
    return {
        "provider": provider,
        "before": before.state,
        "after": after.state,
        "code": after.reason,
        "until": str(after.until or ""),
    }
