"""One invoice from upload to its final status: what happens once, twice, too late and in the wrong moment."""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.domain.document import DocumentRef, MediaType, PageRange
from chalicelib.domain.record import Claim, InvoiceRecord, Status
from chalicelib.domain.transitions import claimed, reopened
from chalicelib.errors import NotFoundError, UnavailableError
from chalicelib.pipeline.interpret import Interpretation
from chalicelib.pipeline.keep_parts import KeepParts
from chalicelib.settings import Settings
from local.database import Database
from local.family import EmbeddedAdapters
from local.invoices import SqliteInvoiceStore
from tests.builders import SetClock, a_document
from tests.unit.pipeline.scene import (
    Reading,
    Scene,
    be_down,
    have_a_bug,
    miss_something,
    read_several,
    read_well,
    refuse,
)


def test_a_document_that_was_read_is_completed(scene: Scene) -> None:
    record = scene.processed(scene.received(), read_well)

    assert (record.status, record.document.pages, record.attempts) == (Status.COMPLETED, 2, 1)
    assert (record.claim, record.problem) == (None, None)


def test_a_document_at_fault_is_rejected_and_never_tried_again(scene: Scene) -> None:
    record = scene.processed(scene.received(), refuse)
    scene.processed(record, read_well)

    assert (scene.now(record).status, scene.readings) == (Status.REJECTED, 1)
    assert record.outcome is not None
    assert record.outcome.reasons == ("encrypted",)


def test_an_event_that_comes_after_the_end_costs_nothing(scene: Scene) -> None:
    record = scene.processed(scene.received(), read_well)

    assert scene.processed(record, read_well, owner="two") == record
    assert scene.readings == 1


@pytest.mark.parametrize("trouble", [be_down, have_a_bug])
def test_trouble_is_raised_so_that_the_event_comes_again(scene: Scene, trouble: Reading) -> None:
    record = scene.received()

    with pytest.raises((UnavailableError, ZeroDivisionError)):
        scene.processed(record, trouble)

    assert (scene.now(record).status, scene.now(record).claim) == (Status.RECEIVED, None)
    assert scene.processed(record, read_well).status is Status.COMPLETED


def test_the_last_attempt_fails_with_a_reason_and_is_not_raised(scene: Scene) -> None:
    record = scene.received()
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            scene.processed(record, have_a_bug)

    last = scene.processed(record, have_a_bug)

    assert (last.status, last.attempts) == (Status.FAILED, 3)
    assert last.problem is not None
    assert last.problem.code == "internal_error"


@pytest.mark.parametrize("trouble", [be_down, have_a_bug])
def test_what_clients_see_of_trouble_names_no_resource_and_quotes_no_document(scene: Scene, trouble: Reading) -> None:
    record = scene.received()
    with pytest.raises((UnavailableError, ZeroDivisionError)):
        scene.processed(record, trouble)

    shown = str(scene.now(record).problem)

    assert "arn:" not in shown
    assert "19.00" not in shown


def test_what_crashes_every_time_is_given_up(scene: Scene) -> None:
    record = scene.received()
    for _ in range(3):
        record = scene.adapters.invoices().save(claimed(record, "one", scene.clock.now()))

    end = scene.processed(record, read_well)

    assert (end.status, scene.readings) == (Status.FAILED, 0)
    assert end.problem is not None
    assert end.problem.code == "crashed"


def test_f59_a_second_delivery_leaves_the_document_to_the_one_at_work(scene: Scene) -> None:
    record = scene.adapters.invoices().save(claimed(scene.received(), "one", scene.clock.now()))

    assert scene.processed(record, read_well, owner="two") == record
    assert scene.readings == 0


def test_the_same_delivery_goes_on_at_once_after_a_crash(scene: Scene) -> None:
    record = scene.adapters.invoices().save(claimed(scene.received(), "one", scene.clock.now()))

    assert scene.processed(record, read_well, owner="one").status is Status.COMPLETED


def test_the_same_delivery_twice_at_once_is_read_once(scene: Scene) -> None:
    scene.received()
    ref = scene.event()

    def read_while_it_comes_again(content: bytes) -> Interpretation:
        with pytest.raises(UnavailableError) as told:
            scene.delivered(read_well, "one", ref, seconds=30)
        assert told.value.code == "in_progress"
        return read_well(content)

    record = scene.delivered(read_while_it_comes_again, "one", ref, seconds=30)

    assert (record.status, record.attempts, scene.readings) == (Status.COMPLETED, 1, 1)


