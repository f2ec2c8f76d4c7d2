"""An invoice is erased while somebody is paid to read it: it is paid for once, and nothing of the answer stays."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bench.paid import connected
from chalicelib.domain.charge import ChargeState
from chalicelib.domain.document import Page
from chalicelib.domain.record import InvoiceRecord, Status
from tests.faults.test_paid_pipeline import Stage


class ErasingStage(Stage):
    """A stage where the invoice is erased while Textract reads it."""

    erase_next: InvoiceRecord | None = None

    def _seen(self) -> Page:
        if self.erase_next is not None:
            self.services.erase(self.erase_next.invoice_id)
        return super()._seen()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[ErasingStage]:
    """A stage."""
    made = ErasingStage(tmp_path)
    with ExitStack() as stack:
        stack.enter_context(connected(made.textract, made.bedrock))
        yield made
        made.adapters.close()


def derived(data_dir: Path) -> list[Path]:
    """What lies beside the originals."""
    return [path for path in (data_dir / "bucket").rglob("*") if path.is_file()]


def an_invoice_erased_while_it_was_read(stage: ErasingStage) -> InvoiceRecord:
    """Its tombstone."""
    record = stage.erase_next = stage.received()
    return stage.processed(record)


def test_an_answer_that_comes_after_the_erasure_is_paid_for_and_not_kept(stage: ErasingStage, tmp_path: Path) -> None:
    end = an_invoice_erased_while_it_was_read(stage)

    assert (end.status, derived(tmp_path)) == (Status.ERASED, [])
    charges = stage.adapters.ledger().charges_of(end.invoice_id)
    assert {charge.state for charge in charges if charge.step == "ocr"} == {ChargeState.SETTLED}
    assert stage.spent() > 0


def test_settling_what_was_left_open_does_not_bring_it_back(stage: ErasingStage) -> None:
    end = an_invoice_erased_while_it_was_read(stage)
    stage.clock.advance(seconds=timedelta(hours=2).total_seconds())

    stage.services.sweep("sweeper")

    assert stage.now(end) == end


def test_no_second_delivery_pays_again(stage: ErasingStage) -> None:
    record = stage.erase_next = stage.received()
    stage.processed(record)
    spent: Any = stage.spent()

    stage.processed(record, "two")

    assert stage.spent() == spent
