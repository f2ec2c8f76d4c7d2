"""What a deployed stage must do, one check after the other."""

import time
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ops.smoke.api import ApiClient, Reply, fetched
from ops.smoke.invoice import SUPPLIER, SyntheticInvoice

_FINAL = frozenset({"completed", "rejected", "failed"})
_NO_TOKEN_OF_OURS = "si_" + 43 * "0"
_PASSING = frozenset({0, 403, 404, 429, 500, 502, 503, 504})  # of an API that is not known everywhere yet


class FailedError(Exception):
    """A check did not come out as it must; the sentence says what came instead."""


class SkippedError(Exception):
    """A check cannot be made; the sentence says why not."""


class Pace(NamedTuple):
    """How long to wait at most for the API to answer and for the result, and how long between two looks; seconds."""

    for_api: float = 60.0
    for_result: float = 180.0
    between: float = 1.0


class Depths(NamedTuple):
    """How many messages are in the two queues of failures."""

    dead_letters: int
    parked: int


class Checks:
    """The checks of one run, in order. Each returns what it saw, or raises `FailedError` or `SkippedError`.

    `depths` looks at the queues, `say` shows that waiting goes on.
    """

    def __init__(
        self,
        api: ApiClient,
        invoice: SyntheticInvoice,
        depths: Callable[[], Depths],
        say: Callable[[str], None],
        *,
        is_guarded: bool,
        pace: Pace,
    ) -> None:
        self._api = api
        self._invoice = invoice
        self._depths = depths
        self._say = say
        self._is_guarded = is_guarded
        self._pace = pace
        self._before: Depths | None = None
        self.invoice_id: str | None = None

    def all(self) -> Mapping[str, Callable[[], str]]:
        """Every check by its name."""
        return {
            "health": self._health,
            "queues before": self._queues_before,
            "no token": self._no_token,
            "wrong token": self._wrong_token,
            "token": self._token,
            "no document": self._no_document,
            "bad JSON": self._bad_json,
            "send": self._send,
            "result": self._result,
            "original": self._original,
            "same bytes": self._same_bytes,
            "queues after": self._queues_after,
            "delete": self.delete,
        }

    def delete(self) -> str:
        """Delete the invoice; afterwards it is gone, and stays so."""
        path = f"/invoices/{self._sent()}"
        _expect(self._api.call("DELETE", path), "DELETE", 204)
        self.invoice_id = None
        _expect(self._api.call("GET", path), "GET after DELETE", 410, "invoice_erased")
        return "deleted, and 410 from then on"

    def _health(self) -> str:
        reply = self._until_known("/health", token=None)
        return _expect(reply, "GET /health", 200)

    def _queues_before(self) -> str:
        self._before = self._depths()
        return f"{self._before.dead_letters} dead letters, {self._before.parked} parked"

    def _no_token(self) -> str:
        self._must_be_guarded()
        return _expect(self._api.call("GET", "/invoices", token=None), "GET /invoices without a token", 401)

    def _wrong_token(self) -> str:
        """403 is what API Gateway says itself where nobody has set its words (see docs/api.md)."""
        self._must_be_guarded()
        reply = self._api.call("GET", "/invoices", token=_NO_TOKEN_OF_OURS)
        return _expect(reply, "GET /invoices with a wrong token", 403 if reply.status == 403 else 401)

    def _token(self) -> str:
        return _expect(self._until_known("/invoices?limit=1"), "GET /invoices with our token", 200)

    def _no_document(self) -> str:
        reply = self._api.call("POST", "/invoices", b"This is no invoice.", "application/pdf")
        return _expect(reply, "POST /invoices with plain text", 415, "not_a_document")

    def _bad_json(self) -> str:
        reply = self._api.call("POST", "/uploads", b'{"filename": ', "application/json")
        return _expect(reply, "POST /uploads with half a JSON", 400, "bad_json")

    def _send(self) -> str:
        reply = self._api.call("POST", "/invoices?filename=smoke.xml", self._invoice.content, "application/xml")
        _expect(reply, "POST /invoices with a new e-invoice", 202)
        self.invoice_id = str(reply.body.get("invoice_id"))
        return f"202, {self.invoice_id}"

    def _result(self) -> str:
        document = self._finished(f"/invoices/{self._sent()}")
        wanted = {
            "status": "completed",
            "decision": "auto_approve",
            "number": self._invoice.number,
            "total": str(self._invoice.total),
            "supplier": SUPPLIER,
        }
        seen = _told(document)
        wrong = [f"{name} is {seen[name]!r} and not {value!r}" for name, value in wanted.items() if seen[name] != value]
        if wrong:
            raise FailedError(f"The result is wrong: {'; '.join(wrong)}.")
        return f"total {self._invoice.total}, {seen['decision']}"

    def _original(self) -> str:
        reply = self._api.call("GET", f"/invoices/{self._sent()}/document")
        _expect(reply, "GET …/document", 302)
        original = fetched(urllib.request.Request(str(reply.body.get("url"))))  # noqa: S310 - the API's own link
        _expect(original, "the link to the original", 200)
        if original.content != self._invoice.content:
            raise FailedError("The original that came back is not what was sent.")
        return f"{len(original.content)} bytes as they were sent"

    def _same_bytes(self) -> str:
        sent = self._sent()
        reply = self._api.call("POST", "/invoices", self._invoice.content, "application/xml")
        _expect(reply, "POST /invoices with the same bytes", 200)
        if reply.body.get("invoice_id") != sent:
            raise FailedError(f"The same bytes gave another invoice: {reply.body.get('invoice_id')}, not {sent}.")
        return "200, the same invoice"

    def _queues_after(self) -> str:
        if self._before is None:
            raise SkippedError("the queues could not be asked before")
        now = self._depths()
        if now.dead_letters > self._before.dead_letters or now.parked > self._before.parked:
            raise FailedError(
                f"Failures came in meanwhile: dead letters {self._before.dead_letters} → {now.dead_letters}, parked "
                f"{self._before.parked} → {now.parked}. Please look whether they are of this deployment."
            )
        return "no failures came in"

    def _until_known(self, path: str, token: str | None = "") -> Reply:
        """The first answer that is not one of an API which is still becoming known; after the time is up, any."""
        until = time.monotonic() + self._pace.for_api
        while True:
            reply = self._api.call("GET", path, token=token)
            if reply.status not in _PASSING or time.monotonic() >= until:
                return reply
            self._say(f"GET {path}: {reply.described()}; waiting")
            time.sleep(self._pace.between)

    def _finished(self, path: str) -> dict[str, Any]:
        until = time.monotonic() + self._pace.for_result
        while True:
            reply = self._api.call("GET", path)
            status = reply.body.get("status")
            if reply.status == 200 and status in _FINAL:
                return reply.body
            if time.monotonic() >= until:
                last = (
                    f"its status is still {status!r}"
                    if reply.status == 200
                    else f"the last answer was {reply.described()}"
                )
                raise FailedError(f"There is no result after {self._pace.for_result:.0f} s; {last}.")
            self._say(f"{status or reply.described()}; waiting")
            time.sleep(self._pace.between)

    def _sent(self) -> str:
        if self.invoice_id is None:
            raise SkippedError("there is no invoice")
        return self.invoice_id

    def _must_be_guarded(self) -> None:
        if not self._is_guarded:
            raise SkippedError("this stage needs no token (INVOICES_AUTH=false)")


def _expect(reply: Reply, what: str, status: int, code: str | None = None) -> str:
    """The status for the report; `FailedError` that names what was asked, what had to come and what came."""
    if reply.status != status or (code is not None and reply.code != code):
        raise FailedError(f"{what}: {status}{f' {code}' if code else ''} was to come, and {reply.described()} came.")
    return reply.described() if code else str(status)


def _last(reply: Reply) -> str:
    if reply.status == 200:
        return f"its status is still {reply.body.get('status')!r}"
    return f"the last answer was {reply.described()}"


def _told(document: Mapping[str, Any]) -> dict[str, str | None]:
    """What the check is about, out of an invoice document."""
    fields = document.get("fields", {})
    values = {name: fields.get(name, {}).get("value") for name in ("invoice_number", "total", "supplier_name")}
    return {
        "status": document.get("status"),
        "decision": document.get("decision"),
        "number": values["invoice_number"],
        "total": values["total"],
        "supplier": values["supplier_name"],
    }
