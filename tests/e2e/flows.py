"""What the functions do with what their policies grant: each flow needs some of it, and tells what came out.

A flow takes a deployment and how a document is processed on it (`Way`), and returns facts that are equal whenever
everything is allowed. Nothing in it waits for long when something is not.
"""

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.request import Request

import boto3

from chalicelib.domain.charge import ChargeState
from chalicelib.domain.document import DocumentRef
from chalicelib.domain.invoice import FieldName
from chalicelib.domain.transitions import claimed
from chalicelib.domain.upload import invoice_id_of
from local.fakes.faults import always, an_error
from tests.builders import a_charge, an_id
from tests.bundles import a_pdf_of, an_invoice_page
from tests.e2e.deployment import SCHEDULED, Deployment, dead_letter_event, fetched, given_up, uploaded_event
from tests.papers import a_pdf, a_picture, a_scan, a_ubl_invoice, a_ubl_line, encoded, lines
from tests.waiting import eventually

Facts = Any
Flow = Callable[[Deployment], Facts]
Way = Callable[[Deployment, DocumentRef], object]
"""Has a stored document processed, and waits for the end."""

_MANY_LINES = [a_ubl_line() for _ in range(2000)]


def by_event(deployment: Deployment, ref: DocumentRef) -> object:
    """`inference`, as S3 calls it."""
    return deployment.invoke("inference", uploaded_event(deployment, ref))


def by_dead_letter(deployment: Deployment, ref: DocumentRef) -> object:
    """`reprocess`, as SQS calls it."""
    body = given_up(uploaded_event(deployment, ref))
    return deployment.invoke("reprocess", dead_letter_event(deployment, body))


def by_sweep(deployment: Deployment, ref: DocumentRef) -> object:
    """`sweep`, when the event of a document did not come."""
    eventually(lambda: _is_lost(deployment, ref), "the time after which an event is lost")
    return deployment.invoke("sweep", SCHEDULED)


def reads(way: Way) -> Flow:
    """An e-invoice is read."""
    return lambda deployment: _read(deployment, way, a_unique_ubl())


def reads_without_version(way: Way) -> Flow:
    """The same when nobody says which version of the object is meant."""
    return lambda deployment: _read(deployment, lambda on, ref: way(on, DocumentRef(key=ref.key)), a_unique_ubl())


def reads_large(way: Way) -> Flow:
    """An invoice with so many lines that its outcome does not fit into a row."""
    return lambda deployment: _read(deployment, way, a_unique_ubl(_MANY_LINES))


def reads_several(way: Way) -> Flow:
    """A file with two invoices: the second is stored only while the first is still its worker's."""
    return lambda deployment: _read(deployment, way, two_unique_invoices())


def reads_form(way: Way) -> Flow:
    """A document that came by a form: whether it came at all has to be asked."""

    def flow(deployment: Deployment) -> Facts:
        planned = deployment.call("POST", "/uploads", b'{"filename": "a.xml"}', Content_Type="application/json")
        if planned.status != 201 or _submitted(planned.body) >= 300:
            return planned.status
        record = deployment.record(planned.body["invoice_id"])
        if record is None:
            return None
        way(deployment, DocumentRef(key=record.document.key))
        return _facts(deployment, record.invoice_id)

    return flow


def reads_replaced(way: Way) -> Flow:
    """A document over which another was stored before anybody read it: the row lets go of the first one's content."""

    def flow(deployment: Deployment) -> Facts:
        sent = deployment.send(a_unique_ubl())
        if sent.status != 202:
            return sent.status
        record = deployment.record(sent.body["invoice_id"])
        if record is None:
            return None
        way(deployment, deployment.store(a_unique_ubl(), record.document.key))
        return _facts(deployment, record.invoice_id)

    return flow


def reads_scan(way: Way) -> Flow:
    """A scan of one page; what is kept of it is looked for first, and is not there."""
    return lambda deployment: _read(deployment, way, _scan(1))


def reads_scans(way: Way) -> Flow:
    """Scans of one page and of two: words at once and by a job; and what they mean, where words do not say enough."""

    def flow(deployment: Deployment) -> Facts:
        kinds = [(pages, turned) for turned in (False, True) for pages in (1, 2)]
        return [_read(deployment, way, _scan(pages, is_landscape=turned)) for pages, turned in kinds]

    return flow


def asks_models(way: Way) -> Flow:
    """An invoice in which something cannot be found is shown to a model, and to the next when that one is busy."""

    def flow(deployment: Deployment) -> Facts:
        bedrock, (first, *_) = deployment.stack.bedrock, deployment.settings.models.split(",")
        before = bedrock.calls.copy()
        bedrock.plan = always(first, fault=an_error("ThrottlingException", 429))
        facts = _read(deployment, way, a_pdf(lines("Invoice 4711", f"{uuid.uuid4()}", "to be paid")))
        bedrock.plan = always(fault=an_error("never"))
        return facts, sorted(bedrock.calls - before)

    return flow


