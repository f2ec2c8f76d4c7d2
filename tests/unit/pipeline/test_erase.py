"""Erasing one invoice: nothing of it is left, and nothing brings it back."""

from pathlib import Path

import pytest

from chalicelib.domain.dead_letter import DeadLetter
from chalicelib.domain.document import DocumentRef, MediaType
from chalicelib.domain.record import InvoiceRecord, Status
from chalicelib.domain.transitions import claimed, erased
from chalicelib.domain.upload import derived_folder, ocr_folder, ref_of
from chalicelib.errors import NotFoundError, RejectedError
from chalicelib.pipeline.erase import Erase
from chalicelib.pipeline.interpret import Interpretation
from chalicelib.pipeline.keep_parts import KeepParts
from chalicelib.pipeline.problems import MISSING
from chalicelib.pipeline.withdraw_parts import SUPERSEDED
from chalicelib.ports import InvoiceQuery
from tests.builders import A_MOMENT, a_document, a_record
from tests.unit.pipeline.scene import Scene, read_several, read_well


def erase(scene: Scene, record: InvoiceRecord) -> InvoiceRecord:
    """Erase an invoice; what the table has of it then."""
    Erase(scene.adapters.documents(), scene.adapters.invoices(), scene.clock)(record.invoice_id)
    return scene.now(record)


def files_of(scene: Scene) -> list[str]:
    """Everything that lies in the bucket, in all versions."""
    data = Path(scene.settings.data_dir)
    found = (path for root in ("bucket", "versions", "drafts") for path in (data / root).rglob("*") if path.is_file())
    return [str(path.relative_to(data)) for path in found]


def derive(scene: Scene, record: InvoiceRecord) -> None:
    """Leave what the steps of processing leave beside the original."""
    scene.adapters.checkpoints().save(record.invoice_id, "words-1.json", b"{}")
    scene.adapters.documents().put(f"{ocr_folder(str(record.document.sha256))}1.pdf", b"x", MediaType.PDF)
    scene.adapters.documents().put(f"{derived_folder(record.invoice_id)}outcome-3.json", b"x", MediaType.PDF)


def test_nothing_of_the_document_is_left(scene: Scene) -> None:
    record = scene.processed(scene.received(), read_well)
    derive(scene, record)

    erase(scene, record)

    assert files_of(scene) == []


def test_the_tombstone_says_that_it_was_there_and_nothing_more(scene: Scene) -> None:
    record = scene.processed(scene.received(), read_well)

    tombstone = erase(scene, record)

    told = tombstone.model_dump(exclude_defaults=True, exclude={"revision", "document"})
    assert told == {
        "invoice_id": record.invoice_id,
        "status": Status.ERASED,
        "received_at": record.received_at,
        "erased_at": scene.clock.now(),
    }
    assert tombstone.document.model_dump(exclude_defaults=True) == {"key": "", "filename": ""}


def test_the_tombstone_has_no_name_hash_or_supplier_from_its_first_moment(scene: Scene) -> None:
    record = scene.processed(scene.received(), read_well)
    Erase(scene.adapters.documents(), scene.adapters.invoices(), scene.clock)._tombstone(record.invoice_id)

    tombstone = scene.now(record)
    assert (tombstone.status, tombstone.outcome, tombstone.problem) == (Status.ERASED, None, None)
    assert (tombstone.document.filename, tombstone.document.sha256) == ("", None)
    assert tombstone.remains is not None


def test_charges_stay_in_the_ledger(scene: Scene) -> None:
    record = scene.processed(scene.received(), read_well)
    before = scene.adapters.ledger().charges_of(record.invoice_id)
    assert before

    erase(scene, record)

    assert scene.adapters.ledger().charges_of(record.invoice_id) == before


def test_an_unknown_invoice_cannot_be_erased(scene: Scene) -> None:
    with pytest.raises(NotFoundError) as told:
        Erase(scene.adapters.documents(), scene.adapters.invoices(), scene.clock)(scene.clock.new_id())

    assert told.value.code == "invoice_not_found"


def test_erasing_twice_is_erasing_once(scene: Scene) -> None:
    record = scene.processed(scene.received(), read_well)

    assert erase(scene, record) == erase(scene, record)


