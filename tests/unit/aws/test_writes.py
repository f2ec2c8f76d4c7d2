"""How much a document writes into the table: its estimated share must not be less."""

import json
import math
from typing import Any

from chalicelib.adapters.aws import resources
from chalicelib.adapters.aws.family import AwsAdapters
from chalicelib.bootstrap import Services
from chalicelib.costs.shares import Work
from chalicelib.domain.document import DocumentRef
from tests.builders import a_document
from tests.families import an_aws_family, moto

_IN_A_TRANSACTION = 2  # units for each KB
_INDEXED = {index.partition for index in resources.INDEXES} - {resources.KIND}


def test_a_document_writes_no_more_than_its_share_says() -> None:
    with moto():
        family = an_aws_family(textract=False, models="", price_region="us-east-1")
        written: list[int] = []
        _client(family).meta.events.register(
            "provide-client-params.dynamodb.TransactWriteItems", lambda params, **_: written.append(_units(params))
        )
        services = Services(family._settings, family)

        record = services.receive(a_document("Invoice RE-2026-0417 Total 119.00 EUR"), "invoice.pdf").record
        services.process(DocumentRef(key=record.document.key), "one")

    assert 0 < sum(written) <= Work(seconds=1).write_units


def _client(family: AwsAdapters) -> Any:
    return family._clients.dynamodb()


def _units(params: dict[str, Any]) -> int:
    """About what DynamoDB bills for a transaction and for the indexes that its rows are in."""
    rows = [next(iter(item.values())).get("Item", {}) for item in params["TransactItems"]]
    return sum(_kilobytes(row) * (_IN_A_TRANSACTION + _indexes(row)) for row in rows)


def _kilobytes(row: dict[str, Any]) -> int:
    return max(1, math.ceil(len(json.dumps(row)) / 1024))


def _indexes(row: dict[str, Any]) -> int:
    by_kind = 2 if resources.KIND in row else 0
    return by_kind + len(_INDEXED & row.keys())
