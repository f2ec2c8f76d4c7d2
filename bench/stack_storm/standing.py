"""Where things stand in the data folder, looked at from outside the server process."""

from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from bench.stack_storm.adapters import ClockAhead
from chalicelib.domain.charge import Charge
from chalicelib.domain.record import PROCESSED, InvoiceRecord
from chalicelib.settings import Settings
from local.database import Database
from local.family import EmbeddedAdapters


class Standing(NamedTuple):
    """How many rows there are in each status, messages in the queues, and reservations open; and a sum of revisions."""

    rows: dict[str, int]
    events: int
    dead_letters: int
    reserved: int
    revisions: int

    @property
    def ended(self) -> int:
        """How many documents have ended."""
        return sum(self.rows.get(status, 0) for status in PROCESSED)

    @property
    def open(self) -> int:
        """How many have not."""
        return sum(self.rows.values()) - self.ended

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing left to do, but for reservations."""
        return not (self.open or self.events or self.dead_letters)


class Outside:
    """The data folder of a storm, read with a clock that is some seconds ahead."""

    def __init__(self, data_dir: Path, ahead_seconds: float = 0.0) -> None:
        self.settings = Settings(stage="local", adapters="local.family:EmbeddedAdapters", data_dir=str(data_dir))
        self.adapters = EmbeddedAdapters(self.settings, ClockAhead(ahead_seconds))
        self._database = Database(data_dir)

    def standing(self) -> Standing:
        """Where things stand now."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT status, count(*), sum(revision) FROM invoices GROUP BY status").fetchall()
        return Standing(
            rows={status: count for status, count, _ in rows},
            events=self.adapters.events().depth(),
            dead_letters=self.adapters.dead_letters().depth(),
            reserved=len(self.reserved()),
            revisions=sum(revisions for *_, revisions in rows),
        )

    def records(self) -> dict[str, InvoiceRecord]:
        """All rows."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT record FROM invoices").fetchall()
        return {record.invoice_id: record for (text,) in rows if (record := InvoiceRecord.model_validate_json(text))}

    def charges(self) -> list[Charge]:
        """The whole ledger."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT charge FROM charges").fetchall()
        return [Charge.model_validate_json(text) for (text,) in rows]

    def reserved(self) -> list[Charge]:
        """The reservations that nobody settled yet."""
        return list(self.adapters.ledger().open_reservations(self.adapters.clock().now() + timedelta(days=1)))

    def parked(self) -> list[str]:
        """The messages for a person, as JSON."""
        name = self.settings.parking_queue_name
        with self._database.reading() as connection:
            rows = connection.execute("SELECT body FROM messages WHERE queue = ?", (name,)).fetchall()
        return [body for (body,) in rows]

    def close(self) -> None:
        """Close the database."""
        self.adapters.close()
        self._database.close()
