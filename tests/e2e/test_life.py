"""The life of documents on a deployed stage: events, retries, dead letters and schedules, as AWS makes them."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from chalicelib.adapters.aws.clients import TOTAL_ATTEMPTS
from local.fakes.faults import always, an_error
from tests.e2e.deployment import Deployment
from tests.e2e.environment import PROJECT
from tests.e2e.flows import a_unique_ubl
from tests.papers import a_pdf, a_picture, a_scan
from tests.waiting import eventually

_OF_INFERENCE = 3 * TOTAL_ATTEMPTS  # calls: Lambda tries three times, and each time boto3 does, too
_SAMPLE = PROJECT / "samples" / "gb-stationer.pdf"
_FINAL = {"completed", "rejected", "failed"}
_FAULT = an_error("InternalServerError", 500)
_REFUSING = always("DetectDocumentText", fault=an_error("NeverHeardOfException", 400))  # for an outage it would wait
_WELL = always(fault=_FAULT)


@pytest.fixture(autouse=True, scope="module")
def often(deployment: Deployment) -> Iterator[None]:
    """`sweep` comes every minute, and not only every five."""
    events, rule = boto3.client("events"), deployment.rule("sweep")
    expression = events.describe_rule(Name=rule)["ScheduleExpression"]
    events.put_rule(Name=rule, ScheduleExpression="rate(1 minute)")
    yield
    events.put_rule(Name=rule, ScheduleExpression=expression)
    deployment.clear()


def test_an_upload_becomes_an_invoice_with_the_total_that_is_printed(deployment: Deployment) -> None:
    sent = deployment.send(_SAMPLE.read_bytes(), "application/pdf")
    assert sent.status == 202

    found = _final(deployment, sent.body["invoice_id"])

    assert (found["status"], found["decision"]) == ("completed", "auto_approve")
    assert found["fields"]["total"]["value"] == "1531.32"
    assert found["fields"]["currency"]["value"] == "GBP"


def test_the_same_bytes_are_the_same_invoice(deployment: Deployment) -> None:
    content = a_unique_ubl()
    first = deployment.send(content, "application/xml")

    again = deployment.send(content, "application/xml")

    assert (first.status, again.status) == (202, 200)
    assert again.body["invoice_id"] == first.body["invoice_id"]


def test_what_fails_three_times_is_done_by_reprocess(deployment: Deployment) -> None:
    before = deployment.stack.textract.calls["DetectDocumentText"]
    deployment.stack.textract.plan = lambda _, nth: _FAULT if nth <= before + _OF_INFERENCE else None

    sent = deployment.send(_a_scan(), "application/pdf")

    found = _final(deployment, sent.body["invoice_id"])
    assert (found["status"], found["fields"]["total"]["value"]) == ("completed", "1531.32")
    record = deployment.record(sent.body["invoice_id"])
    assert record is not None
    assert record.attempts == 4  # three of them by `inference`
    assert any(found["invoice_id"] in line for line in deployment.printed("reprocess"))


def test_what_nobody_can_do_is_parked(deployment: Deployment) -> None:
    before = deployment.parked()
    deployment.stack.textract.plan = _REFUSING

    sent = deployment.send(_a_scan(), "application/pdf")

    assert _final(deployment, sent.body["invoice_id"])["status"] == "failed"
    eventually(lambda: deployment.parked() == before + 1, "a parked message")
    deployment.stack.textract.plan = _WELL


def test_the_schedule_takes_up_what_no_event_told_of(deployment: Deployment) -> None:
    told = deployment.told_of_documents({})

    sent = deployment.send(a_unique_ubl(), "application/xml")

    deployment.told_of_documents(told)
    assert _final(deployment, sent.body["invoice_id"])["status"] == "completed"
    assert any(sent.body["invoice_id"] in line for line in deployment.printed("sweep"))


def _a_scan() -> bytes:
    return a_pdf(a_scan(a_picture("No two are the same.")))


def _final(deployment: Deployment, invoice_id: str) -> Any:
    def found() -> Any:
        body = deployment.call("GET", f"/invoices/{invoice_id}").body
        return body if body.get("status") in _FINAL else None

    return eventually(found, "the end of the invoice", seconds=150)
