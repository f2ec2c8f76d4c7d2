"""Every step at which a process may die: each call of a port that changes something, and on AWS each such request.

Nobody lists them. Whatever is not known to be reading is a step, so that a new method of a port, or a new request to
AWS, is one from its first day.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

READING = frozenset(
    {
        "get", "exists", "listed", "link", "upload_form", "check", "load", "load_without_outcome", "holder", "page",
        "count_processed", "depth", "read", "estimate", "charges_of", "charges_on", "spending", "daily",
        "open_reservations", "now", "new_id",
    }
)  # fmt: skip
"""The methods of ports that change nothing outside."""

_READING_REQUESTS = ("Get", "Head", "List", "Query", "BatchGet", "Describe")


class Fate:
    """Counts the steps of this process, and kills it right after number `last`.

    0: before the first, so that nothing was done; below: never. `told` hears the name of each step that was done.
    """

    def __init__(self, last: int, told: Callable[[str], None]) -> None:
        self._last = last
        self._told = told
        self._done = 0
        self._port = ""

    @contextmanager
    def within(self, port: str) -> Iterator[None]:
        """A call that changes something is under way, through this method of a port."""
        self._die_if(self._last == self._done == 0)
        self._port = port
        try:
            yield
        finally:
            self._port = ""

    def step(self, request: str = "") -> None:
        """One more was done, however it ended: the call, or one `request` of it."""
        self._done += 1
        self._told(f"{self._port}/{request}" if request else self._port)
        self._die_if(self._done == self._last)

    def _die_if(self, is_due: bool) -> None:
        if is_due:
            os.kill(os.getpid(), signal.SIGKILL)


class Watched:
    """Adapters whose calls are steps (`by_call`), or the frame in which their requests are."""

    def __init__(self, adapters: Any, fate: Fate, *, by_call: bool) -> None:
        self._adapters = adapters
        self._fate = fate
        self._by_call = by_call

    def __getattr__(self, role: str) -> Any:
        inner = getattr(self._adapters, role)()
        watched = None if inner is None else _WatchedRole(role, inner, self._fate, by_call=self._by_call)
        return lambda: watched


class _WatchedRole:
    def __init__(self, role: str, inner: Any, fate: Fate, *, by_call: bool) -> None:
        self._role = role
        self._inner = inner
        self._fate = fate
        self._by_call = by_call

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name in READING or not callable(found):
            return found

        def call(*given: Any, **named: Any) -> Any:
            with self._fate.within(f"{self._role}.{name}"):
                try:
                    return found(*given, **named)
                finally:
                    if self._by_call:
                        self._fate.step()

        return call


def watch_requests(client: Any, fate: Fate) -> None:
    """Make each request of a boto3 client that changes something a step, as soon as its answer is there, or lost."""

    def done(event_name: str, **_: Any) -> None:
        operation = event_name.rsplit(".", 1)[-1]
        if not operation.startswith(_READING_REQUESTS):
            fate.step(operation)

    client.meta.events.register_first("after-call.*.*", done)
    client.meta.events.register_first("after-call-error.*.*", done)
