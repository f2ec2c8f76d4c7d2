"""Deleting an invoice through the API, and what comes after it."""

import json
from pathlib import Path

from chalicelib.domain.document import MediaType
from tests.builders import a_document
from tests.bundles import a_pdf_of, an_invoice_page
from tests.functional.conftest import Api

A_BUNDLE = a_pdf_of([an_invoice_page(f"INV-104{day}", day=f"{day} March 2026", net=100 + day) for day in (2, 4)])


def a_read_file(api: Api, content: bytes | None = None) -> str:
    """Upload a file and have it read; its invoice id."""
    invoice_id = api.uploaded(content or a_document())
    api.deliver_events()
    return invoice_id


def deleted(api: Api, invoice_id: str) -> int:
    """The status of deleting an invoice."""
    return api.request("DELETE", f"/invoices/{invoice_id}").status_code


def test_a_deleted_invoice_is_gone_with_a_code_of_its_own(api: Api) -> None:
    invoice_id = a_read_file(api)

    assert deleted(api, invoice_id) == 204

    for path in (f"/invoices/{invoice_id}", f"/invoices/{invoice_id}/document"):
        answer = api.get(path)
        assert (answer.status_code, answer.json_body["error"]["code"]) == (410, "invoice_erased")
    assert api.get("/invoices").json_body == {"invoices": []}


def test_deleting_has_no_body(api: Api) -> None:
    answer = api.request("DELETE", f"/invoices/{a_read_file(api)}")

    assert (answer.status_code, answer.body) == (204, b"")


def test_deleting_twice_is_as_good_as_once(api: Api) -> None:
    invoice_id = a_read_file(api)

    assert [deleted(api, invoice_id), deleted(api, invoice_id)] == [204, 204]


def test_an_unknown_invoice_cannot_be_deleted(api: Api) -> None:
    answer = api.request("DELETE", "/invoices/01JDCJ5J3M8Q4V0W2X6Y7Z9A1B")

    assert (answer.status_code, answer.json_body["error"]["code"]) == (404, "invoice_not_found")


def test_deleting_takes_no_parameters(api: Api) -> None:
    assert api.request("DELETE", f"/invoices/{a_read_file(api)}?force=yes").status_code == 400


def test_all_invoices_of_a_file_are_deleted_with_the_first(api: Api) -> None:
    first = a_read_file(api, A_BUNDLE)

    refused = api.request("DELETE", f"/invoices/{first}-2")
    assert (refused.status_code, refused.json_body["error"]["code"]) == (409, "part_of_document")
    assert deleted(api, first) == 204

    assert api.get(f"/invoices/{first}-2").status_code == 410
    assert deleted(api, f"{first}-2") == 204
    assert api.get("/invoices").json_body == {"invoices": []}


def test_the_same_bytes_are_taken_as_a_new_invoice_after(api: Api) -> None:
    invoice_id = a_read_file(api)
    deleted(api, invoice_id)

    again = a_read_file(api)

    assert again != invoice_id
    assert api.invoice(again)["status"] in {"completed", "rejected"}


def test_an_event_that_comes_after_the_deletion_changes_nothing(api: Api, tmp_path: Path) -> None:
    invoice_id = api.uploaded(a_document())
    deleted(api, invoice_id)

    assert api.deliver_events() == 1

    assert api.get(f"/invoices/{invoice_id}").status_code == 410
    assert not [path for root in ("bucket", "versions") for path in (tmp_path / root).rglob("*") if path.is_file()]


def test_a_dead_letter_that_comes_after_the_deletion_changes_nothing(api: Api) -> None:
    invoice_id = api.uploaded(a_document())
    (message,) = api.adapters.events().receive(60)
    deleted(api, invoice_id)

    api.deliver_dead_letter(message.body)

    assert api.get(f"/invoices/{invoice_id}").status_code == 410


def test_a_planned_upload_can_be_deleted_and_what_still_comes_is_removed(api: Api, tmp_path: Path) -> None:
    body = json.dumps({"filename": "scan.pdf"}).encode()
    planned = api.post("/uploads", body, "application/json").json_body
    deleted(api, planned["invoice_id"])

    api.adapters.documents().put(planned["fields"]["key"], a_document(), MediaType.PDF)
    api.deliver_events()

    assert api.get(f"/invoices/{planned['invoice_id']}").status_code == 410
    assert not [path for root in ("bucket", "versions") for path in (tmp_path / root).rglob("*") if path.is_file()]


def test_erased_invoices_cannot_be_listed(api: Api) -> None:
    answer = api.get("/invoices?status=erased")

    assert (answer.status_code, answer.json_body["error"]["code"]) == (400, "bad_parameter")
    assert "erased" not in answer.json_body["error"]["message"]


def test_nothing_in_the_table_names_the_document_after(api: Api) -> None:
    invoice_id = a_read_file(api)
    record = api.adapters.invoices().load(invoice_id)
    deleted(api, invoice_id)

    assert record is not None
    left = api.adapters.invoices().load(invoice_id)
    assert left is not None
    assert record.document.filename not in left.model_dump_json()
    assert str(record.document.sha256) not in left.model_dump_json()
    assert record.document.key not in left.model_dump_json()


def test_another_file_stored_over_an_original_is_read_as_a_new_version(api: Api) -> None:
    invoice_id = a_read_file(api, a_pdf_of([an_invoice_page("INV-1")]))
    record = api.adapters.invoices().load(invoice_id)
    assert record is not None

    api.adapters.documents().put(record.document.key, a_pdf_of([an_invoice_page("INV-2")]), MediaType.PDF)
    api.deliver_events()

    assert api.invoice(invoice_id)["fields"]["invoice_number"]["value"] == "INV-2"
    assert len(api.get("/invoices").json_body["invoices"]) == 1
