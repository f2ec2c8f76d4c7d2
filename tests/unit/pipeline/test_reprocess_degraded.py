"""Degraded invoices that are read again: what shows up is kept, and one that fails stops no other."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from chalicelib.bootstrap import Services
from chalicelib.costs.ladder import Level, permissions
from chalicelib.domain.charge import ChargeState, Limits
from chalicelib.domain.document import PageRange
from chalicelib.domain.finding import Decision
from chalicelib.domain.record import InvoiceRecord, Outcome, Status
from chalicelib.domain.shared_state import SharedFact
from chalicelib.domain.transitions import completed, part
from chalicelib.pipeline.degraded import PLACE, Degraded
from chalicelib.pipeline.interpret import FurtherInvoice, Interpret, Interpretation
from chalicelib.pipeline.remembering import SharedFacts
from chalicelib.pipeline.reprocess_degraded import ReadAgain, ReprocessDegraded
from local.database import Database
from local.family import EmbeddedAdapters
from tests.builders import a_charge, a_clock, a_document, a_finding, a_read_document, an_outcome, some_settings

Reading = Callable[[], Interpretation]


class Reads(Interpret):
    """Reads whatever a test wants."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def __call__(self, content: bytes, purse: object) -> Interpretation:
        """What the test wants."""
        Archive.last = content
        return self._reading()


class Archive:
    """Degraded invoices, and how they are read again. `last` is the document that was read last."""

    last = b""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self.clock = a_clock()
        self.adapters = EmbeddedAdapters(some_settings(data_dir), self.clock)
        self.services = Services(some_settings(data_dir), self.adapters)

    def degraded(self, text: str = "Invoice 1", *reasons: str) -> InvoiceRecord:
        """An invoice that came out worse than it could have."""
        record = self.services.receive(a_document(text), "invoice.pdf").record
        outcome = an_outcome(decision=Decision.NEEDS_REVIEW, degraded=reasons or ("bedrock_unavailable",))
        self.clock.advance(seconds=1)
        return self.adapters.invoices().save(completed(record, record.document, outcome, self.clock.now()))

    def reprocess(self, reading: Reading, most: int = 100, seconds: float | None = None) -> tuple[int, int]:
        """Read them again."""
        documents, invoices = self.adapters.documents(), self.adapters.invoices()
        allowed = permissions(Level.NORMAL)
        degraded = Degraded(invoices, SharedFacts(self.adapters.shared_state()), self.clock, self.services.settings)
        read_again = ReadAgain(documents, invoices, Reads(reading), self.services.purse_of, self.clock)
        use_case = ReprocessDegraded(degraded, read_again, lambda: allowed, self.clock)
        return use_case(most, None if seconds is None else self.clock.now() + timedelta(seconds=seconds))

    def read_in_runs(self, runs: int, most: int) -> list[int]:
        """Which of the documents are read in so many runs, each in vain: the number of their invoices."""
        numbers: list[int] = []

        def in_vain() -> Interpretation:
            numbers.append(int(self.last.partition(b"Invoice ")[2][:1]))
            raise ZeroDivisionError

        for _ in range(runs):
            self.reprocess(in_vain, most)
        return numbers

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


def test_one_that_will_never_be_answered_is_read_no_more(archive: Archive) -> None:
    record = archive.degraded("Invoice 1", "textract_uncertain")
    found = an_outcome(decision=Decision.NEEDS_REVIEW, degraded=("never_answered",))

    counted = [archive.reprocess(lambda: Interpretation(found, a_read_document())) for _ in range(3)]

    after = archive.now(record.invoice_id)
    assert counted == [(1, 0), (0, 0), (0, 0)]
    assert after.claim is None
    assert after.outcome is not None
    assert after.outcome.degraded == ("never_answered",)


def test_one_whose_further_invoice_cannot_be_stored_is_held_by_nobody(archive: Archive) -> None:
    record = archive.degraded()
    second = part(record, 2, record.document, an_outcome("Second Ltd"), archive.clock.now())
    archive.adapters.invoices().save_part(second, record, is_new=True)
    archive.make_unreadable(second.invoice_id)
    others = (FurtherInvoice(an_outcome("Second Ltd"), PageRange(first=2, last=2)),)
    found = Interpretation(an_outcome(), a_read_document(page_count=2), PageRange(first=1, last=1), others)

    assert archive.reprocess(lambda: found) == (1, 0)
    assert archive.now(record.invoice_id).claim is None


def test_the_oldest_come_first_and_the_next_run_goes_on_until_all_had_their_turn(archive: Archive) -> None:
    for number in range(5):
        archive.degraded(f"Invoice {number}")

    assert archive.read_in_runs(4, most=2) == [0, 1, 2, 3, 4, 0, 1]


def test_one_that_kills_the_process_is_not_the_first_every_time(archive: Archive) -> None:
    for number in range(2):
        archive.degraded(f"Invoice {number}")

    def be_killed() -> Interpretation:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        archive.reprocess(be_killed)

    assert archive.read_in_runs(1, most=1) == [1]


def test_none_is_begun_when_the_invocation_is_about_to_end(archive: Archive) -> None:
    archive.degraded()

    assert archive.reprocess(better, seconds=30) == (0, 0)


def better() -> Interpretation:
    """Nothing is missing any more."""
    return Interpretation(an_outcome(), a_read_document())


