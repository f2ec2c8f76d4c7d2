"""What all processes share, as rows of the table."""

from chalicelib.adapters.aws import resources
from chalicelib.adapters.aws.clients import AwsClients
from chalicelib.adapters.aws.rows import REVISION, Row
from chalicelib.adapters.aws.table import Table
from chalicelib.domain.shared_state import SharedFact
from chalicelib.errors import ConflictError
from chalicelib.settings import Settings

_FACT = "FACT"
_NAME = "name"
_VALUE = "value"


class DynamoSharedState:
    """Small facts as rows of one table; each is read with one request."""

    def __init__(self, settings: Settings, clients: AwsClients) -> None:
        self._table = Table(settings, clients)

    def load(self, name: str) -> SharedFact | None:
        """The fact as it is now, or `None`."""
        row = self._table.get(_key(name))
        if row is None:
            return None
        return SharedFact(name=name, value=row[_VALUE]["S"], revision=int(row[REVISION]["N"]))

    def save(self, fact: SharedFact) -> SharedFact:
        """Replace the fact of the same revision (0: there must be none), and return it with the next one."""
        saved = fact.model_copy(update={"revision": fact.revision + 1})
        row = _row(saved)
        try:
            self._table.write([self._table.revised(row, fact.revision) if fact.revision else self._table.new(row)])
        except ConflictError as error:
            raise ConflictError("fact_changed", f"{fact.name} was changed meanwhile; read it again.") from error
        return saved


def _key(name: str) -> Row:
    return {resources.PARTITION: {"S": f"SHARED#{name}"}, resources.SORT: {"S": _FACT}}


def _row(fact: SharedFact) -> Row:
    return {
        **_key(fact.name),
        _NAME: {"S": fact.name},
        _VALUE: {"S": fact.value},
        REVISION: {"N": str(fact.revision)},
    }
