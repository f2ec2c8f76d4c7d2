"""What a document may wait for, and until when: money, a service that is left alone for a while, or an operator."""

from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from chalicelib.domain.record import Problem
from chalicelib.errors import (
    BudgetExhaustedError,
    ConfigurationError,
    DefectError,
    UnavailableError,
    UncertainError,
)

SOON = timedelta(minutes=5)
_BREAKER_OPEN = "breaker_open"
_TOO_LITTLE_TIME = frozenset({"no_time_left", "bedrock_no_time"})  # which may be due to the document

_DISTURBED = Problem(
    code="waiting_for_service",
    message="A service that is needed to read this document is disturbed. It is kept, and read as soon as the service "
    "is back; nothing needs to be done.",
    retryable=True,
)


class Wait(NamedTuple):
    """What is waited for, as people are told it; and when to look again."""

    problem: Problem
    until: datetime


def wait_of(error: Exception, now: datetime) -> Wait | None:
    """What an error asks to wait for, without counting it as an attempt; `None` when it does not.

    An error of the configuration does: no repetition helps before an operator has acted, and he was called.

    >>> wait_of(BudgetExhaustedError("day_budget", ""), datetime(2026, 11, 30, 9, tzinfo=UTC)).until.isoformat()
    '2026-12-01T00:00:00+00:00'
    """
    if isinstance(error, BudgetExhaustedError) and not error.is_for_good:
        return Wait(
            Problem(
                code="waiting_for_budget",
                message="Reading this document costs more than may be spent at present. It is kept, and read as soon "
                "as the budget allows; nothing needs to be done.",
                retryable=True,
            ),
            _next_window(error.code, now),
        )
    is_breaker = isinstance(error, UnavailableError) and error.code == _BREAKER_OPEN
    return Wait(_DISTURBED, now + SOON) if is_breaker or _is_configuration(error) else None


def outage_of(error: Exception, now: datetime) -> Wait | None:
    """The same of whatever is no fault of the document, where no repetition is left; `None` for the rest.

    What may have been billed counts as an attempt, and so does what took too long: neither must go on for ever.
    """
    return Wait(_DISTURBED, now + SOON) if _is_down(error) or _is_configuration(error) else None


def _is_down(error: Exception) -> bool:
    if not isinstance(error, UnavailableError) or isinstance(error, UncertainError):
        return False
    return error.code not in _TOO_LITTLE_TIME


def _is_configuration(error: Exception) -> bool:
    return isinstance(error, ConfigurationError) and not isinstance(error, DefectError)


def _next_window(code: str, now: datetime) -> datetime:
    """When there may be money again: the next UTC day or month, or soon, where an operator decides."""
    midnight = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    if code == "day_budget":
        return midnight + timedelta(days=1)
    if code == "month_budget":
        return (midnight.replace(day=1) + timedelta(days=32)).replace(day=1)
    return now + SOON
