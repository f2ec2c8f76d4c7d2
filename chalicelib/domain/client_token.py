"""Tokens by which clients are known. What is kept of one cannot be turned back into it."""

import hashlib
import re
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

TOKEN_PREFIX: Final = "si_"  # by which scanners for secrets, and people, know what they found  # noqa: S105 - no secret
TOKEN_BYTES: Final = 32  # of randomness: 256 bits cannot be guessed, nor found from their hash

_TOKEN = re.compile(re.escape(TOKEN_PREFIX) + r"[A-Za-z0-9_-]{43}")
_BEARER = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] +(\S+)")
_MOST_CHARACTERS = 200


class ClientToken(BaseModel):
    """What is kept of a token: its SHA-256, whose it is, and from when to when it is valid."""

    model_config = ConfigDict(frozen=True)

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    client: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,49}$")
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_expired(self, now: datetime) -> bool:
        """Whether its time is over. At the very moment of its end it is."""
        return self.expires_at is not None and now >= self.expires_at

    def is_valid(self, now: datetime) -> bool:
        """Whether it opens the door."""
        return self.revoked_at is None and not self.is_expired(now)


def token_in(header: str) -> str | None:
    """The token in a header `Authorization: Bearer …`; `None` for whatever else it may hold.

    >>> token_in("Bearer si_" + 43 * "x") == "si_" + 43 * "x", token_in("Basic dXNlcjpwYXNz")
    (True, None)
    """
    found = _BEARER.fullmatch(header) if len(header) <= _MOST_CHARACTERS else None
    return found[1] if found and _TOKEN.fullmatch(found[1]) else None


def sha256_of(token: str) -> str:
    """What a token is found by. It needs no salt: nobody can try 2^256 tokens."""
    return hashlib.sha256(token.encode()).hexdigest()
