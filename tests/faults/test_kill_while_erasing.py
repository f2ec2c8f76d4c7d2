"""`kill -9` after any step of erasing, or of a new version: the next call ends as if nothing had happened."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chalicelib.adapters.clock import SystemClock
from chalicelib.bootstrap import Services
from chalicelib.domain.document import DocumentRef, MediaType
from chalicelib.domain.record import InvoiceRecord, Status
from chalicelib.domain.upload import ocr_folder
from chalicelib.entrypoints.events import uploaded_documents
from chalicelib.pipeline.receive import Receive
from chalicelib.ports import InvoiceQuery
from local.family import EmbeddedAdapters
from tests.builders import some_settings
from tests.bundles import a_pdf_of, an_invoice_page
from tests.families import embedded_family

ROOT = Path(__file__).parents[2]
A_BUNDLE = a_pdf_of([an_invoice_page(f"INV-104{day}", day=f"{day} March 2026", net=100 + day) for day in (2, 4)])
ANOTHER = a_pdf_of([an_invoice_page("INV-2001", day="8 March 2026", net=300)])
_STEPS_OF_ERASING = 7  # two tombstones, the original, a folder for each, the folder for OCR, and nothing remains
_STEPS_OF_A_VERSION = 6  # what OCR had, opened anew, claimed, two for the second to be withdrawn, the first completed


@contextmanager
def the_family(data_dir: Path) -> Iterator[EmbeddedAdapters]:
    """The embedded adapters, as another process finds them."""
    with embedded_family(data_dir, SystemClock()) as family:
        yield family


def run(data_dir: Path, what: str, argument: str, killed_after: int = 0) -> int:
    """The exit status of one run."""
    command = [sys.executable, "-m", "tests.faults.erasing_worker", str(data_dir), what, argument, str(killed_after)]
    return subprocess.run(command, cwd=ROOT, check=False, timeout=120).returncode


def next_event(family: EmbeddedAdapters) -> DocumentRef:
    """What the next waiting event names."""
    (message,) = family.events().receive(60)
    family.events().delete(message.receipt)
    (ref,) = uploaded_documents(json.loads(message.body))
    return ref


def a_read_bundle(data_dir: Path) -> InvoiceRecord:
    """The first record of a file with two invoices that was read, with what lies beside it."""
    with the_family(data_dir) as family:
        received = Receive(family.documents(), family.invoices(), family.clock(), some_settings(data_dir))
        record = received(A_BUNDLE, "bundle.pdf").record
        ref = next_event(family)
    assert run(data_dir, "process", ref.model_dump_json()) == 0
    with the_family(data_dir) as family:
        family.checkpoints().save(record.invoice_id, "words-1.json", b"{}")
        family.documents().put(f"{ocr_folder(str(record.document.sha256))}1.pdf", b"x", MediaType.PDF)
    return record


def files_of(data_dir: Path) -> list[Path]:
    """Everything in the bucket, in all versions."""
    return [path for root in ("bucket", "versions") for path in (data_dir / root).rglob("*") if path.is_file()]


@pytest.mark.parametrize("killed_after", range(1, _STEPS_OF_ERASING + 1))
def test_erasing_again_completes_what_a_crash_left(tmp_path: Path, killed_after: int) -> None:
    record = a_read_bundle(tmp_path)

    assert run(tmp_path, "erase", record.invoice_id, killed_after) == -signal.SIGKILL
    with the_family(tmp_path) as family:
        between = family.invoices().load(record.invoice_id)
        assert between is not None
        assert (between.status, between.document.filename, between.outcome) == (Status.ERASED, "", None)
    assert run(tmp_path, "erase", record.invoice_id) == 0

    with the_family(tmp_path) as family:
        rows = [family.invoices().load(one) for one in (record.invoice_id, f"{record.invoice_id}-2")]
        assert [(row.status, row.remains, row.document.key) for row in rows if row] == [(Status.ERASED, None, "")] * 2
        assert family.invoices().page(InvoiceQuery()).records == ()
        assert family.invoices().holder(str(record.document.sha256)) is None
    assert files_of(tmp_path) == []


def test_erasing_has_no_more_steps_than_are_tried_here(tmp_path: Path) -> None:
    record = a_read_bundle(tmp_path)

    assert run(tmp_path, "erase", record.invoice_id, _STEPS_OF_ERASING + 1) == 0


def test_an_event_between_crash_and_repetition_does_not_bring_it_back(tmp_path: Path) -> None:
    record = a_read_bundle(tmp_path)
    assert run(tmp_path, "erase", record.invoice_id, 1) == -signal.SIGKILL

    assert run(tmp_path, "process", DocumentRef(key=record.document.key).model_dump_json()) == 0

    with the_family(tmp_path) as family:
        assert family.invoices().page(InvoiceQuery()).records == ()
    assert files_of(tmp_path) == []


def test_the_sweep_finishes_what_a_crash_left(tmp_path: Path) -> None:
    record = a_read_bundle(tmp_path)
    assert run(tmp_path, "erase", record.invoice_id, 2) == -signal.SIGKILL

    with the_family(tmp_path) as family:
        Services(some_settings(tmp_path), family).sweep("sweeper")
        assert family.invoices().page(InvoiceQuery(status=Status.ERASED)).records == ()
    assert files_of(tmp_path) == []


@pytest.mark.parametrize("killed_after", range(1, _STEPS_OF_A_VERSION + 1))
def test_a_new_version_is_read_once_more_after_a_crash_and_nothing_of_the_old_is_left(
    tmp_path: Path, killed_after: int
) -> None:
    record = a_read_bundle(tmp_path)
    with the_family(tmp_path) as family:
        family.documents().put(record.document.key, ANOTHER, MediaType.PDF)
        ref = next_event(family)

    assert run(tmp_path, "process", ref.model_dump_json(), killed_after) == -signal.SIGKILL
    assert run(tmp_path, "process", ref.model_dump_json()) == 0

    with the_family(tmp_path) as family:
        first, second = (family.invoices().load(one) for one in (record.invoice_id, f"{record.invoice_id}-2"))
        assert first is not None
        assert first.outcome is not None
        assert (first.status, first.parts, first.document.sequencer) == (Status.COMPLETED, 1, ref.sequencer)
        assert first.outcome.invoice.fields["invoice_number"].value == "INV-2001"  # type: ignore[index]  # names are texts
        assert second is not None
        assert second.problem is not None
        assert second.problem.code == "superseded"
        assert family.invoices().holder(str(record.document.sha256)) is None