@pytest.mark.parametrize(
    "worse",
    [
        an_outcome(decision=Decision.REJECTED),
        an_outcome(decision=Decision.NEEDS_REVIEW, degraded=("bedrock_unavailable", "textract_unavailable")),
        an_outcome(decision=Decision.NEEDS_REVIEW, degraded=("bedrock_unavailable",), findings=(a_finding(),)),
        an_outcome(None, decision=Decision.NEEDS_REVIEW, degraded=("bedrock_unavailable",)),
        an_outcome(decision=Decision.NEEDS_REVIEW, degraded=("bedrock_unavailable",)),
    ],
    ids=["rejected", "more missing", "more contradictions", "less found", "the same"],
)
def test_an_outcome_is_never_replaced_by_one_that_is_not_better(archive: Archive, worse: Outcome) -> None:
    record = archive.degraded()

    archive.reprocess(lambda: Interpretation(worse, a_read_document()))

    after = archive.now(record.invoice_id)
    assert (after.status, after.outcome, after.claim) == (record.status, record.outcome, None)
    assert after.processed_at == record.processed_at


def test_what_was_paid_in_vain_stands_on_the_invoice(archive: Archive) -> None:
    record = archive.degraded()
    ledger = archive.adapters.ledger()

    def pay() -> Interpretation:
        charge = a_charge(invoice_id=record.invoice_id, charge_id="model-1", state=ChargeState.RESERVED)
        ledger.reserve(charge, Limits(day_usd=Decimal(1), month_usd=Decimal(1), invoice_usd=Decimal(1)))
        return Interpretation(an_outcome(decision=Decision.REJECTED), a_read_document())

    archive.reprocess(pay)

    outcome = archive.now(record.invoice_id).outcome
    assert outcome is not None
    assert {charge.charge_id for charge in outcome.charges} == {"ocr-1-1", "model-1"}


def test_two_runs_at_once_do_not_read_the_same_document(archive: Archive) -> None:
    archive.degraded()
    seen: list[tuple[int, int]] = []

    def be_met_by_another() -> Interpretation:
        archive.adapters.shared_state().save(fact_at_the_beginning(archive))
        seen.append(archive.reprocess(better))
        return better()

    assert archive.reprocess(be_met_by_another) == (1, 1)
    assert seen == [(0, 0)]


def fact_at_the_beginning(archive: Archive) -> SharedFact:
    """The place of the runs, as it was before all of them."""
    fact = archive.adapters.shared_state().load(PLACE)
    assert fact is not None
    return fact.model_copy(update={"value": ""})


def test_what_a_killed_run_was_reading_stays_as_it_was_and_is_read_after_a_while(archive: Archive) -> None:
    record = archive.degraded()

    def be_killed() -> Interpretation:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        archive.reprocess(be_killed)
    left = archive.now(record.invoice_id)
    early = [archive.reprocess(better) for _ in range(2)]
    archive.clock.advance(seconds=archive.services.settings.claim_seconds)
    late = [archive.reprocess(better) for _ in range(2)]

    assert (left.status, left.outcome) == (Status.COMPLETED, record.outcome)
    assert (early, sum(read for read, _ in late)) == ([(0, 0)] * 2, 1)
    assert archive.now(record.invoice_id).claim is None


def test_the_claim_of_one_that_fails_does_not_stay(archive: Archive) -> None:
    record = archive.degraded()

    archive.read_in_runs(1, most=1)

    assert archive.now(record.invoice_id).claim is None


def test_what_was_asked_and_had_no_answer_for_good_is_not_read_again_and_hides_no_other(archive: Archive) -> None:
    archive.degraded("Invoice 0", "bedrock_content_filtered")
    archive.degraded("Invoice 1", "question_refused")
    archive.degraded("Invoice 2", "question_refused", "bedrock_unavailable")

    assert archive.read_in_runs(2, most=1) == [2, 2]


def test_a_document_with_several_invoices_is_read_again_as_a_whole(archive: Archive) -> None:
    record = archive.degraded()
    two = Interpretation(
        an_outcome(decision=Decision.NEEDS_REVIEW, degraded=("textract_unavailable",)),
        a_read_document(),
        others=(FurtherInvoice(an_outcome("Second Ltd", decision=Decision.NEEDS_REVIEW)),),
    )
    archive.reprocess(lambda: two)

    one_worse = two._replace(outcome=an_outcome(), others=(FurtherInvoice(an_outcome(decision=Decision.REJECTED)),))
    in_vain = [archive.reprocess(lambda: one_worse) for _ in range(2)]
    before = archive.now(f"{record.invoice_id}-2")
    both_better = two._replace(outcome=an_outcome(), others=(FurtherInvoice(an_outcome("Second Ltd")),))
    found = [archive.reprocess(lambda: both_better) for _ in range(2)]
    fewer = [archive.reprocess(better) for _ in range(2)]

    second = archive.now(f"{record.invoice_id}-2")
    assert (sum(whole for _, whole in in_vain), before.outcome) == (0, two.others[0].outcome)
    assert (sum(whole for _, whole in found), fewer) == (1, [(0, 0)] * 2)
    assert second.outcome is not None
    assert (archive.now(record.invoice_id).parts, second.outcome.decision) == (2, Decision.AUTO_APPROVE)
