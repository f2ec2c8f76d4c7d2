"""`inference`, `reprocess` and `health_check`, as S3, SQS and EventBridge invoke them."""

import json
from typing import Any
from urllib.parse import quote_plus

import pytest

from chalicelib.domain.document import DocumentRef, MediaType
from chalicelib.domain.record import InvoiceRecord, Status
from chalicelib.domain.upload import made_up_id, upload_key
from chalicelib.errors import UnavailableError
from local.lambda_runtime import daily_event
from tests.builders import A_MOMENT, a_document, a_problem, a_record, a_stored_document
from tests.functional.conftest import Api


def an_s3_event(*keys: str, name: str = "ObjectCreated:Put") -> dict[str, Any]:
    """An event of S3, with its keys encoded as S3 does."""
    return {
        "Records": [
            {
                "eventName": name,
                "eventSource": "aws:s3",
                "s3": {"bucket": {"name": "b"}, "object": {"key": quote_plus(key)}},
            }
            for key in keys
        ]
    }


def a_stored_object(api: Api, key: str, content: bytes | None = None) -> str:
    """Put an object into the bucket by hand; its key."""
    api.adapters.documents().put(key, content or a_document(key), MediaType.PDF)
    return key


def record_of(api: Api, invoice_id: str) -> InvoiceRecord:
    """The row of an invoice."""
    record = api.adapters.invoices().load(invoice_id)
    assert record is not None
    return record


def an_envelope(event: dict[str, Any], request_id: str = "given-up") -> str:
    """What Lambda sends to an on-failure destination."""
    return json.dumps({"version": "1.0", "requestContext": {"requestId": request_id}, "requestPayload": event})


def test_an_uploaded_document_ends_in_a_final_status(api: Api) -> None:
    invoice_id = api.uploaded(a_document())

    api.deliver_events()

    document = api.invoice(invoice_id)
    assert document["status"] in {"completed", "rejected"}
    assert document["document"]["pages"] == 1


def test_an_event_that_comes_twice_changes_nothing(api: Api) -> None:
    invoice_id = api.uploaded(a_document())
    (message,) = api.adapters.events().receive(60)
    api.invoke("inference", json.loads(message.body), "first")
    before = record_of(api, invoice_id)

    api.invoke("inference", json.loads(message.body), "second")

    assert record_of(api, invoice_id) == before


@pytest.mark.parametrize("name", ["by hand.pdf", "a+b%20c.pdf", "ümläut.pdf", "deep/er/x.pdf", "../up.pdf"])
def test_f71_an_object_that_came_without_a_row_gets_one_whatever_its_key(api: Api, name: str) -> None:
    key = a_stored_object(api, f"uploads/{name}")

    api.invoke("inference", an_s3_event(key))

    record = record_of(api, made_up_id(DocumentRef(key=key)))
    assert record.document.key == key
    assert record.status in {Status.COMPLETED, Status.REJECTED}


def test_all_records_of_an_event_are_processed(api: Api) -> None:
    keys = [a_stored_object(api, f"uploads/{number}.pdf") for number in range(3)]

    api.invoke("inference", an_s3_event(*keys))

    assert len(api.get("/invoices").json_body["invoices"]) == 3


