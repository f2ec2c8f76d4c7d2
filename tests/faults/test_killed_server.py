"""`kill -9` at any time: what was acknowledged is there after a restart, and ends in a final status."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import a_document
from tests.local_server import LocalServer
from tests.waiting import eventually

_FINAL = {"completed", "rejected", "failed"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LocalServer]:
    """A server that is not running yet; a third of its events come twice."""
    local = LocalServer(tmp_path / "data", "--doubled-events", "0.33")
    yield local
    local.kill()


def all_final(server: LocalServer, ids: list[str]) -> bool:
    """Whether every invoice has ended."""
    return all(server.status_of(invoice_id) in _FINAL for invoice_id in ids)


def test_everything_acknowledged_survives_kill_9_again_and_again(server: LocalServer) -> None:
    acknowledged: list[str] = []
    for life in range(3):
        server.start()
        for number in range(8):
            reply = server.send(a_document(f"Invoice {life}-{number} Total 119.00 EUR"))
            assert reply.status == 202
            acknowledged.append(reply.json["invoice_id"])
        server.kill()

    server.start()

    eventually(lambda: all_final(server, acknowledged), "the end of all invoices")
    listed = server.get("/invoices?limit=100").json["invoices"]
    assert sorted(entry["invoice_id"] for entry in listed) == sorted(acknowledged)
    assert {entry["status"] for entry in listed} <= {"completed", "rejected"}


def test_a_server_that_is_told_to_stop_ends_well_and_leaves_nothing_undone(server: LocalServer) -> None:
    server.start()
    ids = [server.send(a_document(f"Invoice {number}")).json["invoice_id"] for number in range(4)]

    assert server.stop() == 0

    assert "Traceback" not in server.log
    server.start()
    eventually(lambda: all_final(server, ids), "the end of all invoices")


def test_a_second_server_on_the_same_folder_says_what_to_do(server: LocalServer, tmp_path: Path) -> None:
    server.start()
    second = LocalServer(tmp_path / "data")

    with pytest.raises(AssertionError, match="choose another folder with --data DIR"):
        second.start()