@pytest.mark.parametrize("status", ["awaiting_upload", "received", "processing", "waiting", "rejected", "failed"])
def test_an_invoice_can_be_erased_whatever_its_status(scene: Scene, status: str) -> None:
    record = scene.received()
    scene.adapters.invoices().save(record.model_copy(update={"status": Status(status)}))

    assert erase(scene, record).status is Status.ERASED
    assert files_of(scene) == []


def test_the_same_bytes_are_a_new_invoice_afterwards(scene: Scene) -> None:
    record = scene.processed(scene.received(), read_well)
    erase(scene, record)

    again = scene.received()

    assert again.invoice_id != record.invoice_id
    assert scene.processed(again, read_well).status is Status.COMPLETED


def test_what_the_same_bytes_have_for_ocr_is_left_to_who_has_them_now(scene: Scene) -> None:
    record = scene.received()
    first = Erase(scene.adapters.documents(), scene.adapters.invoices(), scene.clock)
    tombstone = first._tombstone(record.invoice_id)
    again = scene.received()
    derive(scene, again)

    first(tombstone.invoice_id)

    assert scene.adapters.documents().exists(f"{ocr_folder(str(again.document.sha256))}1.pdf")


# Several invoices in one document


def test_all_invoices_of_a_document_go_together(scene: Scene) -> None:
    first = scene.processed(scene.received(), read_several)
    derive(scene, first.model_copy(update={"invoice_id": f"{first.invoice_id}-2"}))

    erase(scene, first)

    parts = [scene.adapters.invoices().load(f"{first.invoice_id}-{number}") for number in (2, 3)]
    assert [(part.status, part.outcome, part.document.filename) for part in parts if part] == [
        (Status.ERASED, None, ""), (Status.ERASED, None, ""),
    ]  # fmt: skip
    assert (scene.adapters.invoices().page(InvoiceQuery()).records, files_of(scene)) == ((), [])


def test_a_row_from_before_withdrawn_parts_were_counted_is_erased_with_its_parts() -> None:
    row = a_record(parts=3).model_dump(exclude={"most_parts"})

    tombstone = erased(InvoiceRecord.model_validate(row), A_MOMENT)

    assert tombstone.remains is not None
    assert tombstone.remains.parts == 3


def test_one_of_several_cannot_be_taken_out_of_its_document(scene: Scene) -> None:
    first = scene.processed(scene.received(), read_several)

    with pytest.raises(RejectedError, match=first.invoice_id) as told:
        erase(scene, first.model_copy(update={"invoice_id": f"{first.invoice_id}-2"}))

    assert told.value.code == "part_of_document"
    assert scene.now(first) == first


def test_when_the_content_is_let_go_no_other_invoice_in_it_is_there_to_be_paid(scene: Scene) -> None:
    first = scene.processed(scene.received(), read_several)
    invoices = scene.adapters.invoices()

    Erase(scene.adapters.documents(), invoices, scene.clock)._tombstone(first.invoice_id)  # and no further

    second = invoices.load(f"{first.invoice_id}-2")
    assert invoices.holder(first.document.sha256 or "") is None
    assert second is not None
    assert (second.status, second.problem) == (Status.REJECTED, SUPERSEDED)


def test_a_worker_that_is_storing_the_parts_cannot_store_another(scene: Scene) -> None:
    record = scene.adapters.invoices().save(claimed(scene.received(), "one", scene.clock.now()))
    invoices = scene.adapters.invoices()
    announced = invoices.save(record.model_copy(update={"parts": 3}))

    erase(scene, announced)

    with pytest.raises(Exception, match="invoice_"):
        KeepParts(invoices, scene.clock)._put(
            record.model_copy(update={"invoice_id": f"{record.invoice_id}-2", "part_of": record.invoice_id}), announced
        )
    assert invoices.page(InvoiceQuery()).records == ()


