"""The embedded shared state: rows of the SQLite file."""

from chalicelib.domain.shared_state import SharedFact
from chalicelib.errors import ConflictError
from local.database import Database

_LOAD = "SELECT value, revision FROM facts WHERE name = ?"
_FIRST = "INSERT OR IGNORE INTO facts (name, value, revision) VALUES (?, ?, 1)"
_NEXT = "UPDATE facts SET value = ?, revision = revision + 1 WHERE name = ? AND revision = ?"


class SqliteSharedState:
    """A row a fact."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, name: str) -> SharedFact | None:
        """The fact as it is now, or `None`."""
        with self._database.reading() as connection:
            row = connection.execute(_LOAD, (name,)).fetchone()
        return SharedFact(name=name, value=row[0], revision=row[1]) if row else None

    def save(self, fact: SharedFact) -> SharedFact:
        """Replace the fact of the same revision, and return it with the next one; see the port."""
        with self._database.writing() as connection:
            if fact.revision:
                written = connection.execute(_NEXT, (fact.value, fact.name, fact.revision)).rowcount
            else:
                written = connection.execute(_FIRST, (fact.name, fact.value)).rowcount
        if not written:
            raise ConflictError("fact_changed", f"{fact.name} was changed meanwhile; read it again.")
        return fact.model_copy(update={"revision": fact.revision + 1})
