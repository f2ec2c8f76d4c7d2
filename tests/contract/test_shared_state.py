"""Every `SharedState` obeys these."""

import pytest

from chalicelib.domain.shared_state import SharedFact
from chalicelib.errors import ConflictError
from chalicelib.ports import Adapters, SharedState
from tests.at_once import at_once


@pytest.fixture
def state(family: Adapters) -> SharedState:
    """What all processes share."""
    return family.shared_state()


def test_a_fact_that_nobody_wrote_is_absent(state: SharedState) -> None:
    assert state.load("mode") is None


def test_a_fact_is_seen_as_it_was_written_last(state: SharedState) -> None:
    first = state.save(SharedFact(name="mode", value='{"mode": "auto"}'))
    second = state.save(first.model_copy(update={"value": '{"mode": "reject"}'}))

    assert (first.revision, second.revision) == (1, 2)
    assert state.load("mode") == second
    assert state.load("level") is None


def test_who_read_an_older_revision_changes_nothing(state: SharedState) -> None:
    first = state.save(SharedFact(name="mode", value="1"))
    state.save(first.model_copy(update={"value": "2"}))

    with pytest.raises(ConflictError):
        state.save(first.model_copy(update={"value": "3"}))
    with pytest.raises(ConflictError):
        state.save(SharedFact(name="mode", value="4"))

    found = state.load("mode")
    assert found is not None
    assert found.value == "2"


def test_of_many_first_writers_one_wins(state: SharedState) -> None:
    def write(value: str) -> bool:
        try:
            state.save(SharedFact(name="breaker#textract", value=value))
        except ConflictError:
            return False
        return True

    written = at_once([lambda number=number: write(str(number)) for number in range(8)])  # type: ignore[misc]

    assert sum(written) == 1
