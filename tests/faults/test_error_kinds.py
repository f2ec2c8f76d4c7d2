"""What becomes of a document, by the class of the error that reading it raised; and who is told."""

from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from chalicelib.bootstrap import Services
from chalicelib.domain.record import InvoiceRecord, Status
from chalicelib.domain.upload import ref_of
from chalicelib.errors import (
    BudgetExhaustedError,
    ConfigurationError,
    DefectError,
    PendingError,
    RejectedError,
    SmartInvoiceError,
    UnavailableError,
    UncertainError,
)
from chalicelib.pipeline.interpret import Interpret, Interpretation
from chalicelib.pipeline.process import Process
from local.family import EmbeddedAdapters
from tests.builders import a_clock, a_document, a_read_document, an_outcome, some_settings

MOST = 3

TRANSIENT = UnavailableError("textract_unavailable", "busy")
PENDING = PendingError("textract_pending", "reading")
SILENCE = UncertainError("textract_uncertain", "silence")
TOO_LATE = UnavailableError("no_time_left", "over")
LEFT_ALONE = UnavailableError("breaker_open", "later")
NO_MONEY = BudgetExhaustedError("day_budget", "nothing left")
TOO_DEAR = BudgetExhaustedError("invoice_budget", "too dear")
DENIED = ConfigurationError("textract_refused", "no right")
MISUSED = DefectError("textract_misused", "makes no sense")
AT_FAULT = RejectedError("encrypted", "Please send it without the password.")
UNKNOWN = ZeroDivisionError()


class End(NamedTuple):
    """The row after a delivery, and whether the error was raised and an operator called."""

    status: Status
    attempts: int
    is_raised: bool
    is_called: bool = False


FIRST = [
    (AT_FAULT, End(Status.REJECTED, 1, is_raised=False)),
    (TRANSIENT, End(Status.RECEIVED, 1, is_raised=True)),
    (PENDING, End(Status.RECEIVED, 1, is_raised=True)),
    (SILENCE, End(Status.RECEIVED, 1, is_raised=True)),
    (TOO_LATE, End(Status.RECEIVED, 1, is_raised=True)),
    (LEFT_ALONE, End(Status.WAITING, 0, is_raised=False)),
    (NO_MONEY, End(Status.WAITING, 0, is_raised=False)),
    (TOO_DEAR, End(Status.RECEIVED, 1, is_raised=True)),
    (DENIED, End(Status.WAITING, 0, is_raised=False, is_called=True)),
    (MISUSED, End(Status.RECEIVED, 1, is_raised=True, is_called=True)),
    (UNKNOWN, End(Status.RECEIVED, 1, is_raised=True)),
]
LAST = [
    (TRANSIENT, Status.WAITING),
    (PENDING, Status.WAITING),
    (SILENCE, Status.FAILED),
    (TOO_LATE, Status.FAILED),
    (LEFT_ALONE, Status.WAITING),
    (NO_MONEY, Status.WAITING),
    (TOO_DEAR, Status.FAILED),
    (DENIED, Status.WAITING),
    (MISUSED, Status.FAILED),
    (UNKNOWN, Status.FAILED),
]


class Desk:
    """One document at a time, and a reader that raises what a test gives it."""

    def __init__(self, data_dir: Path) -> None:
        self.clock = a_clock()
        self.settings = some_settings(data_dir, max_attempts=MOST)
        self.adapters = EmbeddedAdapters(self.settings, self.clock)
        self.services = Services(self.settings, self.adapters)
        self.error: Exception | None = None
        documents, invoices = self.adapters.documents(), self.adapters.invoices()
        interpret = Reading(self)
        self.process = Process(documents, invoices, interpret, self.services.purse_of, self.clock, self.settings)

    def received(self, attempts: int = 0) -> InvoiceRecord:
        """A document that was uploaded, and that so many attempts have failed at."""
        record = self.services.receive(a_document(), "invoice.pdf").record
        return self.adapters.invoices().save(record.model_copy(update={"attempts": attempts}))

    def now(self, record: InvoiceRecord) -> InvoiceRecord:
        """The record as it is stored."""
        found = self.adapters.invoices().load(record.invoice_id)
        assert found is not None
        return found

    def delivered(self, record: InvoiceRecord) -> bool:
        """Deliver the event; whether that raised."""
        try:
            self.process(ref_of(record.document), "delivery")
        except (SmartInvoiceError, ZeroDivisionError):
            return True
        return False


class Reading(Interpret):
    """Reads anything, unless there is an error."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def __call__(self, content: bytes, purse: object) -> Interpretation:
        """An outcome, or the error."""
        if self._desk.error is not None:
            raise self._desk.error
        return Interpretation(an_outcome(), a_read_document())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk."""
    return Desk(tmp_path)


@pytest.mark.parametrize(("error", "expected"), FIRST, ids=lambda row: getattr(row, "code", None))
def test_what_becomes_of_a_document_at_the_first_attempt(
    desk: Desk, error: Exception, expected: End, caplog: pytest.LogCaptureFixture
) -> None:
    record, desk.error = desk.received(), error

    is_raised = desk.delivered(record)

    after = desk.now(record)
    is_called = "Operator needed" in caplog.messages
    assert End(after.status, after.attempts, is_raised, is_called) == expected
    if expected.status is Status.WAITING:
        assert after.next_attempt_at is not None
        assert after.problem is not None
        assert after.problem.message


@pytest.mark.parametrize(("error", "status"), LAST, ids=lambda row: getattr(row, "code", None))
def test_what_becomes_of_a_document_at_the_last_attempt(desk: Desk, error: Exception, status: Status) -> None:
    record, desk.error = desk.received(attempts=MOST - 1), error

    is_raised = desk.delivered(record)

    after = desk.now(record)
    assert (after.status, is_raised) == (status, False)
    assert after.attempts == (MOST if status is Status.FAILED else MOST - 1)


@pytest.mark.parametrize("error", [TRANSIENT, DENIED, LEFT_ALONE], ids=lambda error: error.code)
def test_an_outage_of_days_fails_no_document_and_ends_by_itself(desk: Desk, error: Exception) -> None:
    record, desk.error = desk.received(), error
    for _ in range(MOST):  # as Lambda does
        desk.delivered(record)
    for _ in range(50):
        desk.clock.advance(hours=1)
        assert desk.now(record).status in {Status.WAITING, Status.RECEIVED}
        desk.delivered(record)

    desk.error = None
    desk.clock.advance(hours=1)
    desk.delivered(record)

    assert desk.now(record).status is Status.COMPLETED


def test_what_waits_for_an_operator_goes_on_within_minutes_after_he_has_acted(desk: Desk) -> None:
    record, desk.error = desk.received(), DENIED
    desk.delivered(record)

    until = desk.now(record).next_attempt_at

    assert until is not None
    assert until - desk.clock.now() <= timedelta(minutes=5)