def test_the_same_delivery_goes_on_after_a_crash_as_soon_as_its_forerunner_was_ended(scene: Scene) -> None:
    now = scene.clock.now()
    record = claimed(scene.received(), "one", now, now + timedelta(seconds=30))
    scene.adapters.invoices().save(record)
    ref = scene.event()

    scene.clock.advance(seconds=29)
    with pytest.raises(UnavailableError, match="worked on"):
        scene.delivered(read_well, "one", ref)
    scene.clock.advance(seconds=1)

    assert scene.delivered(read_well, "one", ref).status is Status.COMPLETED


def test_the_same_delivery_goes_on_at_once_after_an_attempt_that_failed(scene: Scene) -> None:
    scene.received()
    ref = scene.event()
    with pytest.raises(ZeroDivisionError):
        scene.delivered(have_a_bug, "one", ref, seconds=30)

    assert scene.delivered(read_well, "one", ref, seconds=30).status is Status.COMPLETED


def test_a_letter_waits_for_the_end_of_its_forerunner(scene: Scene) -> None:
    now = scene.clock.now()
    record = claimed(scene.received(), "one", now, now + timedelta(seconds=30))
    scene.adapters.invoices().save(record)
    process, ref = scene._process(read_well), scene.event()

    with pytest.raises(UnavailableError, match="worked on"):
        process(ref, "letter", forerunner="one")
    scene.clock.advance(seconds=30)

    assert process(ref, "letter", forerunner="one").status is Status.COMPLETED


def test_f59_another_delivery_takes_over_when_a_claim_is_old(scene: Scene) -> None:
    record = scene.adapters.invoices().save(claimed(scene.received(), "one", scene.clock.now()))
    scene.clock.advance(seconds=61)

    assert scene.processed(record, read_well, owner="two").status is Status.COMPLETED


def test_f61_who_lost_the_claim_meanwhile_throws_its_result_away(scene: Scene) -> None:
    record = scene.received()

    def be_slow(content: bytes) -> Interpretation:
        other = scene.now(record)
        claim = Claim(owner="two", since=scene.clock.now())
        scene.adapters.invoices().save(other.model_copy(update={"claim": claim}))
        return read_well(content)

    result = scene.processed(record, be_slow)

    assert (result.status, result.claim and result.claim.owner) == (Status.PROCESSING, "two")


def test_of_two_uploads_of_one_document_only_the_first_is_read(scene: Scene) -> None:
    first = scene.processed(scene.received(), read_well)
    key = f"uploads/2026/11/23/{scene.clock.new_id()}/again.pdf"
    scene.adapters.documents().put(key, a_document(), MediaType.PDF)
    again = first.model_copy(update={"document": first.document.model_copy(update={"key": key})})

    second = scene.processed(again, read_well)

    assert (second.status, scene.readings) == (Status.REJECTED, 1)
    assert second.problem is not None
    assert second.problem.code == "duplicate_upload"
    assert first.invoice_id in second.problem.message


def by_form(scene: Scene, content: bytes, invoice: InvoiceRecord | None = None) -> tuple[InvoiceRecord, DocumentRef]:
    """An upload by a new form, or by that of an invoice, and its event."""
    record = invoice or scene.services.request_upload("invoice.pdf", MediaType.PDF).record
    scene.adapters.documents().put(record.document.key, content, MediaType.PDF)
    return record, scene.event()


def failing(scene: Scene, ref: DocumentRef) -> None:
    """Deliver an event until the document has failed."""
    for _ in range(scene.settings.max_attempts):
        with suppress(ZeroDivisionError):
            scene.delivered(have_a_bug, "one", ref)


def duplicates(scene: Scene) -> tuple[InvoiceRecord, InvoiceRecord]:
    """Two uploads of one document by forms: the first was read, the second is refused."""
    (first, first_ref), (second, second_ref) = by_form(scene, a_document()), by_form(scene, a_document())
    scene.delivered(read_well, "one", first_ref)
    refused = scene.delivered(read_well, "two", second_ref)
    assert refused.status is Status.REJECTED
    return scene.now(first), scene.now(second)


def holder(scene: Scene, record: InvoiceRecord) -> str | None:
    """The invoice that the content of a record belongs to."""
    first = scene.adapters.invoices().holder(record.document.sha256 or "")
    return first.invoice_id if first is not None else None


