"""The condition key `dynamodb:LeadingKeys`: the partitions that a request names, as the DynamoDB guide says."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ministack.core import iam_actions
from ministack.services import dynamodb


def install() -> None:
    """Add them to what conditions are held against."""
    context_of = iam_actions.dynamodb_service_context

    def dynamodb_service_context(body: bytes) -> dict[str, Any]:
        return {**context_of(body), "dynamodb:LeadingKeys": list(_leading_keys(json.loads(body or b"{}")))}

    iam_actions.dynamodb_service_context = dynamodb_service_context


def _leading_keys(asked: Mapping[str, Any]) -> Iterator[str]:
    """Of requests for one row or several; a query names its partition otherwise, and has none here."""
    for table, keys in _keys(asked):
        described = dynamodb._tables.get(table)
        if described is not None:
            partition = next(one["AttributeName"] for one in described["KeySchema"] if one["KeyType"] == "HASH")
            yield from (next(iter(key[partition].values())) for key in keys if partition in key)


def _keys(asked: Mapping[str, Any]) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    if key := asked.get("Key") or asked.get("Item"):
        yield asked["TableName"], [key]
    for table, batch in (asked.get("RequestItems") or {}).items():
        yield table, batch.get("Keys", []) if isinstance(batch, dict) else []
