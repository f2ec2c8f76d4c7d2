"""The contract of `Clock`."""

import re
from collections.abc import Callable
from datetime import UTC, timedelta

import pytest

from chalicelib.adapters.clock import SystemClock
from chalicelib.ports import Clock
from tests.builders import a_clock


@pytest.fixture(params=[SystemClock, a_clock])
def clock(request: pytest.FixtureRequest) -> Clock:
    """The machine's clock, and the one of the tests."""
    make: Callable[[], Clock] = request.param
    return make()


def test_now_is_a_moment_in_utc(clock: Clock) -> None:
    assert clock.now().tzinfo is UTC


def test_time_does_not_run_backwards(clock: Clock) -> None:
    assert clock.now() <= clock.now()


def test_an_id_is_a_ulid(clock: Clock) -> None:
    assert re.fullmatch(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", clock.new_id())


def test_no_id_is_given_twice(clock: Clock) -> None:
    assert len({clock.new_id() for _ in range(1000)}) == 1000


def test_ids_sort_by_their_milliseconds() -> None:
    clock = a_clock()
    earlier = clock.new_id()

    clock.advance(milliseconds=1)

    assert earlier < clock.new_id()


def test_an_id_tells_nothing_about_its_neighbours() -> None:
    """Within a millisecond ids do not count up: their 80 random bits differ in more than the last few."""
    clock = SystemClock()
    random_parts = [clock.new_id()[10:] for _ in range(200)]

    assert len({part[:8] for part in random_parts}) == len(random_parts)


def test_the_tests_clock_moves_only_when_told() -> None:
    clock = a_clock()
    before = clock.now()

    clock.advance(seconds=3)

    assert clock.now() - before == timedelta(seconds=3)
