"""How invoices lie in DynamoDB, beyond the contract of `InvoiceStore`."""

from collections.abc import Mapping, Sequence
from typing import Any

import boto3
import pytest

from chalicelib.adapters.aws import queries, resources, rows
from chalicelib.adapters.aws.family import AwsAdapters
from chalicelib.adapters.aws.invoices import MAX_OUTCOME_BYTES
from chalicelib.domain.finding import Decision
from chalicelib.domain.record import InvoiceRecord, Status
from chalicelib.domain.transitions import part_id
from chalicelib.errors import ConfigurationError, DefectError
from chalicelib.pipeline.erase import Erase
from chalicelib.pipeline.withdraw_parts import SUPERSEDED, WithdrawParts
from chalicelib.ports import InvoiceQuery
from tests.builders import A_MOMENT, a_clock, a_completed_record, a_line_item, a_record, an_invoice, an_outcome
from tests.families import aws_settings


def a_record_of(outcome_bytes: int, **given: Any) -> InvoiceRecord:
    """A record whose outcome has about this size as JSON."""
    lines = [a_line_item(description="x" * 1000) for _ in range(outcome_bytes // 1_180)]
    return a_completed_record(outcome=an_outcome(invoice=an_invoice(line_items=lines)), **given)


def test_a_row_carries_what_operators_look_for_under_plain_names(family: AwsAdapters) -> None:
    record = family.invoices().register(a_completed_record())

    row = row_of(family, record)
    assert row["pk"] == {"S": f"INVOICE#{record.invoice_id}"}
    assert row["status"] == {"S": "completed"}
    assert row["decision"] == {"S": "auto_approve"}
    assert row["supplier"] == {"S": "halden & moor gmbh"}
    assert row["processed_at"] == {"S": "2026-11-23T09:14:06.000000Z"}
    assert row["revision"] == {"N": "0"}


def test_f60_no_amount_is_stored_as_a_number(family: AwsAdapters) -> None:
    record = family.invoices().register(a_completed_record())

    row = row_of(family, record)
    assert '"value":"119.00"' in row["outcome"]["S"]
    assert '"amount":"100.00"' in row["outcome"]["S"]
    assert [name for name, value in row.items() if "N" in value] == ["revision"]


def test_an_outcome_that_fits_stays_in_its_row(family: AwsAdapters) -> None:
    family.invoices().register(a_record_of(MAX_OUTCOME_BYTES - 10_000))

    assert keys_in(family) == []


def test_f58_a_larger_outcome_becomes_an_object_and_the_row_points_to_it(family: AwsAdapters) -> None:
    record = family.invoices().register(a_record_of(MAX_OUTCOME_BYTES + 10_000))

    row = row_of(family, record)
    assert "outcome" not in row
    assert keys_in(family) == [row["outcome_key"]["S"]]
    assert row["outcome_key"]["S"].startswith(f"derived/{record.invoice_id}/outcome-0-")
    assert row["supplier"] == {"S": "halden & moor gmbh"}
    assert family.invoices().load(record.invoice_id) == record


def test_of_two_large_outcomes_of_one_revision_neither_overwrites_the_other(family: AwsAdapters) -> None:
    record = family.invoices().register(a_record_of(MAX_OUTCOME_BYTES + 10_000))
    saved = family.invoices().save(record)

    with pytest.raises(Exception, match="invoice_changed"):
        family.invoices().save(a_record_of(MAX_OUTCOME_BYTES + 50_000, invoice_id=record.invoice_id))

    assert family.invoices().load(record.invoice_id) == saved


def test_an_invoice_that_is_erased_between_its_row_and_its_outcome_is_read_as_erased(family: AwsAdapters) -> None:
    store = family.invoices()
    record = store.register(a_record_of(MAX_OUTCOME_BYTES + 10_000))
    row_before = row_of(family, record)
    Erase(family.documents(), store, a_clock())(record.invoice_id)

    assert store._record(row_before) == store.load(record.invoice_id)


def test_an_outcome_that_is_lost_is_no_missing_document_and_hides_no_other_invoice(family: AwsAdapters) -> None:
    store = family.invoices()
    lost, other = store.register(a_record_of(MAX_OUTCOME_BYTES + 10_000)), store.register(a_record())
    lose_outcomes(family, lost)

    with pytest.raises(DefectError, match="outcome_missing"):
        store.load(lost.invoice_id)
    with pytest.raises(DefectError, match="outcome_missing"):
        store.holder(lost.document.sha256 or "")
    assert store.page(InvoiceQuery()).records == (other,)


def lose_outcomes(family: AwsAdapters, *records: InvoiceRecord) -> None:
    """Remove what the rows point to."""
    for record in records:
        key = row_of(family, record)["outcome_key"]["S"]
        boto3.client("s3").delete_object(Bucket=family._settings.bucket_name, Key=key)


def two_of_one_document(family: AwsAdapters) -> tuple[InvoiceRecord, InvoiceRecord]:
    """The first and the second, each with an outcome that is an object."""
    store = family.invoices()
    first = store.register(a_record_of(MAX_OUTCOME_BYTES + 10_000, parts=2))
    second_id = part_id(first.invoice_id, 2)
    second = store.register(a_record_of(MAX_OUTCOME_BYTES + 10_000, invoice_id=second_id, part_of=first.invoice_id))
    return first, second


def test_invoices_whose_outcomes_are_lost_are_erased_all_the_same(family: AwsAdapters) -> None:
    first, second = two_of_one_document(family)
    lose_outcomes(family, first, second)

    Erase(family.documents(), family.invoices(), a_clock())(first.invoice_id)

    gone = [family.invoices().load(one.invoice_id) for one in (first, second)]
    assert [record.status if record else None for record in gone] == [Status.ERASED, Status.ERASED]


def test_a_further_invoice_whose_outcome_is_lost_is_withdrawn_all_the_same(family: AwsAdapters) -> None:
    first, second = two_of_one_document(family)
    lose_outcomes(family, second)

    WithdrawParts(family.invoices(), a_clock()).letting_go(first, first)

    withdrawn = family.invoices().load(second.invoice_id)
    assert withdrawn is not None
    assert (withdrawn.status, withdrawn.problem) == (Status.REJECTED, SUPERSEDED)


def test_a_match_is_found_behind_hundreds_that_do_not(family: AwsAdapters) -> None:
    store = family.invoices()
    wanted = store.register(a_completed_record(status=Status.FAILED))
    fill(family, [a_completed_record() for _ in range(510)])

    page = store.page(InvoiceQuery(supplier="Halden & Moor GmbH", status=Status.FAILED))

    assert (page.records, page.cursor) == ((wanted,), None)


def test_a_full_page_is_loaded_however_many_are_asked_for(family: AwsAdapters) -> None:
    store = family.invoices()
    records = [a_record() for _ in range(103)]
    fill(family, records)

    page = store.page(InvoiceQuery(limit=100))

    assert page.records == tuple(records[:2:-1])
    assert store.page(InvoiceQuery(limit=100, cursor=page.cursor)).records == tuple(records[2::-1])


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (InvoiceQuery(), "by_time"),
        (InvoiceQuery(since=A_MOMENT), "by_time"),
        (InvoiceQuery(status=Status.FAILED), "by_status"),
        (InvoiceQuery(status=Status.COMPLETED), "by_status"),
        (InvoiceQuery(decision=Decision.NEEDS_REVIEW), "by_decision"),
        (InvoiceQuery(supplier="x"), "by_supplier"),
        (InvoiceQuery(supplier="x", status=Status.FAILED, decision=Decision.REJECTED), "by_supplier"),
        (InvoiceQuery(status=Status.FAILED, decision=Decision.AUTO_APPROVE), "by_status"),
        (InvoiceQuery(status=Status.COMPLETED, decision=Decision.NEEDS_REVIEW), "by_decision"),
    ],
)
def test_a_list_reads_the_smallest_partition(query: InvoiceQuery, index: str) -> None:
    request = queries.listing(query)

    assert request is not None
    assert request["IndexName"] == index


