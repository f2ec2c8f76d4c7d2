"""What all HTTP replies have in common, above all errors: one table of statuses, and one shape,

`{"error": {"code", "message", "retryable", "request_id"}}`.
"""

import functools
import logging
from collections.abc import Callable
from typing import Any, ParamSpec

from chalice.app import Chalice, Request, Response

from chalicelib.alerting import call_operator
from chalicelib.domain.record import Problem
from chalicelib.errors import (
    BudgetExhaustedError,
    ConfigurationError,
    ConflictError,
    NotFoundError,
    RejectedError,
    UnavailableError,
)
from chalicelib.pipeline.problems import problem_of

log = logging.getLogger("smart-invoice.http")

Arguments = ParamSpec("Arguments")
Headers = dict[str, str | list[str]]

# The status of an error is that of its code, or else of its class.
_BY_CODE = {
    "too_large": 413,
    "too_large_for_request": 413,
    "not_a_document": 415,
    "empty": 400,
    "bad_request": 400,
    "bad_parameter": 400,
    "bad_cursor": 400,
    "bad_form": 400,
    "bad_json": 400,
    "part_of_document": 409,
    "invoice_erased": 410,
}
_BY_CLASS: tuple[tuple[type[Exception], int], ...] = (
    (RejectedError, 422),
    (NotFoundError, 404),
    (ConflictError, 409),
    (UnavailableError, 503),
    (BudgetExhaustedError, 429),
    (ConfigurationError, 500),
)

# What Chalice and API Gateway answer by themselves, in our words.
_BY_STATUS = {
    400: Problem(code="bad_request", message="This request cannot be understood. Please compare it with the README."),
    403: Problem(code="not_found", message="There is nothing here. Please check the path."),
    404: Problem(code="not_found", message="There is nothing here. Please check the path."),
    405: Problem(code="method_not_allowed", message="This path does not answer this method."),
    413: Problem(code="too_large_for_request", message="This request is too large. Please use POST /uploads."),
    415: Problem(
        code="unsupported_media_type",
        message="This content type is not accepted here. Please name the type of what you send: application/pdf, "
        "image/png, image/jpeg, image/tiff, application/xml, text/xml, application/pkcs7-mime or multipart/form-data "
        "for documents, and application/json for POST /uploads.",
    ),
}
_RETRY_SECONDS = "5"


def translated(view: Callable[Arguments, Response]) -> Callable[Arguments, Response]:
    """A view whose errors become replies. Chalice's middleware never sees the errors of views, hence a decorator."""

    @functools.wraps(view)
    def translating(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Response:
        try:
            return view(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - the outermost boundary: whatever it is becomes a reply and a log line
            return _reply(error)

    return translating


def error_response(status: int, problem: Problem, retry_seconds: int | None = None) -> Response:
    """The reply for a problem; its request id is filled in by `finished`. 503 and 429 say when to ask again."""
    retry_after = _RETRY_SECONDS if retry_seconds is None else str(retry_seconds)
    headers: Headers = {"Retry-After": retry_after} if status in {429, 503} else {}
    return Response({"error": problem.model_dump()}, headers, status)


def finished(response: Response, request: Request) -> Response:
    """The reply as it leaves: with the headers that all have, and errors of Chalice's own in our shape."""
    own_id = request_id(request)
    if response.status_code >= 400 and not _is_ours(response.body):
        response.body = {"error": problem_of_status(response.status_code).model_dump()}
    if response.status_code >= 400:
        response.body["error"]["request_id"] = own_id
    response.headers.update({"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "X-Request-Id": own_id})
    if str(response.headers.get("Location", "")).startswith("/"):
        response.headers["Location"] = f"{_stage_of(request)}{response.headers['Location']}"
    return response


def current(app: Chalice) -> Request:
    """The request that this thread is answering."""
    if app.current_request is None:
        raise RuntimeError("no request is being answered")
    return app.current_request


def request_id(event: Any) -> str:
    """Lambda's id of the request or event that is being handled; the same one when Lambda tries again."""
    context = getattr(event, "lambda_context", None) or getattr(event, "context", None)
    return str(getattr(context, "aws_request_id", "")) or "unknown"


def problem_of_status(status: int) -> Problem:
    """What to say of a status that was not ours to choose."""
    return _BY_STATUS.get(status, problem_of(Exception()))


def status_of(error: Exception) -> int:
    """The HTTP status of an error."""
    by_code = _BY_CODE.get(error.code) if isinstance(error, RejectedError | NotFoundError) else None
    by_class = next((status for kind, status in _BY_CLASS if isinstance(error, kind)), 500)
    return by_code or by_class


def _reply(error: Exception) -> Response:
    status = status_of(error)
    call_operator(error)
    if status >= 500:
        log.error("Request failed", extra={"code": getattr(error, "code", "internal_error")}, exc_info=error)
    return error_response(status, problem_of(error), getattr(error, "retry_seconds", None))


def _stage_of(request: Request) -> str:
    """What stands before our own paths: `/api` at API Gateway's address, nothing on one machine."""
    path = str(request.context.get("path", ""))
    return path.removesuffix(request.path) if path.endswith(request.path) else ""


def _is_ours(body: object) -> bool:
    return isinstance(body, dict) and set(body) == {"error"}
