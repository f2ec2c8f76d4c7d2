"""A client of links and forms, as a browser would be one."""

import socket
from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from chalicelib.ports import UploadForm


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Web:
    """Follows links and sends forms; moto hears the requests to AWS that `requests` makes."""

    def __init__(self) -> None:
        self._requests: Any = pytest.importorskip("requests")  # it comes with moto

    def get(self, url: str) -> Answer:
        """Follow a link."""
        return _answer(self._requests.get(url, timeout=20))

    def submit(self, form: UploadForm, content: bytes) -> Answer:
        """Send a form with its file at the end."""
        files = {"file": ("document", content)}
        return _answer(self._requests.post(form.url, data=dict(form.fields), files=files, timeout=20))


def a_free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answer(response: Any) -> Answer:
    with response:
        return Answer(response.status_code, response.headers, response.content)
