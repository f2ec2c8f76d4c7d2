"""The whole app through Chalice's own test client, on the embedded adapters."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chalice.test import Client, HTTPResponse

import app as app_module
from chalicelib.bootstrap import Services, services
from chalicelib.domain.dead_letter import ParkedLetter
from chalicelib.pipeline.manage_tokens import AddToken
from local.family import EmbeddedAdapters
from local.lambda_runtime import LambdaRuntime, sqs_event
from tests.builders import some_settings


class EmbeddedWithoutOcr(EmbeddedAdapters):
    """The embedded adapters where there is no OCR engine, which loads for seconds."""

    def ocr(self) -> None:
        """There is none."""
        return


class Api:
    """The app as its clients see it, and as S3 and SQS invoke it."""

    def __init__(self, adapters: EmbeddedAdapters, seconds: float | None = None) -> None:
        self.adapters = adapters
        self._http = Client(app_module.app, stage_name="local").http
        self._token = AddToken(adapters.tokens(), adapters.clock())("a-client").text
        self._runtime = LambdaRuntime(app_module.app, seconds)

    def get(self, path: str) -> HTTPResponse:
        """GET."""
        return self.request("GET", path)

    def post(self, path: str, body: bytes = b"", content_type: str = "application/pdf") -> HTTPResponse:
        """POST a body."""
        return self._http.post(path, body=body, headers={**self._headers, "Content-Type": content_type})

    def request(self, method: str, path: str) -> HTTPResponse:
        """Any other method."""
        return self._http.request(method, path, headers=self._headers)

    def call_with(self, method: str, path: str, headers: dict[str, str]) -> HTTPResponse:
        """A request with just these headers, and so without the token of the other methods."""
        return self._http.request(method, path, headers=headers)

    def uploaded(self, content: bytes, query: str = "") -> str:
        """Upload a document, and return its invoice id."""
        response = self.post(f"/invoices{query}", content)
        assert response.status_code == 202, response.body
        return str(response.json_body["invoice_id"])

    def invoice(self, invoice_id: str) -> dict[str, Any]:
        """The invoice document."""
        response = self.get(f"/invoices/{invoice_id}")
        assert response.status_code == 200, response.body
        return dict(response.json_body)

    def deliver_events(self) -> int:
        """Invoke `inference` with every waiting event, and return how many there were."""
        messages = self.adapters.events().receive(60, max=100)
        for message in messages:
            self.invoke("inference", json.loads(message.body), message.id)
            self.adapters.events().delete(message.receipt)
        return len(messages)

    def deliver_dead_letter(self, body: str) -> None:
        """Invoke `reprocess` with one message."""
        self.adapters.dead_letters().send(body)
        (message,) = self.adapters.dead_letters().receive(60)
        self._runtime.invoke("reprocess", sqs_event(message, "dead-letters"), message.id)
        self.adapters.dead_letters().delete(message.receipt)

    def parked(self) -> list[ParkedLetter]:
        """What is parked, oldest first."""
        messages = self.adapters.parking().receive(0, max=1000)
        return [ParkedLetter.model_validate_json(message.body) for message in messages]

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}

    def invoke(self, function: str, event: dict[str, Any], request_id: str = "a-request") -> Any:
        """Invoke a handler by its name."""
        return self._runtime.invoke(function, event, request_id)


@pytest.fixture
def adapters(tmp_path: Path) -> Iterator[EmbeddedAdapters]:
    """The embedded adapters, empty."""
    family = EmbeddedWithoutOcr(some_settings(tmp_path))
    yield family
    family.close()


@pytest.fixture
def api(adapters: EmbeddedAdapters, tmp_path: Path) -> Iterator[Api]:
    """The app on these adapters."""
    with services.replaced_by(Services(some_settings(tmp_path), adapters)):
        yield Api(adapters)
