"""What all processes share is remembered for a few seconds, and changed under conditions."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from chalicelib.domain.shared_state import SharedFact
from chalicelib.errors import ConflictError, UnavailableError
from chalicelib.ports import SharedState

_TRIES = 5  # at a fact that others change at the same moment

Thing = TypeVar("Thing")


class Remembered(Generic[Thing]):
    """A value that is made anew when it is older than so many seconds. Not for several threads at once.

    >>> numbers, noon = iter([1, 2]), datetime(2026, 11, 23, 12)
    >>> number = Remembered[int](5)
    >>> [number.at(noon + timedelta(seconds=seconds), lambda _: next(numbers)) for seconds in (0, 4, 5)]
    [1, 1, 2]
    """

    def __init__(self, seconds: float) -> None:
        self._age = timedelta(seconds=seconds)
        self._kept: tuple[Thing, datetime] | None = None

    @property
    def last(self) -> Thing | None:
        """The value as it was made last, however old."""
        return self._kept[0] if self._kept else None

    def at(self, now: datetime, make: Callable[[datetime], Thing]) -> Thing:
        """The value; `make` gets `now`, and what it raises is raised."""
        if self._kept is not None:
            value, made = self._kept
            if made <= now < made + self._age:
                return value
        return self.put(make(now), now)

    def put(self, value: Thing, now: datetime) -> Thing:
        """Take a value that is known to be new, and return it."""
        self._kept = (value, now)
        return value


class SharedFacts:
    """The facts of the shared state as texts; one that was never written is empty."""

    def __init__(self, shared: SharedState) -> None:
        self._shared = shared

    def text(self, name: str) -> str:
        """The fact as it is now."""
        return self._load(name).value

    def change(self, name: str, change: Callable[[str], str]) -> tuple[str, str]:
        """Change a fact, whoever else does at the same time, and return it as it was before and is after.

        `change` takes what is stored and gives what shall be; it is asked again when somebody else was faster. What
        stays the same is not written. Raises `UnavailableError("shared_state_busy", …)` after a few tries.
        """
        for _ in range(_TRIES):
            fact = self._load(name)
            value = change(fact.value)
            if value == fact.value or self._is_saved(fact.model_copy(update={"value": value})):
                return fact.value, value
        raise UnavailableError("shared_state_busy", f"Others changed {name!r} at every try.")

    def _is_saved(self, fact: SharedFact) -> bool:
        try:
            self._shared.save(fact)
        except ConflictError:
            return False
        return True

    def _load(self, name: str) -> SharedFact:
        return self._shared.load(name) or SharedFact(name=name, value="")
