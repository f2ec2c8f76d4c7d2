"""What all processes on this machine share."""

from chalicelib.domain.shared_state import SharedFact
from chalicelib.errors import ConflictError
from local.database import Database

_INSERT = "INSERT INTO facts (value, revision, name) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_UPDATE = "UPDATE facts SET value = ?, revision = ? WHERE name = ? AND revision = ?"


class SqliteSharedState:
    """Small facts as rows of the embedded database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, name: str) -> SharedFact | None:
        """The fact as it is now, or `None`."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT value, revision FROM facts WHERE name = ?", (name,)).fetchone()
        return SharedFact(name=name, value=row[0], revision=row[1]) if row else None

    def save(self, fact: SharedFact) -> SharedFact:
        """Replace the fact of the same revision (0: there must be none), and return it with the next one."""
        saved = fact.model_copy(update={"revision": fact.revision + 1})
        values = (saved.value, saved.revision, saved.name)
        with self._database.writing() as connection:
            if fact.revision:
                written = connection.execute(_UPDATE, (*values, fact.revision)).rowcount
            else:
                written = connection.execute(_INSERT, values).rowcount
        if not written:
            raise ConflictError("fact_changed", f"{fact.name} was changed meanwhile; read it again.")
        return saved
