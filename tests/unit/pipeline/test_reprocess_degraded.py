"""Degraded invoices that are read again: what shows up is kept, and one that fails stops no other."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chalicelib.bootstrap import Services
from chalicelib.costs.ladder import Level, permissions
from chalicelib.domain.document import PageRange
from chalicelib.domain.finding import Decision
from chalicelib.domain.record import InvoiceRecord, Status
from chalicelib.domain.transitions import completed
from chalicelib.pipeline.interpret import FurtherInvoice, Interpret, Interpretation
from chalicelib.pipeline.reprocess_degraded import ReprocessDegraded
from local.database import Database
from local.family import EmbeddedAdapters
from tests.builders import a_clock, a_document, a_read_document, an_outcome, some_settings

Reading = Callable[[], Interpretation]


class Reads(Interpret):
    """Reads whatever a test wants."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def __call__(self, content: bytes, purse: object) -> Interpretation:
        """What the test wants."""
        return self._reading()


class Archive:
    """Degraded invoices, and how they are read again."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self.clock = a_clock()
        self.adapters = EmbeddedAdapters(some_settings(data_dir), self.clock)
        self.services = Services(some_settings(data_dir), self.adapters)

    def degraded(self, text: str = "Invoice 1") -> InvoiceRecord:
        """An invoice that came out worse than it could have."""
        record = self.services.receive(a_document(text), "invoice.pdf").record
        outcome = an_outcome(decision=Decision.NEEDS_REVIEW, degraded=("bedrock_unavailable",))
        return self.adapters.invoices().save(completed(record, record.document, outcome, self.clock.now()))

    def reprocess(self, reading: Reading) -> tuple[int, int]:
        """Read all of them again."""
        documents, invoices = self.adapters.documents(), self.adapters.invoices()
        allowed = permissions(Level.NORMAL)
        use_case = ReprocessDegraded(
            documents, invoices, Reads(reading), self.services.purse_of, lambda: allowed, self.clock
        )
        return use_case()

    def make_unreadable(self, invoice_id: str) -> None:
        """A program of later saves the row in a status that nobody knows yet."""
        with Database(self._data_dir).writing() as connection:
            connection.execute(
                "UPDATE invoices SET record = replace(record, '\"completed\"', '\"later\"') WHERE invoice_id = ?",
                (invoice_id,),
            )

    def now(self, invoice_id: str) -> InvoiceRecord:
        """The record as it is stored."""
        found = self.adapters.invoices().load(invoice_id)
        assert found is not None
        return found


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An archive."""
    return Archive(tmp_path)


def test_further_invoices_that_show_up_are_kept(archive: Archive) -> None:
    record = archive.degraded()
    others = (FurtherInvoice(an_outcome("Second Ltd"), PageRange(first=2, last=2)),)
    found = Interpretation(an_outcome(), a_read_document(page_count=2), PageRange(first=1, last=1), others)

    counted = archive.reprocess(lambda: found)

    first, second = archive.now(record.invoice_id), archive.now(f"{record.invoice_id}-2")
    assert counted == (1, 1)
    assert (first.parts, first.document.page_range) == (2, PageRange(first=1, last=1))
    assert (second.status, second.document.page_range) == (Status.COMPLETED, PageRange(first=2, last=2))


@pytest.mark.parametrize("is_read", [True, False])
def test_one_that_is_erased_meanwhile_leaves_nothing(archive: Archive, is_read: bool) -> None:
    record = archive.degraded()

    def be_erased() -> Interpretation:
        archive.services.erase(record.invoice_id)
        archive.adapters.checkpoints().save(record.invoice_id, "answer", b"{}")
        if not is_read:
            raise ZeroDivisionError
        return Interpretation(an_outcome(), a_read_document())

    assert archive.reprocess(be_erased) == (1, 0)
    assert archive.now(record.invoice_id).status is Status.ERASED
    assert archive.adapters.checkpoints().load(record.invoice_id, "answer") is None


def test_a_row_that_a_newer_program_has_taken_stops_no_other(archive: Archive) -> None:
    archive.degraded("Invoice 1")
    newer = archive.degraded("Invoice 2")
    taken: list[str] = []

    def be_taken() -> Interpretation:
        if not taken:
            taken.append(newer.invoice_id)
            archive.make_unreadable(newer.invoice_id)
            raise ZeroDivisionError
        return Interpretation(an_outcome(), a_read_document())

    assert archive.reprocess(be_taken) == (2, 1)


def test_one_that_fails_keeps_its_outcome_and_stops_no_other(archive: Archive) -> None:
    older, newer = archive.degraded("Invoice 1"), archive.degraded("Invoice 2")
    readings: Iterator[Exception | Interpretation] = iter(
        [ZeroDivisionError(), Interpretation(an_outcome(), a_read_document())]
    )

    def reading() -> Interpretation:
        result = next(readings)
        if isinstance(result, Exception):
            raise result
        return result

    assert archive.reprocess(reading) == (2, 1)
    outcomes = [archive.now(one.invoice_id).outcome for one in (older, newer)]
    assert sorted(len(outcome.degraded) for outcome in outcomes if outcome) == [0, 1]
