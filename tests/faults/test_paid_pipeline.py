"""One document on its way through paid readers that fail: what it comes to, what it costs, and what it says."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bench.paid import Objects, PaidAdapters, a_picture, connected
from chalicelib.bootstrap import Services
from chalicelib.costs.mode import ModeName
from chalicelib.domain.charge import Charge, ChargeState
from chalicelib.domain.document import DocumentRef, Page
from chalicelib.domain.finding import Decision
from chalicelib.domain.invoice import FieldName
from chalicelib.domain.record import InvoiceRecord, Status
from chalicelib.domain.source import Source
from chalicelib.errors import BudgetExhaustedError, UnavailableError
from chalicelib.exports.invoice_json import invoice_document
from local.fakes.bedrock import FakeBedrock, stopped
from local.fakes.faults import LOST, always, an_error, planned
from local.fakes.textract import FIELDS, WORDS, FakeTextract
from local.fakes.textract_shapes import summary_field
from tests.bedrock import HAIKU, NOVA
from tests.builders import SetClock, a_clock, a_document
from tests.pages import a_page

COMPLETE = """
    Fernlea Joinery Ltd
    Invoice
    Invoice no. ST-00017       Invoice date 2026-11-02

    Oak board          2      50.00      100.00

    Subtotal                             100.00 EUR
    VAT 20 %                              20.00 EUR
    Total                                120.00 EUR
"""
UNDATED = COMPLETE.replace("Invoice date 2026-11-02", "2026-11-02   2026-12-09")
NAMELESS = COMPLETE.replace("Fernlea Joinery Ltd", "thank you for your order")
THROTTLED = an_error("ThrottlingException", 429)


class Stage:
    """The embedded stack with fakes for Textract and Bedrock, whose answers and faults a test sets."""

    def __init__(self, data_dir: Path, **given: Any) -> None:
        self.clock: SetClock = a_clock()
        self.page = COMPLETE
        self.answer: Mapping[str, Any] = {"issue_date": ("2026-11-02",)}
        self._data_dir = data_dir
        objects = Objects()
        self.textract = FakeTextract(lambda *_: [self._seen()], objects.get, expenses=self._expenses)
        self.bedrock = FakeBedrock(self._answered)
        self.expenses: list[dict[str, Any]] = []
        self.with_settings(objects, **given)

    def with_settings(self, objects: Objects | None = None, **given: Any) -> None:
        """Other settings, as after a new deployment."""
        from chalicelib.settings import Settings

        settings = Settings(**{"stage": "local", "data_dir": str(self._data_dir), "shares": False, **given})
        self.adapters = ClockedAdapters(settings, objects or Objects(), self.clock)
        self.services = Services(settings, self.adapters)

    def received(self, content: bytes | None = None) -> InvoiceRecord:
        """A document that was uploaded."""
        return self.services.receive(content or a_picture(1), "scan.png").record

    def processed(self, record: InvoiceRecord, owner: str = "one") -> InvoiceRecord:
        """What one delivery makes of it."""
        return self.services.process(DocumentRef(key=record.document.key), owner)

    def read(self, content: bytes | None = None) -> InvoiceRecord:
        """A document that was uploaded and delivered once."""
        return self.processed(self.received(content))

    def now(self, record: InvoiceRecord) -> InvoiceRecord:
        """The record as it is stored."""
        found = self.adapters.invoices().load(record.invoice_id)
        assert found is not None
        return found

    def spent(self) -> Decimal:
        """What the day has cost."""
        return self.adapters.ledger().spending(self.clock.now().date()).day_usd

    def _seen(self) -> Page:
        return a_page(self.page)._replace(width=298, height=421)

    def _expenses(self, _page: Page) -> dict[str, Any]:
        return {"SummaryFields": self.expenses}

    def _answered(self, _model: str, _instructions: str, document: str, schema: Mapping[str, Any]) -> dict[str, Any]:
        """The set answer, with the ids of the words that the document has for it."""
        shown = (one.partition(":") for one in document.split())
        ids = {word: int(number) for number, _, word in shown if number.isdigit()}
        return {
            name: {"value": " ".join(words), "words": [ids[word] for word in words if word in ids]}
            for name, words in self.answer.items()
            if name in schema["properties"]
        }


class ClockedAdapters(PaidAdapters):
    """The same with a clock that a test sets."""

    def __init__(self, settings: Any, objects: Objects, clock: SetClock) -> None:
        super().__init__(settings, objects)
        self._clock = clock


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A stage."""
    made = Stage(tmp_path)
    with ExitStack() as stack:
        stack.enter_context(connected(made.textract, made.bedrock))
        yield made
    assert made.textract.problems == made.bedrock.problems == []


