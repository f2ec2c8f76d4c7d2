"""What may be done now: the mode, the level of the budget, and the circuit breakers, as all processes share them.

Each is read at most once in a few seconds (`switch_seconds`), so that a change is in force everywhere within ten, and
written only when it moves, under the condition that nobody else moved it meanwhile.
"""

import logging
import math
import threading
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from pydantic import ValidationError

from chalicelib.costs.forecast import first_day_needed, forecast
from chalicelib.costs.ladder import (
    LatchedLevel,
    Level,
    Levels,
    Permissions,
    Window,
    latched,
    level_of,
    permissions,
    refusing,
    seconds_until_next_window,
    without_money,
)
from chalicelib.costs.mode import AUTO, Mode, ModeName
from chalicelib.costs.prices import PriceBook
from chalicelib.domain.charge import Limits
from chalicelib.domain.usage import Usage
from chalicelib.errors import BudgetExhaustedError, ConfigurationError, RejectedError, SmartInvoiceError
from chalicelib.pipeline.breakers import Breakers
from chalicelib.pipeline.remembering import Remembered, SharedFacts
from chalicelib.ports import Clock, Ledger, SharedState
from chalicelib.settings import Settings

log = logging.getLogger("smart-invoice.switches")

MODE, LEVEL = "mode", "level"  # the names of the facts

_THE_CHEAPEST_CALL = Usage.of("textract", "DetectDocumentText", pages=1)
_WINDOWS = {"day_budget": Window.DAY, "month_budget": Window.MONTH}
_FORECAST_SECONDS = 600.0  # a month's end does not change within minutes, and costs a query


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
        self._facts = SharedFacts(shared)
        self._breakers = Breakers(self._facts, clock, settings)
        self._ledger = ledger
        self._clock = clock
        self._settings = settings
        self._backlog = backlog
        self._lock = threading.RLock()
        self._mode = Remembered[Mode](settings.switch_seconds)
        self._level = Remembered[LatchedLevel](settings.switch_seconds)
        self._evaluated = Remembered[LatchedLevel](settings.switch_seconds)
        self._forecast = Remembered[Decimal | None](_FORECAST_SECONDS)

    def permissions(self) -> Permissions:
        """What may be paid for now. Spending is looked at, and the level moves up if that asks for it."""
        standing = self.standing()
        return permissions(standing.level.level, standing.mode.name)

    def standing(self) -> Standing:
        """The mode and the level, after a look at what was spent."""
        now = self._clock.now()
        with self._lock:
            mode = self._mode.at(now, self._load_mode).at(now)
            return Standing(mode, self._evaluated.at(now, self._move).at(now.date()))

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
        """Return if the provider may be called; else `UnavailableError("breaker_open", …)`."""
        self._breakers.allow(provider)

    def succeeded(self, provider: str) -> None:
        """The provider answered. Never raises for what cannot be written down."""
        self._breakers.succeeded(provider)

    def failed(self, provider: str, error: Exception) -> None:
        """The provider did not answer, or refused. Never raises for what cannot be written down."""
        self._breakers.failed(provider, error)

    def ran_out(self, error: BudgetExhaustedError) -> None:
        """The ledger refused a call: where little is left, nothing more is tried in this day or month.

        Never raises for what cannot be written down.
        """
        window, now = _WINDOWS.get(error.code), self._clock.now()
        if window is None:
            return
        try:
            with self._lock:
                self._evaluated.put(self._move(now, ran_out=window), now)
        except SmartInvoiceError as problem:
            log.warning("Could not move the level", extra={"code": problem.code})

    def set_mode(self, name: ModeName, reason: str = "", who: str = "", until: datetime | None = None) -> Mode:
        """Set the mode for all processes; in force within `switch_seconds`.

        Any but `auto` needs a reason, who sets it, and a moment in the future until when: `RejectedError("bad_mode",
        …)` otherwise.
        """
        now = self._clock.now()
        mode = _mode(name, reason, who, now, until)
        before, _ = self._facts.change(MODE, lambda _: mode.model_dump_json())
        log.warning("Mode changed", extra={"before": _mode_in(before).at(now).name, **_facts_of(mode)})
        with self._lock:
            return self._mode.put(mode, now)

    def lower_level(self, who: str) -> LatchedLevel:
        """Forget what was reached before. The level that spending asks for now stands, with the limits as they are."""
        now = self._clock.now()
        log.warning("Level lowered by hand", extra={"who": who})
        with self._lock:
            return self._evaluated.put(self._move(now, base=LatchedLevel()), now)

    @property
    def limits(self) -> Limits:
        """The limits, from the settings."""
        return Limits(
            day_usd=self._settings.day_limit_usd,
            month_usd=self._settings.month_limit_usd,
            invoice_usd=self._settings.invoice_limit_usd,
        )

    def _move(self, now: datetime, base: LatchedLevel | None = None, ran_out: Window | None = None) -> LatchedLevel:
        """The level as it is after a look at what was spent: latched on what is stored, or on `base`."""
        reached = self._reached(now) if ran_out is None else without_money(self._reached(now), ran_out)

        def moved(text: str) -> str:
            before = _level_in(text)
            after = self._with_backlog(latched(base or before, now.date(), reached))
            return text if after.level == before.level == Level.NORMAL else after.model_dump_json()

        before, after = map(_level_in, self._facts.change(LEVEL, moved))
        if before.level != after.level:
            log.warning("Budget level changed", extra=_facts_of_move(before, after, reached))
        return self._level.put(after, now)

    def _reached(self, now: datetime) -> Levels:
        expected = self._forecast.at(now, self._expected)
        return level_of(self._ledger.spending(now.date()), self.limits, expected, self._least(now))

    def _least(self, now: datetime) -> Decimal:
        """What the cheapest call costs; nothing where it has no price, and cannot be made."""
        try:
            return PriceBook.load().price_of(_THE_CHEAPEST_CALL, self._settings.price_region, now.date()).usd
        except ConfigurationError:
            return Decimal(0)

    def _with_backlog(self, level: LatchedLevel) -> LatchedLevel:
        """The level, or the one that refuses documents; they are counted only where that may be."""
        refused = refusing(level, self.limits)
        if refused == level or self._backlog() < self._settings.max_backlog:
            return level
        return refused

    def _expected(self, now: datetime) -> Decimal | None:
        """The likely end of the month; `None` while there are too few days to say."""
        today = now.date()
        predicted = forecast(self._ledger.daily(first_day_needed(today), today), today)
        return None if predicted.is_simple else predicted.p50

    def _load_mode(self, _: datetime) -> Mode:
        return _mode_in(self._facts.text(MODE))

    def _load_level(self, _: datetime) -> LatchedLevel:
        return _level_in(self._facts.text(LEVEL))


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


def _facts_of(mode: Mode) -> dict[str, str]:
    return {"after": mode.name, "reason": mode.reason, "who": mode.who, "until": str(mode.until or "")}


def _facts_of_move(before: LatchedLevel, after: LatchedLevel, reached: Levels) -> dict[str, str]:
    return {
        "before": before.level.code,
        "after": after.level.code,
        "window": after.window,
        "by_day": reached.by_day.code,
        "by_month": reached.by_month.code,
    }
