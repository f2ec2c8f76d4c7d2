"""What goes wrong in a storm, and how often; and the dice that say when."""

import random
import threading
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from pydantic import BaseModel, ConfigDict

VARIABLE = "STORM_WEATHER"  # of the environment: the weather of a server process, as JSON


class Weather(BaseModel):
    """The weather in one life of the server process; shares are 0 to 1.

    `fault_share` is of the calls to stores and paid services. Of the messages, `dropped` never arrive, `doubled` arrive
    twice or thrice, and `late` ones are overtaken by seconds; all come in an order of chance. The clock goes ahead of
    the machine's by `ahead_seconds`. What is to be known after a crash is kept in `folder`.
    """

    model_config = ConfigDict(frozen=True)

    seed: int
    folder: Path
    life: int = 0
    fault_share: float = 0.2
    dropped: float = 0.1
    doubled: float = 0.2
    late: float = 0.1
    ahead_seconds: float = 0.0


class Fate(StrEnum):
    """What befalls a call: it is `refused` and not done, or done and nobody hears of it (`silent`)."""

    FINE = "fine"
    REFUSED = "refused"
    SILENT = "silent"


class Fates:
    """The fates of the calls of one process, one after the other, by dice that the seed and the life throw."""

    def __init__(self, weather: Weather) -> None:
        self._dice = random.Random(f"{weather.seed}/{weather.life}")  # noqa: S311 - weather, no secret
        self._share = weather.fault_share
        self._lock = threading.Lock()

    def next(self) -> Fate:
        """The fate of the next call."""
        with self._lock:
            if self._dice.random() >= self._share:
                return Fate.FINE
            return self._dice.choice((Fate.REFUSED, Fate.SILENT))


def chance(seed: int, *names: str) -> float:
    """A number from 0 to below 1, always the same for the same names.

    >>> chance(1, "dropped", "a.pdf") == chance(1, "dropped", "a.pdf") != chance(2, "dropped", "a.pdf")
    True
    """
    digest = sha256("/".join([str(seed), *names]).encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48
