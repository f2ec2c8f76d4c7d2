"""The same key stored again: a new version of the document, never the old result, and never back to an older one."""

import hashlib
import itertools
from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.dead_letter import DeadLetter
from chalicelib.domain.document import DocumentRef, MediaType
from chalicelib.domain.record import InvoiceRecord, Status
from chalicelib.domain.transitions import claimed, reopened, versioned
from chalicelib.domain.upload import ocr_folder, ref_of
from chalicelib.domain.versions import Age, age_of, is_newer
from chalicelib.errors import BudgetExhaustedError, RejectedError, UnavailableError
from chalicelib.pipeline.interpret import Interpretation
from tests.at_once import at_once
from tests.builders import a_document, a_problem, a_read_document, a_stored_document, an_outcome
from tests.unit.pipeline.scene import Scene, be_down, read_several, read_well

sequencers = st.text("0123456789ABCDEF", min_size=1, max_size=20)


def read_by_content(content: bytes) -> Interpretation:
    """The supplier is what the document says."""
    said = content.split(b"(")[1].split(b")")[0].decode()
    return Interpretation(an_outcome(said), a_read_document())


def have_no_money(_content: bytes) -> Interpretation:
    """Nothing may be paid for."""
    raise BudgetExhaustedError("day_budget", "Nothing may be paid for today.")


def supplier_of(record: InvoiceRecord) -> str | None:
    """What the record's outcome says."""
    value = record.outcome.invoice.fields.get("supplier_name") if record.outcome else None  # type: ignore[call-overload]  # names are texts
    return value.value if value else None


def stored(scene: Scene, record: InvoiceRecord, text: str) -> DocumentRef:
    """Store another version of a record's original; what its event names."""
    scene.adapters.documents().put(record.document.key, a_document(text), MediaType.PDF)
    return scene.event()


def a_sha256(text: str) -> str:
    """That of a document with this text."""
    return hashlib.sha256(a_document(text)).hexdigest()


def codes_of_parts(scene: Scene, first: InvoiceRecord) -> list[str | None]:
    """What is the matter with the second and the third invoice of a document; `None`: they are to be paid."""
    parts = [scene.adapters.invoices().load(f"{first.invoice_id}-{number}") for number in (2, 3)]
    return [part.problem.code if part.problem else None for part in parts if part]


def a_first_version(scene: Scene) -> tuple[InvoiceRecord, DocumentRef]:
    """A document that was read, and its event."""
    scene.received(a_document("one"))
    ref = scene.event()
    return scene.delivered(read_by_content, ref=ref), ref


# Sequencers


@given(sequencers, sequencers)
def test_of_two_sequencers_at_most_one_is_newer(first: str, second: str) -> None:
    assert not (is_newer(first, second) and is_newer(second, first))
    assert is_newer(first, second) or is_newer(second, first) or first.rstrip("0") == second.rstrip("0")


@given(sequencers, sequencers, sequencers)
def test_f03_sequencers_of_different_lengths_have_one_order(first: str, second: str, third: str) -> None:
    if is_newer(second, first) and is_newer(third, second):
        assert is_newer(third, first)


@given(sequencers, st.integers(0, 8))
def test_zeros_on_the_right_make_no_sequencer_newer(sequencer: str, zeros: int) -> None:
    longer = sequencer + "0" * zeros

    assert not is_newer(longer, sequencer)
    assert not is_newer(sequencer, longer)


@given(sequencers, st.text("0123456789ABCDEF", max_size=5).map(lambda tail: tail + "1"))
def test_digits_on_the_right_make_a_sequencer_newer(sequencer: str, tail: str) -> None:
    assert is_newer(sequencer + tail, sequencer)


@given(st.lists(sequencers, min_size=1, max_size=6))
def test_a_row_that_follows_newer_events_only_ends_at_the_newest_whatever_their_order(told: list[str]) -> None:
    document = a_stored_document()
    for sequencer in told:
        if age_of(DocumentRef(key="k", sequencer=sequencer), document) is Age.NEWER:
            document = document.model_copy(update={"sequencer": sequencer})

    assert not any(is_newer(sequencer, str(document.sequencer)) for sequencer in told)


# A newer version


def test_other_bytes_under_the_same_key_are_read_anew(scene: Scene) -> None:
    record, _ = a_first_version(scene)
    ref = stored(scene, record, "two")

    again = scene.delivered(read_by_content, "later", ref)

    assert (again.status, supplier_of(again), again.attempts) == (Status.COMPLETED, "two", 1)
    assert (again.document.version_id, again.document.sequencer) == (ref.version_id, ref.sequencer)


