"""The table in DynamoDB: rows read as they are now, and written all together or not at all."""

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.aws import resources
from chalicelib.adapters.aws.clients import AwsClients
from chalicelib.adapters.aws.failures import translated, was_cancelled
from chalicelib.adapters.aws.rows import REVISION, Row
from chalicelib.errors import UnavailableError
from chalicelib.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

SERVICE = "dynamodb"
MAX_KEYS = 100  # of one BatchGetItem

_TRIES = 5


class Table:
    """Rows of `settings.table_name`.

    Every write is a transaction: a request that botocore repeats because the answer was lost is recognised by its token
    instead of failing its own condition.
    """

    def __init__(self, settings: Settings, clients: AwsClients) -> None:
        self._name = settings.table_name
        self._client = clients.dynamodb

    def get(self, key: Row) -> Row | None:
        """The row of a key, or `None`."""
        with translated(SERVICE):
            answer = self._client().get_item(TableName=self._name, Key=key, ConsistentRead=True)
        return answer.get("Item")

    def get_all(self, keys: Sequence[Row]) -> list[Row]:
        """The rows of at most 100 keys, in their order; those that are gone are left out."""
        found: dict[tuple[str, str], Row] = {}
        waiting: Mapping[str, Any] = {self._name: {"Keys": list(keys), "ConsistentRead": True}}
        for attempt in range(1, _TRIES + 1):
            with translated(SERVICE):
                answer = self._client().batch_get_item(RequestItems=waiting)
            found |= {_place(row): row for row in answer["Responses"].get(self._name, [])}
            waiting = answer.get("UnprocessedKeys", {})
            if not waiting:
                return [found[_place(key)] for key in keys if _place(key) in found]
            _pause(attempt)
        raise UnavailableError("dynamodb_unavailable", "The table is too busy to be read now; try again.")

    def answers(self, request: Mapping[str, Any]) -> Iterator[Any]:
        """The answers to a query (without table), page by page."""
        following: Mapping[str, Any] = {}
        while True:
            with translated(SERVICE):
                answer = self._client().query(TableName=self._name, **{**request, **following})
            yield answer
            if "LastEvaluatedKey" not in answer:
                return
            following = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def write(self, items: Sequence["TransactWriteItemTypeDef"], tries: int = _TRIES) -> None:
        """Write all or nothing; `ConflictError` when a condition does not hold (see `failures.refused_parts`).

        DynamoDB cancels one of two transactions that meet in a row, and botocore does not try that again: we do.
        """
        for attempt in range(1, tries + 1):
            try:
                with translated(SERVICE):
                    self._client().transact_write_items(TransactItems=items)
            except UnavailableError as error:
                if not was_cancelled(error) or attempt == tries:
                    raise
                _pause(attempt)
            else:
                return

    def new(self, row: Row) -> "TransactWriteItemTypeDef":
        """Put a row that must not exist yet."""
        return {"Put": {"TableName": self._name, "Item": row, "ConditionExpression": "attribute_not_exists(pk)"}}

    def revised(self, row: Row, revision: int) -> "TransactWriteItemTypeDef":
        """Put a row in place of its `revision`."""
        return self.replaced(row, REVISION, {"N": str(revision)})

    def replaced(self, row: Row, attribute: str, value: Mapping[str, str]) -> "TransactWriteItemTypeDef":
        """Put a row in place of the one whose `attribute` has this value."""
        return {
            "Put": {
                "TableName": self._name,
                "Item": row,
                "ConditionExpression": "#attribute = :value",
                "ExpressionAttributeNames": {"#attribute": attribute},
                "ExpressionAttributeValues": {":value": value},
            }
        }

    def unchanged(self, key: Row, revision: int) -> "TransactWriteItemTypeDef":
        """Leave a row as it is, which must have this `revision`."""
        return {
            "ConditionCheck": {
                "TableName": self._name,
                "Key": key,
                "ConditionExpression": "#attribute = :value",
                "ExpressionAttributeNames": {"#attribute": REVISION},
                "ExpressionAttributeValues": {":value": {"N": str(revision)}},
            }
        }

    def removed(self, key: Row, attribute: str, value: Mapping[str, str]) -> "TransactWriteItemTypeDef":
        """Remove the row whose `attribute` has this value."""
        return {
            "Delete": {
                "TableName": self._name,
                "Key": key,
                "ConditionExpression": "#attribute = :value",
                "ExpressionAttributeNames": {"#attribute": attribute},
                "ExpressionAttributeValues": {":value": value},
            }
        }

    def added(self, key: Row, attribute: str, number: str, at_most: str | None = None) -> "TransactWriteItemTypeDef":
        """Add a number to an attribute, if what is there does not exceed `at_most`; a missing row is made."""
        update: dict[str, Any] = {
            "TableName": self._name,
            "Key": key,
            "UpdateExpression": "ADD #attribute :number",
            "ExpressionAttributeNames": {"#attribute": attribute},
            "ExpressionAttributeValues": {":number": {"N": number}},
        }
        if at_most is not None:
            update["ConditionExpression"] = "attribute_not_exists(#attribute) OR #attribute <= :at_most"
            update["ExpressionAttributeValues"][":at_most"] = {"N": at_most}
        return {"Update": update}  # type: ignore[typeddict-item]  # it was put together


def _place(key: Mapping[str, Any]) -> tuple[str, str]:
    return str(key[resources.PARTITION]["S"]), str(key[resources.SORT]["S"])


def _pause(attempt: int) -> None:
    """Wait a while that grows with the attempts and differs between rivals."""
    time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - spreads rivals, hides nothing
