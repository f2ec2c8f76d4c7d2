"""The audit after a storm finds what it is there to find: each test leaves one thing wrong, or what only looks so."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bench.stack_storm.audit import Evidence, Findings, audited
from bench.stack_storm.bill import Entry
from bench.stack_storm.clients import Sending
from bench.stack_storm.journal import Note
from bench.stack_storm.junk import dead_junk
from bench.stack_storm.papers import Kind, paper
from bench.stack_storm.report import Counts, reported
from bench.stack_storm.standing import Outside
from chalicelib.domain.charge import Charge, ChargeState, Limits
from chalicelib.domain.dead_letter import ParkedLetter
from chalicelib.domain.document import DocumentRef
from chalicelib.domain.record import InvoiceRecord, Status
from chalicelib.domain.usage import Usage
from tests.builders import A_MOMENT, a_charge, a_completed_record, a_problem, a_record, a_stored_document

PAPER = paper(1, Kind.SCAN, by_form=False)
PAGE = Usage.of("textract", "DetectDocumentText", pages=1)
NOON = A_MOMENT.timestamp()
AMPLE = Limits(day_usd=Decimal(9), month_usd=Decimal(9), invoice_usd=Decimal(9))
TRUE_DOCUMENT = {
    "status": "completed",
    "decision": "auto_approve",
    "fields": {"invoice_number": {"value": "ST-00001"}, "total": {"value": "120.12"}},
}


class Aftermath:
    """A data folder with one scan that was read and paid for, and what is known about it."""

    def __init__(self, data_dir: Path) -> None:
        self.outside = Outside(data_dir)
        self.record = self.registered(a_completed_record(document=self.stored()))
        self.outside.adapters.documents().put(self.record.document.key, PAPER.content, PAPER.media_type)
        self.forget_events()
        self.book("ocr-1-1")
        self.bill = [self.billed(NOON)]
        self.notes = [self.note("ended", 1, how="once")]
        self.document: dict[str, Any] = TRUE_DOCUMENT

    def stored(self) -> Any:
        """The facts about the scan."""
        return a_stored_document(sha256=PAPER.sha256, media_type=PAPER.media_type)

    def registered(self, record: InvoiceRecord) -> InvoiceRecord:
        """A row more."""
        return self.outside.adapters.invoices().register(record)

    def forget_events(self) -> None:
        """All events arrived."""
        for message in self.outside.adapters.events().receive(60, max=100):
            self.outside.adapters.events().delete(message.receipt)

    def book(self, name: str, state: ChargeState = ChargeState.SETTLED) -> Charge:
        """A charge of one page more."""
        charge = a_charge(invoice_id=self.record.invoice_id, charge_id=name, state=ChargeState.RESERVED)
        self.outside.adapters.ledger().reserve(charge, AMPLE)
        if state is not ChargeState.RESERVED:
            self.outside.adapters.ledger().settle(charge.model_copy(update={"state": state}))
        return charge

    def billed(self, at: float, *, is_unseen: bool = False) -> Entry:
        """A page that was billed at that time."""
        return Entry(PAPER.sha256, PAGE, at, is_unseen)

    def note(self, what: str, seconds: float, how: str = "") -> Note:
        """Something that a process noted about the invoice, so many seconds after noon."""
        return Note(what=what, at=NOON + seconds, of=self.record.invoice_id, how=how)

    def bought_again(self, *, is_unseen: bool = False) -> None:
        """The page was billed once more, ten seconds later, and booked."""
        self.bill = [self.billed(NOON, is_unseen=is_unseen), self.billed(NOON + 10)]
        self.book("ocr-2-1")

    def evidence(self, kills: Sequence[float] = (), **given: Any) -> Evidence:
        """What the audit goes by, with one client's word."""
        sending = Sending(PAPER, **{"invoice_id": self.record.invoice_id, **given})
        documents = {sending.invoice_id: self.document}
        return Evidence([sending], documents, self.notes, self.bill, kills, self.outside)

    def found(self, kills: Sequence[float] = (), **given: Any) -> Findings:
        """What the audit finds."""
        return audited(self.evidence(kills, **given))


@pytest.fixture
def aftermath(tmp_path: Path) -> Iterator[Aftermath]:
    """A scan that was read, and all is well."""
    made = Aftermath(tmp_path)
    yield made
    made.outside.close()


def test_nothing_is_found_where_nothing_is_wrong(aftermath: Aftermath) -> None:
    evidence = aftermath.evidence()

    report = reported(evidence, audited(evidence), Counts(seed=1, calls=10, faults=2, jumps=0, sent_again=0, seconds=9))

    assert report.is_right
    assert next(report.lines()) == (
        "1 documents · kills 0 · events dropped 0, duplicated 0, late 0 · faults 2 (20%) · lost 0 · wrong 0 · "
        "done twice 0 · charged twice 0 · 9 s"
    )


def test_a_document_without_a_row_is_lost(aftermath: Aftermath) -> None:
    assert aftermath.found(invoice_id="01K9Q0000000000000000000ZZ").lost


def test_a_document_without_its_original_is_lost(aftermath: Aftermath) -> None:
    aftermath.outside.adapters.documents().delete(DocumentRef(key=aftermath.record.document.key))

    assert aftermath.found().lost


@pytest.mark.parametrize("status", [Status.RECEIVED, Status.PROCESSING, Status.WAITING, Status.AWAITING_UPLOAD])
def test_a_document_that_did_not_end_is_lost(aftermath: Aftermath, status: Status) -> None:
    store = aftermath.outside.adapters.invoices()
    store.save(aftermath.record.model_copy(update={"status": status}))

    assert aftermath.found().lost


