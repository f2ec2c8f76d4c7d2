"""The GET routes, and what all replies have in common."""

from decimal import Decimal
from pathlib import Path

import pytest

from chalicelib.bootstrap import Services, services
from chalicelib.domain.charge import Charge, ChargeState, Limits
from chalicelib.domain.record import Status
from chalicelib.errors import UnavailableError
from local.ledger import SqliteLedger
from tests.builders import (
    a_charge,
    a_completed_record,
    a_document,
    a_problem,
    a_record,
    an_outcome,
    some_settings,
)
from tests.functional.conftest import Api, EmbeddedWithoutOcr
from tests.functional.test_uploading import error_of


def test_a_completed_invoice_is_shown_as_the_invoice_document(api: Api) -> None:
    record = a_completed_record()
    api.adapters.invoices().register(record)

    document = api.invoice(record.invoice_id)

    assert document["status"] == "completed"
    assert document["decision"] == "auto_approve"
    assert document["fields"]["total"]["value"] == "119.00"
    assert document["line_items"][0]["amount"] == "100.00"
    assert document["processed_at"] == "2026-11-23T09:14:06Z"


def test_an_invoice_that_is_not_finished_says_when_to_ask_again(api: Api) -> None:
    invoice_id = api.uploaded(a_document())

    assert api.get(f"/invoices/{invoice_id}").headers["Retry-After"] == "1"


@pytest.mark.parametrize("path", ["/invoices/01JDCJ5J3M8Q4V0W2X6Y7Z9A1B", "/invoices/x", "/invoices/x/document"])
def test_an_unknown_invoice_is_not_found(api: Api, path: str) -> None:
    assert error_of(api.get(path)) == (404, "invoice_not_found")


def test_invoices_are_listed_newest_first_page_by_page(api: Api) -> None:
    ids = [api.uploaded(a_document(f"Invoice {number}")) for number in range(3)]

    first = api.get("/invoices?limit=2").json_body
    second = api.get(f"/invoices?limit=2&cursor={first['cursor']}").json_body

    assert [entry["invoice_id"] for entry in first["invoices"] + second["invoices"]] == ids[::-1]
    assert "cursor" not in second


def test_a_list_has_the_headline_of_every_invoice_and_no_more(api: Api) -> None:
    api.adapters.invoices().register(a_completed_record())

    (entry,) = api.get("/invoices").json_body["invoices"]

    assert entry["fields"]["supplier_name"]["value"] == "Halden & Moor GmbH"
    assert not {"line_items", "taxes", "findings"} & set(entry)


def test_a_list_is_filtered_by_everything_that_was_asked_for(api: Api) -> None:
    wanted = a_completed_record(outcome=an_outcome("Ümläut & Co"))
    for record in (wanted, a_completed_record(), a_record()):
        api.adapters.invoices().register(record)

    found = api.get(
        "/invoices?status=completed&decision=auto_approve&supplier=%C3%BCml%C3%A4ut%20%26%20co"
        "&from=2026-11-23&to=2026-11-23"
    ).json_body["invoices"]

    assert [entry["invoice_id"] for entry in found] == [wanted.invoice_id]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("from=2026-11-24", 0),
        ("to=2026-11-22", 0),
        ("to=2026-11-23T09:14:05Z", 0),
        ("to=2026-11-23T10:14:06%2B01:00", 1),
        ("to=2026-11-23T10:14:06+01:00", 1),
        ("to=2026-11-23T10:14:05+01:00", 0),
        ("to=2026-11-23%2009:14:06", 1),
    ],
)
def test_a_day_in_to_is_included_and_a_moment_is_not(api: Api, query: str, expected: int) -> None:
    api.adapters.invoices().register(a_record())

    assert len(api.get(f"/invoices?{query}").json_body["invoices"]) == expected


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("limit=0", "1 to 100"),
        ("limit=101", "1 to 100"),
        ("limit=01000", "1 to 100"),
        ("limit=ten", "1 to 100"),
        ("limit=%D9%A3", "1 to 100"),
        ("limit=1&limit=2", "once"),
        ("status=done", "awaiting_upload, received, processing"),
        ("decision=yes", "auto_approve, needs_review, rejected"),
        ("from=yesterday", "2026-11-23"),
        ("to=9999-12-31", "2026-11-23"),
        ("from=2026-13-01", "2026-11-23"),
        ("supplier=", "with a value"),
        ("order=oldest", "known are: status"),
        ("cursor=bm9uc2Vuc2U", "cursor"),
    ],
)
def test_a_list_that_is_not_understood_is_refused_with_what_is_allowed(api: Api, query: str, named: str) -> None:
    response = api.get(f"/invoices?{query}")

    assert error_of(response)[0] == 400
    assert named in response.json_body["error"]["message"]


