"""What waits is never left behind: not by an attempt that fails, not by a worker that is lost, not by a short time."""

from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.bootstrap import Services
from chalicelib.domain.document import DocumentRef
from chalicelib.domain.record import InvoiceRecord, Problem, Status
from chalicelib.domain.transitions import claimed, waiting
from chalicelib.errors import ConfigurationError, UnavailableError, UncertainError
from chalicelib.pipeline.interpret import Interpret, Interpretation
from chalicelib.pipeline.process import Process
from chalicelib.pipeline.remembering import SharedFacts
from chalicelib.pipeline.resume import Resume
from local.family import EmbeddedAdapters
from tests.builders import a_clock, a_document, a_read_document, an_outcome, some_settings


class Yard:
    """Documents that wait, and a reader that raises what a test gives it."""

    def __init__(self, data_dir: Path) -> None:
        self.clock = a_clock()
        self.settings = some_settings(data_dir, max_attempts=3, claim_seconds=60)
        self.adapters = EmbeddedAdapters(self.settings, self.clock)
        self.services = Services(self.settings, self.adapters)
        self.errors: list[Exception] = []
        facts = SharedFacts(self.adapters.shared_state())
        self.resume = Resume(self.adapters.invoices(), self._process(), facts, self.clock, self.settings)

    def received(self, text: str = "Invoice 1") -> InvoiceRecord:
        """A document that was uploaded."""
        return self.services.receive(a_document(text), "invoice.pdf").record

    def waiting(self, text: str = "Invoice 1") -> InvoiceRecord:
        """A document whose waiting is over."""
        problem = Problem(code="waiting_for_service", message="")
        return self.adapters.invoices().save(waiting(self.received(text), problem, self.clock.now()))

    def now(self, record: InvoiceRecord) -> InvoiceRecord:
        """The record as it is stored."""
        found = self.adapters.invoices().load(record.invoice_id)
        assert found is not None
        return found

    def _process(self) -> Process:
        documents, invoices = self.adapters.documents(), self.adapters.invoices()
        return Process(documents, invoices, Reading(self.errors), self.services.purse_of, self.clock, self.settings)


class Reading(Interpret):
    """Reads anything, or raises what is given next."""

    def __init__(self, errors: list[Exception]) -> None:
        self._errors = errors

    def __call__(self, content: bytes, purse: object) -> Interpretation:
        """An outcome, or the next error."""
        if self._errors:
            raise self._errors.pop(0)
        return Interpretation(an_outcome(), a_read_document())


@pytest.fixture
def yard(tmp_path: Path) -> Yard:
    """A yard."""
    return Yard(tmp_path)


@pytest.mark.parametrize(
    ("error", "attempts"),
    [
        (UnavailableError("textract_unavailable", "busy"), 0),
        (ConfigurationError("textract_refused", "no right"), 0),
        (UncertainError("textract_uncertain", "silence"), 1),
        (ZeroDivisionError(), 1),
    ],
)
def test_what_fails_while_nobody_will_deliver_it_again_goes_on_waiting(
    yard: Yard, error: Exception, attempts: int
) -> None:
    record = yard.waiting()
    yard.errors.append(error)

    first = yard.resume("sweep")
    after_first = yard.now(record)
    yard.clock.advance(minutes=5)
    second = yard.resume("sweep")

    assert (first.due, first.finished) == (1, 0)
    assert (after_first.status, after_first.attempts) == (Status.WAITING, attempts)
    assert (second.due, second.finished) == (1, 1)
    assert yard.now(record).status is Status.COMPLETED


def test_one_that_fails_does_not_stop_the_others(yard: Yard) -> None:
    yard.waiting("Invoice 1")
    yard.waiting("Invoice 2")
    yard.errors.append(ZeroDivisionError())

    assert yard.resume("sweep").finished == 1


def test_one_that_is_refused_does_not_have_the_next_turn_as_well(yard: Yard) -> None:
    first, second = yard.waiting("Invoice 1"), yard.waiting("Invoice 2")
    yard.errors.append(ConfigurationError("textract_refused", "no right"))

    yard.resume("sweep", most=1)
    yard.clock.advance(minutes=5)  # both are due
    yard.resume("sweep", most=1)

    assert [yard.now(one).status for one in (first, second)] == [Status.WAITING, Status.COMPLETED]


def test_what_always_fails_ends_as_failed(yard: Yard) -> None:
    record = yard.waiting()
    yard.errors.extend([ZeroDivisionError()] * 3)

    for _ in range(3):
        yard.resume("sweep")
        yard.clock.advance(minutes=5)

    assert yard.now(record).status is Status.FAILED


def test_an_outage_that_lasts_fails_no_document(yard: Yard) -> None:
    record = yard.waiting()
    yard.errors.extend([UnavailableError("textract_unavailable", "busy")] * 9)

    for _ in range(10):
        yard.resume("sweep")
        yard.clock.advance(minutes=5)

    assert yard.now(record).status is Status.COMPLETED


def test_a_document_whose_worker_was_lost_is_taken_up(yard: Yard) -> None:
    record = yard.received()
    yard.adapters.invoices().save(claimed(record, "lost", yard.clock.now()))

    too_early = yard.resume("sweep")
    yard.clock.advance(seconds=66)
    in_time = yard.resume("sweep")

    assert (too_early.due, in_time.finished) == (0, 1)
    assert yard.now(record).status is Status.COMPLETED


def test_no_document_is_begun_shortly_before_the_end(yard: Yard) -> None:
    record = yard.waiting()

    resumed = yard.resume("sweep", deadline=yard.clock.now() + timedelta(seconds=30))

    assert (resumed.due, resumed.is_all) == (0, False)
    assert yard.now(record).status is Status.WAITING


def test_what_is_delivered_again_is_left_to_that_delivery(yard: Yard) -> None:
    record = yard.received()
    yard.errors.append(UnavailableError("textract_unavailable", "busy"))

    with pytest.raises(UnavailableError):
        yard._process()(DocumentRef(key=record.document.key), "one")

    assert yard.now(record).status is Status.RECEIVED
