"""The embedded bucket's web server: what S3 does with presigned links and forms, on loopback."""

import json
import shutil
from collections.abc import Callable, Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from chalicelib.adapters.presigning import attachment
from chalicelib.errors import ConfigurationError, NotFoundError, RejectedError, SmartInvoiceError, UnavailableError
from chalicelib.ports import Clock
from local.documents import FolderDocumentStore
from local.files import disk_errors
from local.multipart import Body, read_form

_DEFAULT_PORT = 8001
_MAX_DISCARDED_BYTES = 200_000_000
_FORBIDDEN_CODES = frozenset({"bad_signature", "link_expired", "form_changed"})
_STATUSES = {
    NotFoundError: HTTPStatus.NOT_FOUND,
    RejectedError: HTTPStatus.BAD_REQUEST,
    UnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
}


class BucketServer(ThreadingHTTPServer):
    """Serves `store` at the host and port of `bucket_url` (port 0: a free one), once `serve_forever()` is called.

    Raise `ConfigurationError("port_unusable", …)` when it cannot listen there.
    """

    daemon_threads = True

    def __init__(self, store: FolderDocumentStore, clock: Clock, bucket_url: str) -> None:
        self.store = store
        self.clock = clock
        address = urlsplit(bucket_url)
        port = _DEFAULT_PORT if address.port is None else address.port
        try:
            super().__init__((address.hostname or "127.0.0.1", port), _Handler)
        except OSError as error:
            raise ConfigurationError(
                "port_unusable",
                f"The bucket cannot be served at {bucket_url}: {error.strerror}. "
                "Free the port, or choose another with INVOICES_BUCKET_URL.",
            ) from error


class _Handler(BaseHTTPRequestHandler):
    """One request: GET and HEAD follow a link, POST takes a form."""

    server: BucketServer
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self) -> None:
        """Send the document of a link."""
        self._answering(self._send_document)

    def do_HEAD(self) -> None:
        """Send what is known of the document of a link."""
        self._answering(self._send_document)

    def do_POST(self) -> None:
        """Store the document of a form."""
        self._answering(self._take_document)

    def log_message(self, *_: object) -> None:
        """Log nothing: links are as good as passwords."""

    def _answering(self, serve: Callable[[], None]) -> None:
        """Serve, and say in words what went wrong; nobody is left to tell when the connection broke."""
        try:
            serve()
        except SmartInvoiceError as error:
            self._refuse(error)
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def _send_document(self) -> None:
        address = urlsplit(self.path)
        download = self.server.store.presigner.download(address.path, address.query, self.server.clock.now())
        stored = self.server.store.find(download.key, download.version_id)
        with disk_errors(stored.path):
            file = stored.path.open("rb")
        with file:
            self._begin(HTTPStatus.OK, stored.media_type, stored.path.stat().st_size)
            self.send_header("Content-Disposition", attachment(download.filename))
            self.end_headers()
            if self.command == "GET":
                shutil.copyfileobj(file, self.wfile)

    def _take_document(self) -> None:
        body = Body(self.rfile, self._announced_bytes())
        try:
            self._store_form(body)
        finally:
            body.discard(_MAX_DISCARDED_BYTES)
        self._begin(HTTPStatus.NO_CONTENT)
        self.end_headers()

    def _store_form(self, body: Body) -> None:
        form = read_form(body, self.headers.get("Content-Type", ""))
        upload = self.server.store.presigner.upload(form.fields, self.server.clock.now())
        draft = self.server.store.draft()
        try:
            _write(draft, form.content, upload.max_bytes)
            self.server.store.adopt(draft, upload.key, upload.media_type, event="ObjectCreated:Post")
        finally:
            draft.unlink(missing_ok=True)

    def _announced_bytes(self) -> int:
        announced = self.headers.get("Content-Length", "")
        if not announced.isdecimal():
            raise RejectedError("length_missing", "Say with Content-Length how many bytes the form has.")
        return int(announced)

    def _refuse(self, error: SmartInvoiceError) -> None:
        status = _STATUSES.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR)
        if error.code in _FORBIDDEN_CODES:
            status = HTTPStatus.FORBIDDEN
        told = {
            "code": error.code,
            "message": error.message,
            "retryable": error.retryable,
            "request_id": self.server.clock.new_id(),
        }
        answer = json.dumps({"error": told}).encode()
        self._begin(status, "application/json", len(answer))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    def _begin(self, status: HTTPStatus, media_type: str | None = None, byte_count: int | None = None) -> None:
        """Send the status, and the headers that every answer has."""
        self.send_response(status)
        if media_type is not None:
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(byte_count))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Security-Policy", "default-src 'none'; sandbox")
        self.send_header("Cache-Control", "private, no-store")
        self.send_header("Connection", "close")


def _write(draft: Path, content: Iterator[bytes], max_bytes: int) -> None:
    """Write a document of 1 to `max_bytes` bytes."""
    with disk_errors(draft):
        file = draft.open("wb")
    with file:
        for piece in content:
            with disk_errors(draft):
                file.write(piece)
            if file.tell() > max_bytes:
                raise RejectedError("too_large", f"This form takes at most {max_bytes:,} bytes.")
        if file.tell() == 0:
            raise RejectedError("empty", "The file is empty; please send one with content.")
