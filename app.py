"""The Chalice app: every route, event and schedule, and nothing else."""

import os
from collections.abc import Callable
from typing import Any

from chalice.app import (
    AuthRequest,
    AuthResponse,
    Chalice,
    CloudWatchEvent,
    Cron,
    Rate,
    Request,
    Response,
    S3Event,
    SQSEvent,
)

from chalicelib.bootstrap import services
from chalicelib.entrypoints import access, events, http, logs, replies, requests
from chalicelib.pipeline.each import each
from chalicelib.settings import Settings

settings = Settings.from_environment(os.environ)
logs.configure(settings.log_level)
app = Chalice(app_name="smart-invoice", configure_logs=False)
app.api.binary_types.extend(sorted(set(requests.DOCUMENT_TYPES) - set(app.api.binary_types)))


@app.middleware("all")
def every_line_names_its_request(event: Any, get_response: Callable[[Any], Any]) -> Any:
    """Lambda's request id goes beside every log line, and whose request it is."""
    with logs.request(http.request_id(event), access.client_of(event)):
        return get_response(event)


@app.middleware("http")
def every_reply_is_finished(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Headers for all replies, one shape for all errors, and nothing for strangers."""
    return http.finished(access.admitted(app, request, get_response), request)


@app.authorizer(name="authorize", ttl_seconds=settings.auth_seconds)
def authorize(request: AuthRequest) -> AuthResponse | dict[str, Any]:
    """Does this token belong to a client?"""
    return access.policy(services().authorize(request.token), request)


guard = authorize if settings.auth else None


@app.route("/invoices", methods=["POST"], content_types=requests.DOCUMENT_TYPES, authorizer=guard)
@http.translated
def upload() -> Response:
    """Take in the document in the body, or in the field `file` of a form."""
    document = requests.sent_document(http.current(app), settings.max_request_bytes)
    return replies.received(services().receive(document.content, document.filename))


@app.route("/uploads", methods=["POST"], authorizer=guard)
@http.translated
def plan_upload() -> Response:
    """A form that stores a document too large for `POST /invoices`."""
    planned = requests.planned_document(http.current(app))
    return replies.upload_planned(services().request_upload(*planned))


@app.route("/invoices", methods=["GET"], authorizer=guard)
@http.translated
def list_invoices() -> Response:
    """Invoices, newest first."""
    query = requests.invoice_query(http.current(app))
    return replies.invoices(services().list_invoices(query))


@app.route("/invoices/{invoice_id}", methods=["GET"], authorizer=guard)
@http.translated
def get_invoice(invoice_id: str) -> Response:
    """The invoice document, with its status."""
    requests.refuse_parameters(http.current(app))
    return replies.invoice(services().show(invoice_id))


@app.route("/invoices/{invoice_id}", methods=["DELETE"], authorizer=guard)
@http.translated
def delete_invoice(invoice_id: str) -> Response:
    """Delete an invoice with its original and everything that was derived from it."""
    requests.refuse_parameters(http.current(app))
    return replies.erased(services().erase(invoice_id))


@app.route("/invoices/{invoice_id}/document", methods=["GET"], authorizer=guard)
@http.translated
def get_document(invoice_id: str) -> Response:
    """The original, by a short-lived link."""
    requests.refuse_parameters(http.current(app))
    return replies.link(services().link_to_document(invoice_id), settings.link_seconds)


@app.route("/costs", methods=["GET"], authorizer=guard)
@http.translated
def get_costs() -> Response:
    """What was spent, by day, service, model or supplier; limits and forecast."""
    query = requests.cost_query(http.current(app))
    return replies.costs(services().report_costs(query))


@app.route("/health", methods=["GET"])
@http.translated
def health() -> Response:
    """The app answers; whether all else does, `health_check` finds out."""
    return replies.alive()


@events.whole
@app.on_s3_event(bucket=settings.bucket_name, events=["s3:ObjectCreated:*"], prefix="uploads/", name="inference")
def inference(event: S3Event) -> None:
    """Read every uploaded document."""
    owner, deadline = http.request_id(event), events.deadline(event, services().clock)
    each(events.uploaded_documents(event.to_dict()), lambda ref: services().process(ref, owner, deadline=deadline))


@app.on_sqs_message(queue=settings.dead_letter_queue_name, batch_size=1, name="reprocess")
def reprocess(event: SQSEvent) -> None:
    """Try again what `inference` gave up, and park what cannot be done."""
    deadline = events.deadline(event, services().clock)
    each(events.dead_letters(event.to_dict()), lambda letter: services().reprocess(letter, deadline))


@app.schedule(Rate(5, unit=Rate.MINUTES), name="sweep", description="Goes on with what waits or was left behind.")
def sweep(event: CloudWatchEvent) -> dict[str, int]:
    """Settle what nobody settled, and go on with what waits, was lost, or was left by a crash."""
    return services().sweep(http.request_id(event), events.deadline(event, services().clock))._asdict()


@app.schedule(Cron(0, 6, "*", "*", "?", "*"), name="health_check", description="The daily self-check.")
def health_check(_event: CloudWatchEvent) -> dict[str, Any]:
    """Does everything answer, and is work getting done?"""
    return logs.health(services().check_health())
