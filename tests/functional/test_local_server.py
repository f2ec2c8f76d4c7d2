"""The local server as its clients see it, over real HTTP."""

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.ports import UploadForm
from tests.builders import a_document
from tests.local_server import LocalServer, Reply
from tests.waiting import eventually
from tests.web import Web


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    """A running server."""
    local = LocalServer(tmp_path_factory.mktemp("local") / "data")
    local.start()
    yield local
    assert local.stop() == 0


def finished(server: LocalServer, invoice_id: str) -> dict[str, object]:
    """The invoice document once it is final."""
    eventually(lambda: server.status_of(invoice_id) in {"completed", "rejected", "failed"}, invoice_id)
    return server.get(f"/invoices/{invoice_id}").json


def error_of(reply: Reply) -> tuple[int, str]:
    """Status and code of an error in the one shape."""
    assert set(reply.json["error"]) == {"code", "message", "retryable", "request_id"}
    return reply.status, reply.json["error"]["code"]


def test_an_uploaded_invoice_is_read(server: LocalServer) -> None:
    reply = server.send(a_document("Invoice one"))

    assert reply.status == 202
    assert finished(server, reply.json["invoice_id"])["document"]


def test_the_original_comes_back_byte_for_byte_by_its_link(server: LocalServer) -> None:
    content = a_document("Invoice two")
    invoice_id = server.send(content).json["invoice_id"]

    link = server.get(f"/invoices/{invoice_id}/document").headers["Location"]

    answer = Web().get(link)
    assert answer.content == content
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_a_large_document_goes_by_its_form_and_is_read(server: LocalServer) -> None:
    content = a_document("Invoice three") + b"\n%" + b" " * 5_000_000 + b"\nstartxref\n0\n%%EOF\n"
    planned = server.send(json.dumps({"filename": "large.pdf"}).encode(), "application/json", "/uploads").json

    answer = Web().submit(UploadForm(url=planned["url"], fields=planned["fields"]), content)

    assert answer.status in {200, 201, 204}
    document = finished(server, planned["invoice_id"])["document"]
    assert isinstance(document, dict)
    assert document["bytes"] == len(content)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_sends_a_form(server: LocalServer, tmp_path: Path) -> None:
    path = tmp_path / "Rechnung März.pdf"
    path.write_bytes(a_document("Invoice four"))

    done = subprocess.run(
        ["curl", "-sS", "-F", f"file=@{path}", f"{server.url}/invoices"], capture_output=True, check=True, timeout=60
    )

    invoice_id = json.loads(done.stdout)["invoice_id"]
    document = server.get(f"/invoices/{invoice_id}").json["document"]
    assert document["filename"] == "Rechnung März.pdf"


def test_an_unknown_path_is_not_found_in_the_one_shape(server: LocalServer) -> None:
    reply = server.get("/nothing/here")

    assert error_of(reply) == (404, "not_found")
    assert reply.headers["X-Request-Id"] == reply.json["error"]["request_id"]


@pytest.mark.parametrize(
    "request_line", [b"BREW /invoices HTTP/1.1", b"hello", b"GET /" + b"a" * 70_000 + b" HTTP/1.1"]
)
def test_what_is_hardly_a_request_is_refused_in_the_one_shape(server: LocalServer, request_line: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(request_line + b"\r\nHost: x\r\n\r\n")
        body = connection.makefile("rb").read().rpartition(b"\r\n")[2]

    assert json.loads(body)["error"]["code"] == "bad_request"


def test_a_body_that_no_gateway_would_take_is_refused_before_it_is_read(server: LocalServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"POST /invoices HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")
        answer = connection.makefile("rb").read()

    assert b" 413 " in answer.split(b"\r\n")[0]
    assert b"too_large_for_request" in answer


@pytest.mark.parametrize("header", [b"Content-Length: -1", b"Content-Length: many", b"Transfer-Encoding: chunked"])
def test_a_body_of_unknown_length_is_refused(server: LocalServer, header: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"POST /invoices HTTP/1.1\r\nHost: x\r\n" + header + b"\r\n\r\n")
        answer = connection.makefile("rb").read()

    assert b" 411 " in answer.split(b"\r\n")[0]


def test_a_port_that_is_taken_is_named_with_the_way_out(server: LocalServer, tmp_path: Path) -> None:
    second = LocalServer(tmp_path / "data")
    second.port = server.port

    with pytest.raises(AssertionError, match=f"Port {server.port} cannot be used.*--port"):
        second.start()


def test_starting_asks_nothing_of_the_terminal() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, local.run; print(*sys.modules)"], capture_output=True, text=True, check=True
    )

    assert "chalice.local" in loaded.stdout.split()
    assert {"chalice.cli", "blessed"} & set(loaded.stdout.split()) == set()


def test_every_line_of_the_log_is_json_and_the_runbooks_lines_are_there(server: LocalServer) -> None:
    finished(server, server.send(a_document("Invoice five")).json["invoice_id"])

    lines = [json.loads(line) for line in server.log.splitlines() if not line.startswith("Serving on")]

    assert {"Processing invoice", "Successfully processed invoice"} <= {line["message"] for line in lines}
    assert all("request_id" in line for line in lines if line["message"] == "Processing invoice")
