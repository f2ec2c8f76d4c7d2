"""The failures F64 to F72, those of S3 and of the API. Each test has the name of its row."""

import base64
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError

from chalicelib.adapters.aws.family import AwsAdapters
from chalicelib.bootstrap import Services, services
from chalicelib.domain.document import DocumentRef, MediaType
from chalicelib.domain.record import Status
from chalicelib.errors import UnavailableError
from tests.at_once import at_once
from tests.builders import (
    a_clock,
    a_document,
    an_id,
)
from tests.families import an_aws_family, moto
from tests.timed import TimedApi, timed_api
from tests.wire import Wire, an_answer, shortened

KEY = "uploads/a.pdf"


@pytest.fixture(scope="module")
def aws() -> Iterator[None]:
    """AWS itself."""
    with moto():
        yield


@pytest.fixture
def family(aws: None) -> AwsAdapters:
    """An empty family."""
    return an_aws_family()


@pytest.fixture
def api(tmp_path: Path) -> Iterator[TimedApi]:
    """The app, its clock and its reader."""
    with timed_api(tmp_path, a_clock()) as timed:
        yield timed


def test_f64_an_upload_survives_a_slow_bucket(family: AwsAdapters) -> None:
    slow = an_answer(503, "<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>")
    wire = Wire(family._clients.s3(), "PutObject", [slow])

    family.documents().put(KEY, a_document(), MediaType.PDF)

    assert family.documents().get(DocumentRef(key=KEY)) == a_document()
    assert len(wire.requests) == 2


def test_f64_a_download_that_breaks_off_is_unavailable_and_never_half_a_document(family: AwsAdapters) -> None:
    family.documents().put(KEY, a_document(), MediaType.PDF)
    Wire(family._clients.s3(), "GetObject", [lambda answer: shortened(answer, 10)])

    with pytest.raises(UnavailableError):
        family.documents().get(DocumentRef(key=KEY))


def test_f64_a_connection_that_is_reset_is_not_noticed(family: AwsAdapters) -> None:
    family.documents().put(KEY, a_document(), MediaType.PDF)
    wire = Wire(family._clients.s3(), "GetObject", [ConnectionClosedError(endpoint_url="https://x")])

    assert family.documents().get(DocumentRef(key=KEY)) == a_document()
    assert len(wire.requests) == 2


def test_f64_bytes_that_were_changed_on_their_way_are_never_taken_for_the_document(family: AwsAdapters) -> None:
    family.documents().put(KEY, a_document(), MediaType.PDF)
    Wire(family._clients.s3(), "GetObject", [with_one_letter_changed])

    with pytest.raises(UnavailableError):
        family.documents().get(DocumentRef(key=KEY))


def with_one_letter_changed(answer: AWSResponse) -> AWSResponse:
    """The answer of a bucket that keeps checksums, as S3 does for whatever boto3 stores."""
    answer.headers["x-amz-checksum-crc32"] = base64.b64encode(zlib.crc32(answer.content).to_bytes(4)).decode()
    answer._content = answer.content.replace(b"I", b"J", 1)  # type: ignore[attr-defined]  # where botocore keeps it
    return shortened(answer, len(answer.content))


@pytest.mark.parametrize("code", ["AccessDenied", "KMS.DisabledException", "KMS.KMSInvalidStateException"])
def test_f65_a_bucket_that_may_not_be_read_calls_an_operator_and_keeps_the_document(
    aws: None, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    clock = a_clock()
    family = an_aws_family(clock, textract=False, models="")
    services = Services(family._settings, family)
    record = services.receive(a_document(), "invoice.pdf").record
    Wire(family._clients.s3(), "GetObject", [an_answer(403, f"<Error><Code>{code}</Code></Error>")])

    kept = services.process(DocumentRef(key=record.document.key), "first")
    clock.advance(minutes=30)
    services.sweep("later")

    ended = family.invoices().load(record.invoice_id)
    assert (kept.status, kept.attempts) == (Status.WAITING, 0)
    assert {line.getMessage() for line in caplog.records if line.levelname == "CRITICAL"} == {"Operator needed"}
    assert ended is not None
    assert ended.status is Status.COMPLETED


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"GIF89a and so on", "not_a_document"), (b"", "empty"), (a_document() + b" " * 3000, "too_large")],
)
def test_f66_what_came_by_a_form_is_looked_at_again_whatever_the_bucket_let_through(
    aws: None, content: bytes, code: str
) -> None:
    family = an_aws_family(a_clock(), textract=False, models="", max_document_bytes=3000)
    services = Services(family._settings, family)
    record = services.request_upload("invoice.pdf", MediaType.PDF).record
    family.documents().put(record.document.key, content, MediaType.PDF)

    end = services.process(DocumentRef(key=record.document.key), "first")

    assert end.problem is not None
    assert (end.status, end.problem.code) == (Status.REJECTED, code)


