"""Clients that send documents over HTTP, and send them again until somebody answers."""

import http.client
import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from bench.processes import BenchError
from bench.stack_storm.papers import Paper
from bench.stack_storm.process import HOST

_PATIENCE_SECONDS = 180.0
_PAUSE_SECONDS = 0.2
_REQUEST_SECONDS = 30.0
_MOST_TRIES_WITH_FORM = 40
_RETRIED = frozenset({429, 500, 502, 503, 504})
_BROKEN = (OSError, http.client.HTTPException, ValueError)  # ValueError: half of a JSON


class Reply(NamedTuple):
    """A status, and the JSON that came with it."""

    status: int
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sending:
    """What a client knows of a document that it sent.

    `invoice_id` is what it got for it, unless it was refused at the door with the code `refusal`. `left` are ids of
    forms that it got and did not use in the end; `unanswered` counts the forms it asked for without an answer.
    `replaced` are ids that failed and whose bytes, sent again, got another id.
    """

    paper: Paper
    invoice_id: str = ""
    refusal: str = ""
    left: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    unanswered: int = 0


@dataclass(slots=True)
class _Plans:
    """The forms that were asked for on behalf of one document."""

    ids: list[str] = field(default_factory=list)
    unanswered: int = 0


class Client:
    """Talks to the API at `port`."""

    def __init__(self, port: int) -> None:
        self._port = port

    def send(self, paper: Paper) -> Sending:
        """Send a document until it is taken or refused; `BenchError` when nobody answers for minutes."""
        return self._by_form(paper) if paper.by_form else self._at_once(paper)

    def send_again(self, paper: Paper) -> str:
        """The id for the same bytes once more, in the request."""
        return self._at_once(paper).invoice_id

    def invoice(self, invoice_id: str) -> Mapping[str, Any]:
        """The invoice document; `{}` when there is none."""
        reply = _until_answered(lambda: self._call("GET", f"/invoices/{invoice_id}"))
        return reply.body if reply.status == 200 else {}

    def _at_once(self, paper: Paper) -> Sending:
        path = f"/invoices?filename={quote(paper.name)}"
        reply = _until_answered(lambda: self._call("POST", path, paper.content, str(paper.media_type)))
        if reply.status in {200, 202}:
            return Sending(paper, invoice_id=str(reply.body["invoice_id"]))
        return Sending(paper, refusal=str(reply.body.get("error", {}).get("code", reply.status)))

    def _by_form(self, paper: Paper) -> Sending:
        plans = _Plans()
        while True:
            plan = _until_answered(lambda: self._planned(paper, plans))
            if plan.status != 201:
                return Sending(paper, refusal=str(plan.body.get("error", {}).get("code", plan.status)))
            plans.ids.append(str(plan.body["invoice_id"]))
            if self._is_submitted(paper, plan.body):
                *left, last = plans.ids
                return Sending(paper, invoice_id=last, left=tuple(left), unanswered=plans.unanswered)

    def _planned(self, paper: Paper, plans: _Plans) -> Reply:
        asked = json.dumps({"filename": paper.name, "media_type": paper.media_type}).encode()
        plans.unanswered += 1
        reply = self._call("POST", "/uploads", asked, "application/json")
        plans.unanswered -= reply.status == 201
        return reply

    def _is_submitted(self, paper: Paper, plan: Mapping[str, Any]) -> bool:
        """Whether the bucket took it; a form that nobody answers is given up, and another asked for."""
        address = urlsplit(str(plan["url"]))
        body, kind = _multipart(plan["fields"], paper)
        for _ in range(_MOST_TRIES_WITH_FORM):
            try:
                if self._call("POST", address.path or "/", body, kind, port=address.port).status == 204:
                    return True
            except _BROKEN:
                pass
            threading.Event().wait(_PAUSE_SECONDS)
        return False

    def _call(
        self, method: str, path: str, body: bytes | None = None, kind: str = "", *, port: int | None = None
    ) -> Reply:
        connection = http.client.HTTPConnection(HOST, port or self._port, timeout=_REQUEST_SECONDS)
        try:
            connection.request(method, path, body, {"Content-Type": kind} if kind else {})
            answer = connection.getresponse()
            content = answer.read()
            return Reply(answer.status, json.loads(content) if content else {})
        finally:
            connection.close()


def _until_answered(ask: Callable[[], Reply]) -> Reply:
    """The first answer that is no request to come back later."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        try:
            reply = ask()
        except _BROKEN:
            reply = None
        if reply is not None and reply.status not in _RETRIED:
            return reply
        threading.Event().wait(_PAUSE_SECONDS)
    raise BenchError("The server of the storm gave no answer for minutes.")


def _multipart(fields: Mapping[str, str], paper: Paper) -> tuple[bytes, str]:
    """A form as browsers send it, and its content type."""
    boundary = secrets.token_hex(16)
    head = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in fields.items()
    )
    file = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{paper.name}"\r\n\r\n'
    body = head.encode() + file.encode() + paper.content + f"\r\n--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"
