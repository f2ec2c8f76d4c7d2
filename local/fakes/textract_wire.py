"""How the fake Textract speaks: AWS's JSON protocol 1.1 over HTTP on loopback."""

import json
import threading
from http.server import ThreadingHTTPServer
from typing import Protocol

from local.fakes.faults import Fault
from local.fakes.textract_jobs import Answer, Refused
from local.fakes.wire import WireHandler


class Service(Protocol):
    """What is served."""

    problems: list[str]

    def called(self, operation: str) -> tuple[Fault, str]:
        """Count a call; the fault it meets, and its request id."""

    def answer(self, operation: str, asked: Answer) -> Answer:
        """The answer to one call; `Refused` with one of the service's codes."""


class WireServer(ThreadingHTTPServer):
    """Serves `service` on a free port of loopback, once `serve_forever()` is called."""

    daemon_threads = True

    def __init__(self, service: Service) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.service = service


class _Handler(WireHandler):
    """One call: an operation's name in a header, JSON both ways."""

    server: WireServer

    def do_POST(self) -> None:  # noqa: N802 - http.server's own name
        """Answer a call, or let it go wrong as planned."""
        operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        fault, request_id = self.server.service.called(operation)
        threading.Event().wait(fault.seconds)
        if fault.code:
            self._send(fault.status, {"__type": fault.code, "message": "As planned."}, request_id)
        elif fault.undone:
            self.break_off()
        else:
            self._send(*self._answered(operation, asked), request_id, fault.kept)

    def _answered(self, operation: str, asked: Answer) -> tuple[int, Answer]:
        try:
            return 200, self.server.service.answer(operation, asked)
        except Refused as error:
            return 400, {"__type": str(error), "message": "No."}
        except Exception as error:  # noqa: BLE001 - the last boundary of the fake: told by `problems`
            self.server.service.problems.append(f"{operation}: {error!r}")
            return 500, {"__type": "InternalServerError", "message": "The fake is wrong."}

    def _send(self, status: int, answer: Answer, request_id: str, kept: float | None = None) -> None:
        headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": request_id}
        self.reply(status, json.dumps(answer).encode(), headers, kept)
