"""The event pump: brings events to the handlers with Lambda's semantics.

| what | on AWS | here |
|---|---|---|
| an S3 event invokes `inference` | at least once; after a failure twice more | the same, after seconds |
| the third failure | an envelope in the dead-letter queue | the same |
| the dead-letter queue invokes `reprocess` | one message; a failure comes back when its visibility ends | the same |
| `reprocess` parks what cannot be done | in the parking queue, which nothing reads | the same |
| the schedule invokes `health_check` | daily, 06:00 UTC | the same |
| the schedule invokes `sweep` | every five minutes | every minute |

A message is deleted only after its handler has returned. Whoever works on one keeps it hidden by a heartbeat, so that
it comes back soon after a crash.
"""

import json
import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from chalicelib.errors import SmartInvoiceError
from local.family import EmbeddedAdapters
from local.lambda_runtime import LambdaRuntime, daily_event, dead_letter, sqs_event
from local.queue import Message, SqliteQueue

log = logging.getLogger("smart-invoice.pump")

_COPY = {"copy": "yes"}  # marks an event that was doubled, so that it is not doubled again
_HEALTH_HOUR = 6  # UTC


class Pace(NamedTuple):
    """How fast things happen, in seconds, and how much of it at once."""

    workers: int = 2
    idle: float = 0.1
    visibility: float = 12.0
    retry_waits: tuple[float, ...] = (1.0, 2.0)
    redelivery_wait: float = 5.0
    sweep: float = 60.0
    doubled_share: float = 0.0  # of the events that arrive twice (0–1); for tests

    @property
    def max_invocations(self) -> int:
        """The first one and the retries."""
        return 1 + len(self.retry_waits)


class Pump:
    """Threads that bring messages to handlers, from `start` to `stop`."""

    def __init__(self, adapters: EmbeddedAdapters, runtime: LambdaRuntime, pace: Pace | None = None) -> None:
        self._events = adapters.events()
        self._dead_letters = adapters.dead_letters()
        self._runtime = runtime
        self._pace = pace or Pace()
        self._hidden = _Hidden(self._pace.visibility)
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to work, in the background."""
        loops = [self._pump_events] * self._pace.workers
        for loop in [*loops, self._pump_dead_letters, self._keep_hidden, self._run_daily, self._run_sweep]:
            thread = threading.Thread(target=loop, daemon=True, name=f"pump-{loop.__name__}")
            thread.start()
            self._threads.append(thread)

    def stop(self, seconds: float = 5.0) -> None:
        """Take on nothing new, and wait up to `seconds` for what is being worked on; the rest is kept for next time."""
        self._stopping.set()
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _pump_events(self) -> None:
        self._pump(self._events, self._deliver_event)

    def _pump_dead_letters(self) -> None:
        self._pump(self._dead_letters, self._deliver_dead_letter)

    def _pump(self, queue: SqliteQueue, deliver: Callable[[Message], None]) -> None:
        while not self._stopping.is_set():
            try:
                messages = queue.receive(self._pace.visibility)
                for message in messages:
                    with self._hidden.during(queue, message.receipt):
                        deliver(message)
            except SmartInvoiceError:  # the queue itself does not answer; its messages are safe, so ask again later
                log.exception("Queue unavailable", extra={"queue": queue.name})
                messages = ()
            if not messages:
                self._stopping.wait(self._pace.idle)

    def _deliver_event(self, message: Message) -> None:
        self._perhaps_double(message)
        try:
            self._runtime.invoke("inference", json.loads(message.body), message.id)
        except Exception as error:  # noqa: BLE001 - a handler may raise anything, and Lambda answers all of it alike
            self._retry_or_give_up(message, error)
        else:
            self._events.delete(message.receipt)

    def _retry_or_give_up(self, message: Message, error: Exception) -> None:
        self._hidden.forget(message.receipt)
        if message.receive_count < self._pace.max_invocations:
            self._events.change_visibility(message.receipt, self._pace.retry_waits[message.receive_count - 1])
            return
        log.error("Gave up an event", extra={"request_id": message.id}, exc_info=error)
        self._dead_letters.send(dead_letter(message, "inference", error))
        self._events.delete(message.receipt)

    def _deliver_dead_letter(self, message: Message) -> None:
        try:
            self._runtime.invoke("reprocess", sqs_event(message, self._dead_letters.name), message.id)
        except Exception:
            log.exception("Dead letter comes back", extra={"message_id": message.id})
            self._hidden.forget(message.receipt)
            self._dead_letters.change_visibility(message.receipt, self._pace.redelivery_wait)
        else:
            self._dead_letters.delete(message.receipt)

    def _perhaps_double(self, message: Message) -> None:
        first = message.receive_count == 1 and not message.attributes
        if first and random.random() < self._pace.doubled_share:  # noqa: S311 - a test's dice, not a secret
            self._events.send(message.body, _COPY)

    def _keep_hidden(self) -> None:
        while not self._stopping.wait(self._pace.visibility / 4):
            try:
                self._hidden.extend()
            except SmartInvoiceError:  # then it is delivered twice, which handlers bear
                log.exception("Heartbeat failed")

    def _run_daily(self) -> None:
        while not self._stopping.wait(_seconds_to_next_check(datetime.now(UTC))):
            now = datetime.now(UTC)
            try:
                self._runtime.invoke("health_check", daily_event(now), f"daily-{now:%Y-%m-%d}")
            except Exception:  # as on AWS: a failed check is in the log, and tomorrow there is another
                log.exception("Daily check failed")

    def _run_sweep(self) -> None:
        while not self._stopping.wait(self._pace.sweep):
            now = datetime.now(UTC)
            try:
                self._runtime.invoke("sweep", daily_event(now), f"sweep-{now:%Y-%m-%dT%H:%M:%S}")
            except Exception:  # as on AWS: in a few minutes there is another
                log.exception("Sweep failed")


class _Hidden:
    """The messages that are being worked on, which are kept hidden from others."""

    def __init__(self, visibility: float) -> None:
        self._visibility = visibility
        self._lock = threading.Lock()
        self._queues: dict[str, SqliteQueue] = {}

    @contextmanager
    def during(self, queue: SqliteQueue, receipt: str) -> Iterator[None]:
        """Keep a message hidden within a `with` block."""
        with self._lock:
            self._queues[receipt] = queue
        try:
            yield
        finally:
            self.forget(receipt)

    def forget(self, receipt: str) -> None:
        """Leave a message's visibility to others."""
        with self._lock:
            self._queues.pop(receipt, None)

    def extend(self) -> None:
        """Hide all of them for a while from now."""
        with self._lock:
            for receipt, queue in self._queues.items():
                queue.change_visibility(receipt, self._visibility)


def _seconds_to_next_check(now: datetime) -> float:
    """Until the next six o'clock (UTC).

    >>> _seconds_to_next_check(datetime(2026, 11, 23, 5, 59, tzinfo=UTC))
    60.0
    """
    today = now.replace(hour=_HEALTH_HOUR, minute=0, second=0, microsecond=0)
    return ((today if today > now else today + timedelta(days=1)) - now).total_seconds()