def degraded_of(record: InvoiceRecord) -> tuple[str, ...]:
    assert record.outcome is not None
    return record.outcome.degraded


def charges_of(record: InvoiceRecord) -> tuple[Charge, ...]:
    assert record.outcome is not None
    return record.outcome.charges


def decision_of(record: InvoiceRecord) -> Decision:
    assert record.outcome is not None
    return record.outcome.decision


def test_a_complete_scan_costs_one_page_of_words_and_never_reaches_the_model(stage: Stage) -> None:
    record = stage.read()

    assert decision_of(record) is Decision.AUTO_APPROVE
    assert dict(stage.textract.billed) == {WORDS: 1}
    assert stage.bedrock.calls.total() == 0
    assert stage.spent() == Decimal("0.0015")


def test_a_pdf_with_words_of_its_own_costs_nothing(stage: Stage) -> None:
    stage.read(a_document("Invoice RE-2026-0417 Total 119.00 EUR"))

    assert stage.textract.calls.total() == 0


def test_what_is_missing_is_asked_and_the_cost_stands_on_the_invoice(stage: Stage) -> None:
    stage.page = UNDATED

    record = stage.read()

    assert record.outcome is not None
    date = record.outcome.invoice.suggestions[FieldName.ISSUE_DATE]  # a picture without a label, and a model's word
    assert (date.value, date.source, date.page) == ("2026-11-02", Source.TEXTRACT, 1)
    assert {charge.step for charge in record.outcome.charges} == {"model", "ocr"}
    assert sum(charge.usd for charge in record.outcome.charges) == stage.spent()


def test_f31_a_scan_waits_while_textract_is_throttled_and_goes_on_by_itself(stage: Stage) -> None:
    stage.textract.plan = always(WORDS, fault=an_error("ProvisionedThroughputExceededException"))
    record = stage.received()
    for number in range(stage.services.settings.breaker_failures):
        other = stage.received(a_picture(number + 2))
        with pytest.raises(UnavailableError):
            stage.processed(other)

    waiting = stage.processed(record)
    stage.textract.plan = planned({})
    stage.clock.advance(minutes=30)

    swept = stage.services.sweep("sweep")

    assert waiting.status is Status.WAITING
    assert waiting.problem is not None
    assert waiting.problem.code == "waiting_for_service"
    assert waiting.attempts == 0
    assert swept.finished >= 1
    assert stage.now(record).status is Status.COMPLETED


def test_f33_what_textract_cannot_read_is_told_to_its_sender(stage: Stage) -> None:
    stage.textract.plan = always(WORDS, fault=an_error("BadDocumentException"))

    record = stage.read()

    assert record.status is Status.REJECTED
    assert record.problem is not None
    assert record.problem.code == "unreadable_for_ocr"
    assert stage.spent() == 0


def test_what_it_cost_to_find_out_stands_on_the_rejected_document(stage: Stage) -> None:
    stage.textract.plan = planned({(WORDS, 1): LOST, (WORDS, 2): an_error("BadDocumentException")})
    record = stage.received()
    with pytest.raises(UnavailableError):
        stage.processed(record)

    rejected = stage.processed(record)

    assert rejected.status is Status.REJECTED
    assert sum(charge.usd for charge in charges_of(rejected)) == stage.spent() == Decimal("0.0015")
    assert invoice_document(rejected)["cost"]["usd"] == "0.001500000000"  # type: ignore[index,call-overload]  # JSON