def test_the_old_result_is_gone_as_soon_as_a_newer_version_is_known(scene: Scene) -> None:
    record, _ = a_first_version(scene)
    ref = stored(scene, record, "two")

    with pytest.raises(UnavailableError):
        scene.delivered(be_down, "later", ref)

    now = scene.now(record)
    assert (now.status, now.outcome, now.attempts, now.document.sequencer) == (
        Status.RECEIVED, None, 1, ref.sequencer,
    )  # fmt: skip


def test_the_old_bytes_are_a_new_invoice_then_and_the_new_ones_this(scene: Scene) -> None:
    record, _ = a_first_version(scene)
    scene.delivered(read_by_content, "later", stored(scene, record, "two"))

    assert scene.received(a_document("two")).invoice_id == record.invoice_id
    assert scene.received(a_document("one")).invoice_id != record.invoice_id


def test_a_failed_document_has_all_attempts_for_its_new_version(scene: Scene) -> None:
    record, _ = a_first_version(scene)
    failed = record.model_copy(update={"status": Status.FAILED, "problem": a_problem(), "attempts": 3})
    scene.adapters.invoices().save(failed)

    again = scene.delivered(read_by_content, "later", stored(scene, record, "two"))

    assert (again.status, again.attempts, again.problem) == (Status.COMPLETED, 1, None)


def test_f61_whoever_works_on_the_old_version_loses_to_the_new_one(scene: Scene) -> None:
    record = scene.received(a_document("one"))
    first = scene.event()

    def be_overtaken(content: bytes) -> Interpretation:
        scene.delivered(read_by_content, "two", stored(scene, record, "two"))
        return read_by_content(content)

    result = scene.delivered(be_overtaken, "one", first)

    assert (supplier_of(result), supplier_of(scene.now(record))) == ("two", "two")


def test_a_new_version_with_fewer_invoices_withdraws_those_too_many(scene: Scene) -> None:
    record = scene.received(a_document("one"))
    scene.delivered(read_several, ref=scene.event())

    scene.delivered(read_well, "later", stored(scene, record, "two"))

    assert codes_of_parts(scene, record) == ["superseded", "superseded"]


def test_while_a_new_version_waits_nothing_of_the_old_one_is_there_to_be_paid(scene: Scene) -> None:
    record = scene.received(a_document("one"))
    scene.delivered(read_several, ref=scene.event())

    waiting = scene.delivered(have_no_money, "later", stored(scene, record, "two"))

    assert (waiting.status, scene.adapters.invoices().holder(a_sha256("one"))) == (Status.WAITING, None)
    assert codes_of_parts(scene, record) == ["superseded", "superseded"]


def test_bytes_that_nobody_told_of_take_the_invoices_of_the_old_ones_along(scene: Scene) -> None:
    record = scene.received(a_document("one"))
    untold = scene.event().model_copy(update={"sequencer": None})
    scene.adapters.invoices().save(reopened(scene.delivered(read_several, ref=untold)))
    newer = stored(scene, record, "two")

    waiting = scene.delivered(have_no_money, "later", newer)

    assert (waiting.document.sha256, waiting.status) == (a_sha256("two"), Status.WAITING)
    assert scene.adapters.invoices().holder(a_sha256("one")) is None
    assert codes_of_parts(scene, record) == ["superseded", "superseded"]


def test_a_new_version_that_is_rejected_withdraws_the_invoices_of_the_old_one(scene: Scene) -> None:
    record = scene.received(a_document("one"))
    scene.delivered(read_several, ref=scene.event())

    def refuse(_content: bytes) -> Interpretation:
        raise RejectedError("encrypted", "Please send it without a password.")

    again = scene.delivered(refuse, "later", stored(scene, record, "two"))

    second = scene.adapters.invoices().load(f"{record.invoice_id}-2")
    assert (again.status, again.parts) == (Status.REJECTED, 1)
    assert second is not None
    assert second.problem is not None
    assert second.problem.code == "superseded"


def test_a_crash_after_the_new_version_was_noted_ends_in_the_new_version(scene: Scene) -> None:
    record, _ = a_first_version(scene)
    ref = stored(scene, record, "two")
    opened = scene.services.process._follow_version(record, ref)
    assert opened is not None
    scene.adapters.invoices().save(claimed(opened, "later", scene.clock.now()))

    again = scene.delivered(read_by_content, "later", ref)

    assert (again.status, supplier_of(again)) == (Status.COMPLETED, "two")


# An older version


def test_f03_an_older_event_is_skipped(scene: Scene) -> None:
    record = scene.received(a_document("one"))
    first = scene.event()
    scene.delivered(read_by_content, "two", stored(scene, record, "two"))
    before = scene.now(record)

    assert scene.delivered(read_by_content, "one", first) == before
    assert scene.readings == 1


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_f03_the_newest_version_stands_at_the_end_whatever_the_order(scene: Scene, order: tuple[int, ...]) -> None:
    record = scene.received(a_document("one"))
    refs = [scene.event(), stored(scene, record, "two"), stored(scene, record, "three")]

    for number in order:
        scene.delivered(read_by_content, f"delivery-{number}", refs[number])

    assert supplier_of(scene.now(record)) == "three"
    assert scene.now(record).document.sequencer == refs[2].sequencer


