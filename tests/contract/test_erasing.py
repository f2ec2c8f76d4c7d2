"""The contract of what erasing and new versions ask of bucket and table."""

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

import boto3
import pytest

from chalicelib.adapters.aws.family import AwsAdapters
from chalicelib.domain.document import DocumentRef, MediaType
from chalicelib.domain.record import InvoiceRecord, Status
from chalicelib.domain.transitions import emptied, erased, part_id
from chalicelib.domain.upload import ocr_folder
from chalicelib.domain.versions import is_newer
from chalicelib.errors import ConflictError, NotFoundError, UnavailableError
from chalicelib.pipeline.erase import Erase, RemoveRemains
from chalicelib.pipeline.interpret import FurtherInvoice
from chalicelib.pipeline.keep_parts import KeepParts
from chalicelib.pipeline.receive import Receive
from chalicelib.ports import Adapters, DocumentStore, InvoiceQuery, InvoiceStore
from local.family import EmbeddedAdapters
from tests.at_once import at_once
from tests.builders import (
    A_MOMENT,
    a_completed_record,
    a_document,
    a_hash,
    a_line_item,
    a_record,
    a_stored_document,
    an_invoice,
    an_outcome,
    some_settings,
)
from tests.web import Web

KEY = "uploads/2026/11/23/01JDCJ5J3M8Q4V0W2X6Y7Z9A1B/invoice.pdf"


@pytest.fixture
def versioned(family: Adapters) -> Adapters:
    """A family whose bucket keeps versions, as the embedded one always does."""
    if isinstance(family, AwsAdapters):
        boto3.client("s3").put_bucket_versioning(
            Bucket=family._settings.bucket_name, VersioningConfiguration={"Status": "Enabled"}
        )
    return family


def stored_version(family: Adapters, content: bytes, key: str = KEY) -> DocumentRef:
    """Store a document, and say which version it is, as its event does."""
    family.documents().put(key, content, MediaType.PDF)
    if isinstance(family, EmbeddedAdapters):
        (*_, message) = family.events().receive(0.0, max=100)
        told = json.loads(message.body)["Records"][0]["s3"]["object"]
        family.events().delete(message.receipt)
        return DocumentRef(key=key, version_id=told["versionId"], sequencer=told["sequencer"])
    assert isinstance(family, AwsAdapters)
    head = boto3.client("s3").head_object(Bucket=family._settings.bucket_name, Key=key)
    return DocumentRef(key=key, version_id=head["VersionId"])


# The bucket


def test_each_version_is_read_by_its_own_id(versioned: Adapters) -> None:
    first, second = (stored_version(versioned, content) for content in (b"one", b"two"))

    assert versioned.documents().get(first) == b"one"
    assert versioned.documents().get(second) == b"two"
    assert versioned.documents().get(DocumentRef(key=KEY)) == b"two"


def test_a_link_leads_to_the_version_that_was_read(versioned: Adapters, web: Web) -> None:
    first, second = (stored_version(versioned, content) for content in (b"one", b"two"))
    links = [versioned.documents().link(KEY, "a.pdf", 60, ref.version_id) for ref in (first, second)]

    assert [web.get(link).content for link in links] == [b"one", b"two"]
    assert web.get(versioned.documents().link(KEY, "a.pdf", 60)).content == b"two"


def test_a_link_leads_nowhere_after_deleting(versioned: Adapters, web: Web) -> None:
    ref = stored_version(versioned, b"one")
    links = [versioned.documents().link(KEY, "a.pdf", 60, version) for version in (ref.version_id, None)]

    versioned.documents().delete(DocumentRef(key=KEY))

    assert {web.get(link).status for link in links} <= {403, 404}  # S3 does not tell strangers what is missing


def test_deleting_a_document_takes_all_of_its_versions(versioned: Adapters) -> None:
    first, second = (stored_version(versioned, content) for content in (b"one", b"two"))

    versioned.documents().delete(DocumentRef(key=KEY))

    assert not versioned.documents().exists(KEY)
    for ref in (first, second, DocumentRef(key=KEY)):
        with pytest.raises(NotFoundError):
            versioned.documents().get(ref)


def test_deleting_one_version_leaves_the_others(versioned: Adapters) -> None:
    first, second = (stored_version(versioned, content) for content in (b"one", b"two"))

    versioned.documents().delete(first)

    assert versioned.documents().get(second) == b"two"
    with pytest.raises(NotFoundError):
        versioned.documents().get(first)


def test_deleting_a_document_leaves_those_whose_keys_begin_alike(documents: DocumentStore) -> None:
    for key in ("uploads/a", "uploads/ab"):
        documents.put(key, key.encode(), MediaType.PDF)

    documents.delete(DocumentRef(key="uploads/a"))

    assert (documents.exists("uploads/a"), documents.exists("uploads/ab")) == (False, True)


def test_deleting_what_is_not_there_is_no_error(documents: DocumentStore) -> None:
    documents.delete(DocumentRef(key=KEY))
    documents.delete(DocumentRef(key=KEY, version_id="3HL4kqtJvjVBH40Nrjfkd"))
    documents.delete_folder("derived/nothing/")


