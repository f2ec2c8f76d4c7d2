"""The stores and queues of the local stack in a storm."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from bench.stack_storm.journal import Journal
from bench.stack_storm.weather import Fate, Fates, Weather, chance
from chalicelib.domain.record import InvoiceRecord, Status
from chalicelib.errors import UnavailableError
from chalicelib.ports import Clock
from chalicelib.settings import Settings
from local.checkpoints import FolderCheckpoints
from local.database import Database
from local.files import new_draft, publish
from local.invoices import SqliteInvoiceStore
from local.queue import SqliteQueue

_TRIES = 2  # of each call; Amazon's own clients try three times
_LATE_SECONDS, _SHORTLY_SECONDS = 6.0, 1.0
_READ = frozenset({Status.COMPLETED, Status.REJECTED})
_REMOTE: Mapping[str, frozenset[str]] = {  # the calls that go over the network where there is one
    "documents": frozenset({"put", "get", "exists", "delete", "delete_folder", "listed"}),
    "invoices": frozenset({"register", "load", "save", "save_part", "release", "holder", "page"}),
    "ledger": frozenset({"reserve", "settle", "charges_of", "spending", "daily", "open_reservations"}),
    "checkpoints": frozenset({"load", "save"}),
    "facts": frozenset({"load", "save"}),
    "parking": frozenset({"send"}),
    "objects": frozenset({"put_object", "get_object", "head_object"}),
}
_DONE_ANEW = frozenset({"put"})  # S3 makes another version of it; a write to the table is recognised by its token


class Stormy:
    """A store whose calls fail as its service does, behind a client that repeats them as Amazon's does.

    A call that was done and not heard of is not done again when it is repeated. One that fails at every try raises
    `UnavailableError`, whether it was done or not.
    """

    def __init__(self, role: str, inner: Any, fates: Fates, journal: Journal) -> None:
        self._role = role
        self._inner = inner
        self._fates = fates
        self._journal = journal

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in _REMOTE[self._role]:
            return found
        return lambda *args, **given: self._called(name, lambda: found(*args, **given), args)

    def _called(self, name: str, call: Callable[[], Any], args: tuple[Any, ...]) -> Any:
        heard: Callable[[], Any] | None = None
        for _ in range(_TRIES):
            fate = self._fates.next()
            self._journal.count_call(failed=fate is not Fate.FINE)
            if fate is Fate.FINE:
                return call() if heard is None or name in _DONE_ANEW else heard()
            if fate is Fate.SILENT and heard is None:
                heard = _done(call)
        self._journal.note("unavailable", _text(args), f"{self._role}.{name}")
        raise UnavailableError("store_unavailable", f"The storm took a call of {self._role}.")


class StormyQueue(SqliteQueue):
    """A queue that loses messages, doubles them, and brings them in an order of chance."""

    def __init__(self, database: Database, name: str, clock: Clock, weather: Weather, journal: Journal) -> None:
        super().__init__(database, name, clock)
        self._weather = weather
        self._journal = journal
        self._sent = 0

    def send_within(
        self, connection: sqlite3.Connection, body: str, attributes: Mapping[str, str] | None = None
    ) -> None:
        """Put a message on the queue once, several times, or not at all."""
        self._sent += 1
        name = f"{self._weather.life}/{self._sent}"
        for copy, wait in enumerate(self._waits(name)):
            super().send_within(connection, body, attributes)
            place = -1 - int(self._chance("place", name, str(copy)) * 2**40)  # before all others: in no order at all
            connection.execute(
                "UPDATE messages SET sequence = ?, visible_at = visible_at + ? WHERE sequence = last_insert_rowid()",
                (place, wait),
            )

    def _waits(self, name: str) -> Iterator[float]:
        """How many seconds each copy of a message is under way."""
        if self._chance("dropped", name) < self._weather.dropped:
            self._journal.note("dropped", how=self.name)
            return
        copies = 1
        if self._chance("doubled", name) < self._weather.doubled:
            copies = 2 + int(self._chance("tripled", name) * 2)
            self._journal.note("doubled", how=self.name)
        for copy in range(copies):
            is_late = self._chance("late", name, str(copy)) < self._weather.late
            if is_late:
                self._journal.note("late", how=self.name)
            yield self._chance("wait", name, str(copy)) * (_LATE_SECONDS if is_late else _SHORTLY_SECONDS)

    def _chance(self, *names: str) -> float:
        return chance(self._weather.seed, self.name, *names)


class NotedInvoices(SqliteInvoiceStore):
    """The table, which notes when an invoice has been read."""

    def __init__(self, database: Database, journal: Journal) -> None:
        super().__init__(database)
        self._journal = journal

    def release(self, record: InvoiceRecord, sha256: str | None, parts: Sequence[InvoiceRecord] = ()) -> InvoiceRecord:
        """Replace a record, as every save does."""
        saved = super().release(record, sha256, parts)
        if saved.status in _READ and saved.part_of is None:
            self._journal.note("ended", saved.invoice_id, str(saved.processed_at))
        return saved


class NotedCheckpoints(FolderCheckpoints):
    """The kept answers; it notes what was paid for and is safe."""

    def __init__(self, settings: Settings, journal: Journal) -> None:
        super().__init__(settings)
        self._journal = journal

    def save(self, invoice_id: str, name: str, content: bytes) -> None:
        """Keep an answer, or the word that there was none."""
        super().save(invoice_id, name, content)
        charge, answer = json.loads(content)
        if answer is not None:
            self._journal.note("kept", invoice_id, charge["usage"]["operation"])


class FolderOfObjects(MutableMapping[str, bytes]):
    """Bytes under keys, in a folder that several processes share; each is there whole, or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __getitem__(self, key: str) -> bytes:
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            raise KeyError(key) from None

    def __setitem__(self, key: str, content: bytes) -> None:
        draft = new_draft(self._folder / "drafts")
        draft.write_bytes(content)
        publish(draft, self._path(key))
        draft.unlink(missing_ok=True)

    def __delitem__(self, key: str) -> None:
        self._path(key).unlink()

    def __iter__(self) -> Iterator[str]:
        found = (path for path in self._folder.rglob("*") if path.is_file())
        return (path.relative_to(self._folder).as_posix() for path in found)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _path(self, key: str) -> Path:
        return self._folder / key


def _done(call: Callable[[], Any]) -> Callable[[], Any]:
    """Make a call; what it returned, or how it raised, is heard by whoever calls the result."""
    try:
        result = call()
    except Exception as error:  # noqa: BLE001 - it is raised where it is heard
        return partial(_raise, error)
    return lambda: result


def _raise(error: Exception) -> None:
    raise error


def _text(args: tuple[Any, ...]) -> str:
    """Whom a call was about, where its first argument says so."""
    return args[0][:60] if args and isinstance(args[0], str) else ""