def test_the_same_bytes_announced_again_and_never_stored_keep_nothing_of_it(scene: Scene) -> None:
    record = scene.processed(scene.received(), read_well)
    documents = scene.adapters.documents()
    content = documents.get(DocumentRef(key=record.document.key))
    pages = DocumentRef(key=f"{ocr_folder(record.document.sha256 or '')}1.png")
    documents.put(pages.key, content, MediaType.PNG)
    Erase(documents, scene.adapters.invoices(), scene.clock)._tombstone(record.invoice_id)  # and no further
    again = scene.received(content)
    documents.delete(DocumentRef(key=again.document.key))
    erase(scene, record)

    missing = scene.processed(again, read_well)

    assert (missing.status, missing.problem) == (Status.FAILED, MISSING)
    assert not documents.exists(pages.key)


# What comes too late


def test_a_late_event_does_not_bring_it_back(scene: Scene) -> None:
    record = scene.received()
    erase(scene, record)

    scene.processed(record, read_well)

    assert (scene.now(record).status, scene.readings) == (Status.ERASED, 0)


def test_an_upload_that_comes_after_the_erasure_is_removed(scene: Scene) -> None:
    record = scene.received()
    erase(scene, record)
    scene.adapters.documents().put(record.document.key, a_document(), MediaType.PDF)

    scene.processed(record, read_well)

    assert files_of(scene) == []


def test_a_dead_letter_does_not_bring_it_back(scene: Scene) -> None:
    record = scene.received()
    tombstone = erase(scene, record)
    services = scene.services

    assert services.reprocess(DeadLetter(ref_of(record.document), "message")) == tombstone


def test_the_sweep_does_not_bring_it_back(scene: Scene) -> None:
    record = scene.adapters.invoices().save(scene.received().model_copy(update={"status": Status.WAITING}))
    tombstone = erase(scene, record)

    assert scene.services.sweep("sweeper").due == 0
    assert scene.now(record) == tombstone


def test_f61_a_zombie_does_not_bring_it_back_and_what_it_wrote_is_removed(scene: Scene) -> None:
    record = scene.received()

    def be_erased_meanwhile(content: bytes) -> Interpretation:
        erase(scene, record)
        derive(scene, record)
        return read_well(content)

    result = scene.processed(record, be_erased_meanwhile)

    assert (result.status, scene.now(record).status, files_of(scene)) == (Status.ERASED, Status.ERASED, [])


def test_a_zombie_with_several_invoices_leaves_none(scene: Scene) -> None:
    record = scene.received()

    def be_erased_meanwhile(content: bytes) -> Interpretation:
        erase(scene, record)
        return read_several(content)

    scene.processed(record, be_erased_meanwhile)

    assert scene.adapters.invoices().page(InvoiceQuery()).records == ()


def test_a_zombie_whose_attempt_fails_removes_what_it_wrote(scene: Scene) -> None:
    record = scene.received()

    def be_erased_and_fail(_content: bytes) -> Interpretation:
        erase(scene, record)
        derive(scene, record)
        raise ZeroDivisionError

    scene.processed(record, be_erased_and_fail)

    assert (scene.now(record).status, files_of(scene)) == (Status.ERASED, [])


def test_an_object_stored_by_hand_takes_only_its_own_version_along(scene: Scene) -> None:
    key = "uploads/by hand.pdf"
    records = []
    for text in ("one", "two"):
        scene.adapters.documents().put(key, a_document(text), MediaType.PDF)
        records.append(scene.delivered(read_well))

    erase(scene, records[0])

    assert scene.adapters.documents().get(ref_of(records[1].document)) == a_document("two")
    assert len(files_of(scene)) == 2  # the version, and the same as the last one


def test_what_is_put_by_hand_under_the_key_of_an_erased_one_stays_where_there_are_no_versions(scene: Scene) -> None:
    key = "uploads/by hand.pdf"
    scene.adapters.documents().put(key, a_document("one"), MediaType.PDF)
    record = scene.delivered(read_well, ref=DocumentRef(key=key))
    erase(scene, record)
    scene.adapters.documents().put(key, a_document("two"), MediaType.PDF)

    scene.delivered(read_well, "two", DocumentRef(key=key))

    assert scene.adapters.documents().get(DocumentRef(key=key)) == a_document("two")
    assert scene.now(record).status is Status.ERASED