def test_a_dead_letter_about_an_older_version_does_not_open_a_failed_one(scene: Scene) -> None:
    record = scene.received(a_document("one"))
    first = scene.event()
    again = scene.delivered(read_by_content, "two", stored(scene, record, "two"))
    scene.adapters.invoices().save(again.model_copy(update={"status": Status.FAILED}))

    end = scene.services.reprocess(DeadLetter(first, "message"))

    assert (end and end.status, end and end.document, end and end.redrives) == (Status.FAILED, again.document, 0)


def test_a_dead_letter_about_a_newer_version_opens_a_failed_one_whenever_it_was_written(scene: Scene) -> None:
    record, _ = a_first_version(scene)
    failed_later = {"status": Status.FAILED, "redrives": scene.settings.max_redrives, "processed_at": scene.clock.now()}
    scene.adapters.invoices().save(record.model_copy(update=failed_later))
    letter = DeadLetter(stored(scene, record, "two"), "message", sent_at=scene.clock.now() - timedelta(minutes=1))

    end = scene.services.reprocess(letter)

    assert end is not None
    assert (end.status is Status.FAILED, end.document.sequencer) == (False, letter.ref.sequencer)


# The same bytes once more


def test_the_same_bytes_stored_again_are_not_read_again(scene: Scene) -> None:
    record, _ = a_first_version(scene)
    ref = stored(scene, record, "one")

    again = scene.delivered(read_by_content, "later", ref)

    assert (scene.readings, again.outcome, again.document.sequencer) == (1, record.outcome, ref.sequencer)


def test_the_same_bytes_stored_while_somebody_is_at_work_do_not_disturb_them(scene: Scene) -> None:
    record = scene.received(a_document("one"))
    first = scene.event()

    def be_repeated(content: bytes) -> Interpretation:
        with pytest.raises(UnavailableError, match="in_progress"):
            scene.delivered(read_by_content, "two", stored(scene, record, "one"))
        return read_by_content(content)

    assert scene.delivered(be_repeated, "one", first).status is Status.COMPLETED
    assert scene.readings == 1


def test_the_same_bytes_stored_again_open_a_failed_one(scene: Scene) -> None:
    record, _ = a_first_version(scene)
    scene.adapters.invoices().save(record.model_copy(update={"status": Status.FAILED, "attempts": 3}))

    again = scene.delivered(read_by_content, "later", stored(scene, record, "one"))

    assert (again.status, again.attempts) == (Status.COMPLETED, 1)


def test_a_newer_event_that_lost_the_row_to_an_older_one_comes_again(scene: Scene) -> None:
    record = scene.received(a_document("one"))
    first, second = scene.event(), stored(scene, record, "two")
    seen = scene.now(record)
    scene.adapters.invoices().save(claimed(versioned(seen, first), "one", scene.clock.now()))

    with pytest.raises(UnavailableError, match="in_progress"):
        scene.services.process._left_to_others(seen, second)
    assert scene.delivered(read_by_content, "two", second).document.sequencer == second.sequencer


@pytest.mark.parametrize("seed", range(8))
def test_two_versions_that_are_delivered_at_once_end_at_the_newer(scene: Scene, seed: int) -> None:
    record = scene.received(a_document("one"))
    refs = [scene.event(), stored(scene, record, "two")]

    def delivered_until_heard(ref: DocumentRef) -> None:
        for _ in range(20):
            with suppress(UnavailableError):
                scene.delivered(read_by_content, f"delivery-{ref.sequencer}", ref)
                return

    at_once([partial(delivered_until_heard, ref) for ref in (refs if seed % 2 else refs[::-1])])

    end = scene.now(record)
    assert (end.status, supplier_of(end), end.document.sequencer) == (Status.COMPLETED, "two", refs[1].sequencer)


# Which bytes are read


def test_f11_what_is_read_is_the_version_that_the_event_names(scene: Scene) -> None:
    record = scene.received(a_document("one"))
    first = scene.event()
    second = stored(scene, record, "two")

    seen = scene.delivered(read_by_content, "one", first)

    assert supplier_of(seen) == "one"
    assert supplier_of(scene.delivered(read_by_content, "two", second)) == "two"


def test_f11_bytes_that_differ_from_what_was_sent_are_read_under_their_own_hash(scene: Scene) -> None:
    record = scene.received(a_document("one"))
    scene.event()
    ref = stored(scene, record, "two")

    seen = scene.delivered(read_by_content, "one", ref)

    assert (supplier_of(seen), seen.document.sha256 == record.document.sha256) == ("two", False)
    assert scene.adapters.invoices().holder(str(record.document.sha256)) is None
    assert scene.adapters.invoices().holder(str(seen.document.sha256)) == seen


