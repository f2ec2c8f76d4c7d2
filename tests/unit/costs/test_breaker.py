"""The circuit breaker."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.costs.breaker import (
    CLOSED,
    Breaker,
    BreakerState,
    FailureKind,
    Policy,
    after_failure,
    after_success,
    kind_of,
    probing,
)
from chalicelib.errors import ConfigurationError, RejectedError, UnavailableError, UncertainError
from tests.builders import A_MOMENT

POLICY = Policy(failures=3, seconds=60, configuration_seconds=600, probe_seconds=30)


def failed(breaker: Breaker, kind: FailureKind = FailureKind.TRANSIENT, now: datetime = A_MOMENT) -> Breaker:
    """The breaker after one more failure."""
    return after_failure(breaker, kind, "busy", now, POLICY)


def an_open_breaker() -> Breaker:
    """Open since `A_MOMENT`, for a minute."""
    return failed(failed(failed(CLOSED)))


def later(seconds: float) -> datetime:
    """So long after `A_MOMENT`."""
    return A_MOMENT + timedelta(seconds=seconds)


def test_it_opens_with_the_third_failure_in_a_row() -> None:
    assert failed(failed(CLOSED)).is_closed
    assert (an_open_breaker().state, an_open_breaker().until) == (BreakerState.OPEN, later(60))


def test_an_answer_between_failures_starts_the_count_anew() -> None:
    assert failed(failed(after_success(failed(failed(CLOSED))))).is_closed


def test_an_error_of_configuration_opens_it_at_once_and_longer() -> None:
    breaker = failed(CLOSED, FailureKind.CONFIGURATION)

    assert (breaker.state, breaker.until) == (BreakerState.OPEN, later(600))


def test_a_used_up_quota_opens_it_until_the_next_utc_day() -> None:
    assert failed(CLOSED, FailureKind.QUOTA).until == datetime(2026, 11, 24, tzinfo=UTC)


def test_an_open_one_is_due_when_its_time_is_over() -> None:
    breaker = an_open_breaker()

    assert (breaker.is_due(later(59)), breaker.is_due(later(60))) == (False, True)


def test_while_one_tries_no_other_is_due_until_it_is_given_up() -> None:
    breaker = probing(an_open_breaker(), later(60), POLICY)

    assert breaker.state is BreakerState.HALF_OPEN
    assert (breaker.is_due(later(89)), breaker.is_due(later(90))) == (False, True)


def test_the_one_who_tries_closes_it_with_an_answer() -> None:
    assert after_success(probing(an_open_breaker(), later(60), POLICY)) == CLOSED


def test_the_one_who_tries_opens_it_again_with_one_failure() -> None:
    breaker = failed(probing(an_open_breaker(), later(60), POLICY), now=later(61))

    assert (breaker.state, breaker.until) == (BreakerState.OPEN, later(121))


def test_answers_and_failures_of_calls_that_began_before_change_nothing() -> None:
    breaker = an_open_breaker()

    assert after_success(breaker) == breaker
    assert failed(breaker, now=later(10)) == breaker


def test_an_open_one_stays_open_longer_for_a_quota_and_never_shorter() -> None:
    until_tomorrow = failed(an_open_breaker(), FailureKind.QUOTA)

    assert until_tomorrow.until == datetime(2026, 11, 24, tzinfo=UTC)
    assert failed(until_tomorrow, FailureKind.CONFIGURATION) == until_tomorrow


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (UnavailableError("bedrock_unavailable", ""), FailureKind.TRANSIENT),
        (UncertainError("textract_uncertain", ""), FailureKind.TRANSIENT),
        (ConfigurationError("bedrock_refused", ""), FailureKind.CONFIGURATION),
        (ConfigurationError("bedrock_quota", ""), FailureKind.QUOTA),
        (UnavailableError("bedrock_quota_exceeded", ""), FailureKind.QUOTA),
        (UnavailableError("no_time_left", ""), None),
        (UnavailableError("bedrock_no_time", ""), None),
        (UnavailableError("breaker_open", ""), None),
        (ConfigurationError("unpriced", ""), None),
        (RejectedError("damaged", ""), None),
        (ValueError(), None),
    ],
)
def test_errors_say_something_of_the_provider_or_nothing(error: Exception, kind: FailureKind | None) -> None:
    assert kind_of(error) is kind


def test_a_breaker_that_cannot_be_read_is_reported() -> None:
    with pytest.raises(ConfigurationError, match="bad_shared_state"):
        Breaker.from_json("[]")


_events = st.sampled_from(["success", "probe", *FailureKind])


@given(st.lists(st.tuples(st.integers(0, 5000), _events), max_size=30))
def test_an_open_one_only_closes_by_an_answer_to_the_one_who_tries(events: list[tuple[int, str]]) -> None:
    breaker = CLOSED
    for seconds, event in sorted(events, key=lambda item: item[0]):
        before = breaker
        if event == "success":
            breaker = after_success(breaker)
        elif event == "probe":
            breaker = probing(breaker, later(seconds), POLICY) if breaker.is_due(later(seconds)) else breaker
        else:
            breaker = failed(breaker, FailureKind(event), later(seconds))
        assert Breaker.from_json(breaker.model_dump_json()) == breaker
        assert (breaker.until is None) == breaker.is_closed
        if not before.is_closed and breaker.is_closed:
            assert (before.state, event) == (BreakerState.HALF_OPEN, "success")
        if before.state is BreakerState.OPEN and breaker.state is BreakerState.HALF_OPEN:
            assert before.until is not None
            assert before.until <= later(seconds)
