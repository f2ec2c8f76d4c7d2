"""On AWS, erasing is cut short before any one of its requests: whatever the moment, the next call completes it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest

from chalicelib.adapters.aws.family import AwsAdapters
from chalicelib.domain.document import MediaType
from chalicelib.domain.record import InvoiceRecord, Status
from chalicelib.domain.transitions import part
from chalicelib.domain.upload import ocr_folder, upload_key
from chalicelib.errors import ConfigurationError, UnavailableError
from chalicelib.pipeline.erase import Erase
from chalicelib.ports import InvoiceQuery
from tests.builders import A_MOMENT, a_clock, a_completed_record, a_stored_document, an_id, an_outcome
from tests.families import an_aws_family, moto
from tests.wire import Wire, an_error


class CutOffError(BaseException):
    """The process ends here: nothing of ours may catch it."""


@pytest.fixture(scope="module")
def aws() -> Iterator[None]:
    """AWS itself."""
    with moto():
        yield


def a_family() -> AwsAdapters:
    """A family whose bucket keeps versions; no other has its table."""
    family = an_aws_family(a_clock())
    boto3.client("s3").put_bucket_versioning(
        Bucket=family._settings.bucket_name, VersioningConfiguration={"Status": "Enabled"}
    )
    return family


def two_invoices(family: AwsAdapters) -> InvoiceRecord:
    """The first of two invoices in one document, with everything that processing leaves."""
    invoice_id = an_id()
    document = a_stored_document(key=upload_key(invoice_id, A_MOMENT, "tyres.pdf"), filename="tyres.pdf")
    record = a_completed_record(invoice_id=invoice_id, document=document, parts=2)
    for _ in range(2):
        family.documents().put(document.key, b"%PDF", MediaType.PDF)
    family.documents().put(f"{ocr_folder(str(document.sha256))}1.pdf", b"%PDF", MediaType.PDF)
    family.checkpoints().save(invoice_id, "words-1.json", b"{}")
    family.invoices().register(part(record, 2, document, an_outcome(), A_MOMENT))
    return family.invoices().register(record)


def erase(family: AwsAdapters, record: InvoiceRecord) -> None:
    """Erase an invoice."""
    Erase(family.documents(), family.invoices(), family.clock())(record.invoice_id)


@contextmanager
def requests_left(family: AwsAdapters, most: int) -> Iterator[list[str]]:
    """Let `most` requests to bucket and table through; the operations that were asked for."""
    asked: list[str] = []

    def count(event_name: str, **_: Any) -> None:
        asked.append(event_name.rsplit(".", 1)[-1])
        if len(asked) > most:
            raise CutOffError

    clients = (family._clients.s3(), family._clients.dynamodb())
    for client in clients:
        client.meta.events.register_first("before-send.*.*", count)
    try:
        yield asked
    finally:
        for client in clients:
            client.meta.events.unregister("before-send.*.*", count)


def left(family: AwsAdapters) -> list[str]:
    """The keys of all versions in the bucket."""
    listed = boto3.client("s3").list_object_versions(Bucket=family._settings.bucket_name)
    return [one["Key"] for one in (*listed.get("Versions", []), *listed.get("DeleteMarkers", []))]


def test_erasing_again_completes_what_was_cut_short_before_any_request(aws: None) -> None:
    family = a_family()
    record = two_invoices(family)
    with requests_left(family, 1_000) as asked:
        erase(family, record)

    for most in range(len(asked)):
        family = a_family()
        record = two_invoices(family)
        with pytest.raises(CutOffError), requests_left(family, most):
            erase(family, record)
        erase(family, record)

        rows = [family.invoices().load(one) for one in (record.invoice_id, f"{record.invoice_id}-2")]
        assert [(row.status, row.remains) for row in rows if row] == [(Status.ERASED, None)] * 2
        assert (left(family), family.invoices().page(InvoiceQuery()).records) == ([], ())
        assert family.invoices().holder(str(record.document.sha256)) is None
    assert len(asked) > 10


@pytest.mark.parametrize(
    ("faults", "expected"),
    [([an_error("AccessDenied", 403)], ConfigurationError), ([an_error("SlowDown", 503)] * 3, UnavailableError)],
    ids=["forbidden", "slow"],
)
def test_an_original_that_cannot_be_removed_is_not_forgotten(
    aws: None, faults: list[Any], expected: type[Exception]
) -> None:
    family = a_family()
    record = two_invoices(family)
    Wire(family._clients.s3(), "DeleteObject", faults)

    with pytest.raises(expected):
        erase(family, record)
    assert len(family.invoices().page(InvoiceQuery(status=Status.ERASED)).records) == 1
    erase(family, record)

    assert left(family) == []