@pytest.mark.parametrize(
    "event",
    [
        an_s3_event("uploads/removed.pdf", name="ObjectRemoved:Delete"),
        an_s3_event("derived/page.pdf"),
        an_s3_event("uploads/folder/"),
        {"Records": []},
        {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b", "RequestId": "r", "HostId": "h"},
    ],
)
def test_events_that_are_none_of_our_business_are_passed_over(api: Api, event: dict[str, Any]) -> None:
    api.invoke("inference", event)

    assert api.get("/invoices").json_body == {"invoices": []}


def test_one_record_that_is_none_of_our_business_hides_no_other(api: Api) -> None:
    key = a_stored_object(api, "uploads/second.pdf")
    event = an_s3_event("derived/page.pdf", key)
    event["Records"][0].pop("s3")  # where Chalice looks
    event["Records"][0]["eventName"] = "ReducedRedundancyLostObject"

    api.invoke("inference", event)

    assert record_of(api, made_up_id(DocumentRef(key=key))).document.key == key


def test_what_is_no_event_of_s3_is_loud(api: Api) -> None:
    with pytest.raises(ValueError, match="no S3 event"):
        api.invoke("inference", {"hello": "world"})


def test_a_presigned_upload_is_processed_under_the_id_that_was_promised(api: Api) -> None:
    planned = api.post("/uploads", b'{"filename": "big.pdf"}', "application/json").json_body
    a_stored_object(api, planned["fields"]["key"])

    api.deliver_events()

    assert api.invoice(planned["invoice_id"])["document"]["sha256"]


def test_a_presigned_upload_of_a_known_document_is_rejected_and_names_the_first(api: Api) -> None:
    first = api.uploaded(a_document())
    planned = api.post("/uploads", b'{"filename": "big.pdf"}', "application/json").json_body
    a_stored_object(api, planned["fields"]["key"], a_document())

    api.deliver_events()

    document = api.invoice(planned["invoice_id"])
    assert (document["status"], document["decision"]) == ("rejected", "rejected")
    assert document["reasons"] == ["duplicate_upload"]
    assert first in document["error"]["message"]


def test_a_presigned_upload_of_something_else_is_rejected_with_its_own_code(api: Api) -> None:
    planned = api.post("/uploads", b'{"filename": "big.pdf"}', "application/json").json_body
    a_stored_object(api, planned["fields"]["key"], b"Dear Sir or Madam")

    api.deliver_events()

    assert api.invoice(planned["invoice_id"])["error"]["code"] == "not_a_document"


def test_a_document_that_is_gone_fails_and_says_so(api: Api) -> None:
    record = a_record()
    key = upload_key(record.invoice_id, A_MOMENT, "lost.pdf")
    api.adapters.invoices().register(record.model_copy(update={"document": a_stored_document(key=key)}))

    api.invoke("inference", an_s3_event(key))

    (entry,) = api.get("/invoices").json_body["invoices"]
    assert (entry["status"], entry["error"]["code"]) == ("failed", "document_missing")


@pytest.mark.parametrize("shape", ["raw", "envelope"])
def test_a_dead_letter_of_either_shape_is_processed(api: Api, shape: str) -> None:
    invoice_id = api.uploaded(a_document())
    event = an_s3_event(record_of(api, invoice_id).document.key)

    api.deliver_dead_letter(json.dumps(event) if shape == "raw" else an_envelope(event))

    assert record_of(api, invoice_id).status in {Status.COMPLETED, Status.REJECTED}


def test_a_failed_invoice_is_tried_again(api: Api) -> None:
    invoice_id = api.uploaded(a_document())
    record = record_of(api, invoice_id)
    api.adapters.invoices().save(record.model_copy(update={"status": Status.FAILED, "problem": a_problem("crashed")}))

    api.deliver_dead_letter(an_envelope(an_s3_event(record.document.key)))

    assert record_of(api, invoice_id).problem is None


def test_a_claim_of_the_delivery_that_was_given_up_does_not_hold_up_its_dead_letter(api: Api) -> None:
    invoice_id = api.uploaded(a_document())
    record = record_of(api, invoice_id)
    claim = {"owner": "given-up", "since": api.adapters.clock().now()}
    held = InvoiceRecord.model_validate(record.model_dump() | {"status": "processing", "claim": claim})
    api.adapters.invoices().save(held)

    api.deliver_dead_letter(an_envelope(an_s3_event(record.document.key), request_id="given-up"))

    assert record_of(api, invoice_id).status in {Status.COMPLETED, Status.REJECTED}


def test_a_dead_letter_comes_back_while_somebody_else_is_at_work(api: Api) -> None:
    invoice_id = api.uploaded(a_document())
    record = record_of(api, invoice_id)
    claim = {"owner": "somebody-else", "since": api.adapters.clock().now()}
    held = InvoiceRecord.model_validate(record.model_dump() | {"status": "processing", "claim": claim})
    api.adapters.invoices().save(held)

    with pytest.raises(UnavailableError):
        api.deliver_dead_letter(an_envelope(an_s3_event(record.document.key)))


@pytest.mark.usefixtures("nothing_collected")
@pytest.mark.parametrize(
    "body",
    ["", "no JSON", "7", "[]", "{}", '{"Records": 7}', '{"Records": [7]}', '{"requestPayload": null}', "[" * 9999],
)
def test_a_poisoned_message_is_parked_as_it_came(api: Api, body: str) -> None:
    api.deliver_dead_letter(body)

    (letter,) = api.parked()
    assert (letter.body, letter.code) == (body, "unreadable_letter")
    assert api.adapters.dead_letters().depth() == 0


def test_a_test_event_in_the_dead_letters_is_passed_over(api: Api) -> None:
    api.deliver_dead_letter(json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"}))

    assert api.get("/invoices").json_body == {"invoices": []}


def test_the_daily_check_says_what_answers_and_what_was_done(api: Api) -> None:
    api.uploaded(a_document())
    api.deliver_events()
    api.adapters.dead_letters().send("something")
    for _ in range(2):
        api.adapters.parking().send("something else")

    report = api.invoke("health_check", daily_event(A_MOMENT))

    assert report == {
        "bucket": "ok",
        "table": "ok",
        "dead_letter_queue": "ok",
        "dead_letters": 1,
        "parking_queue": "ok",
        "parked": 2,
        "processed_in_24_hours": 1,
        "healthy": True,
    }
