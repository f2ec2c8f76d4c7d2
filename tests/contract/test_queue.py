"""The contract of `Queue`; what only the embedded queue does (receiving) is in tests/unit/test_embedded_queue.py."""

from chalicelib.adapters.aws.queue import SqsQueue
from chalicelib.ports import Adapters, Queue
from local.queue import SqliteQueue


def test_a_new_queue_is_empty(queue: Queue) -> None:
    assert queue.depth() == 0


def test_every_message_sent_counts(queue: Queue) -> None:
    for body in ("one", "two", "two"):
        queue.send(body)

    assert queue.depth() == 3


def test_a_message_that_is_being_worked_on_still_counts(queue: Queue) -> None:
    queue.send("{}")

    received(queue)

    assert queue.depth() == 1


def test_a_message_arrives_as_it_was_sent(queue: Queue) -> None:
    body = '{"Records": [], "note": "Grüße, 请款单 🧾"}' + "x" * 200_000

    queue.send(body)

    assert received(queue) == [body]


def test_a_family_gives_the_same_queue_every_time(family: Adapters) -> None:
    family.dead_letters().send("one")

    assert family.dead_letters().depth() == 1


def test_what_is_parked_and_what_is_dead_do_not_mix(family: Adapters) -> None:
    family.parking().send("parked")

    assert (family.parking().depth(), family.dead_letters().depth()) == (1, 0)


def received(queue: Queue) -> list[str]:
    """Receive up to ten messages, as somebody who works on them does."""
    if isinstance(queue, SqliteQueue):
        return [message.body for message in queue.receive(visibility_seconds=60, max=10)]
    assert isinstance(queue, SqsQueue)
    return _received_from_sqs(queue)


def _received_from_sqs(queue: SqsQueue) -> list[str]:
    import boto3

    client = boto3.client("sqs")
    url = client.get_queue_url(QueueName=queue.name)["QueueUrl"]
    answer = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return [message["Body"] for message in answer.get("Messages", [])]
