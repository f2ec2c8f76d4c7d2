"""The failures F1 to F29: of triggers, invocations, and `reprocess` with its queues. Each test has the name of its row.

Which rows have no test, and why, is in `test_failure_modes.py`.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.adapters.aws import resources
from chalicelib.bootstrap import Services
from chalicelib.domain.dead_letter import DeadLetter, UnreadableLetter
from chalicelib.domain.document import DocumentRef
from chalicelib.domain.record import Status
from chalicelib.domain.transitions import claimed
from chalicelib.entrypoints import events
from chalicelib.errors import (
    ConfigurationError,
    ConflictError,
    RejectedError,
    SmartInvoiceError,
    UnavailableError,
)
from chalicelib.settings import Settings
from local.family import EmbeddedAdapters
from local.http_server import PROJECT
from local.lambda_runtime import sqs_event
from tests.at_once import at_once
from tests.builders import a_clock, a_document, an_id, some_settings
from tests.functional.conftest import EmbeddedWithoutOcr
from tests.timed import MoodyAdapters, TimedApi, a_letter, an_event_of, timed_api

DOWN = UnavailableError("reader_down", "It did not answer.")
ENDED = {Status.COMPLETED, Status.REJECTED}
MOST_BYTES = 1_048_576  # of one message in SQS


@pytest.fixture
def api(tmp_path: Path) -> Iterator[TimedApi]:
    """The app, its clock and its reader."""
    with timed_api(tmp_path, a_clock()) as timed:
        yield timed


def an_upload(api: TimedApi, text: str = "Invoice") -> tuple[str, dict[str, Any]]:
    """The id of an uploaded document, and its event, which was not delivered yet."""
    invoice_id = api.uploaded(a_document(text))
    api.lose_events()
    return invoice_id, an_event_of(api.record(invoice_id).document.key)


def failing(api: TimedApi, event: dict[str, Any], request_id: str = "first") -> None:
    """Deliver an event as often as Lambda does, in vain."""
    api.reader.trouble = DOWN
    for _ in range(3):
        with pytest.raises(UnavailableError):
            api.invoke("inference", event, request_id)
    api.reader.trouble = None


def a_batch(*bodies: str) -> dict[str, Any]:
    """An event of several messages."""
    records = [
        {"messageId": f"message-{number}", "body": body, "attributes": {}, "messageAttributes": {}}
        for number, body in enumerate(bodies)
    ]
    return {"Records": records}


def test_f01_the_same_event_twice_is_read_once(api: TimedApi) -> None:
    invoice_id, event = an_upload(api)
    api.invoke("inference", event, "first")
    before = api.record(invoice_id)

    api.invoke("inference", event, "second")

    assert (api.record(invoice_id), api.reader.readings) == (before, 1)


@pytest.mark.parametrize("seed", range(20))
def test_f02_the_same_event_twice_at_once_is_read_once(api: TimedApi, seed: int) -> None:
    invoice_id, event = an_upload(api, str(seed))

    told = at_once([lambda: delivered(api, event, "the-same")] * 3)

    assert (api.reader.readings, api.record(invoice_id).attempts) == (1, 1)
    assert api.record(invoice_id).status in ENDED
    assert set(told) <= {"done", "in_progress"}


def delivered(api: TimedApi, event: dict[str, Any], request_id: str) -> str:
    """Deliver an event: `done`, or the code of what comes again."""
    try:
        api.invoke("inference", event, request_id)
    except UnavailableError as error:
        return error.code
    return "done"


@pytest.mark.parametrize("request_id", ["the-same", "another"])
def test_f02_an_event_that_comes_again_while_it_is_read_is_read_once(api: TimedApi, request_id: str) -> None:
    invoice_id, event = an_upload(api)
    told: list[str] = []
    api.reader.meanwhile = lambda: told.append(delivered(api, event, request_id))

    api.invoke("inference", event, "the-same")

    assert told == ["in_progress" if request_id == "the-same" else "done"]
    assert (api.reader.readings, api.record(invoice_id).attempts) == (1, 1)
    assert api.record(invoice_id).status in ENDED


@pytest.mark.parametrize(
    "key",
    [
        "uploads/with space.pdf",
        "uploads/a+b.pdf",
        "uploads/100%25.pdf",
        "uploads/%2e%2e/x.pdf",
        "uploads/请款单 🧾.pdf",
        "uploads/../../x.pdf",
        "uploads//x.pdf",
        "uploads/" + "n" * 1016,
    ],
)
def test_f04_whatever_the_key_is_the_document_is_read_once(api: TimedApi, key: str) -> None:
    api.stored(key)

    for request_id in ("first", "second"):
        api.invoke("inference", an_event_of(key), request_id)

    assert (api.record_at(key).status in ENDED, api.reader.readings) == (True, 1)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60).filter(lambda name: name[-1] != "/"))
def test_f04_keys_are_decoded_exactly_once(name: str) -> None:
    (ref,) = events.uploaded_documents(an_event_of(f"uploads/{name}"))

    assert ref.key == f"uploads/{name}"


@pytest.mark.parametrize(
    "event",
    [{"Service": "Amazon S3", "Event": "s3:TestEvent"}, {"Records": []}, an_event_of("uploads/x", name="New:Thing")],
)
def test_f05_what_is_no_news_of_an_object_is_passed_over(api: TimedApi, event: dict[str, Any]) -> None:
    api.invoke("inference", event)
    api.deliver_dead_letter(a_letter(event))

    assert (events.uploaded_documents(event), api.reader.readings, api.parked()) == ([], 0, [])


def test_f05_all_records_count_in_any_version_of_events(api: TimedApi) -> None:
    keys = [api.stored(f"uploads/{number}.pdf") for number in range(2)]

    api.invoke("inference", an_event_of(*keys, version="3.0"))

    assert [api.record_at(key).status in ENDED for key in keys] == [True, True]


def test_f05_what_is_no_event_at_all_is_loud(api: TimedApi) -> None:
    with pytest.raises(ValueError, match="no S3 event"):
        events.uploaded_documents({"hello": "world"})
    with pytest.raises(ValueError, match="no S3 event"):
        api.invoke("inference", {"hello": "world"})


def test_f06_an_original_that_is_removed_meanwhile_ends_and_is_not_tried_again(api: TimedApi) -> None:
    invoice_id, event = an_upload(api)
    api.remove(api.record(invoice_id).document.key)

    api.invoke("inference", event)

    record = api.record(invoice_id)
    assert record.problem is not None
    assert (record.status, record.problem.code, record.attempts) == (Status.FAILED, "document_missing", 1)


def test_f07_a_document_whose_event_is_lost_is_read_within_fifteen_minutes(api: TimedApi) -> None:
    invoice_id, _ = an_upload(api)
    by_hand = api.stored(f"uploads/2026/11/23/{an_id()}/no-row.pdf")
    for _ in range(3):
        api.clock.advance(minutes=5)
        api.swept()

    assert api.record(invoice_id).status in ENDED
    assert api.record_at(by_hand).status in ENDED
    assert api.reader.readings == 2


def test_f08_what_we_derive_ourselves_is_never_read(api: TimedApi) -> None:
    api.stored("derived/2026/page.pdf")
    api.invoke("inference", an_event_of("derived/2026/page.pdf"))
    api.deliver_dead_letter(a_letter(an_event_of("derived/2026/page.pdf")))
    api.clock.advance(hours=1)

    assert (api.swept().without_row, api.reader.readings) == (0, 0)


@pytest.mark.parametrize("was_swept", [False, True])
def test_f09_an_event_that_is_hours_late_is_read_once(api: TimedApi, was_swept: bool) -> None:
    invoice_id, event = an_upload(api)
    api.clock.advance(hours=6)
    if was_swept:
        api.swept()

    api.deliver_dead_letter(a_letter(event))

    assert (api.record(invoice_id).status in ENDED, api.reader.readings) == (True, 1)


def test_f10_an_empty_object_is_rejected_and_a_folder_is_no_document(tmp_path: Path) -> None:
    family = EmbeddedWithoutOcr(some_settings(tmp_path), a_clock())
    services = Services(some_settings(tmp_path), family)

    record = services.process(DocumentRef(key=stored_empty(family)), "first")

    assert record.problem is not None
    assert (record.status, record.problem.code) == (Status.REJECTED, "empty")
    assert events.uploaded_documents(an_event_of("uploads/2026/11/23/")) == []
    family.close()


def stored_empty(family: EmbeddedAdapters) -> str:
    """The key of an object of no bytes."""
    key = f"uploads/2026/11/23/{an_id()}/empty.pdf"
    family.documents().put(key, b"", "application/pdf")  # type: ignore[arg-type]  # as any client of the bucket may
    return key


def test_f12_an_exception_is_tried_three_times_and_then_from_the_dead_letters(api: TimedApi) -> None:
    invoice_id, event = an_upload(api)
    failing(api, event)
    given_up = api.record(invoice_id)

    api.deliver_dead_letter(a_letter(event, request_id="first"))

    assert (given_up.status, given_up.attempts) == (Status.RECEIVED, 3)
    assert (api.record(invoice_id).status in ENDED, api.record(invoice_id).attempts) == (True, 4)


def test_f16_a_document_whose_dead_letter_was_lost_is_swept_up(api: TimedApi) -> None:
    invoice_id, event = an_upload(api)
    failing(api, event)
    api.clock.advance(minutes=61)

    assert api.swept().unattended == 1
    assert api.record(invoice_id).status in ENDED


def test_f17_without_concurrency_nothing_is_lost_and_no_attempt_counts(api: TimedApi) -> None:
    uploads = [an_upload(api, str(number)) for number in range(5)]
    for _, event in uploads:  # Lambda sends them to the dead letters untried, as raw events
        api.adapters.dead_letters().send(json.dumps(event))

    api.work_off_dead_letters()

    assert {api.record(invoice_id).attempts for invoice_id, _ in uploads} == {1}
    assert all(api.record(invoice_id).status in ENDED for invoice_id, _ in uploads)


def test_f18_fifty_redeliveries_are_five_attempts_and_one_parked_letter(api: TimedApi) -> None:
    invoice_id, event = an_upload(api)
    api.adapters.dead_letters().send(a_letter(event))
    (message,) = api.adapters.dead_letters().receive(60)
    api.reader.trouble = ZeroDivisionError()

    for _ in range(50):
        api.clock.advance(minutes=30)
        with suppress(ZeroDivisionError):
            api.invoke("reprocess", sqs_event(message, "dead-letters"), message.id)

    assert (api.reader.readings, api.record(invoice_id).status) == (5, Status.FAILED)
    assert [(letter.invoice_id, letter.attempts) for letter in api.parked()] == [(invoice_id, 5)]


def test_f18_the_sweep_and_the_dead_letters_share_the_attempts(api: TimedApi) -> None:
    invoice_id, event = an_upload(api)
    failing(api, event)
    api.adapters.dead_letters().send(a_letter(event))
    api.reader.trouble = ZeroDivisionError()
    for _ in range(6):
        api.clock.advance(minutes=61)
        api.swept()

    api.work_off_dead_letters()

    assert (api.reader.readings, api.record(invoice_id).attempts) == (5, 5)
    assert [letter.code for letter in api.parked()] == ["internal_error"]


def test_f20_of_workers_whose_clocks_differ_only_one_keeps_its_result(api: TimedApi, tmp_path: Path) -> None:
    """By two seconds: the slow one is not robbed early by the sweep, and what it writes too late is refused."""
    invoice_id, _ = an_upload(api)
    fast = a_clock()
    fast.advance(seconds=2)
    claim = api.save(claimed(api.record(invoice_id), "slow", api.clock.now()))
    for clock in (api.clock, fast):
        clock.advance(seconds=902)
    other = MoodyAdapters(tmp_path, fast)
    untouched = Services(some_settings(tmp_path), other).sweep("fast")

    fast.advance(seconds=2)
    taken = Services(some_settings(tmp_path), other).sweep("fast")

    assert (untouched.expired, taken.expired) == (0, 1)
    with pytest.raises(ConflictError):
        api.save(claim, status=Status.COMPLETED)
    other.close()


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Records", "requestPayload", "requestContext", "s3", "object", "key", "body", "eventName"])
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.text() | st.binary().map(repr) | json_values.map(json.dumps))
def test_f21_whatever_a_message_says_it_is_read_or_parked(body: str) -> None:
    for letter in events.dead_letters(a_batch(body)):
        assert isinstance(letter, UnreadableLetter | DeadLetter)
        if isinstance(letter, UnreadableLetter):
            assert letter.body == body.encode(errors="backslashreplace").decode()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | json_values.map(json.dumps))
def test_f21_a_poisoned_message_is_parked_at_first_sight_and_never_raises(api: TimedApi, body: str) -> None:
    before = len(api.parked())
    expected = len(events.dead_letters(a_batch(body)))

    api.deliver_dead_letter(body)

    assert len(api.parked()) - before == expected


@pytest.mark.parametrize("mark", ["x", '"', "🧾", "\\", "\n"])
def test_f21_a_huge_message_is_parked_whole_in_pieces_that_fit(api: TimedApi, mark: str) -> None:
    body = mark * (MOST_BYTES // len(mark.encode()))

    api.deliver_dead_letter(body)

    letters = api.parked()
    assert "".join(letter.body or "" for letter in letters) == body
    assert [letter.piece for letter in letters] == list(range(1, letters[0].pieces + 1))
    assert all(len(letter.model_dump_json(exclude_none=True).encode()) <= MOST_BYTES for letter in letters)


def test_f21_poison_does_not_keep_the_others_waiting(api: TimedApi) -> None:
    invoice_id, event = an_upload(api)
    for body in ("poison", a_letter(event), "more poison"):
        api.adapters.dead_letters().send(body)

    deliveries = api.work_off_dead_letters()

    assert (deliveries, [letter.body for letter in api.parked()]) == (3, ["poison", "more poison"])
    assert api.record(invoice_id).status in ENDED


def test_f22_of_a_mixed_batch_only_what_is_bad_is_left(api: TimedApi) -> None:
    """The queue gives one message at a time; a batch is treated as well as it can be without partial answers."""
    invoice_id, event = an_upload(api)
    busy_id, busy_event = an_upload(api, "busy")
    api.save(claimed(api.record(busy_id), "somebody-else", api.clock.now()))

    with pytest.raises(UnavailableError, match="in_progress"):
        api.invoke("reprocess", a_batch(a_letter(busy_event), "poison", a_letter(event)))

    assert api.record(invoice_id).status in ENDED
    assert [letter.body for letter in api.parked()] == ["poison"]


def test_f23_what_fails_at_every_delivery_is_parked_before_the_queue_drops_it(api: TimedApi) -> None:
    invoice_id, event = an_upload(api)
    api.adapters.dead_letters().send(a_letter(event))
    kept_seconds = int(resources.dead_letter_queue(Settings())["Attributes"]["MessageRetentionPeriod"])
    begun = api.clock.now()

    while api.adapters.dead_letters().depth():  # somebody else is at it, over and over
        api.save(api.record(invoice_id), **claimed_again(api, invoice_id))
        api.work_off_dead_letters(most=1)

    assert (api.clock.now() - begun).total_seconds() < kept_seconds
    assert [(letter.invoice_id, letter.code) for letter in api.parked()] == [(invoice_id, "unavailable")]


def claimed_again(api: TimedApi, invoice_id: str) -> dict[str, Any]:
    """The changes by which somebody else has the row from now on."""
    mine = claimed(api.record(invoice_id), "somebody-else", api.clock.now())
    return {"status": mine.status, "claim": mine.claim}


def test_f24_who_gets_a_letter_that_is_being_worked_on_leaves_it(api: TimedApi) -> None:
    invoice_id, event = an_upload(api)
    mine = api.save(claimed(api.record(invoice_id), "the-first-consumer", api.clock.now()))

    with pytest.raises(UnavailableError) as told:
        api.deliver_dead_letter(a_letter(event))

    assert told.value.code == "in_progress"
    assert (api.record(invoice_id), api.reader.readings, api.parked()) == (mine, 0, [])


def test_f24_a_letter_that_comes_again_while_it_is_worked_on_is_left(api: TimedApi) -> None:
    invoice_id, event = an_upload(api)
    api.adapters.dead_letters().send(a_letter(event))
    (message,) = api.adapters.dead_letters().receive(60)
    letter, told = sqs_event(message, "dead-letters"), []

    def come_again() -> None:
        with pytest.raises(UnavailableError) as raised:
            api.invoke("reprocess", letter, "another-invocation")
        told.append(raised.value.code)

    api.reader.meanwhile = come_again
    api.invoke("reprocess", letter, "an-invocation")

    assert told == ["in_progress"]
    assert (api.reader.readings, api.record(invoice_id).attempts, api.parked()) == (1, 1, [])
    assert api.record(invoice_id).status in ENDED


def test_f25_a_letter_stays_hidden_for_six_times_the_longest_run() -> None:
    config = json.loads((PROJECT / ".chalice" / "config.json").read_text(encoding="utf-8"))
    longest = config["lambda_functions"]["reprocess"]["lambda_timeout"]

    assert int(resources.dead_letter_queue(Settings())["Attributes"]["VisibilityTimeout"]) >= 6 * longest


def test_f26_a_parked_letter_of_an_invoice_that_is_done_changes_nothing_when_it_is_moved_back(api: TimedApi) -> None:
    invoice_id, event = an_upload(api)
    api.remove(api.record(invoice_id).document.key)
    api.deliver_dead_letter(a_letter(event))
    (message,) = api.adapters.parking().receive(60)
    api.post("/invoices", a_document("Invoice"))
    api.deliver_events()
    done = api.record(invoice_id)

    api.deliver_dead_letter(message.body)

    assert done.status in ENDED
    assert (api.record(invoice_id), api.reader.readings) == (done, 1)


def test_f28_a_permanent_error_among_the_dead_letters_ends_there(api: TimedApi) -> None:
    invoice_id, event = an_upload(api)
    api.reader.trouble = RejectedError("encrypted", "Please send it without a password.")
    api.adapters.dead_letters().send(a_letter(event))

    deliveries = api.work_off_dead_letters()

    assert (deliveries, api.record(invoice_id).status, api.parked()) == (1, Status.REJECTED, [])


@pytest.mark.parametrize(
    "trouble",
    [
        UnavailableError("breaker_open", "It is left alone."),
        UnavailableError("s3_unavailable", "No answer."),
        ConfigurationError("textract_refused", "No right."),
    ],
    ids=lambda error: error.code,
)
def test_f29_an_outage_of_half_a_day_costs_no_attempt_and_loses_nothing(
    api: TimedApi, trouble: SmartInvoiceError
) -> None:
    uploads = [an_upload(api, str(number)) for number in range(30)]
    api.reader.trouble = trouble
    for _, event in uploads:
        api.adapters.dead_letters().send(a_letter(event))
    api.work_off_dead_letters()
    for _ in range(24):
        api.clock.advance(minutes=30)
        api.swept()
    during = [api.record(invoice_id) for invoice_id, _ in uploads]

    api.reader.trouble = None
    for _ in range(3):
        api.clock.advance(minutes=5)
        api.swept()

    assert {(record.status, record.attempts) for record in during} == {(Status.WAITING, 0)}
    assert all(api.record(invoice_id).status in ENDED for invoice_id, _ in uploads)
    assert api.parked() == []
