"""Clients and strangers at the app's door."""

from pathlib import Path

import pytest

import app as app_module
from chalicelib.bootstrap import Services
from local.family import EmbeddedAdapters
from tests.builders import a_document, some_settings
from tests.functional.conftest import Api
from tests.local_server import LocalServer

_GUARDED = [
    (method, path.replace("{invoice_id}", "01M84BKHKM8JRQHSA0WTGHP3JC"))
    for path, methods in app_module.app.routes.items()
    for method in methods
    if path != "/health"
]
_UNKNOWN = "Bearer si_" + 43 * "x"


@pytest.mark.parametrize(("method", "path"), _GUARDED)
def test_nobody_gets_anywhere_without_a_token(api: Api, method: str, path: str) -> None:
    assert api.call_with(method, path, {}).status_code == 401


@pytest.mark.parametrize(("method", "path"), _GUARDED)
def test_nobody_gets_anywhere_with_a_token_that_is_none(api: Api, method: str, path: str) -> None:
    assert api.call_with(method, path, {"Authorization": _UNKNOWN}).status_code == 403


def test_health_can_be_asked_by_anybody(api: Api) -> None:
    assert api.call_with("GET", "/health", {}).status_code == 200
    assert api.call_with("GET", "/health", {"Authorization": _UNKNOWN}).status_code == 200


def test_a_client_gets_in_until_its_token_is_revoked(api: Api, adapters: EmbeddedAdapters, tmp_path: Path) -> None:
    services = Services(some_settings(tmp_path), adapters)
    header = {"Authorization": f"Bearer {services.add_token('an-erp').text}"}
    assert api.call_with("GET", "/invoices", header).status_code == 200

    services.revoke_tokens("an-erp")

    assert api.call_with("GET", "/invoices", header).status_code == 403


def test_the_local_server_is_open_and_asks_for_no_token(tmp_path: Path) -> None:
    server = LocalServer(tmp_path / "data")
    server.start()

    assert server.get("/invoices").status == 200
    assert server.get("/invoices", _UNKNOWN).status == 200
    assert server.stop() == 0


def test_a_local_server_that_is_shut_answers_as_the_deployed_one_does_and_logs_no_token(tmp_path: Path) -> None:
    settings = some_settings(tmp_path / "data")
    server = LocalServer(tmp_path / "data", environment={"INVOICES_AUTH": "true"})
    server.start()
    adapters = EmbeddedAdapters(settings)
    token = Services(settings, adapters).add_token("an-erp").text

    strangers = [server.get("/invoices", header) for header in (None, _UNKNOWN, f"Basic {token}")]
    sent = server.send(a_document("from nobody"))
    client = server.get("/invoices?limit=x", f"Bearer {token}")

    assert [(reply.status, reply.json["error"]["code"]) for reply in [*strangers, sent]] == [(401, "unauthorized")] * 4
    assert {tuple(sorted(reply.json["error"])) for reply in strangers} == {
        ("code", "message", "request_id", "retryable")
    }
    assert [reply.headers["WWW-Authenticate"] for reply in strangers] == ["Bearer"] * 3
    assert (client.status, client.json["error"]["code"]) == (400, "bad_parameter")
    assert server.get("/invoices", f"Bearer {token}").json == {"invoices": []}
    assert server.get("/health").status == 200
    adapters.close()
    assert server.stop() == 0
    assert token.removeprefix("si_") not in server.log
    assert '"reason":"unknown"' in server.log
