"""Small facts that all processes share, as rows of the table."""

from chalicelib.adapters.aws import resources
from chalicelib.adapters.aws.clients import AwsClients
from chalicelib.adapters.aws.failures import translated
from chalicelib.adapters.aws.rows import REVISION, Row
from chalicelib.adapters.aws.transactions import SERVICE, Transactions
from chalicelib.domain.shared_state import SharedFact
from chalicelib.errors import ConflictError
from chalicelib.settings import Settings

_VALUE = "value"


class DynamoSharedState:
    """A row a fact; loading one is one read."""

    def __init__(self, settings: Settings, clients: AwsClients) -> None:
        self._table = settings.table_name
        self._client = clients.dynamodb
        self._transactions = Transactions(clients.dynamodb)

    def load(self, name: str) -> SharedFact | None:
        """The fact as it is now, or `None`."""
        with translated(SERVICE):
            answer = self._client().get_item(TableName=self._table, Key=_key(name), ConsistentRead=True)
        row = answer.get("Item")
        return SharedFact(name=name, value=row[_VALUE]["S"], revision=int(row[REVISION]["N"])) if row else None

    def save(self, fact: SharedFact) -> SharedFact:
        """Replace the fact of the same revision, and return it with the next one; see the port."""
        saved = fact.model_copy(update={"revision": fact.revision + 1})
        condition = "revision = :before" if fact.revision else "attribute_not_exists(pk)"
        values = {"ExpressionAttributeValues": {":before": {"N": str(fact.revision)}}} if fact.revision else {}
        row = {**_key(fact.name), _VALUE: {"S": fact.value}, REVISION: {"N": str(saved.revision)}}
        try:
            self._transactions.write(
                [{"Put": {"TableName": self._table, "Item": row, "ConditionExpression": condition, **values}}]  # type: ignore[typeddict-item]  # `values` is one of its keys, or nothing
            )
        except ConflictError:
            raise ConflictError("fact_changed", f"{fact.name} was changed meanwhile; read it again.") from None
        return saved


def _key(name: str) -> Row:
    return {resources.PARTITION: {"S": f"STATE#{name}"}, resources.SORT: {"S": "STATE"}}
