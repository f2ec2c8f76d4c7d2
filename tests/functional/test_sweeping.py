"""What `sweep` finds: rows nobody works on, uploads without a row, forms that were never used."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.bootstrap import services
from chalicelib.domain.document import MediaType
from chalicelib.domain.record import Status
from chalicelib.domain.transitions import claimed, erased
from chalicelib.errors import UnavailableError
from chalicelib.pipeline.find_lost_uploads import PLACE
from local.lambda_runtime import daily_event
from tests.builders import A_MOMENT, a_clock, a_document, an_id
from tests.functional.conftest import Api
from tests.timed import TimedApi, an_event_of, timed_api

ENDED = {Status.COMPLETED, Status.REJECTED}


@pytest.fixture
def timed(tmp_path: Path) -> Iterator[TimedApi]:
    """The app and its clock."""
    with timed_api(tmp_path, a_clock()) as app:
        yield app


def a_planned_upload(timed: TimedApi) -> tuple[str, str]:
    """The id and the key of an upload that a client asked a form for."""
    planned = timed.post("/uploads", b'{"filename": "big.pdf"}', "application/json").json_body
    return planned["invoice_id"], planned["fields"]["key"]


def test_where_nothing_was_left_nothing_is_done(api: Api) -> None:
    assert set(api.invoke("sweep", daily_event(A_MOMENT)).values()) == {0}


def test_an_expired_claim_is_taken_over(timed: TimedApi) -> None:
    invoice_id = timed.uploaded(a_document())
    timed.lose_events()
    timed.save(claimed(timed.record(invoice_id), "crashed", timed.clock.now()))
    timed.clock.advance(seconds=904)
    early = timed.swept()

    timed.clock.advance(seconds=1)

    assert (early.expired, timed.swept().expired) == (0, 1)
    assert timed.record(invoice_id).status in ENDED


def test_a_worker_that_crashes_every_time_is_not_given_the_document_for_ever(timed: TimedApi) -> None:
    invoice_id = timed.uploaded(a_document())
    timed.lose_events()
    for _ in range(5):
        timed.save(claimed(timed.record(invoice_id), "crashed", timed.clock.now()))
    timed.clock.advance(hours=1)

    timed.swept()

    problem = timed.record(invoice_id).problem
    assert problem is not None
    assert (problem.code, timed.reader.readings) == ("crashed", 0)


def test_a_row_whose_event_was_lost_is_processed_after_a_while(timed: TimedApi) -> None:
    invoice_id = timed.uploaded(a_document())
    timed.lose_events()
    early = timed.swept()

    timed.clock.advance(minutes=11)

    assert (early.unattended, timed.swept().unattended) == (0, 1)
    assert timed.record(invoice_id).status in ENDED


def test_a_failed_attempt_is_left_to_its_event_for_an_hour(timed: TimedApi) -> None:
    invoice_id = timed.uploaded(a_document())
    timed.reader.trouble = UnavailableError("down", "")
    with pytest.raises(UnavailableError):
        timed.deliver_events()
    timed.reader.trouble = None
    timed.clock.advance(minutes=59)
    early = timed.swept()

    timed.clock.advance(minutes=2)

    assert (early.unattended, timed.swept().unattended) == (0, 1)
    assert timed.record(invoice_id).status in ENDED


def test_an_upload_without_a_row_gets_one(timed: TimedApi) -> None:
    keys = [timed.stored(f"uploads/2026/11/{day}/{an_id()}/a.pdf") for day in (22, 23)]
    timed.stored(f"uploads/2026/11/21/{an_id()}/long-ago.pdf")
    timed.clock.advance(minutes=11)

    swept = timed.swept()

    assert (swept.without_row, timed.swept().without_row) == (2, 0)
    assert all(timed.record_at(key).status in ENDED for key in keys)


def test_an_upload_is_given_time_to_be_announced(timed: TimedApi) -> None:
    timed.stored(f"uploads/2026/11/23/{an_id()}/a.pdf")

    assert timed.swept().without_row == 0


def test_an_upload_by_hand_is_found_under_the_id_that_its_event_would_give(timed: TimedApi) -> None:
    timed.adapters.documents().put("uploads/2026/11/23/by hand.pdf", a_document(), MediaType.PDF)
    timed.clock.advance(minutes=11)
    timed.swept()

    timed.deliver_events()

    assert (len(timed.get("/invoices").json_body["invoices"]), timed.reader.readings) == (1, 1)


def test_a_version_by_hand_whose_worker_crashed_at_once_is_read_and_not_the_one_after_it(timed: TimedApi) -> None:
    timed.adapters.documents().put("uploads/by hand.pdf", a_document("one"), MediaType.PDF)
    timed.reader.trouble = UnavailableError("down", "")
    with pytest.raises(UnavailableError):
        timed.deliver_events()
    timed.reader.trouble = None
    timed.stored("uploads/by hand.pdf", a_document("two"))
    timed.clock.advance(hours=2)

    timed.swept()

    (invoice,) = timed.get("/invoices").json_body["invoices"]
    digest = hashlib.sha256(a_document("one")).hexdigest()
    assert timed.record(invoice["invoice_id"]).document.sha256 == digest


@pytest.mark.parametrize("seconds_ago", [0, 660])
def test_what_came_after_an_erasure_is_removed_though_its_event_was_lost(timed: TimedApi, seconds_ago: int) -> None:
    invoice_id, key = a_planned_upload(timed)
    timed.request("DELETE", f"/invoices/{invoice_id}")
    timed.stored(key)
    timed.clock.advance(seconds=seconds_ago)

    swept = timed.swept()

    assert swept.without_row == (seconds_ago > 0) == (not timed.adapters.documents().exists(key))
    assert timed.get(f"/invoices/{invoice_id}").status_code == 410


def test_many_uploads_are_looked_through_in_several_runs(timed: TimedApi) -> None:
    for number in range(45):
        timed.stored(f"uploads/2026/11/23/{number:02}.pdf")
    timed.clock.advance(minutes=11)

    runs = [(timed.swept().without_row, place_of(timed)) for _ in range(4)]

    assert [found for found, _ in runs] == [20, 20, 5, 0]
    assert [place for _, place in runs] == ["uploads/2026/11/23/19.pdf", "uploads/2026/11/23/39.pdf", "", ""]


def place_of(timed: TimedApi) -> str:
    """Where the sweep goes on with the uploads."""
    fact = timed.adapters.shared_state().load(PLACE)
    return fact.value if fact else ""


def test_an_upload_by_form_whose_event_was_lost_is_processed(timed: TimedApi) -> None:
    invoice_id, key = a_planned_upload(timed)
    timed.stored(key)
    timed.clock.advance(minutes=11)

    assert timed.swept().unattended == 1
    assert timed.record(invoice_id).status in ENDED


def test_an_upload_that_never_came_is_ended_when_its_form_has_expired(timed: TimedApi) -> None:
    invoice_id, _ = a_planned_upload(timed)
    timed.clock.advance(minutes=24)
    early = timed.swept()

    timed.clock.advance(minutes=2)

    assert (early.never_came, timed.swept().never_came) == (0, 1)
    assert timed.invoice(invoice_id)["error"]["code"] == "upload_never_came"


@pytest.mark.parametrize("is_event_lost", [False, True])
def test_an_upload_that_came_after_all_is_read(timed: TimedApi, is_event_lost: bool) -> None:
    invoice_id, key = a_planned_upload(timed)
    timed.clock.advance(minutes=26)
    timed.swept()
    timed.stored(key)

    if is_event_lost:
        timed.clock.advance(minutes=11)
        timed.swept()
    else:
        timed.invoke("inference", an_event_of(key))

    assert timed.record(invoice_id).status in ENDED


def test_an_upload_that_came_is_never_taken_for_one_that_did_not_however_many_there_are(timed: TimedApi) -> None:
    for _ in range(21):
        timed.stored(a_planned_upload(timed)[1])
    timed.clock.advance(minutes=26)

    runs = [timed.swept() for _ in range(2)]

    assert [(swept.unattended, swept.never_came) for swept in runs] == [(20, 0), (1, 0)]


def test_a_failed_invoice_that_is_sent_again_is_left_to_its_event_at_first(timed: TimedApi) -> None:
    invoice_id = timed.uploaded(a_document())
    timed.lose_events()
    timed.save(timed.record(invoice_id), status=Status.FAILED)
    timed.clock.advance(hours=5)
    timed.post("/invoices", a_document())
    timed.lose_events()
    early = timed.swept()

    timed.clock.advance(minutes=10)

    assert (early.unattended, timed.swept().unattended) == (0, 1)


def test_a_row_whose_document_is_gone_is_ended(timed: TimedApi) -> None:
    invoice_id = timed.uploaded(a_document())
    timed.lose_events()
    timed.remove(timed.record(invoice_id).document.key)
    timed.clock.advance(minutes=11)

    timed.swept()

    assert timed.invoice(invoice_id)["error"]["code"] == "document_missing"


@pytest.mark.parametrize("trouble", [UnavailableError("down", ""), ZeroDivisionError()])
def test_one_that_fails_does_not_hold_up_the_others(timed: TimedApi, trouble: Exception) -> None:
    for number in range(3):
        timed.uploaded(a_document(str(number)))
    timed.lose_events()
    timed.reader.trouble = trouble
    timed.clock.advance(minutes=11)

    assert timed.swept().unattended == 3
    assert timed.reader.readings == 3


def test_no_document_is_begun_when_the_invocation_is_about_to_end(timed: TimedApi) -> None:
    timed.uploaded(a_document())
    timed.stored(f"uploads/2026/11/23/{an_id()}/a.pdf")
    timed.clock.advance(minutes=11)

    services().sweep("sweep", deadline=timed.clock.now() + timedelta(seconds=30))

    assert timed.reader.readings == 0
    assert timed.swept().without_row == 1


def test_no_erasure_is_finished_when_the_invocation_is_about_to_end(timed: TimedApi) -> None:
    record = timed.record(timed.uploaded(a_document()))
    timed.adapters.invoices().save(erased(record, timed.clock.now()))

    in_a_hurry = services().sweep("sweep", deadline=timed.clock.now() + timedelta(seconds=30))

    assert (in_a_hurry.erased, timed.swept().erased) == (0, 1)
    assert timed.record(record.invoice_id).remains is None
