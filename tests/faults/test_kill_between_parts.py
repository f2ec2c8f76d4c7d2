"""`kill -9` after any write while the invoices of one document are stored: the next attempt gives them all, once."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chalicelib.adapters.clock import SystemClock
from chalicelib.domain.record import InvoiceRecord, Status
from chalicelib.pipeline.receive import Receive
from chalicelib.ports import InvoiceQuery
from local.family import EmbeddedAdapters
from tests.builders import some_settings
from tests.bundles import a_pdf_of, an_invoice_page
from tests.families import embedded_family

ROOT = Path(__file__).parents[2]
A_BUNDLE = a_pdf_of([an_invoice_page(f"INV-104{day}", day=f"{day} March 2026", net=100 + day) for day in (2, 4, 6)])
_WRITES = 5  # the claim, how many there will be, the second and the third invoice, and the first


def a_received_bundle(family: EmbeddedAdapters, data_dir: Path) -> InvoiceRecord:
    """The record of the file, which waits to be read."""
    receive = Receive(family.documents(), family.invoices(), family.clock(), some_settings(data_dir))
    return receive(A_BUNDLE, "bundle.pdf").record


def attempt(data_dir: Path, key: str, killed_after: int = 0) -> int:
    """The exit status of one attempt to read the file."""
    command = [sys.executable, "-m", "tests.faults.splitting_worker", str(data_dir), key, str(killed_after)]
    return subprocess.run(command, cwd=ROOT, check=False, timeout=120).returncode


@pytest.mark.parametrize("killed_after", range(1, _WRITES + 1))
def test_all_invoices_are_there_after_the_next_attempt(tmp_path: Path, killed_after: int) -> None:
    with embedded_family(tmp_path, SystemClock()) as family:
        first = a_received_bundle(family, tmp_path)

    assert attempt(tmp_path, first.document.key, killed_after) == -signal.SIGKILL
    assert attempt(tmp_path, first.document.key) == 0

    with embedded_family(tmp_path, SystemClock()) as family:
        records = family.invoices().page(InvoiceQuery()).records
    assert sorted(record.invoice_id for record in records) == [
        first.invoice_id, f"{first.invoice_id}-2", f"{first.invoice_id}-3",
    ]  # fmt: skip
    assert {record.status for record in records} == {Status.COMPLETED}
    assert {record.parts for record in records if record.part_of is None} == {3}