def test_f67_a_client_that_repeats_its_upload_gets_the_same_invoice(api: TimedApi) -> None:
    first = api.post("/invoices", a_document())
    api.deliver_events()
    again = api.post("/invoices", a_document())

    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json_body["invoice_id"] == again.json_body["invoice_id"]
    assert (api.deliver_events(), api.reader.readings) == (0, 1)


@pytest.mark.parametrize("seed", range(5))
def test_f67_repetitions_at_once_are_one_invoice(api: TimedApi, seed: int) -> None:
    content, ids = a_document(f"Invoice {seed}"), []
    receive = services().receive

    at_once([lambda: ids.append(receive(content, "invoice.pdf").record.invoice_id)] * 5)
    api.deliver_events()

    assert (len(ids), len(set(ids)), api.reader.readings) == (5, 1, 1)


@pytest.mark.usefixtures("nothing_collected")
@pytest.mark.parametrize(
    ("path", "body", "content_type", "status"),
    [
        ("/invoices", b"%PDF-1.7" + b" " * 4_400_000, "application/pdf", 413),
        ("/uploads", b'{"filename": "a.pdf", "bytes": 50000001}', "application/json", 413),
        ("/invoices", b"", "application/pdf", 400),
        ("/uploads", b"{", "application/json", 400),
        ("/uploads", b"[" * 100_000, "application/json", 400),
        ("/invoices", a_document(), "text/html", 415),
        ("/invoices", b"GIF89a and so on", "application/pdf", 415),
    ],
)
def test_f69_whatever_is_sent_wrongly_is_answered_in_one_shape_and_without_a_trace(
    api: TimedApi, path: str, body: bytes, content_type: str, status: int
) -> None:
    response = api.post(path, body, content_type)

    assert response.status_code == status
    assert set(response.json_body) == {"error"}
    assert set(response.json_body["error"]) == {"code", "message", "retryable", "request_id"}
    assert "Traceback" not in response.body.decode()
    assert api.get("/invoices").json_body == {"invoices": []}


def test_f70_an_upload_is_a_row_and_an_object_and_nothing_slow(aws: None) -> None:
    """Reading comes later. What the bucket keeps waiting for longer than the gateway does, a client sends again."""
    family = an_aws_family(a_clock())
    asked: list[str] = []
    for client in (family._clients.s3(), family._clients.dynamodb()):
        client.meta.events.register("before-call.*.*", lambda model, **_: asked.append(model.name))

    Services(family._settings, family).receive(a_document(), "invoice.pdf")

    assert sorted(asked) == ["GetItem", "GetItem", "PutObject", "TransactWriteItems"]


def test_f71_a_row_without_an_object_is_ended_and_an_object_without_a_row_is_read(api: TimedApi) -> None:
    """As a crash between the two leaves them, in either order; `test_kill_at_every_step.py` really kills there."""
    form = api.post("/uploads", b'{"filename": "a.pdf"}', "application/json").json_body
    by_hand = api.stored(f"uploads/2026/11/23/{an_id()}/no-row.pdf")
    api.clock.advance(minutes=26)

    api.swept()

    ended = api.record(form["invoice_id"])
    assert ended.problem is not None
    assert (ended.status, ended.problem.code) == (Status.FAILED, "upload_never_came")
    assert api.record_at(by_hand).status is Status.COMPLETED


@pytest.mark.parametrize("status", [Status.RECEIVED, Status.PROCESSING, Status.WAITING])
def test_f72_who_reads_while_it_is_processed_is_told_so_and_when_to_ask_again(api: TimedApi, status: Status) -> None:
    invoice_id = api.uploaded(a_document())
    api.save(api.record(invoice_id), status=status)

    response = api.get(f"/invoices/{invoice_id}")

    assert (response.status_code, response.json_body["status"]) == (200, status)
    assert response.headers["Retry-After"] == "1"
    assert response.json_body.get("fields", {}) == {}


def test_f72_who_reads_when_it_is_done_is_not_sent_away(api: TimedApi) -> None:
    invoice_id = api.uploaded(a_document())
    api.deliver_events()

    assert "Retry-After" not in api.get(f"/invoices/{invoice_id}").headers