def test_f35_a_missing_right_calls_an_operator_and_keeps_the_document_waiting(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.textract.plan = always(WORDS, fault=an_error("AccessDeniedException"))
    record = stage.received()

    stage.processed(record)

    assert (stage.now(record).status, stage.now(record).attempts) == (Status.WAITING, 0)
    assert "Operator needed" in caplog.messages
    assert stage.spent() == 0


def test_f44_without_a_model_the_rules_decide_and_say_so(stage: Stage) -> None:
    stage.page = UNDATED
    stage.bedrock.plan = always(HAIKU, NOVA, fault=THROTTLED)

    record = stage.read()

    assert decision_of(record) is Decision.NEEDS_REVIEW
    assert degraded_of(record) == ("bedrock_unavailable",)
    assert {charge.usage.service for charge in charges_of(record) if charge.usd} == {"textract"}


def test_f45_a_model_that_failed_is_followed_by_the_next(stage: Stage) -> None:
    stage.page = UNDATED
    stage.bedrock.plan = always(HAIKU, fault=an_error("ModelErrorException", 424))

    record = stage.read()

    assert degraded_of(record) == ()
    assert set(stage.bedrock.billed) == {NOVA}


def test_f46_a_denied_model_is_left_alone_and_the_next_one_asked(stage: Stage) -> None:
    stage.page = UNDATED
    stage.bedrock.plan = always(HAIKU, fault=an_error("AccessDeniedException", 403))

    stage.read()
    record = stage.read(a_picture(2))

    assert degraded_of(record) == ()
    assert stage.bedrock.calls == {HAIKU: 1, NOVA: 2}


def test_f47_a_question_that_is_too_long_is_asked_once_more_and_shorter(stage: Stage) -> None:
    stage.page = UNDATED
    stage.bedrock.plan = planned({(HAIKU, 1): an_error("ValidationException", 400)})

    stage.read()

    first, second = (asked["messages"][0]["content"][0]["text"] for _, asked in stage.bedrock.asked)
    assert len(second) < len(first)


def test_f48_a_quota_for_the_day_is_not_asked_against_until_the_next_day(stage: Stage) -> None:
    stage.page = UNDATED
    stage.bedrock.plan = always(HAIKU, NOVA, fault=an_error("ServiceQuotaExceededException", 400))
    stage.read()
    stage.clock.advance(hours=10)
    before = stage.bedrock.calls.total()

    same_day = stage.read(a_picture(2))
    calls_of_the_day = stage.bedrock.calls.total()
    stage.bedrock.plan = planned({})
    stage.clock.advance(hours=10)
    next_day = stage.read(a_picture(3))

    assert calls_of_the_day == before
    assert degraded_of(same_day) == ("breaker_open",)
    assert degraded_of(next_day) == ()


def test_f49_an_answer_that_was_cut_short_is_asked_for_again_with_more_room(stage: Stage) -> None:
    stage.page = UNDATED
    cut = stopped("max_tokens")
    stage.bedrock.twist = lambda model, nth, answer: cut(model, nth, answer) if model == HAIKU else answer

    record = stage.read()

    first, second = (asked["inferenceConfig"]["maxTokens"] for _, asked in stage.bedrock.asked)
    assert second == 2 * first
    assert degraded_of(record) == ()


@pytest.mark.parametrize(
    "reason", ["guardrail_intervened", "content_filtered", "malformed_model_output", "model_context_window_exceeded"]
)
def test_f49_what_is_no_answer_is_paid_and_not_used(stage: Stage, reason: str) -> None:
    stage.page = UNDATED
    stage.bedrock.twist = stopped(reason)

    record = stage.read()

    assert degraded_of(record) == (f"bedrock_{reason}",)
    assert decision_of(record) is Decision.NEEDS_REVIEW
    assert stage.spent() > Decimal("0.0015")


def test_f51_a_value_that_is_not_printed_is_dropped_and_recorded(stage: Stage) -> None:
    stage.page = UNDATED
    stage.answer = {"issue_date": ("2026-11-23",)}

    record = stage.read()

    assert record.outcome is not None
    assert [one.fields for one in record.outcome.findings if one.code == "not_in_document"] == [("issue_date",)]
    assert record.outcome.invoice.text(FieldName.ISSUE_DATE) != "2026-11-23"


def test_f53_a_crash_after_the_answers_pays_for_none_of_them_again(stage: Stage) -> None:
    stage.page = UNDATED
    record = stage.received()
    stage.processed(record)
    lost = stage.now(record).model_copy(
        update={"status": Status.RECEIVED, "outcome": None, "processed_at": None, "claim": None}
    )
    stage.adapters.invoices().save(lost)  # as if the process had died before it wrote its outcome

    again = stage.processed(record, "two")

    assert again.status is Status.COMPLETED
    assert dict(stage.textract.billed) == {WORDS: 1}
    assert stage.bedrock.calls.total() == 1
    assert {charge.state for charge in stage.adapters.ledger().charges_of(record.invoice_id)} == {ChargeState.SETTLED}


def test_f53_what_was_paid_for_is_read_although_the_money_is_gone(stage: Stage) -> None:
    record = stage.received()
    stage.processed(record)
    lost = stage.now(record).model_copy(
        update={"status": Status.RECEIVED, "outcome": None, "processed_at": None, "claim": None}
    )
    stage.adapters.invoices().save(lost)  # as above
    stage.with_settings(day_limit_usd="0.0015")

    again = stage.processed(record, "two")

    assert stage.services.switches.permissions().ocr is False
    assert again.status is Status.COMPLETED
    assert dict(stage.textract.billed) == {WORDS: 1}


def test_f43_an_answer_that_got_lost_is_bought_once_more_and_both_are_counted(stage: Stage) -> None:
    stage.textract.plan = planned({(WORDS, 1): LOST})
    record = stage.received()
    with pytest.raises(UnavailableError):
        stage.processed(record)

    again = stage.processed(record)

    assert again.status is Status.COMPLETED
    assert dict(stage.textract.billed) == {WORDS: 2}
    assert stage.spent() == 2 * Decimal("0.0015")


def test_f76_a_document_that_used_up_its_money_fails_with_a_reason(stage: Stage) -> None:
    stage.with_settings(invoice_limit_usd="0.0010")
    record = stage.received()
    for _ in range(stage.services.settings.max_attempts - 1):
        with pytest.raises(BudgetExhaustedError, match="invoice_budget"):
            stage.processed(record)

    last = stage.processed(record)

    assert last.status is Status.FAILED
    assert last.problem is not None
    assert last.problem.code == "invoice_budget"
    assert stage.textract.calls.total() == 0


def test_f79_without_money_a_scan_waits_and_is_read_the_next_day(stage: Stage) -> None:
    stage.with_settings(day_limit_usd="0.0020")
    stage.read()

    waiting = stage.read(a_picture(2))
    too_early = stage.processed(waiting, "two")
    stage.clock.advance(days=1)
    swept = stage.services.sweep("sweep")

    assert waiting.status is too_early.status is Status.WAITING
    assert waiting.problem is not None
    assert waiting.problem.code == "waiting_for_budget"
    assert waiting.attempts == 0
    assert (swept.due, swept.finished) == (1, 1)
    assert stage.now(waiting).status is Status.COMPLETED


def test_f79_without_money_the_rules_go_on_where_there_are_words(stage: Stage) -> None:
    stage.with_settings(day_limit_usd="0")

    record = stage.read(a_document("Invoice RE-2026-0417 Total 119.00 EUR"))

    assert record.status is Status.COMPLETED
    assert stage.textract.calls.total() == stage.bedrock.calls.total() == 0


def test_a_mode_set_by_hand_holds_for_the_next_document_and_ends_by_itself(stage: Stage) -> None:
    stage.page = UNDATED
    until = stage.clock.now() + timedelta(hours=4)
    stage.services.switches.set_mode(ModeName.RULES_ONLY, "costs look odd", "anna", until)

    by_rules = stage.read()
    stage.clock.advance(hours=5)
    by_model = stage.read(a_picture(2))

    assert degraded_of(by_rules) == ("mode_rules_only",)
    assert degraded_of(by_model) == ()


def test_another_process_hears_of_a_mode_within_ten_seconds(stage: Stage) -> None:
    stage.page = UNDATED
    stage.read()
    elsewhere = Services(stage.services.settings, stage.adapters)

    elsewhere.switches.set_mode(ModeName.RULES_ONLY, "costs look odd", "anna", stage.clock.now() + timedelta(hours=4))
    stage.clock.advance(seconds=10)

    assert degraded_of(stage.read(a_picture(2))) == ("mode_rules_only",)


def test_degraded_invoices_come_out_better_when_the_model_is_back(stage: Stage) -> None:
    stage.page = UNDATED
    stage.bedrock.plan = always(HAIKU, NOVA, fault=THROTTLED)
    record = stage.read()
    stage.bedrock.plan = planned({})
    stage.clock.advance(hours=1)

    improved = stage.services.reprocess_degraded()

    after = stage.now(record)
    assert improved == (1, 1)
    assert degraded_of(after) == ()
    assert after.outcome is not None
    assert after.outcome.invoice.suggestions[FieldName.ISSUE_DATE].value == "2026-11-02"
    assert stage.textract.billed[WORDS] == 1
    assert stage.services.reprocess_degraded() == (0, 0)


def test_degraded_invoices_stay_as_they_are_while_no_model_may_be_asked(stage: Stage) -> None:
    stage.page = UNDATED
    stage.bedrock.plan = always(HAIKU, NOVA, fault=THROTTLED)
    record = stage.read()
    stage.services.switches.set_mode(ModeName.RULES_ONLY, "later", "anna", stage.clock.now() + timedelta(hours=1))

    assert stage.services.reprocess_degraded() == (0, 0)
    assert degraded_of(stage.now(record)) == ("bedrock_unavailable",)


def test_a_missing_supplier_on_an_english_scan_is_looked_for_by_analyze_expense(stage: Stage) -> None:
    stage.page = NAMELESS
    stage.answer = {}

    stage.read()

    assert dict(stage.textract.billed) == {WORDS: 1, FIELDS: 1}


def test_what_analyze_expense_says_meets_the_words_on_the_page(stage: Stage) -> None:
    stage.page = NAMELESS
    stage.answer = {}
    stage.expenses = [summary_field("VENDOR_NAME", "Nobody Who Stands Here Ltd")]

    record = stage.read()

    assert record.outcome is not None
    assert record.outcome.invoice.text(FieldName.SUPPLIER_NAME) != "Nobody Who Stands Here Ltd"


def test_an_answer_that_was_none_is_asked_for_once_more_by_another_reading(stage: Stage) -> None:
    stage.page = UNDATED
    stage.bedrock.twist = stopped("malformed_model_output")
    record = stage.read()
    stage.bedrock.twist = lambda _model, _nth, answer: answer

    assert stage.services.reprocess_degraded() == (1, 1)
    assert degraded_of(stage.now(record)) == ()
    assert stage.bedrock.calls.total() == 2


def test_an_answer_that_is_none_again_is_not_asked_for_a_third_time(stage: Stage) -> None:
    stage.page = UNDATED
    stage.bedrock.twist = stopped("malformed_model_output")
    record = stage.read()
    before = stage.now(record).outcome
    assert before is not None

    counted = [stage.services.reprocess_degraded() for _ in range(3)]

    after = stage.now(record).outcome
    assert after is not None
    assert (counted, stage.bedrock.calls.total()) == ([(1, 0)] * 3, 2)
    assert after.model_copy(update={"charges": ()}) == before.model_copy(update={"charges": ()})
    assert sum(charge.usd for charge in after.charges) == stage.spent()


def test_what_no_model_will_ever_answer_is_not_read_again(stage: Stage) -> None:
    stage.page = UNDATED
    stage.bedrock.twist = stopped("content_filtered")
    stage.read()

    assert stage.services.reprocess_degraded() == (0, 0)
