"""The contract of `SharedState`."""

from functools import partial

import pytest

from chalicelib.domain.shared_state import SharedFact
from chalicelib.errors import ConflictError
from chalicelib.ports import Adapters, SharedState
from tests.at_once import at_once


def test_a_fact_that_nobody_wrote_is_none(shared_state: SharedState) -> None:
    assert shared_state.load("mode") is None


def test_a_new_fact_has_revision_one_and_can_be_loaded(shared_state: SharedState) -> None:
    saved = shared_state.save(SharedFact(name="mode", value='{"mode": "normal"}'))

    assert saved == SharedFact(name="mode", value='{"mode": "normal"}', revision=1)
    assert shared_state.load("mode") == saved


@pytest.mark.parametrize("value", ["", "null", '{"text": "Grüße, 请款单 🧾"}', "x" * 100_000])
def test_a_value_comes_back_as_it_was(shared_state: SharedState, value: str) -> None:
    saved = shared_state.save(SharedFact(name="mode", value=value))

    assert shared_state.load("mode") == saved


def test_a_save_replaces_the_same_revision_and_counts(shared_state: SharedState) -> None:
    first = shared_state.save(SharedFact(name="mode", value="1"))

    second = shared_state.save(first.model_copy(update={"value": "2"}))

    assert (second.value, second.revision) == ("2", 2)
    assert shared_state.load("mode") == second


def test_facts_of_other_names_are_left_alone(shared_state: SharedState) -> None:
    mode = shared_state.save(SharedFact(name="mode", value="1"))
    shared_state.save(SharedFact(name="breaker.textract", value="open"))

    assert shared_state.load("mode") == mode


def test_a_new_fact_that_is_there_already_is_a_conflict(shared_state: SharedState) -> None:
    saved = shared_state.save(SharedFact(name="mode", value="1"))

    assert_conflict(shared_state, SharedFact(name="mode", value="2"))
    assert shared_state.load("mode") == saved


def test_an_older_revision_is_a_conflict(shared_state: SharedState) -> None:
    first = shared_state.save(SharedFact(name="mode", value="1"))
    second = shared_state.save(first.model_copy(update={"value": "2"}))

    assert_conflict(shared_state, first.model_copy(update={"value": "3"}))
    assert shared_state.load("mode") == second


def test_a_revision_of_what_is_not_there_is_a_conflict(shared_state: SharedState) -> None:
    assert_conflict(shared_state, SharedFact(name="mode", value="1", revision=1))
    assert shared_state.load("mode") is None


@pytest.mark.parametrize("revision", [0, 1])
def test_of_many_who_save_one_revision_at_once_one_wins(shared_state: SharedState, revision: int) -> None:
    if revision:
        shared_state.save(SharedFact(name="mode", value="before"))
    facts = [SharedFact(name="mode", value=str(number), revision=revision) for number in range(8)]

    results = at_once([partial(saved_or_none, shared_state, fact) for fact in facts])

    (winner,) = [result for result in results if result is not None]
    assert shared_state.load("mode") == winner


def test_a_family_gives_the_same_facts_every_time(family: Adapters) -> None:
    saved = family.shared_state().save(SharedFact(name="mode", value="1"))

    assert family.shared_state().load("mode") == saved


def saved_or_none(shared_state: SharedState, fact: SharedFact) -> SharedFact | None:
    """What a save gives, or `None` when somebody else was faster."""
    try:
        return shared_state.save(fact)
    except ConflictError:
        return None


def assert_conflict(shared_state: SharedState, fact: SharedFact) -> None:
    with pytest.raises(ConflictError) as told:
        shared_state.save(fact)
    assert told.value.code == "fact_changed"
