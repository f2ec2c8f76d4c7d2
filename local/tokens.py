"""What is kept of clients' tokens on this machine."""

import sqlite3

from chalicelib.adapters.listing import timestamp
from chalicelib.domain.client_token import ClientToken
from chalicelib.errors import ConflictError, NotFoundError
from local.database import Database


class SqliteTokenStore:
    """Tokens as rows of the embedded database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, token: ClientToken) -> None:
        """Keep a new token."""
        values = (token.sha256, timestamp(token.created_at), token.model_dump_json())
        try:
            with self._database.writing() as connection:
                connection.execute("INSERT INTO tokens (sha256, created_at, token) VALUES (?, ?, ?)", values)
        except sqlite3.IntegrityError as error:
            raise ConflictError("token_exists", "This token is there already.") from error

    def find(self, sha256: str) -> ClientToken | None:
        """The token with this hash as it is now, or `None`."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT token FROM tokens WHERE sha256 = ?", (sha256,)).fetchone()
        return ClientToken.model_validate_json(row[0]) if row else None

    def listed(self) -> tuple[ClientToken, ...]:
        """All tokens, the oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT token FROM tokens ORDER BY created_at, sha256").fetchall()
        return tuple(ClientToken.model_validate_json(row[0]) for row in rows)

    def replace(self, token: ClientToken) -> None:
        """Replace the token with the same hash; `NotFoundError` when there is none."""
        values = (token.model_dump_json(), token.sha256)
        with self._database.writing() as connection:
            written = connection.execute("UPDATE tokens SET token = ? WHERE sha256 = ?", values).rowcount
        if not written:
            raise NotFoundError("token_not_found", "This token is not there (any more).")

    def remove(self, sha256: str) -> None:
        """Remove the token with this hash; return if there is none."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM tokens WHERE sha256 = ?", (sha256,))
