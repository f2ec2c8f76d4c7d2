"""The ladder of the budget: how much is spent decides what may still be paid for.

| level | when, of the limit of the day or the month | what |
|---|---|---|
| `normal` | below 80 % | everything |
| `thrift` | from 80 %, or the month is forecast to end above its limit | cheaper models; words instead of fields |
| `rules_only` | from 95 % | no model; OCR only where there is no text |
| `no_paid_calls` | what is left buys nothing more | nothing that costs money; what needs it waits |
| `reject` | the same, and as many wait as may | no new documents either |

The ledger lets nothing pass a limit, so that 100 % is seldom seen. The money is gone when what is left buys no
page, or when the ledger refused a call from 95 % on.

Up at once; down only with the next day or month, or by hand. So nothing flaps, and no single release of a reservation
opens the tap again.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from chalicelib.costs.mode import ModeName
from chalicelib.domain.charge import Limits, Spending
from chalicelib.errors import ConfigurationError

_THRIFT = Decimal("0.80")
_RULES_ONLY = Decimal("0.95")


class Level(IntEnum):
    """The steps of the ladder; a higher one allows less."""

    NORMAL = 0
    THRIFT = 1
    RULES_ONLY = 2
    NO_PAID_CALLS = 3
    REJECT = 4

    @property
    def code(self) -> str:
        """Its name for programs: `normal`, `thrift`, …"""
        return self.name.lower()


class Window(StrEnum):
    """What a limit is for: a day or a month, in UTC."""

    DAY = "day"
    MONTH = "month"


class Levels(NamedTuple):
    """The level that the limit of the day asks for, and that of the month."""

    by_day: Level
    by_month: Level


class LatchedLevel(BaseModel):
    """The highest levels so far in the day `day` and in its month; what was latched before them is over."""

    model_config = ConfigDict(frozen=True)

    day: date = date.min
    by_day: Level = Level.NORMAL
    by_month: Level = Level.NORMAL

    def at(self, day: date) -> "LatchedLevel":
        """What of it is still in force on a day."""
        return LatchedLevel(
            day=day,
            by_day=self.by_day if self.day == day else Level.NORMAL,
            by_month=self.by_month if _month(self.day) == _month(day) else Level.NORMAL,
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What `model_dump_json` wrote; `ConfigurationError` for anything else."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise ConfigurationError("bad_shared_state", "The level in the table cannot be read.") from error

    @property
    def level(self) -> Level:
        """The stricter of the two."""
        return max(self.by_day, self.by_month)

    @property
    def window(self) -> Window:
        """Whose end brings the level down: the month, if it asks for no less than the day."""
        return Window.MONTH if self.by_month >= self.by_day and self.by_month else Window.DAY


class Permissions(BaseModel):
    """What may be done now. OCR and models are those that cost money; what is free is always allowed.

    `ocr`: pages without text may be read; `ocr_beside_text`: those too that have some. `deep_ocr`: for fields, not
    only for words. `model`: which list of models may be asked. `reason` says why something is not allowed.
    """

    model_config = ConfigDict(frozen=True)

    ocr: bool
    ocr_beside_text: bool
    deep_ocr: bool
    model: Literal["primary", "thrift"] | None
    uploads: bool
    reason: str | None = None


NOTHING = Permissions(
    ocr=False, ocr_beside_text=False, deep_ocr=False, model=None, uploads=True, reason="no_paid_calls"
)


def level_of(
    spending: Spending, limits: Limits, forecast_usd: Decimal | None = None, least: Decimal = Decimal(0)
) -> Levels:
    """The levels that spending asks for now, up to `no_paid_calls`.

    `forecast_usd` is what the month is expected to end with. It counts for the day: tomorrow's forecast may be better,
    and must not be held up by today's. `least` is what the cheapest call costs. A limit of 0 forbids all paid calls.
    """
    by_day = _reached(spending.day_usd, limits.day_usd, least)
    by_month = _reached(spending.month_usd, limits.month_usd, least)
    if forecast_usd is not None and forecast_usd > limits.month_usd:
        by_day = max(by_day, Level.THRIFT)
    return Levels(by_day, by_month)


def without_money(reached: Levels, window: Window) -> Levels:
    """The levels after the ledger refused a call for the budget of `window`.

    Below `rules_only` that call was just a large one, and says nothing of the others.
    """
    by_day, by_month = reached
    if window is Window.DAY and by_day >= Level.RULES_ONLY:
        by_day = Level.NO_PAID_CALLS
    if window is Window.MONTH and by_month >= Level.RULES_ONLY:
        by_month = Level.NO_PAID_CALLS
    return Levels(by_day, by_month)


def refusing(level: LatchedLevel, limits: Limits) -> LatchedLevel:
    """The level when as many documents wait as may: where the money is gone, new ones are refused.

    Not for a limit of 0: no next day would bring money for those that wait.
    """
    is_gone = level.by_day is Level.NO_PAID_CALLS, level.by_month is Level.NO_PAID_CALLS
    return level.model_copy(
        update={
            "by_day": Level.REJECT if is_gone[0] and limits.day_usd else level.by_day,
            "by_month": Level.REJECT if is_gone[1] and limits.month_usd else level.by_month,
        }
    )


def latched(before: LatchedLevel, today: date, reached: Levels) -> LatchedLevel:
    """The level in force: the higher of what was reached before in this day or month, and now."""
    now = before.at(today)
    return now.model_copy(
        update={"by_day": max(now.by_day, reached.by_day), "by_month": max(now.by_month, reached.by_month)}
    )


def permissions(level: Level, mode: ModeName = ModeName.AUTO) -> Permissions:
    """What a level allows, and a mode on top of it. Neither gives what the other takes.

    The mode `reject` refuses new documents only: those that were accepted are read as the level allows.
    """
    allowed = _BY_LEVEL[level]
    if mode is ModeName.RULES_ONLY and level < Level.RULES_ONLY:
        return _BY_LEVEL[Level.RULES_ONLY].model_copy(update={"reason": "mode_rules_only"})
    if mode is ModeName.REJECT:
        return allowed.model_copy(update={"uploads": False, "reason": allowed.reason or "mode_reject"})
    return allowed


def seconds_until_next_window(now: datetime, window: Window) -> int:
    """Whole seconds until the next UTC day or month begins, at least 1.

    >>> from datetime import UTC
    >>> seconds_until_next_window(datetime(2026, 12, 31, 23, 59, 0, tzinfo=UTC), Window.MONTH)
    60
    """
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    begin = midnight + timedelta(days=1)
    if window is Window.MONTH:
        begin = (midnight.replace(day=28) + timedelta(days=4)).replace(day=1)
    return max(1, -((now - begin) // timedelta(seconds=1)))


def _reached(spent: Decimal, limit: Decimal, least: Decimal) -> Level:
    if spent >= limit or spent + least > limit:
        return Level.NO_PAID_CALLS
    if spent >= limit * _RULES_ONLY:
        return Level.RULES_ONLY
    return Level.THRIFT if spent >= limit * _THRIFT else Level.NORMAL


def _month(day: date) -> tuple[int, int]:
    return day.year, day.month


_RULES = Permissions(
    ocr=True, ocr_beside_text=False, deep_ocr=False, model=None, uploads=True, reason="budget_rules_only"
)
_BY_LEVEL = {
    Level.NORMAL: Permissions(ocr=True, ocr_beside_text=True, deep_ocr=True, model="primary", uploads=True),
    Level.THRIFT: Permissions(
        ocr=True, ocr_beside_text=True, deep_ocr=False, model="thrift", uploads=True, reason="budget_thrift"
    ),
    Level.RULES_ONLY: _RULES,
    Level.NO_PAID_CALLS: NOTHING,
    Level.REJECT: NOTHING.model_copy(update={"uploads": False}),
}
