"""`python -m local run`, and the habits of Chalice developers."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from local.http_server import PROJECT
from tests.builders import a_document
from tests.local_server import LocalServer
from tests.waiting import eventually
from tests.web import a_free_port

_SAMPLES = PROJECT / "samples" / "expected.json"


@pytest.mark.ocr
@pytest.mark.skipif(not _SAMPLES.exists(), reason="samples/ was not made yet (make samples)")
def test_run_once_shows_every_sample_and_all_come_out_as_expected(tmp_path: Path) -> None:
    command = ["-m", "local", "run", "--once", "--port", str(a_free_port()), "--data", str(tmp_path / "data")]

    done = subprocess.run(
        [sys.executable, *command], cwd=PROJECT, capture_output=True, text=True, check=False, timeout=600
    )

    names = json.loads(_SAMPLES.read_text(encoding="utf-8"))
    assert [name for name in names if name not in done.stdout] == []
    assert max(map(len, done.stdout.splitlines())) >= 160
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr


class ChaliceLocal(LocalServer):
    """`chalice local`, with the reloader that restarts it when a file changes."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "data")
        bucket = f"http://127.0.0.1:{a_free_port()}"
        self._command = ["env", f"INVOICES_DATA_DIR={folder / 'data'}", f"INVOICES_BUCKET_URL={bucket}"]
        self._command += [str(Path(sys.executable).with_name("chalice")), "local", "--stage", "local"]


def test_chalice_local_serves_the_same_api_and_reads_what_comes_in(tmp_path: Path) -> None:
    server = ChaliceLocal(tmp_path)
    server.start()

    invoice_id = server.send(a_document()).json["invoice_id"]
    eventually(lambda: server.status_of(invoice_id) in {"completed", "rejected"}, "the end of the invoice")

    server.stop()
    assert "Traceback" not in server.log
