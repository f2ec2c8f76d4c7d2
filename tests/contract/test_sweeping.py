"""Parking and sweeping on both families: what they ask of bucket, table and queues, all of these can answer."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from chalicelib.adapters.aws.family import AwsAdapters
from chalicelib.bootstrap import Services
from chalicelib.domain.dead_letter import UnreadableLetter
from chalicelib.domain.document import MediaType
from chalicelib.domain.record import FINAL, InvoiceRecord, Status
from chalicelib.domain.transitions import claimed
from chalicelib.domain.upload import upload_key
from chalicelib.ports import Adapters
from chalicelib.settings import Settings
from tests.builders import SetClock, a_document, a_record, a_stored_document
from tests.contract.test_queue import received


@pytest.fixture
def services(family: Adapters, clock: SetClock) -> Services:
    """The use cases; the clock stands at the machine's time, which is S3's."""
    clock.advance(seconds=(datetime.now(UTC) - clock.now()).total_seconds())
    return Services(Settings(stage="test", shares=False, textract=False, models=""), family)


def keep_versions(family: Adapters) -> None:
    """Let the bucket keep versions, as the embedded one always does."""
    if isinstance(family, AwsAdapters):
        boto3.client("s3").put_bucket_versioning(
            Bucket=family._settings.bucket_name, VersioningConfiguration={"Status": "Enabled"}
        )


def an_upload(services: Services, clock: SetClock, name: str) -> InvoiceRecord:
    """A record, not registered, of a document that is stored."""
    invoice_id = clock.new_id()
    key = upload_key(invoice_id, clock.now(), name)
    services.adapters.documents().put(key, a_document(name), MediaType.PDF)
    document = a_stored_document(key=key, filename=name, sha256=None)
    return a_record(invoice_id=invoice_id, document=document, received_at=clock.now())


def test_whatever_was_left_lying_is_found(services: Services, clock: SetClock) -> None:
    invoices = services.adapters.invoices()
    unattended, expired = (invoices.register(an_upload(services, clock, name)) for name in ("a.pdf", "b.pdf"))
    invoices.save(claimed(expired, "crashed", clock.now()))
    without_row = an_upload(services, clock, "c.pdf")
    planned = services.request_upload("d.pdf", MediaType.PDF).record
    clock.advance(hours=1)

    swept = services.sweep("sweep")

    assert (swept.expired, swept.unattended, swept.without_row, swept.never_came) == (1, 1, 1, 1)
    for record in (unattended, expired, without_row, planned):
        stored = invoices.load(record.invoice_id)
        assert stored is not None
        assert stored.status in {Status.COMPLETED, Status.REJECTED, Status.FAILED}


def test_a_newer_version_whose_event_was_lost_is_found(services: Services, clock: SetClock) -> None:
    keep_versions(services.adapters)
    invoices, documents = services.adapters.invoices(), services.adapters.documents()
    record = invoices.register(an_upload(services, clock, "a.pdf"))
    clock.advance(hours=1)
    services.sweep("first")
    before = invoices.load(record.invoice_id)
    documents.put(record.document.key, a_document("another"), MediaType.PDF)
    clock.advance(hours=1)

    swept = services.sweep("second")
    after = invoices.load(record.invoice_id)

    assert before is not None
    assert after is not None
    assert (swept.without_row, services.sweep("third").without_row) == (1, 0)
    assert after.document.sha256 == hashlib.sha256(a_document("another")).hexdigest() != before.document.sha256


def test_a_document_that_was_stored_after_it_was_missed_is_read_though_its_event_was_lost(
    services: Services, clock: SetClock
) -> None:
    invoice_id = clock.new_id()
    key = upload_key(invoice_id, clock.now(), "slow.pdf")
    record = a_record(invoice_id=invoice_id, document=a_stored_document(key=key), received_at=clock.now())
    invoices = services.adapters.invoices()
    invoices.register(record)
    clock.advance(hours=1)
    services.sweep("too early")
    missed = invoices.load(invoice_id)
    services.adapters.documents().put(key, a_document("slow"), MediaType.PDF)
    clock.advance(hours=1)

    services.sweep("later")
    found = invoices.load(invoice_id)

    assert missed is not None
    assert missed.problem is not None
    assert missed.problem.code == "document_missing"
    assert found is not None
    assert found.status in {Status.COMPLETED, Status.REJECTED}


def test_rows_of_a_newer_program_keep_none_of_ours_waiting(services: Services, clock: SetClock) -> None:
    invoices = services.adapters.invoices()
    older = invoices.register(an_upload(services, clock, "a.pdf"))
    for _ in range(20):  # as many as are taken up in one run
        invoices.register(a_record(received_at=clock.now(), schema_version=99))
    newer = invoices.register(an_upload(services, clock, "b.pdf"))
    clock.advance(hours=1)

    swept = services.sweep("sweep")

    assert swept.unattended == 2
    assert {invoices.load(one.invoice_id).status for one in (older, newer)} <= FINAL  # type: ignore[union-attr]


def test_a_second_run_finds_nothing_more(services: Services, clock: SetClock) -> None:
    an_upload(services, clock, "a.pdf")
    clock.advance(hours=1)
    services.sweep("first")

    assert set(services.sweep("second")) == {0}


def test_a_message_is_parked_as_it_came(services: Services, clock: SetClock) -> None:
    services.reprocess(UnreadableLetter("m", 'Grüße, "請款單" 🧾'))

    (body,) = received(services.adapters.parking())
    assert json.loads(body)["body"] == 'Grüße, "請款單" 🧾'
    assert datetime.fromisoformat(json.loads(body)["parked_at"]) - clock.now() < timedelta(seconds=1)
