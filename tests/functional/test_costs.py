"""`GET /costs`, and uploads while the budget is used up."""

import logging
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from chalicelib.bootstrap import services
from chalicelib.costs.ladder import LatchedLevel, Level
from chalicelib.costs.mode import ModeName
from chalicelib.domain.charge import Charge, ChargeState, Limits
from chalicelib.domain.shared_state import SharedFact
from chalicelib.domain.usage import Usage
from chalicelib.pipeline.switches import LEVEL
from tests.builders import a_charge, a_completed_record, a_document, an_id
from tests.functional.conftest import Api
from tests.functional.test_uploading import error_of

MANY = Limits(day_usd=Decimal(100), month_usd=Decimal(1000), invoice_usd=Decimal(10))


def now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


def paid(api: Api, usd: str = "0.0015", invoice_id: str | None = None, **given: object) -> Charge:
    """A charge of today that was reserved and settled."""
    charge = a_charge(invoice_id=invoice_id or an_id(), usd=Decimal(usd), day=now().date(), at=now(), **given)
    api.adapters.ledger().reserve(charge.model_copy(update={"state": ChargeState.RESERVED}), MANY)
    api.adapters.ledger().settle(charge)
    return charge


def test_costs_of_nothing_are_nothing(api: Api) -> None:
    response = api.get("/costs")

    assert response.status_code == 200
    assert response.json_body["total"] == {"usd": "0", "open_usd": "0", "calls": 0, "documents": 0, "units": {}}
    assert response.json_body["groups"] == []
    assert (response.json_body["level"], response.json_body["mode"]) == ("normal", {"name": "auto"})
    assert response.json_body["limits"] == {"day_usd": "5", "month_usd": "100", "invoice_usd": "0.25"}


def test_costs_come_by_day_with_the_sum_of_each(api: Api) -> None:
    paid(api)
    paid(api, "0.02", usage=Usage.of("textract", "AnalyzeExpense", pages=2))

    body = api.get("/costs").json_body

    assert body["by"] == "day"
    assert body["groups"] == [
        {
            "key": str(now().date()),
            "usd": "0.0215",
            "open_usd": "0",
            "calls": 2,
            "documents": 2,
            "units": {"pages": "3"},
        }
    ]
    assert body["spending"]["day_usd"] == body["total"]["usd"] == body["forecast"]["spent_usd"] == "0.0215"
    assert body["forecast"]["simple"] is True


def test_costs_come_by_model_and_by_service(api: Api) -> None:
    paid(api)
    paid(api, "0.003", step="model", usage=Usage.of("bedrock", "us.amazon.nova-2-lite-v1:0", input_tokens=900))

    by_model = api.get("/costs?by=model").json_body["groups"]
    by_service = api.get("/costs?by=service").json_body["groups"]

    assert [group["key"] for group in by_model] == ["us.amazon.nova-2-lite-v1:0", "DetectDocumentText"]
    assert [group["key"] for group in by_service] == ["bedrock", "textract"]


def test_costs_come_by_supplier(api: Api) -> None:
    record = a_completed_record()
    api.adapters.invoices().register(record)
    paid(api, invoice_id=record.invoice_id)
    paid(api)

    groups = api.get("/costs?by=supplier").json_body["groups"]

    assert {group.get("key"): group["calls"] for group in groups} == {"Halden & Moor GmbH": 1, None: 1}


def test_shares_are_apart(api: Api) -> None:
    charge = a_charge(
        invoice_id=an_id(),
        day=now().date(),
        at=now(),
        state=ChargeState.SHARED,
        usage=Usage.of("lambda", "x86_64", gb_seconds=2),
    )
    api.adapters.ledger().share(charge)

    body = api.get("/costs").json_body

    assert (body["total"]["usd"], body["shares"]["usd"]) == ("0", "0.0015")
    assert [group["key"] for group in body["shares"]["groups"]] == ["lambda"]


@pytest.mark.parametrize(
    "query",
    [
        "by=colour",
        "by=",
        "from=yesterday",
        "from=2026-11-23T09:00:00Z",
        "to=2026-11-31",
        "from=2026-11-02&to=2026-11-01",
        "from=2026-01-01&to=2026-12-31",
        "until=2026-11-01",
    ],
)
def test_what_cannot_be_understood_is_refused(api: Api, query: str) -> None:
    assert error_of(api.get(f"/costs?{query}")) == (400, "bad_parameter")


def test_while_uploads_are_paused_by_hand_new_documents_are_refused_with_when_to_try_again(api: Api) -> None:
    services().switches.set_mode(ModeName.REJECT, "moving house", "ada", now() + timedelta(minutes=10))

    response = api.post("/invoices", a_document())

    assert error_of(response) == (429, "uploads_paused")
    assert 590 <= int(response.headers["Retry-After"]) <= 600
    assert response.json_body["error"]["retryable"] is True
    assert "moving house" not in response.json_body["error"]["message"]
    assert error_of(api.post("/uploads", b'{"filename": "a.pdf"}', "application/json")) == (429, "uploads_paused")
    assert api.get("/invoices").json_body["invoices"] == []


def test_when_the_money_is_gone_and_the_backlog_full_new_documents_are_refused_until_the_next_day(api: Api) -> None:
    level = LatchedLevel(day=now().date(), by_day=Level.REJECT)
    api.adapters.shared_state().save(SharedFact(name=LEVEL, value=level.model_dump_json()))

    response = api.post("/invoices", a_document())

    assert error_of(response) == (429, "uploads_paused")
    assert 1 <= int(response.headers["Retry-After"]) <= 86_400


def test_a_document_that_is_none_is_refused_for_that_even_then(api: Api) -> None:
    services().switches.set_mode(ModeName.REJECT, "moving house", "ada", now() + timedelta(minutes=10))

    assert error_of(api.post("/invoices", b"hello")) == (415, "not_a_document")


def test_what_was_accepted_is_read_while_uploads_are_paused(api: Api) -> None:
    invoice_id = api.uploaded(a_document())
    services().switches.set_mode(ModeName.REJECT, "moving house", "ada", now() + timedelta(minutes=10))

    api.deliver_events()

    assert api.invoice(invoice_id)["status"] in {"completed", "rejected"}


def test_a_mode_is_shown_with_its_reason_and_end_and_without_who_set_it(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "smart-invoice.switches")
    services().switches.set_mode(ModeName.RULES_ONLY, "Bedrock is slow", "ada", datetime(2100, 1, 1, tzinfo=UTC))

    mode = api.get("/costs").json_body["mode"]

    assert mode == {"name": "rules_only", "reason": "Bedrock is slow", "until": "2100-01-01T00:00:00Z"}
    assert [line.who for line in caplog.records] == ["ada"]  # type: ignore[attr-defined]  # our own fact
