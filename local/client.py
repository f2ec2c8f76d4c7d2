"""A client of the API, as small as `curl`: it sends files and waits for what they gave."""

import json
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from chalicelib.domain.upload import media_type_of
from chalicelib.errors import UnavailableError

_POLL_SECONDS = 0.1
_PATIENCE_SECONDS = 180.0
_REQUEST_SECONDS = 30.0
_FINAL = frozenset({"completed", "rejected", "failed"})


class Ticket(NamedTuple):
    """What sending gave: the reply's status and JSON body."""

    status: int
    body: dict[str, Any]


class Result(NamedTuple):
    """The invoice document, or what came instead; and whether the service knew the bytes before."""

    document: dict[str, Any]
    was_known: bool = False

    @property
    def rejected_with(self) -> str | None:
        """The code with which the document was refused, at the door or after it was read."""
        error = self.document.get("error", {})
        if self.document.get("decision", "rejected") != "rejected" or self.document.get("status") == "failed":
            return None
        return error.get("code") or next(iter(self.document.get("reasons", ())), None)


class Client:
    """Talks to the API at `url`; gives up early when `stopping` is set."""

    def __init__(self, url: str, stopping: threading.Event, token: str | None = None) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._stopping = stopping

    def send(self, path: Path) -> Ticket:
        """Send one file as raw body."""
        kind = media_type_of(path.name) or "application/octet-stream"
        request = urllib.request.Request(  # noqa: S310 - always http, on loopback
            f"{self._url}/invoices?filename={quote(path.name)}",
            data=path.read_bytes(),
            headers={**self._headers, "Content-Type": str(kind)},
            method="POST",
        )
        return _answer(request)

    def result(self, ticket: Ticket) -> Result:
        """Wait until the document was read; one that was refused at the door has its error."""
        if ticket.status >= 400:
            return Result(ticket.body)
        address = f"{self._url}/invoices/{ticket.body['invoice_id']}"
        request = urllib.request.Request(address, headers=self._headers)  # noqa: S310 - as above
        until = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < until and not self._stopping.is_set():
            document = _answer(request).body
            if document.get("status") in _FINAL:
                return Result(document, was_known=ticket.status == 200)
            self._stopping.wait(_POLL_SECONDS)
        return Result({"error": {"code": "not_finished", "message": "It was not read in time."}, "status": "failed"})


def _answer(request: urllib.request.Request) -> Ticket:
    try:
        with urllib.request.urlopen(request, timeout=_REQUEST_SECONDS) as reply:  # noqa: S310 - as above
            return Ticket(reply.status, json.load(reply))
    except urllib.error.HTTPError as error:
        with error:
            return Ticket(error.code, json.load(error))
    except OSError as error:
        raise UnavailableError("no_answer", f"The API did not answer: {error}") from error