def waits_for_money(way: Way) -> Flow:
    """When the day's money is gone, scans wait, and are counted."""

    def flow(deployment: Deployment) -> Facts:
        spent = a_charge(invoice_id=an_id(), state=ChargeState.SHARED, usd=Decimal(5), day=datetime.now(UTC).date())
        deployment.adapters.ledger().share(spent)
        return [_read(deployment, way, _scan(1)) for _ in range(2)]

    return flow


def removes_late_upload(way: Way) -> Flow:
    """What arrives for an erased invoice is removed, with everything that was derived from it."""

    def flow(deployment: Deployment) -> Facts:
        ref = deployment.store(a_unique_ubl())
        by_event(deployment, ref)
        invoice_id = invoice_id_of(ref)
        erased = deployment.call("DELETE", f"/invoices/{invoice_id}").status
        late = deployment.store(a_unique_ubl(), ref.key)
        derived = deployment.store(b"{}", f"derived/{invoice_id}/late")
        way(deployment, late)
        return erased, len(deployment.versions(late.key)), len(deployment.versions(derived.key))

    return flow


def gives_up(deployment: Deployment) -> Facts:
    """What `inference` cannot do ends in the queue of dead letters, and there among what a person has to look at."""
    before, journal = deployment.parked(), len(deployment.stack.journal())
    deployment.invoke_later("inference", {"Records": "none"})
    eventually(lambda: deployment.parked() > before or deployment.is_denied("inference", journal), "a dead letter")
    return deployment.parked() > before


def takes_dead_letters(deployment: Deployment) -> Facts:
    """`reprocess` gets what comes into the queue of dead letters."""
    before, journal = deployment.parked(), len(deployment.stack.journal())
    queue = boto3.client("sqs").get_queue_url(QueueName=deployment.settings.dead_letter_queue_name)["QueueUrl"]
    boto3.client("sqs").send_message(QueueUrl=queue, MessageBody="no letter")
    eventually(lambda: deployment.parked() > before or deployment.is_denied("reprocess", journal), "an event")
    return deployment.parked() > before


def parks(deployment: Deployment) -> Facts:
    """`reprocess` parks what nobody can do."""
    before = deployment.parked()
    outcome = deployment.invoke("reprocess", dead_letter_event(deployment, "no letter"))
    return outcome, deployment.parked() > before


def writes_log(name: str, flow: Flow) -> Flow:
    """A flow leaves lines in the function's log group."""

    def logging(deployment: Deployment) -> Facts:
        before = len(deployment.printed(name))
        return flow(deployment), len(deployment.printed(name)) > before

    return logging


def sends_traces(name: str, flow: Flow) -> Flow:
    """A flow is traced: only the journal tells, for the emulator keeps no traces."""

    def tracing(deployment: Deployment) -> Facts:
        before = len(deployment.stack.journal())
        facts = flow(deployment)
        traced = {one.action: one.sid for one in deployment.decisions(name, before) if one.action.startswith("xray:")}
        return facts, sorted(action for action, sid in traced.items() if sid is not None)

    return tracing


def a_unique_ubl(items: list[str] | None = None) -> bytes:
    """An e-invoice over 119.00 EUR whose bytes no other has."""
    return a_ubl_invoice(f"<!-- {uuid.uuid4()} -->", lines=items)


def takes_in(deployment: Deployment) -> Facts:
    """The API takes in a document: as a body, and by a form."""
    received = deployment.send(a_unique_ubl())
    planned = deployment.call("POST", "/uploads", b'{"filename": "a.xml"}', Content_Type="application/json")
    return received.status, planned.status, planned.status == 201 and _submitted(planned.body)


def stores_again(deployment: Deployment) -> Facts:
    """The API stores a document again that somebody began to read, and that is not there."""
    content = a_unique_ubl()
    sent = deployment.send(content)
    record = deployment.record(sent.body.get("invoice_id", ""))
    if record is None:
        return sent.status
    deployment.adapters.invoices().save(claimed(record, "a worker that is gone", datetime.now(UTC)))
    deployment.adapters.documents().delete(DocumentRef(key=record.document.key))
    return deployment.send(content).status, len(deployment.versions(record.document.key))


def shows_large(deployment: Deployment) -> Facts:
    """The API shows an invoice whose outcome does not fit into a row."""
    ref = deployment.store(a_unique_ubl(_MANY_LINES))
    by_event(deployment, ref)
    reply = deployment.call("GET", f"/invoices/{invoice_id_of(ref)}")
    return reply.status, reply.status == 200 and len(reply.body.get("line_items", ()))