def test_the_original_is_handed_out_by_a_short_lived_link(api: Api) -> None:
    invoice_id = api.uploaded(a_document(), "?filename=invoice.pdf")

    response = api.get(f"/invoices/{invoice_id}/document")

    assert response.status_code == 302
    assert response.headers["Location"] == response.json_body["url"]
    assert response.json_body["expires_in"] == 300


def test_an_original_that_was_not_uploaded_yet_is_not_found(api: Api) -> None:
    planned = api.post("/uploads", b'{"filename": "a.pdf"}', "application/json").json_body

    assert error_of(api.get(f"/invoices/{planned['invoice_id']}/document")) == (404, "not_uploaded")


def test_the_app_answers(api: Api) -> None:
    response = api.get("/health")

    assert (response.status_code, response.json_body) == (200, {"status": "ok"})


def test_a_method_that_is_not_allowed_is_refused_in_our_own_shape(api: Api) -> None:
    assert error_of(api.request("DELETE", "/invoices")) == (405, "method_not_allowed")


@pytest.mark.parametrize("path", ["/health", "/invoices", "/invoices/x", "/invoices?limit=0"])
def test_every_reply_forbids_sniffing_and_storing(api: Api, path: str) -> None:
    headers = api.get(path).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_an_error_of_ours_tells_no_secrets(api: Api, tmp_path: object) -> None:
    with api.adapters._database().writing() as connection:
        connection.execute("DROP TABLE invoices")

    response = api.get("/invoices")

    assert error_of(response) in {(500, "misconfigured"), (503, "unavailable")}
    assert str(tmp_path) not in response.body.decode()


def a_failed_one(api: Api, *charges: Charge) -> str:
    """An invoice that failed, and whose ledger has these charges; its id."""
    record = api.adapters.invoices().register(a_record(status=Status.FAILED, problem=a_problem("internal_error")))
    limits = Limits(day_usd=Decimal(1), month_usd=Decimal(1), invoice_usd=Decimal(1))
    for charge in charges:
        mine = charge.model_copy(update={"invoice_id": record.invoice_id})
        api.adapters.ledger().reserve(mine.model_copy(update={"state": ChargeState.RESERVED}), limits)
        api.adapters.ledger().settle(mine)
    return record.invoice_id


def test_a_failed_invoice_shows_what_it_has_cost(api: Api) -> None:
    seen = a_charge(charge_id="ocr-1-1")
    unseen = a_charge(charge_id="ocr-2-1", state=ChargeState.UNKNOWN)

    document = api.invoice(a_failed_one(api, seen, unseen))

    assert document["error"]["code"] == "internal_error"
    assert Decimal(document["cost"]["usd"]) == 2 * seen.usd
    assert [charge["state"] for charge in document["cost"]["usage"]] == ["settled", "unknown"]


def test_a_failed_invoice_that_cost_nothing_shows_no_cost(api: Api) -> None:
    assert "cost" not in api.invoice(a_failed_one(api))


def test_a_failed_invoice_is_shown_although_the_ledger_does_not_answer(tmp_path: Path) -> None:
    adapters = WithoutLedger(some_settings(tmp_path))
    record = adapters.invoices().register(a_record(status=Status.FAILED, problem=a_problem("internal_error")))
    with services.replaced_by(Services(some_settings(tmp_path), adapters)):
        document = Api(adapters).invoice(record.invoice_id)
    adapters.close()

    assert (document["status"], "cost" in document) == ("failed", False)


class WithoutLedger(EmbeddedWithoutOcr):
    """The embedded adapters, with a ledger that does not answer."""

    def ledger(self) -> "NoLedger":
        """The ledger."""
        return NoLedger(self._database())


class NoLedger(SqliteLedger):
    """It does not answer."""

    def charges_of(self, invoice_id: str) -> tuple[Charge, ...]:
        """No answer."""
        raise UnavailableError("dynamodb_unavailable", "No answer.")