def test_a_version_that_is_gone_changes_nothing(scene: Scene) -> None:
    record, first = a_first_version(scene)
    gone = first.model_copy(update={"version_id": "gone", "sequencer": f"{first.sequencer}1"})

    assert scene.delivered(read_by_content, "later", gone) == record


def test_what_waits_goes_on_with_its_own_version(scene: Scene) -> None:
    record = scene.received(a_document("one"))
    first = scene.event()
    with pytest.raises(UnavailableError):
        scene.delivered(be_down, ref=first)
    stored(scene, record, "two")

    assert supplier_of(scene.delivered(read_by_content, "later", ref_of(scene.now(record).document))) == "one"


def test_f06_an_object_removed_before_it_is_read_ends_with_a_reason(scene: Scene) -> None:
    record = scene.received()
    ref = scene.event()
    scene.adapters.documents().delete(ref)

    end = scene.delivered(read_well, ref=ref)

    assert (end.status, end.problem and end.problem.code) == (Status.FAILED, "document_missing")
    assert scene.now(record) == end


# Found without an event


def found(ref: DocumentRef) -> DocumentRef:
    """What a list of the bucket says of the version that an event names."""
    return ref.model_copy(update={"sequencer": None})


def test_a_newer_version_that_was_found_without_its_event_is_read(scene: Scene) -> None:
    record, _ = a_first_version(scene)
    ref = stored(scene, record, "two")

    again = scene.delivered(read_by_content, "sweep", found(ref))

    assert (supplier_of(again), again.document.version_id) == ("two", ref.version_id)


def test_a_late_event_of_an_older_version_does_not_undo_what_was_found(scene: Scene) -> None:
    record, _ = a_first_version(scene)
    second, third = (stored(scene, record, text) for text in ("two", "three"))
    scene.delivered(read_by_content, "sweep", found(third))

    late = scene.delivered(read_by_content, "late", second)
    last = scene.delivered(read_by_content, "later", third)

    assert (supplier_of(late), supplier_of(last), scene.readings) == ("three", "three", 2)
    assert last.document.sequencer == third.sequencer


def test_a_found_version_that_was_replaced_meanwhile_is_left_alone(scene: Scene) -> None:
    record, _ = a_first_version(scene)
    second = stored(scene, record, "two")
    third = scene.delivered(read_by_content, "event", stored(scene, record, "three"))

    assert scene.delivered(read_by_content, "sweep", found(second)) == third


def test_an_event_that_cannot_be_compared_leads_to_the_last_version_even_if_that_was_never_told_of(
    scene: Scene,
) -> None:
    record = scene.received(a_document("one"))
    scene.event()  # lost
    scene._process(read_by_content).go_on(record, "sweep")
    second, third = (stored(scene, record, text) for text in ("two", "three"))

    told = scene.delivered(read_by_content, "event", second)

    assert (supplier_of(told), told.document.version_id) == ("three", third.version_id)


def test_the_same_bytes_found_without_their_event_do_not_keep_the_sequencer_of_others(scene: Scene) -> None:
    record, _ = a_first_version(scene)
    second, third = (stored(scene, record, text) for text in ("two", "one"))
    noted = scene.delivered(read_by_content, "sweep", found(third))

    late = scene.delivered(read_by_content, "late", second)

    assert (noted.document.version_id, noted.document.sequencer) == (third.version_id, None)
    assert (supplier_of(late), scene.readings) == ("one", 1)


def test_what_is_read_without_any_event_names_the_version_that_was_read(scene: Scene) -> None:
    record = scene.received(a_document("one"))
    first, second = scene.event(), stored(scene, record, "two")

    taken_up = scene._process(read_by_content).go_on(record, "sweep")
    late = scene.delivered(read_by_content, "late", first)

    assert (supplier_of(taken_up), taken_up.document.version_id) == ("two", second.version_id)
    assert late == taken_up


def test_a_worker_that_lost_to_a_newer_version_takes_away_what_ocr_was_to_read(scene: Scene) -> None:
    record = scene.received(a_document("one"))
    first, page = scene.event(), f"{ocr_folder(str(record.document.sha256))}1.pdf"

    def read_slowly(content: bytes) -> Interpretation:
        scene.delivered(read_by_content, "later", stored(scene, record, "two"))
        scene.adapters.documents().put(page, b"x", MediaType.PDF)
        return read_by_content(content)

    lost = scene.delivered(read_slowly, "slow", first)

    assert supplier_of(lost) == "two"
    assert not scene.adapters.documents().exists(page)
