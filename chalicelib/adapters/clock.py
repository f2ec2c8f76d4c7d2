"""Time and ids from the machine."""

import secrets
from datetime import UTC, datetime

from ulid import ULID

_TIME_BYTES = 6
_RANDOM_BYTES = 10


class SystemClock:
    """The machine's clock, and ULIDs: 48 bits of milliseconds and 80 bits of the system's randomness."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return datetime.now(UTC)

    def new_id(self) -> str:
        """A new id of 26 characters.

        Every id is random by itself: the library's own default counts up within a millisecond, so that one id would
        betray its neighbours.
        """
        milliseconds = int(self.now().timestamp() * 1000)
        return str(ULID.from_bytes(milliseconds.to_bytes(_TIME_BYTES) + secrets.token_bytes(_RANDOM_BYTES)))
