"""A circuit breaker: who does not answer again and again is left alone for a while, then asked once.

```
closed ──failures──▶ open ──time──▶ half open ──answer──▶ closed
                      ▲                  └──failure──▶ open
```
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from chalicelib.errors import ConfigurationError, DefectError, UnavailableError


class BreakerState(StrEnum):
    """`closed`: calls go through. `open`: none does. `half_open`: one does, to see."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class FailureKind(StrEnum):
    """`transient`: may pass by itself. `configuration`: will not. `quota`: passes with the UTC day."""

    TRANSIENT = "transient"
    CONFIGURATION = "configuration"
    QUOTA = "quota"


class Policy(NamedTuple):
    """After how many transient failures in a row it opens, and for how long, in seconds.

    After an error of configuration it stays open longer: nothing but an operator will help. `probe_seconds` is how
    long the one who asks for all may take, before another one does.
    """

    failures: int = 5
    seconds: float = 60
    configuration_seconds: float = 600
    probe_seconds: float = 120


class Breaker(BaseModel):
    """The breaker of one provider.

    `failures` counts those in a row. `until`: when an open one may be tried, or the one who tries is given up.
    """

    model_config = ConfigDict(frozen=True)

    state: BreakerState = BreakerState.CLOSED
    failures: int = Field(default=0, ge=0)
    until: AwareDatetime | None = None
    reason: str = ""

    @property
    def is_closed(self) -> bool:
        """Whether every call goes through."""
        return self.state is BreakerState.CLOSED

    def is_due(self, now: datetime) -> bool:
        """Whether somebody may try now."""
        return not self.is_closed and (self.until is None or self.until <= now)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What `model_dump_json` wrote; `ConfigurationError` for anything else."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise ConfigurationError("bad_shared_state", "A breaker in the table cannot be read.") from error


CLOSED = Breaker()

_NOT_ABOUT_THE_PROVIDER = {"breaker_open", "no_time_left", "bedrock_no_time", "unpriced"}


def probing(breaker: Breaker, now: datetime, policy: Policy) -> Breaker:
    """Half open: one call goes through. To be saved before it is made, so that only one does."""
    until = now + timedelta(seconds=policy.probe_seconds)
    return breaker.model_copy(update={"state": BreakerState.HALF_OPEN, "until": until})


def after_success(breaker: Breaker) -> Breaker:
    """An answer came. A call that began before the breaker opened proves nothing: an open one stays open."""
    return breaker if breaker.state is BreakerState.OPEN else CLOSED


def after_failure(breaker: Breaker, kind: FailureKind, code: str, now: datetime, policy: Policy) -> Breaker:
    """No answer came. An open breaker never closes sooner for it."""
    until = _open_until(kind, now, policy)
    if breaker.state is BreakerState.OPEN and breaker.until is not None:
        is_straggler = kind is FailureKind.TRANSIENT or breaker.until >= until
        return breaker if is_straggler else breaker.model_copy(update={"until": until, "reason": code})
    failures = breaker.failures + 1
    if breaker.is_closed and kind is FailureKind.TRANSIENT and failures < policy.failures:
        return breaker.model_copy(update={"failures": failures})
    return Breaker(state=BreakerState.OPEN, failures=failures, until=until, reason=code)


def kind_of(error: Exception) -> FailureKind | None:
    """What an error says of the provider; `None` when it did answer, was never asked, or could not understand us.

    >>> kind_of(UnavailableError("bedrock_unavailable", "")), kind_of(ValueError())
    (<FailureKind.TRANSIENT: 'transient'>, None)
    """
    if isinstance(error, DefectError) or getattr(error, "code", "") in _NOT_ABOUT_THE_PROVIDER:
        return None
    if isinstance(error, UnavailableError | ConfigurationError) and "quota" in error.code:
        return FailureKind.QUOTA
    if isinstance(error, ConfigurationError):
        return FailureKind.CONFIGURATION
    return FailureKind.TRANSIENT if isinstance(error, UnavailableError) else None


def _open_until(kind: FailureKind, now: datetime, policy: Policy) -> datetime:
    if kind is FailureKind.QUOTA:
        return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return now + timedelta(seconds=policy.seconds if kind is FailureKind.TRANSIENT else policy.configuration_seconds)