def test_deleting_a_folder_takes_everything_in_it_and_nothing_beside_it(family: Adapters) -> None:
    checkpoints, documents = family.checkpoints(), family.documents()
    for invoice_id in ("01A", "01A-2"):
        checkpoints.save(invoice_id, "ocr-1.json", b"{}")
    documents.put("derived/01A/deep/er.pdf", b"x", MediaType.PDF)

    documents.delete_folder("derived/01A/")

    assert checkpoints.load("01A", "ocr-1.json") is None
    assert not documents.exists("derived/01A/deep/er.pdf")
    assert checkpoints.load("01A-2", "ocr-1.json") == b"{}"


def test_a_prefix_that_is_no_folder_is_refused(documents: DocumentStore) -> None:
    with pytest.raises(ValueError, match="no folder"):
        documents.delete_folder("derived/01A")


def test_what_was_deleted_can_be_stored_anew(versioned: Adapters) -> None:
    stored_version(versioned, b"one")
    versioned.documents().delete(DocumentRef(key=KEY))

    assert versioned.documents().get(stored_version(versioned, b"two")) == b"two"


def test_events_of_one_key_grow_even_where_the_clock_stands_still(versioned: Adapters) -> None:
    first, second = (stored_version(versioned, content) for content in (b"one", b"two"))

    if isinstance(versioned, EmbeddedAdapters):  # whose sequencers are S3's own on AWS
        assert is_newer(str(second.sequencer), str(first.sequencer))


def left_in_bucket(family: Adapters) -> list[str]:
    """Every version of everything in the bucket."""
    if isinstance(family, EmbeddedAdapters):
        data = Path(family._settings.data_dir)
        return [str(path) for root in ("bucket", "versions") for path in (data / root).rglob("*") if path.is_file()]
    assert isinstance(family, AwsAdapters)
    listed = boto3.client("s3").list_object_versions(Bucket=family._settings.bucket_name)
    return [one["Key"] for one in (*listed.get("Versions", []), *listed.get("DeleteMarkers", []))]


# Both together


@pytest.mark.parametrize("lines", [1, 4_000])
def test_erasing_an_invoice_leaves_nothing_in_any_version(versioned: Adapters, lines: int) -> None:
    invoices, clock = versioned.invoices(), versioned.clock()
    received = Receive(versioned.documents(), invoices, clock, some_settings(Path()))(a_document(), "a.pdf").record
    stored_version(versioned, b"over it", received.document.key)
    items = [a_line_item(description="Oak board " + "x" * 100)] * lines
    outcome = an_outcome(invoice=an_invoice(line_items=items))
    for _ in range(2):
        received = invoices.save(received.model_copy(update={"status": Status.COMPLETED, "outcome": outcome}))
    versioned.checkpoints().save(received.invoice_id, "words-1.json", b"{}")
    versioned.documents().put(f"{ocr_folder(str(received.document.sha256))}1.pdf", b"x", MediaType.PDF)

    Erase(versioned.documents(), invoices, clock)(received.invoice_id)

    assert left_in_bucket(versioned) == []
    assert invoices.holder(str(received.document.sha256)) is None
    tombstone = invoices.load(received.invoice_id)
    assert tombstone is not None
    assert (tombstone.status, tombstone.remains, tombstone.outcome) == (Status.ERASED, None, None)


def test_erasing_reaches_further_invoices_that_were_withdrawn_before(versioned: Adapters) -> None:
    documents, invoices, clock = versioned.documents(), versioned.invoices(), versioned.clock()
    first = invoices.register(a_record())
    ids = [part_id(first.invoice_id, number) for number in (2, 3)]
    keep = KeepParts(invoices, clock)
    three = invoices.save(keep(first, first.document, [FurtherInvoice(an_outcome(name)) for name in "BC"]))
    invoices.save(keep(three, three.document, ()))
    for one in ids:
        versioned.checkpoints().save(one, "words-1.json", b"{}")

    Erase(documents, invoices, clock)(first.invoice_id)

    left = [record for record in map(invoices.load, ids) if record is not None]
    assert [(one.status, one.document.filename, one.document.sha256) for one in left] == [(Status.ERASED, "", None)] * 2
    assert left_in_bucket(versioned) == []


def test_a_large_further_invoice_that_comes_after_the_erasure_leaves_nothing(versioned: Adapters) -> None:
    """The object of its outcome is stored before its row is refused."""
    documents, invoices, clock = versioned.documents(), versioned.invoices(), versioned.clock()
    first = invoices.register(a_record())
    items = [a_line_item(description="Oak board " + "x" * 100)] * 4_000
    large = FurtherInvoice(an_outcome(invoice=an_invoice(line_items=items)))
    store = ErasedBetween(invoices, partial(Erase(documents, invoices, clock), first.invoice_id))
    keep = KeepParts(cast("InvoiceStore", store), clock, RemoveRemains(documents, invoices).if_lost)

    with pytest.raises(ConflictError):
        keep(first, first.document, (large,))

    assert left_in_bucket(versioned) == []


