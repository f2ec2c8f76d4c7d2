"""What operators do with the tokens of clients: make them, and revoke them."""

import base64
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from pydantic import ValidationError

from chalicelib.domain.client_token import TOKEN_BYTES, TOKEN_PREFIX, ClientToken, sha256_of
from chalicelib.errors import ConflictError, NotFoundError, RejectedError
from chalicelib.ports import Clock, TokenStore


class NewToken(NamedTuple):
    """A token as its client gets it, this once; and what is kept of it."""

    text: str
    kept: ClientToken


class AddToken:
    """Make a token for a client."""

    def __init__(
        self, tokens: TokenStore, clock: Clock, random_bytes: Callable[[int], bytes] = secrets.token_bytes
    ) -> None:
        self._tokens = tokens
        self._clock = clock
        self._random_bytes = random_bytes

    def __call__(self, client: str, lifetime: timedelta | None = None) -> NewToken:
        """A new token, valid from now on; for good without `lifetime`.

        Raises `RejectedError("bad_client", …)` for a name that cannot be used, and `ConflictError("client_exists", …)`
        when the client has a valid token: two of one name could not be told apart when one has to be revoked.
        """
        text = TOKEN_PREFIX + base64.urlsafe_b64encode(self._random_bytes(TOKEN_BYTES)).decode().rstrip("=")
        now = self._clock.now()
        kept = _token(client, sha256=sha256_of(text), created_at=now, expires_at=now + lifetime if lifetime else None)
        if any(token.client == client and token.is_valid(now) for token in self._tokens.listed()):
            raise ConflictError(
                "client_exists",
                f"{client} has a valid token. To change it without a gap, add one of another name ({client}-2), let "
                f"the client use that, and then revoke {client}.",
            )
        self._tokens.add(kept)
        return NewToken(text, kept)


class RevokeTokens:
    """Let a client in no longer."""

    def __init__(self, tokens: TokenStore, clock: Clock) -> None:
        self._tokens = tokens
        self._clock = clock

    def __call__(self, client: str) -> int:
        """Revoke all valid tokens of a client, and return how many there were.

        `NotFoundError("client_not_found", …)` when the client never had one; 0 when all were revoked or expired before.
        """
        its = [token for token in self._tokens.listed() if token.client == client]
        if not its:
            raise NotFoundError("client_not_found", f"There is no client {client!r}. `token … list` shows all.")
        now = self._clock.now()
        valid = [token for token in its if token.is_valid(now)]
        for token in valid:
            self._tokens.replace(token.model_copy(update={"revoked_at": now}))
        return len(valid)


def _token(client: str, **given: object) -> ClientToken:
    try:
        return ClientToken.model_validate({"client": client, **given})
    except ValidationError:
        raise RejectedError(
            "bad_client",
            f"{client!r} cannot be the name of a client. Please use 1 to 50 of a-z, 0-9, dot, hyphen and underscore, "
            "such as accounting-import.",
        ) from None
