"""The embedded queue's side of work: receiving, hiding, deleting, as SQS does."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.family import EmbeddedAdapters
from local.queue import SqliteQueue
from tests.at_once import at_once
from tests.builders import SetClock, a_clock
from tests.families import embedded_family


@pytest.fixture
def clock() -> SetClock:
    """The clock of the queue."""
    return a_clock()


@pytest.fixture
def family(tmp_path: Path, clock: SetClock) -> Iterator[EmbeddedAdapters]:
    """An empty family."""
    with embedded_family(tmp_path, clock) as adapters:
        yield adapters


@pytest.fixture
def queue(family: EmbeddedAdapters) -> SqliteQueue:
    """An empty queue."""
    return family.events()


def bodies(queue: SqliteQueue, visibility_seconds: float = 30, at_most: int = 10) -> list[str]:
    """The bodies of the next messages."""
    return [message.body for message in queue.receive(visibility_seconds, at_most)]


def test_an_empty_queue_gives_nothing(queue: SqliteQueue) -> None:
    assert queue.receive(30) == ()


def test_messages_come_in_the_order_they_were_sent(queue: SqliteQueue) -> None:
    for body in ("one", "two", "three"):
        queue.send(body)

    assert bodies(queue) == ["one", "two", "three"]


def test_no_more_messages_come_than_were_asked_for(queue: SqliteQueue) -> None:
    for body in ("one", "two", "three"):
        queue.send(body)

    assert (bodies(queue, at_most=2), bodies(queue, at_most=2), bodies(queue, at_most=2)) == (
        ["one", "two"],
        ["three"],
        [],
    )


def test_a_received_message_is_hidden_until_its_time_is_over(queue: SqliteQueue, clock: SetClock) -> None:
    queue.send("one")
    assert bodies(queue, visibility_seconds=30) == ["one"]

    clock.advance(seconds=29)
    assert bodies(queue) == []
    clock.advance(seconds=1)
    assert bodies(queue) == ["one"]


def test_every_delivery_counts_and_has_its_own_receipt(queue: SqliteQueue) -> None:
    queue.send("one")

    deliveries = [queue.receive(visibility_seconds=0)[0] for _ in range(3)]

    assert [message.receive_count for message in deliveries] == [1, 2, 3]
    assert len({message.receipt for message in deliveries}) == 3
    assert len({message.id for message in deliveries}) == 1


def test_a_deleted_message_never_comes_back(queue: SqliteQueue, clock: SetClock) -> None:
    queue.send("one")
    (message,) = queue.receive(30)

    queue.delete(message.receipt)

    clock.advance(days=1)
    assert (bodies(queue), queue.depth()) == ([], 0)


def test_the_receipt_of_an_earlier_delivery_is_worth_nothing(queue: SqliteQueue) -> None:
    queue.send("one")
    (late,) = queue.receive(visibility_seconds=0)
    queue.receive(visibility_seconds=0)

    queue.delete(late.receipt)
    queue.change_visibility(late.receipt, 60)

    assert bodies(queue) == ["one"]


def test_a_message_can_be_given_back_or_kept_for_longer(queue: SqliteQueue, clock: SetClock) -> None:
    queue.send("one")
    (message,) = queue.receive(30)
    queue.change_visibility(message.receipt, 90)
    clock.advance(seconds=60)
    assert bodies(queue) == []

    queue.change_visibility(message.receipt, 0)

    assert bodies(queue) == ["one"]


def test_a_message_keeps_its_attributes_and_the_time_it_was_sent(queue: SqliteQueue, clock: SetClock) -> None:
    sent_at = clock.now()
    queue.send("one", {"RequestID": "1", "ErrorMessage": "Grüße"})
    clock.advance(hours=1)

    (message,) = queue.receive(30)

    assert message.attributes == {"RequestID": "1", "ErrorMessage": "Grüße"}
    assert message.sent_at == sent_at


def test_queues_do_not_share_their_messages(family: EmbeddedAdapters) -> None:
    family.events().send("event")
    family.dead_letters().send("failure")

    assert (bodies(family.events()), bodies(family.dead_letters())) == (["event"], ["failure"])


def test_of_two_who_receive_at_once_each_gets_other_messages(queue: SqliteQueue) -> None:
    for number in range(20):
        queue.send(str(number))

    received = at_once([lambda: bodies(queue, at_most=5)] * 4)

    assert sorted(itertools.chain(*received), key=int) == [str(number) for number in range(20)]
