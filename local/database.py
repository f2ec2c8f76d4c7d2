"""The embedded table, ledger and queues: one SQLite file; what it acknowledged survives `kill -9` and power cuts."""

import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chalicelib.errors import ConfigurationError, SmartInvoiceError, UnavailableError

FILE_NAME = "invoices.sqlite"

_BUSY_SECONDS = 15.0
_PASSING = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})

# Each entry is one step from the schema before it; `PRAGMA user_version` counts the steps a file has taken.
_MIGRATIONS = (
    """
    CREATE TABLE invoices (
        invoice_id TEXT PRIMARY KEY,
        position TEXT NOT NULL,
        status TEXT NOT NULL,
        decision TEXT,
        supplier TEXT,
        processed_at TEXT,
        revision INTEGER NOT NULL,
        record TEXT NOT NULL
    );
    CREATE INDEX invoices_by_position ON invoices (position);
    CREATE INDEX invoices_by_status ON invoices (status, position);
    CREATE INDEX invoices_by_decision ON invoices (decision, position);
    CREATE INDEX invoices_by_supplier ON invoices (supplier, position);
    CREATE INDEX invoices_by_processing ON invoices (processed_at, status);
    CREATE TABLE contents (sha256 TEXT PRIMARY KEY, invoice_id TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE objects (key TEXT PRIMARY KEY, media_type TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE messages (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        queue TEXT NOT NULL,
        message_id TEXT NOT NULL,
        body TEXT NOT NULL,
        attributes TEXT NOT NULL,
        sent_at REAL NOT NULL,
        visible_at REAL NOT NULL,
        receive_count INTEGER NOT NULL DEFAULT 0,
        receipt TEXT UNIQUE
    );
    CREATE INDEX messages_by_visibility ON messages (queue, visible_at);
    """,
    """
    CREATE TABLE charges (
        invoice_id TEXT NOT NULL,
        charge_id TEXT NOT NULL,
        day TEXT NOT NULL,
        reserved_at TEXT NOT NULL,
        state TEXT NOT NULL,
        charge TEXT NOT NULL,
        PRIMARY KEY (invoice_id, charge_id)
    ) WITHOUT ROWID;
    CREATE INDEX charges_by_day ON charges (day, reserved_at);
    CREATE INDEX charges_reserved ON charges (reserved_at) WHERE state = 'reserved';
    CREATE TABLE sums (name TEXT PRIMARY KEY, usd TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL, revision INTEGER NOT NULL) WITHOUT ROWID;
    """,
    """
    ALTER TABLE objects ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
    """,
    """
    CREATE TABLE tokens (sha256 TEXT PRIMARY KEY, created_at TEXT NOT NULL, token TEXT NOT NULL) WITHOUT ROWID;
    """,
)
SCHEMA = len(_MIGRATIONS)


class Database:
    """Connections to the SQLite file of one data directory.

    A connection serves one thread at a time and is kept for the next. Raises `ConfigurationError` when the directory
    cannot be written to or its file belongs to a newer program.
    """

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / FILE_NAME
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self.close = weakref.finalize(self, _close_all, self._idle, self._lock)
        _make_folder(data_dir)
        with self.writing() as connection:
            _migrate(connection, self.path)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection in autocommit mode, for a single SELECT."""
        connection = self._take()
        try:
            with _translated(self.path):
                yield connection
        finally:
            self._give_back(connection)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection in a write transaction: committed and durable at the end, undone by any exception."""
        with self.reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                if connection.in_transaction:  # SQLite ends it by itself when the disk is full
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def _take(self) -> sqlite3.Connection:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        with _translated(self.path):
            return _connect(self.path)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            if self.close.alive and not connection.in_transaction:
                self._idle.append(connection)
                return
        connection.close()  # all others were closed, or a COMMIT that failed (disk full) left its transaction open


def _make_folder(data_dir: Path) -> None:
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(data_dir, error.strerror or "it cannot be made") from error


def _connect(path: Path) -> sqlite3.Connection:
    """A connection that commits only what is on the disk (WAL with synchronous=FULL)."""
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the file to `SCHEMA`, inside the caller's transaction."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > SCHEMA:
        raise ConfigurationError(
            "data_dir_too_new",
            f"{path} was written by a newer version of this program (schema {version}, this one knows {SCHEMA}). "
            "Update the program, or choose another folder with --data or INVOICES_DATA_DIR.",
        )
    if version == SCHEMA:
        return
    for script in _MIGRATIONS[version:]:
        for statement in filter(str.strip, script.split(";")):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {SCHEMA}")


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """SQLite's errors as ours; an `IntegrityError` stays, for it is an answer to whoever asked."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except sqlite3.DatabaseError as error:
        raise _ours(path, error) from error


def _ours(path: Path, error: sqlite3.DatabaseError) -> SmartInvoiceError:
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in _PASSING:
        return UnavailableError("database_busy", f"{path} could not be used just now ({error}); try again.")
    return _unusable(path.parent, str(error))


def _unusable(data_dir: Path, why: str) -> ConfigurationError:
    return ConfigurationError(
        "data_dir_unusable",
        f"The data folder {data_dir} cannot be used: {why}. "
        "Make it writable, or choose another with --data or INVOICES_DATA_DIR.",
    )


def _close_all(idle: list[sqlite3.Connection], lock: threading.Lock) -> None:
    with lock, suppress(sqlite3.ProgrammingError):
        while idle:
            idle.pop().close()