def test_a_document_whose_first_upload_has_failed_is_read_at_the_second(scene: Scene) -> None:
    (first, first_ref), (second, second_ref) = by_form(scene, a_document()), by_form(scene, a_document())
    failing(scene, first_ref)

    read = scene.delivered(read_well, "two", second_ref)

    assert (scene.now(first).status, read.status) == (Status.FAILED, Status.COMPLETED)
    assert holder(scene, read) == second.invoice_id


def test_a_failed_upload_that_is_tried_again_is_refused_once_another_was_read(scene: Scene) -> None:
    (first, first_ref), (_, second_ref) = by_form(scene, a_document()), by_form(scene, a_document())
    failing(scene, first_ref)
    read = scene.delivered(read_well, "two", second_ref)
    scene.adapters.invoices().save(reopened(scene.now(first)))

    again = scene.delivered(read_well, "three", first_ref)

    assert (again.status, again.problem and again.problem.code) == (Status.REJECTED, "duplicate_upload")
    assert holder(scene, again) == read.invoice_id


def test_a_duplicate_is_read_when_it_is_sent_again_after_the_first_is_about_something_else(scene: Scene) -> None:
    first, second = duplicates(scene)
    scene.delivered(read_well, "three", by_form(scene, a_document("Another"), first)[1])

    read = scene.delivered(read_well, "four", by_form(scene, a_document(), second)[1])

    assert (read.status, read.problem, holder(scene, read)) == (Status.COMPLETED, None, second.invoice_id)


def test_a_duplicate_is_read_when_it_is_sent_again_after_the_first_was_deleted(scene: Scene) -> None:
    first, second = duplicates(scene)
    scene.services.erase(first.invoice_id)

    read = scene.delivered(read_well, "four", by_form(scene, a_document(), second)[1])

    assert (read.status, read.problem, holder(scene, read)) == (Status.COMPLETED, None, second.invoice_id)


def test_a_duplicate_of_what_was_read_stays_refused_when_it_is_sent_again(scene: Scene) -> None:
    first, second = duplicates(scene)

    again = scene.delivered(read_well, "four", by_form(scene, a_document(), second)[1])

    assert (again.status, again.outcome, scene.readings) == (Status.REJECTED, second.outcome, 1)
    assert holder(scene, again) == first.invoice_id


def test_a_document_whose_first_was_deleted_is_new_when_it_is_posted_though_a_duplicate_is_known(scene: Scene) -> None:
    first, second = duplicates(scene)
    scene.services.erase(first.invoice_id)
    scene.adapters.invoices().save(second)  # any write

    posted = scene.received()

    assert posted.invoice_id not in {first.invoice_id, second.invoice_id}
    assert scene.delivered(read_well, "five").status is Status.COMPLETED


def test_an_event_of_a_newer_version_that_is_gone_leaves_the_row_to_its_own(scene: Scene) -> None:
    record, ref = scene.received(), scene.event()
    with pytest.raises(UnavailableError):
        scene.delivered(be_down, "one", ref)
    _, later = by_form(scene, a_document("Another"), record)
    scene.adapters.documents().delete(later)
    before = scene.now(record)

    left = scene.delivered(read_well, "two", later)

    assert left == scene.now(record) == before
    assert scene.delivered(read_well, "one", ref).status is Status.COMPLETED


def test_an_older_event_does_not_open_what_was_given_up_because_its_version_was_missing(scene: Scene) -> None:
    record, ref = scene.received(), scene.event()
    _, later = by_form(scene, a_document("Another"), record)
    with suppress(ZeroDivisionError):
        scene.delivered(have_a_bug, "two", later)
    scene.adapters.documents().delete(later)
    gone = scene.delivered(read_well, "two", later)

    assert gone.status is Status.FAILED
    assert scene.delivered(read_well, "one", ref) == scene.now(record) == gone


def test_a_late_event_of_the_version_that_has_failed_does_not_open_it_again(scene: Scene) -> None:
    record, ref = scene.received(), scene.event()
    for _ in range(scene.settings.max_attempts):
        scene.clock.advance(minutes=20)
        with suppress(ZeroDivisionError):
            scene._process(have_a_bug).go_on(scene.now(record), "sweep")

    late = scene.delivered(read_well, "late", ref)

    assert (late.status, late.attempts, scene.readings) == (Status.FAILED, 3, 3)
    assert (late.document.version_id, late.document.sequencer) == (ref.version_id, ref.sequencer)