def test_the_indexes_do_not_copy_outcomes() -> None:
    table = resources.table(aws_settings())
    copied = {
        name for index in table["GlobalSecondaryIndexes"] for name in index["Projection"].get("NonKeyAttributes", ())
    }

    assert {index["Projection"]["ProjectionType"] for index in table["GlobalSecondaryIndexes"]} == {"INCLUDE"}
    assert copied == {"status", "decision", "supplier"}


def test_a_missing_table_is_a_matter_of_configuration(aws: None) -> None:
    store = AwsAdapters(aws_settings()).invoices()

    for call in (store.check, lambda: store.register(a_record()), lambda: store.page(InvoiceQuery())):
        with pytest.raises(ConfigurationError):
            call()


def fill(family: AwsAdapters, records: Sequence[InvoiceRecord]) -> None:
    """Put many rows at once, which `register` takes its time for on moto."""
    puts = [{"PutRequest": {"Item": rows.to_row(record)}} for record in records]
    for start in range(0, len(puts), 25):
        items: Any = {family._settings.table_name: puts[start : start + 25]}
        boto3.client("dynamodb").batch_write_item(RequestItems=items)


def row_of(family: AwsAdapters, record: InvoiceRecord) -> Mapping[str, Any]:
    """The row as it lies in the table."""
    key = {"pk": {"S": f"INVOICE#{record.invoice_id}"}, "sk": {"S": "RECORD"}}
    return boto3.client("dynamodb").get_item(TableName=family._settings.table_name, Key=key)["Item"]


def keys_in(family: AwsAdapters) -> list[str]:
    """The keys of all objects in the bucket."""
    listed = boto3.client("s3").list_objects_v2(Bucket=family._settings.bucket_name)
    return [item["Key"] for item in listed.get("Contents", [])]
