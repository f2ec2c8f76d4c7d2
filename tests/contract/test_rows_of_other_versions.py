"""Rows that older and newer versions of this program write, as they lie in `tests/rows/`; all of them are invented."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from chalicelib.adapters.aws.family import AwsAdapters
from chalicelib.bootstrap import Services
from chalicelib.domain.document import DocumentRef, MediaType
from chalicelib.domain.record import FINAL, SCHEMA_VERSION, Status
from chalicelib.domain.upload import upload_key
from chalicelib.errors import UnavailableError
from chalicelib.exports.invoice_json import invoice_document
from chalicelib.pipeline.problems import problem_of
from chalicelib.ports import Adapters, InvoicePage, InvoiceQuery
from local.family import EmbeddedAdapters
from tests.builders import A_MOMENT, SetClock, a_document, a_record, some_settings
from tests.families import REGION

ROWS = Path(__file__).parents[1] / "rows"
OLDER = sorted(path.stem for path in ROWS.glob("schema-1-*.json"))
_YEAR = timedelta(days=365)
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
    with pytest.raises(UnavailableError, match="newer_record") as told:
        services.find(row["invoice_id"])
    assert problem_of(told.value).code == "newer_record"


@pytest.mark.parametrize("oldest_first", [True, False])
def test_a_row_that_cannot_be_read_is_left_out_of_lists_and_hides_no_other(
    family: Adapters, oldest_first: bool
) -> None:
    invoices = family.invoices()
    before, after = (invoices.register(a_record(received_at=at)) for at in (A_MOMENT - _YEAR, A_MOMENT))
    stored(family, NOT_UNDERSTOOD)
    query = InvoiceQuery(oldest_first=oldest_first, limit=1)

    first = invoices.page(query)
    second = invoices.page(query.model_copy(update={"cursor": first.cursor}))

    listed = [*first.records, *second.records]
    assert (listed if oldest_first else listed[::-1]) == [before, after]
    assert second.cursor is None


def test_a_list_of_nothing_but_rows_that_cannot_be_read_is_empty(family: Adapters) -> None:
    stored(family, NOT_UNDERSTOOD)

    assert family.invoices().page(InvoiceQuery()) == InvoicePage(records=())


def test_an_upload_whose_row_cannot_be_read_hides_no_lost_upload(
    family: Adapters, clock: SetClock, tmp_path: Path
) -> None:
    clock.advance(seconds=(datetime.now(UTC) - clock.now()).total_seconds())  # the bucket has the machine's time
    not_understood = json.loads((ROWS / f"{NOT_UNDERSTOOD}.json").read_text())["invoice_id"]
    lost_id = clock.new_id()
    for invoice_id in (not_understood, lost_id):
        family.documents().put(upload_key(invoice_id, clock.now(), "a.pdf"), a_document(invoice_id), MediaType.PDF)
    stored(family, NOT_UNDERSTOOD)
    clock.advance(hours=1)
    services = Services(some_settings(tmp_path, textract=False, models=""), family)

    runs = [services.sweep(f"sweep {number}").without_row for number in range(2)]

    assert not_understood < lost_id
    assert runs == [1, 0]