class ErasedBetween:
    """A table in which the document is erased right before the row of a further invoice is stored."""

    def __init__(self, invoices: InvoiceStore, erase: Callable[[], None]) -> None:
        self._invoices = invoices
        self._erase = erase

    def save_part(self, part: InvoiceRecord, first: InvoiceRecord, *, is_new: bool) -> InvoiceRecord:
        """Too late."""
        self._erase()
        return self._invoices.save_part(part, first, is_new=is_new)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._invoices, name)


def test_two_who_erase_at_once_both_succeed(versioned: Adapters) -> None:
    record = versioned.invoices().register(a_completed_record())
    erase = Erase(versioned.documents(), versioned.invoices(), versioned.clock())

    at_once([partial(erase, record.invoice_id)] * 3)

    tombstone = versioned.invoices().load(record.invoice_id)
    assert tombstone is not None
    assert (tombstone.status, tombstone.remains) == (Status.ERASED, None)


# The table


def test_a_released_content_is_new_again(invoices: InvoiceStore) -> None:
    record = invoices.register(a_record())
    sha256 = str(record.document.sha256)

    saved = invoices.release(erased(record, A_MOMENT), sha256)

    assert (saved.status, saved.revision, invoices.load(record.invoice_id)) == (Status.ERASED, 1, saved)
    assert invoices.holder(sha256) is None
    again = a_record(document=record.document)
    assert invoices.register(again) == again


def test_content_of_another_invoice_is_not_released(invoices: InvoiceStore) -> None:
    first, second = (invoices.register(a_record()) for _ in range(2))

    invoices.release(second, first.document.sha256)

    assert invoices.holder(str(first.document.sha256)) == first


def test_a_release_that_loses_keeps_the_content(invoices: InvoiceStore) -> None:
    record = invoices.register(a_record())
    saved = invoices.save(record)

    with pytest.raises(ConflictError):
        invoices.release(erased(record, A_MOMENT), record.document.sha256)

    assert invoices.holder(str(record.document.sha256)) == saved


def test_a_release_may_take_other_content_at_once(invoices: InvoiceStore) -> None:
    record = invoices.register(a_record())
    moved = record.model_copy(update={"document": a_stored_document(sha256=a_hash("new"))})

    saved = invoices.release(moved, record.document.sha256)

    assert (invoices.holder(a_hash("new")), invoices.holder(str(record.document.sha256))) == (saved, None)


def test_f61_a_zombie_cannot_save_over_a_tombstone(invoices: InvoiceStore) -> None:
    mine = invoices.save(invoices.register(a_record()))
    tombstone = invoices.release(erased(mine, A_MOMENT), mine.document.sha256)

    with pytest.raises(ConflictError):
        invoices.save(mine.model_copy(update={"status": Status.COMPLETED, "outcome": an_outcome()}))

    assert invoices.load(mine.invoice_id) == tombstone


def test_erased_invoices_are_in_no_list(invoices: InvoiceStore) -> None:
    gone, kept = (invoices.register(a_completed_record()) for _ in range(2))
    tombstone = invoices.release(erased(gone, A_MOMENT), gone.document.sha256)

    assert invoices.page(InvoiceQuery()).records == (kept,)
    assert invoices.page(InvoiceQuery(status=Status.COMPLETED)).records == (kept,)
    assert invoices.page(InvoiceQuery(status=Status.ERASED)).records == (tombstone,)
    invoices.save(emptied(tombstone))
    assert invoices.page(InvoiceQuery(status=Status.ERASED)).records == ()


def test_erased_invoices_do_not_count_as_processed(invoices: InvoiceStore) -> None:
    gone = invoices.register(a_completed_record())
    invoices.release(erased(gone, A_MOMENT), gone.document.sha256)

    assert invoices.count_processed(A_MOMENT - timedelta(days=1)) == 0


def test_f83_what_a_newer_version_wrote_beside_stays_when_this_one_saves(invoices: InvoiceStore) -> None:
    record = a_record(approval="second pair of eyes")
    record = record.model_copy(update={"document": record.document.model_copy(update={"language": "de"})})
    invoices.register(record)

    saved = invoices.save(record.model_copy(update={"attempts": 1}))
    loaded = invoices.load(record.invoice_id)

    assert loaded == saved
    assert loaded is not None
    assert (loaded.model_extra, loaded.document.model_extra) == (
        {"approval": "second pair of eyes"},
        {"language": "de"},
    )


def test_a_row_of_a_newer_schema_is_read_and_never_saved_over(invoices: InvoiceStore) -> None:
    record = invoices.register(a_record(schema_version=99))

    with pytest.raises(UnavailableError) as told:
        invoices.save(record.model_copy(update={"status": Status.PROCESSING}))

    assert told.value.code == "newer_record"
    assert invoices.load(record.invoice_id) == record


def test_a_row_that_only_a_newer_version_understands_is_left_to_it(invoices: InvoiceStore) -> None:
    record = invoices.register(a_record().model_copy(update={"attempts": -1}))

    with pytest.raises(UnavailableError) as told:
        invoices.load(record.invoice_id)

    assert told.value.code == "newer_record"
    assert str(record.document.filename) not in told.value.message
