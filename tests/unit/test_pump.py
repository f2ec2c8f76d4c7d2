"""The event pump: Lambda's semantics for a handler that behaves well, badly, or now and then."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from chalice.app import Chalice, S3Event, SQSEvent

from local.family import EmbeddedAdapters
from local.lambda_runtime import LambdaRuntime
from local.pump import Pace, Pump
from tests.builders import some_settings
from tests.waiting import eventually

_EVENT = json.dumps({"Records": [{"s3": {"bucket": {"name": "b"}, "object": {"key": "uploads/a"}}}]})
_QUICK = Pace(workers=1, idle=0.005, visibility=5.0, retry_waits=(0.01, 0.01), redelivery_wait=0.01)


class ToyApp:
    """An app with two handlers that note the request ids they are called with, and then do what a test says."""

    def __init__(self, behave: Callable[[int], None]) -> None:
        self.inferences: list[str] = []
        self.reprocessed: list[str] = []
        self.app = Chalice("toy", configure_logs=False)
        self._behave = behave
        self.app.on_s3_event(bucket="b", name="inference")(self._inference)
        self.app.on_sqs_message(queue="q", name="reprocess")(self._reprocess)

    def _inference(self, event: S3Event) -> None:
        self.inferences.append(str(getattr(event.context, "aws_request_id", "")))
        self._behave(len(self.inferences))

    def _reprocess(self, event: SQSEvent) -> None:
        self.reprocessed.append(event.to_dict()["Records"][0]["body"])
        self._behave(-len(self.reprocessed))


@pytest.fixture
def family(tmp_path: Path) -> Iterator[EmbeddedAdapters]:
    """The embedded adapters, empty."""
    adapters = EmbeddedAdapters(some_settings(tmp_path))
    yield adapters
    adapters.close()


@contextmanager
def pumping(family: EmbeddedAdapters, toy: ToyApp, pace: Pace = _QUICK) -> Iterator[None]:
    """The pump at work on the queues of the family."""
    pump = Pump(family, LambdaRuntime(toy.app), pace)
    pump.start()
    try:
        yield
    finally:
        pump.stop()


def succeed(_call: int) -> None:
    """Every call succeeds."""


def fail(_call: int) -> None:
    """Every call fails."""
    raise RuntimeError("IBAN DE89 3704 0044 0532 0130 00")


def are_empty(family: EmbeddedAdapters) -> bool:
    """Whether nothing waits any more."""
    return family.events().depth() == 0 and family.dead_letters().depth() == 0


def test_an_event_is_delivered_and_then_gone(family: EmbeddedAdapters) -> None:
    toy = ToyApp(succeed)
    family.events().send(_EVENT)

    with pumping(family, toy):
        eventually(lambda: are_empty(family))

    assert len(toy.inferences) == 1


def test_a_failure_is_tried_twice_more_under_the_same_request_id(family: EmbeddedAdapters) -> None:
    def fail_twice(call: int) -> None:
        if 0 < call < 3:
            raise RuntimeError

    toy = ToyApp(fail_twice)
    family.events().send(_EVENT)

    with pumping(family, toy):
        eventually(lambda: are_empty(family))

    assert len(toy.inferences) == 3
    assert len(set(toy.inferences)) == 1
    assert toy.reprocessed == []


def test_what_fails_three_times_is_reprocessed_as_lambda_hands_it_over(family: EmbeddedAdapters) -> None:
    def fail_inference(call: int) -> None:
        if call > 0:
            fail(call)

    toy = ToyApp(fail_inference)
    family.events().send(_EVENT)

    with pumping(family, toy):
        eventually(lambda: toy.reprocessed and are_empty(family))

    (letter,) = toy.reprocessed
    envelope: dict[str, Any] = json.loads(letter)
    assert len(toy.inferences) == 3
    assert envelope["requestPayload"] == json.loads(_EVENT)
    assert envelope["requestContext"]["requestId"] == toy.inferences[0]
    assert envelope["requestContext"]["condition"] == "RetriesExhausted"
    assert "IBAN" not in letter


def test_a_dead_letter_that_fails_comes_back_until_it_succeeds(family: EmbeddedAdapters) -> None:
    def fail_four_times(call: int) -> None:
        if call > -5:
            raise RuntimeError

    toy = ToyApp(fail_four_times)
    family.dead_letters().send("a letter")

    with pumping(family, toy):
        eventually(lambda: are_empty(family))

    assert toy.reprocessed == ["a letter"] * 5


def test_events_may_come_twice_under_two_request_ids(family: EmbeddedAdapters) -> None:
    toy = ToyApp(succeed)
    family.events().send(_EVENT)

    with pumping(family, toy, _QUICK._replace(doubled_share=0.999999)):
        eventually(lambda: len(toy.inferences) == 2 and are_empty(family))

    assert len(set(toy.inferences)) == 2


def test_what_was_in_work_when_the_pump_died_is_delivered_by_the_next(family: EmbeddedAdapters) -> None:
    family.events().send(_EVENT)
    family.events().receive(visibility_seconds=0.05)  # and then nothing more is heard of this delivery
    toy = ToyApp(succeed)

    with pumping(family, toy):
        eventually(lambda: are_empty(family))

    assert len(toy.inferences) == 1


def test_long_work_is_not_delivered_a_second_time_meanwhile(family: EmbeddedAdapters) -> None:
    def work_long(_call: int) -> None:
        threading.Event().wait(2.5)

    toy = ToyApp(work_long)
    family.events().send(_EVENT)

    with pumping(family, toy, _QUICK._replace(workers=2, visibility=1.5)):
        eventually(lambda: are_empty(family))

    assert len(toy.inferences) == 1