def hands_out(deployment: Deployment) -> Facts:
    """The API hands out originals: the very version that was read, and one that came without an event."""
    ref = deployment.store(a_unique_ubl())
    by_event(deployment, ref)
    link = deployment.call("GET", f"/invoices/{invoice_id_of(ref)}/document")
    return link.status, link.status == 302 and fetched(Request(link.headers["Location"])).status


def hands_out_at_once(deployment: Deployment) -> Facts:
    """The API hands out an original of which no event has told yet."""
    sent = deployment.send(a_unique_ubl())
    link = deployment.call("GET", f"/invoices/{sent.body.get('invoice_id')}/document")
    return link.status, link.status == 302 and fetched(Request(link.headers["Location"])).status


def lists(deployment: Deployment) -> Facts:
    """The API lists invoices."""
    ref = deployment.store(a_unique_ubl())
    by_event(deployment, ref)
    reply = deployment.call("GET", "/invoices?status=completed&limit=1")
    return reply.status, reply.status == 200 and [
        one["invoice_id"] == invoice_id_of(ref) for one in reply.body["invoices"]
    ]


def reports_costs(deployment: Deployment) -> Facts:
    """The API says what was spent."""
    reply = deployment.call("GET", "/costs")
    return reply.status, reply.status == 200 and reply.body["total"]["usd"]


def erases(deployment: Deployment) -> Facts:
    """The API erases an invoice with all that was derived from it."""
    ref = deployment.store(a_unique_ubl())
    by_event(deployment, ref)
    derived = deployment.store(b"{}", f"derived/{invoice_id_of(ref)}/kept")
    status = deployment.call("DELETE", f"/invoices/{invoice_id_of(ref)}").status
    return status, len(deployment.versions(ref.key)), len(deployment.versions(derived.key))


def erases_several(deployment: Deployment) -> Facts:
    """The API erases the first invoice of a file, and the second with it."""
    ref = deployment.store(two_unique_invoices())
    by_event(deployment, ref)
    erased = deployment.call("DELETE", f"/invoices/{invoice_id_of(ref)}").status
    return erased, deployment.call("GET", f"/invoices/{invoice_id_of(ref)}-2").status


def two_unique_invoices() -> bytes:
    """A PDF with two invoices that nobody else has sent."""
    return a_pdf_of([an_invoice_page(f"INV-{uuid.uuid4().int % 10**9}") for _ in "12"])


def checks_health(deployment: Deployment) -> Facts:
    """The daily self-check finds everything well, and counts."""
    found = deployment.invoke("health_check", SCHEDULED)
    told = found.returned or {}
    return found.error, {name: text if isinstance(text, str) else type(text).__name__ for name, text in told.items()}


def lets_in(deployment: Deployment) -> Facts:
    """Whoever has a token is let in, and nobody else."""
    token, deployment.token = deployment.token, ""
    without = deployment.call("GET", "/invoices").status
    deployment.token = token
    return without, deployment.call("GET", "/invoices").status


def _submitted(form: Mapping[str, Any]) -> int:
    """The status with which S3 takes a form."""
    boundary = uuid.uuid4().hex
    fields = {**form["fields"], "file": a_unique_ubl().decode()}
    parts = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in fields.items()
    )
    content = f"{''.join(parts)}--{boundary}--\r\n".encode()
    return fetched(Request(form["url"], content, {"Content-Type": f"multipart/form-data; boundary={boundary}"})).status


def _read(deployment: Deployment, way: Way, content: bytes) -> Facts:
    ref = deployment.store(content)
    way(deployment, ref)
    return _facts(deployment, invoice_id_of(ref))


def _facts(deployment: Deployment, invoice_id: str) -> Facts:
    record = deployment.record(invoice_id)
    if record is None or record.outcome is None:
        return record and (record.status, record.problem and record.problem.code)
    outcome = record.outcome
    charged = sorted({charge.usage.operation for charge in outcome.charges if charge.state is not ChargeState.SHARED})
    return record.status, outcome.decision, outcome.degraded, outcome.invoice.text(FieldName.TOTAL), charged


def _scan(pages: int, *, is_landscape: bool = False) -> bytes:
    size = {"width": 1170, "height": 827} if is_landscape else {}
    pictures = [a_picture(str(uuid.uuid4()), **size) for _ in range(pages)]
    if not is_landscape:
        return a_pdf(*map(a_scan, pictures))
    return encoded(pictures[0], "PDF", *pictures[1:])


def _is_lost(deployment: Deployment, ref: DocumentRef) -> bool:
    stored = deployment.versions(ref.key)[0]["LastModified"]
    return bool(datetime.now(UTC) > stored + timedelta(seconds=deployment.settings.lost_seconds))
