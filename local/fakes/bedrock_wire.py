"""How the fake Bedrock speaks: AWS's REST JSON protocol over HTTP on loopback."""

import json
import re
import threading
from collections import Counter
from collections.abc import Mapping
from http.server import ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import unquote

from local.fakes.faults import Fault
from local.fakes.wire import WireHandler

_PATH = re.compile(r"/model/([^/]+)/converse")


class Refused(Exception):  # noqa: N818 - it is an answer of the service
    """One of the service's errors: code, HTTP status, and words."""

    def __init__(self, code: str, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.code = code
        self.status = status


class Service(Protocol):
    """What is served."""

    calls: Counter[str]
    problems: list[str]

    def called(self, model: str, asked: Mapping[str, Any]) -> tuple[Fault, int]:
        """Count a call; the fault it meets, and which call of this model it is."""

    def answer(self, model: str, nth: int, asked: Mapping[str, Any]) -> bytes:
        """The body of the answer to one call; `Refused` with one of the service's codes."""


class ModelServer(ThreadingHTTPServer):
    """Serves `service` on a free port of loopback, once `serve_forever()` is called."""

    daemon_threads = True

    def __init__(self, service: Service) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.service = service


class _Handler(WireHandler):
    """One call: a model's id in the path, JSON both ways."""

    server: ModelServer

    def do_POST(self) -> None:  # noqa: N802 - http.server's own name
        """Answer a call, or let it go wrong as planned."""
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        path = _PATH.fullmatch(self.path)
        if path is None:
            self._send_error(404, "UnknownOperationException", "There is only Converse.")
            return
        model = unquote(path[1])
        fault, nth = self.server.service.called(model, asked)
        threading.Event().wait(fault.seconds)
        if fault.code:
            self._send_error(fault.status, fault.code, "As planned.")
        elif fault.undone:
            self.break_off()
        else:
            self._answer(model, nth, asked, fault.kept)

    def _answer(self, model: str, nth: int, asked: Mapping[str, Any], kept: float | None) -> None:
        try:
            body = self.server.service.answer(model, nth, asked)
        except Refused as error:
            self._send_error(error.status, error.code, str(error))
        except Exception as error:  # noqa: BLE001 - the last boundary of the fake: told by `problems`
            self.server.service.problems.append(f"{model}: {error!r}")
            self._send_error(500, "InternalServerException", "The fake is wrong.")
        else:
            self._send(200, body, kept=kept)

    def _send_error(self, status: int, code: str, words: str) -> None:
        self._send(status, json.dumps({"message": words}).encode(), error=code)

    def _send(self, status: int, body: bytes, error: str = "", kept: float | None = None) -> None:
        request_id = f"fake-{self.server.service.calls.total()}"
        headers = {"Content-Type": "application/json", "x-amzn-RequestId": request_id}
        self.reply(status, body, headers | ({"x-amzn-ErrorType": error} if error else {}), kept)
