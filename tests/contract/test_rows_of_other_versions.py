"""Rows that older and newer versions of this program write, as they lie in `tests/rows/`; all of them are invented."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from chalicelib.adapters.aws.family import AwsAdapters
from chalicelib.bootstrap import Services
from chalicelib.domain.document import DocumentRef, MediaType
from chalicelib.domain.record import FINAL, SCHEMA_VERSION, Status
from chalicelib.errors import UnavailableError
from chalicelib.exports.invoice_json import invoice_document
from chalicelib.ports import Adapters, InvoiceQuery
from local.family import EmbeddedAdapters
from tests.builders import a_document, some_settings
from tests.families import REGION

ROWS = Path(__file__).parents[1] / "rows"
OLDER = sorted(path.stem for path in ROWS.glob("schema-1-*.json"))
NEWER, NOT_UNDERSTOOD = "schema-3-completed", "schema-3-unknown-status"


def stored(family: Adapters, name: str) -> dict[str, Any]:
    """Put a row into the table as its version did; what it says."""
    row: dict[str, Any] = json.loads((ROWS / f"{name}.json").read_text())
    if isinstance(family, EmbeddedAdapters):
        with family._database().writing() as connection:
            connection.execute(
                "INSERT INTO invoices (invoice_id, position, status, revision, record) VALUES (?, ?, ?, ?, ?)",
                (row["invoice_id"], _position(row), row["status"], row["revision"], json.dumps(row)),
            )
    else:
        assert isinstance(family, AwsAdapters)
        boto3.client("dynamodb", REGION).put_item(TableName=family._settings.table_name, Item=_item(row))
    return row


def _position(row: dict[str, Any]) -> str:
    return f"2026-10-02T08:30:00.000000Z#{row['invoice_id']}"


def _item(row: dict[str, Any]) -> dict[str, Any]:
    outcome = json.dumps(row["outcome"]) if row["outcome"] else None
    texts = {
        "pk": f"INVOICE#{row['invoice_id']}",
        "sk": "RECORD",
        "invoice_id": row["invoice_id"],
        "kind": "invoice",
        "position": _position(row),
        "status": row["status"],
        "record": json.dumps({name: value for name, value in row.items() if name != "outcome"}),
        "outcome": outcome,
    }
    return {name: {"S": text} for name, text in texts.items() if text} | {"revision": {"N": str(row["revision"])}}


@pytest.mark.parametrize("name", OLDER)
def test_f84_a_row_of_the_schema_before_is_read_shown_listed_and_saved(family: Adapters, name: str) -> None:
    row = stored(family, name)

    record = family.invoices().load(row["invoice_id"])

    assert record is not None
    assert (record.status, record.schema_version) == (row["status"], 1)
    assert invoice_document(record)["invoice_id"] == row["invoice_id"]
    assert record in family.invoices().page(InvoiceQuery()).records
    assert family.invoices().save(record).schema_version == SCHEMA_VERSION


def test_an_outcome_with_usage_instead_of_charges_is_read(family: Adapters) -> None:
    record = family.invoices().load(stored(family, "schema-1-completed")["invoice_id"])

    assert record is not None
    assert record.outcome is not None
    assert (record.outcome.charges, "usage" in (record.outcome.model_extra or {})) == ((), True)
    assert invoice_document(record)["cost"] == {"usd": "0", "usage": []}


@pytest.mark.parametrize("status", ["received", "processing", "failed"])
def test_f84_what_the_version_before_began_is_finished_by_this_one(
    family: Adapters, tmp_path: Path, status: str
) -> None:
    row = stored(family, f"schema-1-{status}")
    family.documents().put(row["document"]["key"], a_document(), MediaType.PDF)
    services = Services(some_settings(tmp_path, claim_seconds=1), family)

    record = services.process(DocumentRef(key=row["document"]["key"]), "another")

    assert record.status in FINAL


def test_f83_a_row_of_a_newer_schema_is_shown_and_listed(family: Adapters) -> None:
    record = family.invoices().load(stored(family, NEWER)["invoice_id"])

    assert record is not None
    assert invoice_document(record)["status"] == "completed"
    assert family.invoices().page(InvoiceQuery()).records == (record,)


def test_f83_a_row_of_a_newer_schema_is_not_changed_by_this_version(family: Adapters) -> None:
    record = family.invoices().load(stored(family, NEWER)["invoice_id"])
    assert record is not None

    with pytest.raises(UnavailableError) as told:
        family.invoices().save(record.model_copy(update={"status": Status.PROCESSING}))

    assert (told.value.code, told.value.retryable) == ("newer_record", True)
    assert family.invoices().load(record.invoice_id) == record


def test_a_row_whose_status_this_version_does_not_know_is_left_to_the_newer_one(
    family: Adapters, tmp_path: Path
) -> None:
    row = stored(family, NOT_UNDERSTOOD)
    services = Services(some_settings(tmp_path), family)

    with pytest.raises(UnavailableError, match="newer_record"):
        services.process(DocumentRef(key=row["document"]["key"]), "a delivery")
    with pytest.raises(UnavailableError, match="newer_record"):
        services.find(row["invoice_id"])
