"""What `reprocess` does with letters that cannot be done: it parks them with the reason, and never loses one."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.bootstrap import services
from chalicelib.domain.dead_letter import DeadLetter, ReturnedLetter
from chalicelib.domain.document import DocumentRef
from chalicelib.domain.record import InvoiceRecord, Status
from chalicelib.errors import UnavailableError
from chalicelib.pipeline.park import Park
from chalicelib.pipeline.process import Process
from chalicelib.pipeline.reprocess import Reprocess
from chalicelib.ports import Queue
from local.invoices import SqliteInvoiceStore
from tests.builders import a_clock, a_document, an_id
from tests.timed import TimedApi, a_letter, an_event_of, timed_api

BROKEN = RuntimeError("arn:aws:textract")  # no outage: for those, documents wait


@pytest.fixture
def api(tmp_path: Path) -> Iterator[TimedApi]:
    """The app, with two attempts an invoice."""
    with timed_api(tmp_path, a_clock(), max_attempts=2, max_redrives=2) as timed:
        yield timed


def a_failed_invoice(api: TimedApi) -> str:
    """An invoice whose attempts are used up, and whose letter is parked; its id."""
    invoice_id = api.uploaded(a_document())
    api.lose_events()
    api.reader.trouble = BROKEN
    api.adapters.dead_letters().send(a_letter(an_event_of(api.record(invoice_id).document.key)))
    api.work_off_dead_letters()
    return invoice_id


def test_a_document_whose_attempts_are_used_up_is_parked_with_the_reason(api: TimedApi) -> None:
    invoice_id = a_failed_invoice(api)

    (letter,) = api.parked()
    record = api.record(invoice_id)
    assert (letter.invoice_id, letter.code) == (invoice_id, "internal_error")
    assert (letter.attempts, letter.parked_at) == (2, record.processed_at)
    assert "arn:" not in letter.message
    assert record.status is Status.FAILED


def test_a_parked_letter_says_nothing_of_its_document_not_even_how_it_was_called(api: TimedApi) -> None:
    invoice_id = api.uploaded(a_document(), "?filename=Attorney-Jane-Doe.pdf")
    key = api.record(invoice_id).document.key
    api.lose_events()
    api.remove(key)

    api.deliver_dead_letter(a_letter(an_event_of(key)))

    (message,) = api.adapters.parking().receive(60)
    assert "Jane" in key
    assert "Jane" not in message.body
    assert invoice_id in message.body


def test_a_parked_letter_of_an_erased_invoice_that_is_moved_back_is_dropped(api: TimedApi) -> None:
    invoice_id = a_failed_invoice(api)
    (message,) = api.adapters.parking().receive(60)
    api.adapters.parking().delete(message.receipt)
    api.request("DELETE", f"/invoices/{invoice_id}")
    tombstone = api.record(invoice_id)

    api.deliver_dead_letter(message.body)

    assert (api.record(invoice_id), api.parked()) == (tombstone, [])


@pytest.mark.parametrize("key", ["uploads/by hand.pdf", "uploads/2026/11/23/01JDCJ5J3M8Q4V0W2X6Y7Z9A1B/a.pdf"])
def test_a_letter_whose_row_is_not_known_is_parked_so_that_its_document_is_found(api: TimedApi, key: str) -> None:
    api.stored(key)
    letter = DeadLetter(DocumentRef(key=key), "m", sent_at=api.clock.now() - timedelta(days=3))
    documents, wired = api.adapters.documents(), services()
    process = Process(documents, NoTable(), wired.interpret, wired.purse_of, api.clock, wired.settings)
    park = Park(api.adapters.parking(), api.clock)
    Reprocess(NoTable(), process, park, api.clock, wired.settings)(letter)
    (message,) = api.adapters.parking().receive(60)

    api.deliver_dead_letter(message.body)

    assert api.record_at(key).status in {Status.COMPLETED, Status.REJECTED}


def test_a_letter_that_an_older_version_parked_is_still_read(api: TimedApi) -> None:
    invoice_id = a_failed_invoice(api)
    key = api.record(invoice_id).document.key
    (letter,) = api.parked()
    older = letter.model_copy(update={"key": key, "body": a_letter(an_event_of(key))})
    api.clock.advance(hours=1)
    api.reader.trouble = None

    api.deliver_dead_letter(older.model_dump_json(exclude_none=True))

    assert api.record(invoice_id).status in {Status.COMPLETED, Status.REJECTED}


def test_a_parked_letter_of_an_invoice_that_there_is_not_is_parked_again(api: TimedApi) -> None:
    a_failed_invoice(api)
    (letter,) = api.parked()
    stray = letter.model_copy(update={"invoice_id": an_id()}).model_dump_json(exclude_none=True)

    api.deliver_dead_letter(stray)

    assert [(one.code, one.body) for one in api.parked()][1:] == [("unreadable_letter", stray)]


def test_a_parked_letter_whose_row_cannot_be_had_is_parked_again_before_the_queue_drops_it(api: TimedApi) -> None:
    invoice_id = a_failed_invoice(api)
    (parked,) = api.parked()
    letter = ReturnedLetter(invoice_id, "moved back", parked.model_dump_json(), "v1", sent_at=api.clock.now())
    process, park, wired = services().process, Park(api.adapters.parking(), api.clock), services()
    down = Reprocess(NoTable(), process, park, api.clock, wired.settings)
    with pytest.raises(UnavailableError):
        down(letter)
    api.clock.advance(days=2, seconds=1)

    down(letter)

    again = api.parked()[-1]
    assert (again.invoice_id, again.version_id, again.code) == (invoice_id, "v1", "unavailable")
    assert (again.key, again.body) == (None, None)


def test_a_letter_whose_row_nobody_can_look_up_is_parked_before_the_queue_drops_it(api: TimedApi) -> None:
    letter = DeadLetter(DocumentRef(key="uploads/a.pdf"), "m", sent_at=api.clock.now() - timedelta(days=3))
    documents, wired = api.adapters.documents(), services()
    process = Process(documents, BrokenTable(), wired.interpret, wired.purse_of, api.clock, wired.settings)
    park = Park(api.adapters.parking(), api.clock)

    Reprocess(BrokenTable(), process, park, api.clock, wired.settings)(letter)

    assert [(one.code, one.key) for one in api.parked()] == [("internal_error", "uploads/a.pdf")]


@pytest.mark.parametrize("where", ["key", "versionId", "sequencer"])
def test_a_letter_with_half_a_character_is_parked_at_first_sight(api: TimedApi, where: str) -> None:
    event = an_event_of("uploads/a.pdf")
    event["Records"][0]["s3"]["object"][where] = "uploads/\ud800.pdf"

    api.deliver_dead_letter(a_letter(event))

    (letter,) = api.parked()
    assert letter.code == "unreadable_letter"
    assert "ud800" in (letter.body or "")


@pytest.mark.parametrize("request_id", [{}, [], 5, None, "\ud800"])
def test_a_letter_that_does_not_say_whose_delivery_it_was_is_read(api: TimedApi, request_id: object) -> None:
    key = api.stored("uploads/a.pdf")
    letter = {"requestContext": {"requestId": request_id}, "requestPayload": an_event_of(key)}

    api.deliver_dead_letter(json.dumps(letter))

    assert api.parked() == []
    assert api.record_at(key).status in {Status.COMPLETED, Status.REJECTED}


def test_a_document_that_is_gone_is_parked_at_once(api: TimedApi) -> None:
    invoice_id = api.uploaded(a_document())
    key = api.record(invoice_id).document.key
    api.remove(key)

    api.deliver_dead_letter(a_letter(an_event_of(key)))

    assert [letter.code for letter in api.parked()] == ["document_missing"]
    assert api.record(invoice_id).attempts == 1


def test_a_parked_letter_that_is_moved_back_opens_its_invoice_again(api: TimedApi) -> None:
    invoice_id = a_failed_invoice(api)
    api.clock.advance(hours=1)
    api.reader.trouble = None
    (message,) = api.adapters.parking().receive(60)

    api.deliver_dead_letter(message.body)

    record = api.record(invoice_id)
    assert record.status in {Status.COMPLETED, Status.REJECTED}
    assert record.redrives == 1


def test_how_often_letters_open_an_invoice_is_counted_and_limited(api: TimedApi) -> None:
    invoice_id = a_failed_invoice(api)
    readings = api.reader.readings

    for _ in range(10):
        api.adapters.dead_letters().send(a_letter(an_event_of(api.record(invoice_id).document.key)))
        api.work_off_dead_letters()

    assert api.record(invoice_id).redrives == 2
    assert api.reader.readings - readings == 2 * 2  # attempts at each of the redrives
    assert len(api.parked()) == 1 + 10


def test_sending_the_same_bytes_again_gives_all_redrives_anew(api: TimedApi) -> None:
    invoice_id = a_failed_invoice(api)
    api.save(api.record(invoice_id), redrives=2)
    api.reader.trouble = None

    api.post("/invoices", a_document())
    api.deliver_events()

    assert (api.record(invoice_id).redrives, api.record(invoice_id).problem) == (0, None)


def test_a_letter_of_an_invoice_that_is_done_is_not_parked(api: TimedApi) -> None:
    invoice_id = api.uploaded(a_document())
    api.deliver_events()

    api.deliver_dead_letter(a_letter(an_event_of(api.record(invoice_id).document.key)))

    assert api.parked() == []


def test_a_parked_message_that_is_moved_back_and_still_unreadable_is_parked_as_it_came_first(api: TimedApi) -> None:
    api.deliver_dead_letter("no JSON")
    (message,) = api.adapters.parking().receive(60)
    api.adapters.parking().delete(message.receipt)

    api.deliver_dead_letter(message.body)

    assert [letter.body for letter in api.parked()] == ["no JSON"]


@pytest.mark.parametrize("parked_before_crash", [0, 1])
def test_a_crash_while_parking_loses_nothing(api: TimedApi, parked_before_crash: int) -> None:
    invoice_id = api.uploaded(a_document())
    letter = DeadLetter(DocumentRef(key=api.record(invoice_id).document.key), "the letter")
    api.remove(letter.ref.key)
    crashing = Park(CrashingQueue(api.adapters.parking(), parked_before_crash), api.clock)

    with pytest.raises(UnavailableError):
        reprocessing(api, crashing)(letter)
    reprocessing(api, Park(api.adapters.parking(), api.clock))(letter)
    reprocessing(api, Park(api.adapters.parking(), api.clock))(letter)

    assert [one.message_id for one in api.parked()] == ["the letter"] * (1 + parked_before_crash)
    assert api.record(invoice_id).redrives == 1  # it does not say when it was written: so it may be news, once


def test_while_the_table_does_not_answer_a_letter_comes_back_and_nothing_is_lost(api: TimedApi) -> None:
    invoice_id = api.uploaded(a_document())
    letter = DeadLetter(DocumentRef(key=api.record(invoice_id).document.key), "m", sent_at=api.clock.now())
    documents, wired = api.adapters.documents(), services()
    process = Process(documents, NoTable(), wired.interpret, wired.purse_of, api.clock, wired.settings)
    down = Reprocess(NoTable(), process, Park(api.adapters.parking(), api.clock), api.clock, wired.settings)
    for _ in range(96):  # every half an hour, for two days
        with pytest.raises(UnavailableError):
            down(letter)
        api.clock.advance(minutes=30)

    reprocessing(api, Park(api.adapters.parking(), api.clock))(letter)

    assert (api.record(invoice_id).attempts, api.parked()) == (1, [])


class NoTable(SqliteInvoiceStore):
    """A table that has not answered for days."""

    def __init__(self) -> None:
        """Without anything behind it."""

    def load(self, invoice_id: str) -> InvoiceRecord | None:
        """No answer."""
        raise UnavailableError("dynamodb_unavailable", "No answer.")


class BrokenTable(NoTable):
    """A table that cannot be asked at all."""

    def load(self, invoice_id: str) -> InvoiceRecord | None:
        """A bug."""
        raise TypeError


class CrashingQueue:
    """A queue that breaks down at the next message: before it is stored, or (`stored` 1) only after."""

    def __init__(self, queue: Queue, stored: int) -> None:
        self._queue = queue
        self._stored = stored

    def send(self, body: str) -> None:
        """It breaks down."""
        if self._stored:
            self._queue.send(body)
        raise UnavailableError("sqs_unavailable", "No answer.")

    def depth(self) -> int:
        """As the real one says."""
        return self._queue.depth()


def reprocessing(api: TimedApi, park: Park) -> Reprocess:
    """`Reprocess`, with this way to park."""
    return Reprocess(api.adapters.invoices(), services().process, park, api.clock, services().settings)