def test_a_document_with_several_invoices_gives_a_record_for_each(scene: Scene) -> None:
    first = scene.processed(scene.received(), read_several)
    third = scene.adapters.invoices().load(f"{first.invoice_id}-3")

    assert (first.status, first.parts, first.document.page_range) == (Status.COMPLETED, 3, PageRange(first=1, last=1))
    assert third is not None
    assert (third.document.page_range, third.document.pages) == (PageRange(first=3, last=4), 4)


def test_several_invoices_are_the_same_after_a_crash_between_them(scene: Scene) -> None:
    record = scene.received()
    claim = scene.adapters.invoices().save(claimed(record, "one", scene.clock.now()))
    KeepParts(scene.adapters.invoices(), scene.clock)(claim, record.document, read_several(b"").others[:1])

    first = scene.processed(record, read_several)

    assert (first.status, first.parts, first.attempts) == (Status.COMPLETED, 3, 2)
    assert all(scene.adapters.invoices().load(f"{first.invoice_id}-{number}") for number in (2, 3))


def with_a_crash_between_several(scene: Scene, attempts: int) -> InvoiceRecord:
    """A document whose last worker died when it had stored the second of three invoices."""
    record = scene.received()
    claim = claimed(record, "one", scene.clock.now()).model_copy(update={"attempts": attempts})
    mine = scene.adapters.invoices().save(claim)
    KeepParts(scene.adapters.invoices(), scene.clock)(mine, record.document, read_several(b"").others)
    return record


@pytest.mark.parametrize("attempts", [2, 3])
def test_no_further_invoice_of_a_document_that_fails_stays_completed(scene: Scene, attempts: int) -> None:
    record = with_a_crash_between_several(scene, attempts)

    failed = scene.processed(record, have_a_bug)

    parts = [scene.adapters.invoices().load(f"{record.invoice_id}-{number}") for number in (2, 3)]
    assert (failed.status, failed.parts) == (Status.FAILED, 1)
    assert [(part.status, part.problem and part.problem.code) for part in parts if part] == [
        (Status.REJECTED, "part_of_failed")
    ] * 2


def test_a_failed_document_that_is_read_after_all_has_its_further_invoices_back(scene: Scene) -> None:
    record = with_a_crash_between_several(scene, 3)
    failed = scene.processed(record, have_a_bug)
    scene.adapters.invoices().save(reopened(failed))

    first = scene.processed(record, read_several)

    parts = [scene.adapters.invoices().load(f"{record.invoice_id}-{number}") for number in (2, 3)]
    assert (first.status, first.parts) == (Status.COMPLETED, 3)
    assert [(part.status, part.problem) for part in parts if part] == [(Status.COMPLETED, None)] * 2


class SilentStore(SqliteInvoiceStore):
    """A table that does what it is asked to; the answer to the second write gets lost."""

    def __init__(self, database: Database, writes: Iterator[int]) -> None:
        super().__init__(database)
        self._writes = writes

    def release(self, record: InvoiceRecord, sha256: str | None, parts: Sequence[InvoiceRecord] = ()) -> InvoiceRecord:
        """Replace a record, as every save does."""
        saved = super().release(record, sha256, parts)
        if next(self._writes) == 2:
            raise UnavailableError("dynamodb_unavailable", "no answer")
        return saved


class SilentAdapters(EmbeddedAdapters):
    """The embedded adapters with such a table."""

    def __init__(self, settings: Settings, clock: SetClock) -> None:
        super().__init__(settings, clock)
        self._writes = itertools.count(1)

    def invoices(self) -> SilentStore:
        """The table."""
        return SilentStore(self._database(), self._writes)


def test_a_write_that_was_done_without_an_answer_leaves_the_document_to_the_next_attempt(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.adapters = SilentAdapters(scene.settings, scene.clock)
    scene.adapters.documents().put("uploads/by-hand.pdf", a_document(), MediaType.PDF)
    ref = scene.event()

    with pytest.raises(UnavailableError):  # after the claim was written, and then the hash
        scene.delivered(read_well, ref=ref)
    released = scene._process(read_well).known(ref)
    record = scene.delivered(read_well, ref=ref)

    assert released is not None
    assert (released.status, released.claim) == (Status.RECEIVED, None)
    assert (record.status, record.attempts) == (Status.COMPLETED, 2)
    scene.adapters.close()


def test_what_is_missing_beside_the_document_is_not_taken_for_it(scene: Scene) -> None:
    record = scene.received()

    with pytest.raises(NotFoundError, match="not_there"):
        scene.processed(record, miss_something)

    assert scene.now(record).status is Status.RECEIVED
