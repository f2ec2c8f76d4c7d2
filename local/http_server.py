"""Chalice's local server, with what API Gateway adds around it: limits, and errors in the API's own shape."""

import json
import logging
import sys
from http.server import HTTPServer
from pathlib import Path
from typing import Any

from chalice.app import Chalice
from chalice.config import Config
from chalice.local import (
    ChaliceRequestHandler,
    CustomLocalChalice,
    LocalChalice,
    LocalDevServer,
    LocalGatewayException,
    ThreadedHTTPServer,
)

from chalicelib.domain.record import Problem
from chalicelib.entrypoints.access import UNAUTHORIZED
from chalicelib.entrypoints.http import status_of
from chalicelib.errors import ConfigurationError, SmartInvoiceError
from chalicelib.pipeline.problems import problem_of

log = logging.getLogger("smart-invoice.http")

HOST = "127.0.0.1"
PROJECT = Path(__file__).resolve().parents[1]

_MAX_GATEWAY_BYTES = 10 * 1024 * 1024  # API Gateway's own limit for a request
_IDLE_SECONDS = 60
_HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}  # as the app's own replies have them


def serve_app(app: Chalice, port: int) -> HTTPServer:
    """A server of `app` on loopback, bound but not yet serving; `ConfigurationError` when the port is taken."""
    _keep_requests_apart(app)
    try:
        server: HTTPServer = LocalDevServer(app, _config(), HOST, port, handler_cls=_Handler, server_cls=_Server).server
    except (OSError, OverflowError) as error:
        raise ConfigurationError(
            "port_unusable",
            f"Port {port} cannot be used ({getattr(error, 'strerror', None) or error}). Another program may have it: "
            f"stop that, or choose another port, as in: make run ARGS='--port {port + 10}'",
        ) from error
    return server


def _config() -> Config:
    """The stage `local` of `.chalice/config.json`.

    `chalice.cli` would read it as well. But whoever imports that asks the terminal what it can do, and waits ten
    seconds for one that does not answer.
    """
    from_disk = json.loads((PROJECT / ".chalice" / "config.json").read_text(encoding="utf-8"))
    return Config(chalice_stage="local", config_from_disk=from_disk)


def _keep_requests_apart(app: Chalice) -> None:
    """Give every thread its own current request, as `chalice local` does (in `chalice.local.create_local_server`)."""
    if not isinstance(app, LocalChalice):
        CustomLocalChalice.__bases__ = (LocalChalice, type(app))
        app.__class__ = CustomLocalChalice


class _Server(ThreadedHTTPServer):
    """A thread a connection, and a log line instead of a stack trace when one breaks off."""

    request_queue_size = 128  # connections that may wait to be taken; the five of http.server are few

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - socketserver's own shape
        kind = sys.exc_info()[0]
        log.warning("Connection broke off", extra={"kind": kind.__name__ if kind else "unknown"})


class _Handler(ChaliceRequestHandler):
    """One connection."""

    timeout = _IDLE_SECONDS
    disable_nagle_algorithm = True  # head and body of a reply are two writes: the second would wait 40 ms
    error_content_type = "application/json"
    error_message_format = json.dumps(  # what http.server fills in when it cannot make out a request
        {
            "error": {
                "code": "bad_request",
                "message": "This request cannot be understood. Please compare it with the API's description.",
                "retryable": False,
                "request_id": "none",
            }
        }
    )

    def _generic_handle(self) -> None:
        """What Chalice does for every method, if the body is one that API Gateway would let through."""
        refusal = self._refusal()
        if refusal is None:
            self._handle()
            return
        self.close_connection = True  # the body is not read, so nothing can follow it
        self._send_http_response(refusal[0], _HEADERS | {"Connection": "close"}, _error(refusal[1], "none"))

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = do_PATCH = do_OPTIONS = _generic_handle  # noqa: N815 - http.server's

    def _handle(self) -> None:
        """What Chalice does; an authorizer that fails lets nobody in, and is no reason to break off."""
        try:
            super()._generic_handle()
        except SmartInvoiceError as error:
            log.error("Authorizer failed", extra={"code": error.code}, exc_info=error)  # noqa: TRY400 - without its text
            self._send_http_response(status_of(error), _HEADERS, _error(problem_of(error), "none"))

    def _refusal(self) -> tuple[int, Problem] | None:
        length = self.headers.get("content-length", "0")
        if "transfer-encoding" in self.headers or not (length.isascii() and length.isdecimal()):
            return 411, Problem(code="length_required", message="Please send the body with its Content-Length.")
        if int(length[:20]) > _MAX_GATEWAY_BYTES:
            return 413, Problem(
                code="too_large_for_request",
                message="This request is too large. Please ask POST /uploads for a form and use that.",
            )
        return None

    def _send_error_response(self, error: LocalGatewayException) -> None:
        """Chalice answers as API Gateway does without further settings; here unknown paths are 404, strangers 401."""
        request_id = str(error.headers.get("x-amzn-RequestId", "none"))
        headers = _HEADERS | {"X-Request-Id": request_id}
        if _is_stranger(error):
            self._send_http_response(401, headers | {"WWW-Authenticate": "Bearer"}, _error(UNAUTHORIZED, request_id))
            return
        problem = Problem(code="not_found", message="There is nothing here. Please check the path.")
        self._send_http_response(404, headers, _error(problem, request_id))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's own name
        """No access log: every handled request and invoice has its own line."""


def _is_stranger(error: LocalGatewayException) -> bool:
    """Whether there was no token (401), or one that an authorizer denied."""
    return error.CODE == 401 or error.headers.get("x-amzn-ErrorType") == "AccessDeniedException"


def _error(problem: Problem, request_id: str) -> bytes:
    return json.dumps({"error": problem.model_dump() | {"request_id": request_id}}).encode()
