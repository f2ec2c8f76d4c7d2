"""Who is asking? Clients are known by their tokens."""

import logging
from collections.abc import Mapping
from enum import StrEnum

from chalicelib.domain.client_token import ClientToken, sha256_of, token_in
from chalicelib.ports import Clock, TokenStore

log = logging.getLogger("smart-invoice.authorize")

_SHOWN = 8  # characters of the hash: enough for an operator to find the token's row


class Refusal(StrEnum):
    """Why somebody is not let in. The log says it; whoever asked does not learn it."""

    MALFORMED = "malformed"
    UNKNOWN = "unknown"
    REVOKED = "revoked"
    EXPIRED = "expired"


class Authorize:
    """Tell the client by its header `Authorization`.

    The token is looked up by its hash. Nothing is compared by character, so that no time taken tells anything.
    """

    def __init__(self, tokens: TokenStore, clock: Clock) -> None:
        self._tokens = tokens
        self._clock = clock

    def __call__(self, header: str) -> str | None:
        """The client's name, or `None` for whoever must not come in."""
        text = token_in(header)
        if text is None:
            _log_refusal(Refusal.MALFORMED)
            return None
        sha256 = sha256_of(text)
        token = self._tokens.find(sha256)
        refusal = self._refusal(token)
        if token is None or refusal is not None:
            _log_refusal(refusal or Refusal.UNKNOWN, {"token_sha256": sha256[:_SHOWN]})
            return None
        return token.client

    def _refusal(self, token: ClientToken | None) -> Refusal | None:
        if token is None:
            return Refusal.UNKNOWN
        if token.revoked_at is not None:
            return Refusal.REVOKED
        return Refusal.EXPIRED if token.is_expired(self._clock.now()) else None


def _log_refusal(refusal: Refusal, known: Mapping[str, str] | None = None) -> None:
    """Log why, without anything of what was sent: that may be a password meant for somewhere else."""
    log.warning("Refused a client", extra={"reason": str(refusal), **(known or {})})