def test_another_total_than_the_true_one_is_wrong(aftermath: Aftermath) -> None:
    fields = {"invoice_number": {"value": "ST-00001"}, "total": {"value": "120.13"}}
    aftermath.document = {**TRUE_DOCUMENT, "fields": fields}

    assert aftermath.found().wrong


def test_a_refusal_of_what_can_be_read_is_wrong(aftermath: Aftermath) -> None:
    assert aftermath.found(refusal="not_a_document").wrong


@pytest.mark.parametrize(("unseen", "is_wrong"), [(1, True), (2, False)])
def test_a_scan_may_be_given_up_only_after_two_unseen_answers(
    aftermath: Aftermath, unseen: int, is_wrong: bool
) -> None:
    for number in range(unseen):
        aftermath.book(f"ocr-9-{number}", ChargeState.UNKNOWN)
    aftermath.document = {"status": "failed", "error": {"code": "never_answered"}}

    assert bool(aftermath.found().wrong) is is_wrong


def test_two_results_of_the_same_bytes_are_done_twice(aftermath: Aftermath) -> None:
    second = aftermath.registered(a_completed_record(document=aftermath.stored().model_copy(update={"sha256": None})))
    aftermath.outside.adapters.invoices().save(second.model_copy(update={"document": aftermath.stored()}))

    assert any("2 results" in one for one in aftermath.found().done_twice)


def test_a_result_that_was_saved_twice_is_done_twice(aftermath: Aftermath) -> None:
    aftermath.notes.append(aftermath.note("ended", 2, how="once more"))

    assert aftermath.found().done_twice


def test_a_note_about_a_finished_invoice_is_not_its_second_end(aftermath: Aftermath) -> None:
    aftermath.notes.append(aftermath.note("ended", 2, how="once"))

    assert not aftermath.found().done_twice


def test_a_row_that_nobody_asked_for_is_done_twice(aftermath: Aftermath) -> None:
    aftermath.registered(a_record())

    assert aftermath.found().done_twice


@pytest.mark.parametrize(("unanswered", "is_right"), [(0, False), (1, True)])
def test_a_form_that_was_never_used_must_have_been_asked_for(
    aftermath: Aftermath, unanswered: int, is_right: bool
) -> None:
    aftermath.registered(a_record(status=Status.FAILED, problem=a_problem("upload_never_came")))

    assert bool(aftermath.found(unanswered=unanswered).done_twice) is not is_right


def test_a_page_that_is_billed_again_without_a_reason_is_charged_twice(aftermath: Aftermath) -> None:
    aftermath.bought_again()

    assert aftermath.found().charged_twice


def test_an_answer_that_went_astray_may_be_bought_again(aftermath: Aftermath) -> None:
    aftermath.bought_again(is_unseen=True)

    assert (aftermath.found().charged_twice, aftermath.found().bought_again) == ([], {"silence": 1})


def test_an_answer_that_a_kill_took_may_be_bought_again(aftermath: Aftermath) -> None:
    aftermath.bought_again()

    found = aftermath.found(kills=[NOON + 1])

    assert (found.charged_twice, found.bought_again) == ([], {"kill": 1})


@pytest.mark.parametrize("kill", [-5.0, 15.0])
def test_a_kill_before_or_after_excuses_nothing(aftermath: Aftermath, kill: float) -> None:
    aftermath.bought_again()

    assert aftermath.found(kills=[NOON + kill]).charged_twice


def test_a_kill_does_not_excuse_what_was_kept_before_it(aftermath: Aftermath) -> None:
    aftermath.bought_again()
    aftermath.notes.append(aftermath.note("kept", 0.5, how="DetectDocumentText"))

    assert aftermath.found(kills=[NOON + 1]).charged_twice


def test_an_answer_of_which_no_store_took_a_copy_may_be_bought_again(aftermath: Aftermath) -> None:
    aftermath.bought_again()
    aftermath.notes.append(aftermath.note("unavailable", 1, how="checkpoints.save"))

    assert (aftermath.found().charged_twice, aftermath.found().bought_again) == ([], {"no copy": 1})


def test_what_was_billed_and_not_booked_is_not_the_bill(aftermath: Aftermath) -> None:
    aftermath.bill.append(aftermath.billed(NOON + 10, is_unseen=True))

    assert aftermath.found().not_the_bill


def test_what_is_surely_booked_and_was_not_billed_is_not_the_bill(aftermath: Aftermath) -> None:
    aftermath.book("ocr-2-1")

    assert aftermath.found().not_the_bill


def test_what_perhaps_was_billed_may_be_booked(aftermath: Aftermath) -> None:
    aftermath.book("ocr-2-1", ChargeState.UNKNOWN)

    assert not aftermath.found().not_the_bill


def test_an_open_reservation_and_a_message_are_left_behind(aftermath: Aftermath) -> None:
    aftermath.book("ocr-2-1", ChargeState.RESERVED)
    aftermath.outside.adapters.events().send("{}")

    assert len(aftermath.found().left_behind) == 2


def test_junk_that_was_not_put_aside_is_left_behind(aftermath: Aftermath) -> None:
    first, second = dead_junk(1)
    letter = ParkedLetter(message_id="m", body=first, code="unreadable_letter", message="", parked_at=A_MOMENT)
    aftermath.outside.adapters.parking().send(letter.model_dump_json())

    found = aftermath.found(kills=[NOON])

    assert [second in one for one in found.left_behind] == [True]
    assert found.parked == {"unreadable_letter": 1}
