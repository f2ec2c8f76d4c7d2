"""The stateful resources as data: what the table and the queues look like, whoever creates them.

Templates, tests and emulators all take these definitions; nothing here creates anything. See
docs/adr/0004-one-table-and-its-indexes.md for why the table looks like this.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from chalicelib.settings import Settings

PARTITION = "pk"
SORT = "sk"

KIND = "kind"
POSITION = "position"
STATUS = "status"
DECISION = "decision"
SUPPLIER = "supplier"
PROCESSED_AT = "processed_at"

_DAY_SECONDS = 86_400


class Index(NamedTuple):
    """A global secondary index: rows that lack its partition or sort attribute are not in it."""

    name: str
    partition: str
    sort: str


BY_TIME = Index("by_time", KIND, POSITION)
BY_STATUS = Index("by_status", STATUS, POSITION)
BY_DECISION = Index("by_decision", DECISION, POSITION)
BY_SUPPLIER = Index("by_supplier", SUPPLIER, POSITION)
BY_PROCESSING = Index("by_processing", KIND, PROCESSED_AT)
INDEXES = (BY_TIME, BY_STATUS, BY_DECISION, BY_SUPPLIER, BY_PROCESSING)

FILTERED = (STATUS, DECISION, SUPPLIER)  # what a list on one index may still be filtered by


def table(settings: Settings) -> Mapping[str, Any]:
    """The table of invoices, as `CreateTable` and `AWS::DynamoDB::Table` take it."""
    keys = {PARTITION, SORT} | {name for index in INDEXES for name in (index.partition, index.sort)}
    return {
        "TableName": settings.table_name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in sorted(keys)],
        "KeySchema": _key_schema(PARTITION, SORT),
        "GlobalSecondaryIndexes": [_secondary_index(index) for index in INDEXES],
    }


def dead_letter_queue(settings: Settings) -> Mapping[str, Any]:
    """The queue that `reprocess` reads, as `CreateQueue` takes it.

    A message stays hidden for six times the longest run of `reprocess` (300 s), as AWS asks for.
    """
    attributes = {
        "VisibilityTimeout": str(6 * 300),
        "MessageRetentionPeriod": str(4 * _DAY_SECONDS),
        "SqsManagedSseEnabled": "true",
    }
    return {"QueueName": settings.dead_letter_queue_name, "Attributes": attributes}


def parking_queue(settings: Settings) -> Mapping[str, Any]:
    """The queue of what a person has to look at, as `CreateQueue` takes it.

    It keeps messages for as long as SQS can, and longer than the dead letters: whoever is away for a week loses none.
    """
    attributes = {
        "VisibilityTimeout": "300",
        "MessageRetentionPeriod": str(14 * _DAY_SECONDS),
        "SqsManagedSseEnabled": "true",
    }
    return {"QueueName": settings.parking_queue_name, "Attributes": attributes}


def _secondary_index(index: Index) -> Mapping[str, Any]:
    """An index of the keys and the filtered attributes only: an outcome is not copied into each of them."""
    beside = [name for name in FILTERED if name not in (index.partition, index.sort)]
    return {
        "IndexName": index.name,
        "KeySchema": _key_schema(index.partition, index.sort),
        "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": beside},
    }


def _key_schema(partition: str, sort: str) -> Sequence[Mapping[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]
