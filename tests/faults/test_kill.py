"""What was acknowledged is there after `kill -9`, whatever the moment."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote_plus

import pytest

from chalicelib.adapters.clock import SystemClock
from chalicelib.domain.document import DocumentRef
from chalicelib.domain.record import Status
from local.family import EmbeddedAdapters
from tests.families import embedded_family
from tests.faults.busy_writer import content_of

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("acknowledgements", [1, 7, 40])
def test_everything_acknowledged_survives_kill_9(tmp_path: Path, acknowledgements: int) -> None:
    acknowledged = killed_after(acknowledgements, tmp_path)

    assert len(acknowledged) >= acknowledgements
    with embedded_family(tmp_path, SystemClock()) as family:
        announced = keys_of_events(family)
        for invoice_id in acknowledged:
            record = family.invoices().load(invoice_id)
            assert record is not None
            assert (record.status, record.revision) == (Status.PROCESSING, 1)
            assert family.documents().get(DocumentRef(key=record.document.key)) == content_of(invoice_id)
            assert family.invoices().holder(str(record.document.sha256)) == record
            assert record.document.key in announced


def test_a_folder_that_was_killed_takes_new_documents(tmp_path: Path) -> None:
    first = killed_after(3, tmp_path)
    second = killed_after(3, tmp_path)

    with embedded_family(tmp_path, SystemClock()) as family:
        assert all(family.invoices().load(invoice_id) for invoice_id in first + second)


def killed_after(acknowledgements: int, data_dir: Path) -> list[str]:
    """Run the busy writer, kill it without warning, and give all that it had acknowledged."""
    command = [sys.executable, "-m", "tests.faults.busy_writer", str(data_dir)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(acknowledgements)]
        os.kill(writer.pid, signal.SIGKILL)
        lines += writer.stdout.readlines()
    return [line.strip() for line in lines if line.endswith("\n")]


def keys_of_events(family: EmbeddedAdapters) -> set[str]:
    """The keys that wait for `inference`."""
    bodies = [json.loads(message.body) for message in family.events().receive(60, max=100_000)]
    return {unquote_plus(record["s3"]["object"]["key"]) for body in bodies for record in body["Records"]}
