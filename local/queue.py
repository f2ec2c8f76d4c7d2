"""Queues in the embedded database, with the semantics of SQS: at least once, hidden while somebody works on it."""

import json
import secrets
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict

from chalicelib.ports import Clock
from local.database import Database

_HIDE = (
    "UPDATE messages SET receipt = ?, visible_at = ?, receive_count = receive_count + 1 WHERE sequence = ? "
    "RETURNING message_id, receipt, receive_count, body, attributes, sent_at"
)


class Message(BaseModel):
    """One delivery of a message. `receipt` stands for this delivery; the next one has another."""

    model_config = ConfigDict(frozen=True)

    id: str
    receipt: str
    receive_count: int
    body: str
    attributes: Mapping[str, str]
    sent_at: datetime


class SqliteQueue:
    """One named queue. Messages come in the order they were sent, as far as they are visible."""

    def __init__(self, database: Database, name: str, clock: Clock) -> None:
        self.name = name
        self._database = database
        self._clock = clock

    def send(self, body: str, attributes: Mapping[str, str] | None = None) -> None:
        """Put a message on the queue; it is durable once this returns."""
        with self._database.writing() as connection:
            self.send_within(connection, body, attributes)

    def send_within(
        self, connection: sqlite3.Connection, body: str, attributes: Mapping[str, str] | None = None
    ) -> None:
        """Put a message on the queue as part of a transaction that is already open."""
        now = self._now()
        connection.execute(
            "INSERT INTO messages (queue, message_id, body, attributes, sent_at, visible_at) VALUES (?, ?, ?, ?, ?, ?)",
            (self.name, self._clock.new_id(), body, json.dumps(dict(attributes or {})), now, now),
        )

    def receive(self, visibility_seconds: float, max: int = 1) -> tuple[Message, ...]:  # noqa: A002 - SQS's own word
        """Up to `max` messages, hidden from everybody for `visibility_seconds`; they return unless deleted."""
        now = self._now()
        with self._database.writing() as connection:
            sequences = connection.execute(
                "SELECT sequence FROM messages WHERE queue = ? AND visible_at <= ? ORDER BY sequence LIMIT ?",
                (self.name, now, max),
            ).fetchall()
            return tuple(_hide(connection, sequence, now + visibility_seconds) for (sequence,) in sequences)

    def delete(self, receipt: str) -> None:
        """Take a received message off the queue; nothing happens when its delivery is over."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM messages WHERE queue = ? AND receipt = ?", (self.name, receipt))

    def change_visibility(self, receipt: str, seconds: float) -> None:
        """Hide a received message for `seconds` from now (0: give it back); nothing when its delivery is over."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE messages SET visible_at = ? WHERE queue = ? AND receipt = ?",
                (self._now() + seconds, self.name, receipt),
            )

    def depth(self) -> int:
        """How many messages wait or are being worked on."""
        with self._database.reading() as connection:
            (count,) = connection.execute("SELECT count(*) FROM messages WHERE queue = ?", (self.name,)).fetchone()
        return int(count)

    def check(self) -> None:
        """Return if the queue answers; raise otherwise."""
        self.depth()

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _hide(connection: sqlite3.Connection, sequence: int, visible_at: float) -> Message:
    """Note one more delivery of a message, and give it."""
    row = connection.execute(_HIDE, (secrets.token_hex(16), visible_at, sequence)).fetchone()
    message_id, receipt, receive_count, body, attributes, sent_at = row
    return Message(
        id=message_id,
        receipt=receipt,
        receive_count=receive_count,
        body=body,
        attributes=json.loads(attributes),
        sent_at=datetime.fromtimestamp(sent_at, UTC),
    )
