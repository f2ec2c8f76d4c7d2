"""A local server in a process of its own, as `python -m local serve` starts it."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from local.http_server import PROJECT
from tests.waiting import eventually
from tests.web import a_free_port


class Reply(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The body, if it is a JSON object."""
        return dict(json.loads(self.content))


class LocalServer:
    """One server process after the other on one data folder; each is reached at `url`."""

    def __init__(self, data_dir: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        self.port = a_free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = data_dir.parent / "server.log"
        self._command = [sys.executable, "-m", "local", "serve", "--data", str(data_dir), *arguments]
        self._environment = {**os.environ, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """Everything that all processes wrote."""
        return self._log.read_text(encoding="utf-8")

    def start(self) -> None:
        """Start a process, and wait until it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._command, "--port", str(self.port)],
                cwd=PROJECT,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        eventually(self._answers, f"the server at {self.url}")

    def kill(self) -> None:
        """`kill -9`."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ctrl-C; the exit status."""
        return self._end(signal.SIGINT)

    def send(self, content: bytes, content_type: str = "application/pdf", path: str = "/invoices") -> Reply:
        """POST a body."""
        return self._call(path, content, {"Content-Type": content_type})

    def get(self, path: str, authorization: str | None = None) -> Reply:
        """GET, with this header `Authorization` if one is given."""
        return self._call(path, None, {"Authorization": authorization} if authorization else {})

    def status_of(self, invoice_id: str) -> str:
        """The status of an invoice."""
        return str(self.get(f"/invoices/{invoice_id}").json["status"])

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log
        try:
            return self.get("/health").status == 200
        except OSError:
            return False

    def _end(self, number: int) -> int:
        if self._process is None or self._process.poll() is not None:
            return -1
        os.kill(self._process.pid, number)
        return self._process.wait(60)

    def _call(self, path: str, body: bytes | None, headers: dict[str, str]) -> Reply:
        request = urllib.request.Request(self.url + path, body, headers)
        try:
            with urllib.request.build_opener(_NoRedirects).open(request, timeout=30) as reply:
                return Reply(reply.status, dict(reply.headers), reply.read())
        except urllib.error.HTTPError as error:
            with error:
                return Reply(error.code, dict(error.headers), error.read())


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Show redirects instead of following them."""
