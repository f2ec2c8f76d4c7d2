"""On AWS, erasing is refused or put off by the bucket: what could not be removed is removed by the next call."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from chalicelib.adapters.aws.family import AwsAdapters
from chalicelib.domain.document import MediaType
from chalicelib.domain.record import InvoiceRecord, Status
from chalicelib.domain.transitions import erased, part
from chalicelib.domain.upload import ocr_folder, upload_key
from chalicelib.errors import ConfigurationError, UnavailableError
from chalicelib.pipeline.erase import Erase, FinishErasing
from chalicelib.pipeline.remembering import SharedFacts
from chalicelib.ports import InvoiceQuery
from tests.builders import A_MOMENT, a_clock, a_completed_record, a_stored_document, an_id, an_outcome
from tests.families import an_aws_family, moto
from tests.wire import Wire, an_error


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


def left(family: AwsAdapters) -> list[str]:
    """The keys of all versions in the bucket."""
    listed = boto3.client("s3").list_object_versions(Bucket=family._settings.bucket_name)
    return [one["Key"] for one in (*listed.get("Versions", []), *listed.get("DeleteMarkers", []))]


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


def test_an_erasure_that_is_refused_does_not_have_the_next_turn_as_well(aws: None) -> None:
    family = a_family()
    invoices = family.invoices()
    first, second = (invoices.save(erased(two_invoices(family), A_MOMENT)) for _ in range(2))
    finish = FinishErasing(family.documents(), invoices, SharedFacts(family.shared_state()), family.clock())
    Wire(family._clients.s3(), "DeleteObject", [an_error("AccessDenied", 403)])

    finished = [finish(most=1), finish(most=1)]

    assert finished == [0, 1]
    assert [one.remains is None for one in map(invoices.load, (first.invoice_id, second.invoice_id)) if one] == [
        False,
        True,
    ]
