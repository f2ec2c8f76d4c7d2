"""Values that are made when they are first asked for."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


class Once(Generic[Thing]):
    """Make a thing at the first call and give the same one ever after, whatever the number of threads.

    >>> numbers = iter([1, 2, 3])
    >>> number = Once(lambda: next(numbers))
    >>> number(), number()
    (1, 1)
    """

    def __init__(self, make: Callable[[], Thing]) -> None:
        self._make = make
        self._made: list[Thing] = []
        self._lock = threading.RLock()

    def __call__(self) -> Thing:
        """The thing; raise whatever making it raises, and try anew the next time."""
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]
