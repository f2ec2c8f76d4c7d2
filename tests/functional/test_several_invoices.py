"""A file with several invoices, from upload to list."""

from collections.abc import Callable

import pytest

from chalicelib.domain.document import DocumentRef, MediaType
from tests.bundles import a_pdf_of, an_invoice_page
from tests.fatture import a_body, a_fattura, signed
from tests.functional.conftest import Api

A_BUNDLE = a_pdf_of(
    [
        an_invoice_page("INV-1041"),
        an_invoice_page("INV-1042", day="9 March 2026", net=200),
        an_invoice_page("INV-1043", day="16 March 2026", net=320),
    ]
)
A_DOUBT = a_pdf_of([an_invoice_page("INV-1041"), an_invoice_page("", day="9 March 2026", net=200)])


def a_read_file(api: Api, content: bytes) -> str:
    """Upload a file and have it read; the id of its first invoice."""
    invoice_id = api.uploaded(content)
    api.deliver_events()
    return invoice_id


def test_each_invoice_has_a_document_of_its_own(api: Api) -> None:
    first_id = a_read_file(api, A_BUNDLE)
    first = api.invoice(first_id)
    others = [api.invoice(other) for other in first["further_invoices"]]

    assert [one["fields"]["invoice_number"]["value"] for one in (first, *others)] == [
        "INV-1041", "INV-1042", "INV-1043",
    ]  # fmt: skip
    assert [one["document"]["page_range"] for one in (first, *others)] == [
        {"first": page, "last": page} for page in (1, 2, 3)
    ]
    assert {one["part_of"] for one in others} == {first_id}
    assert {one["document"]["sha256"] for one in others} == {first["document"]["sha256"]}
    assert others[1]["fields"]["total"]["page"] == 3


def test_all_of_them_are_listed(api: Api) -> None:
    first_id = a_read_file(api, A_BUNDLE)

    listed = [one["invoice_id"] for one in api.get("/invoices").json_body["invoices"]]

    assert sorted(listed) == [first_id, f"{first_id}-2", f"{first_id}-3"]


def test_a_list_goes_on_from_page_to_page_between_them(api: Api) -> None:
    a_read_file(api, A_BUNDLE)
    page = api.get("/invoices?limit=2").json_body

    rest = api.get(f"/invoices?limit=2&cursor={page['cursor']}").json_body

    assert (len(page["invoices"]), len(rest["invoices"])) == (2, 1)


def test_the_original_of_each_is_the_whole_file(api: Api) -> None:
    first_id = a_read_file(api, A_BUNDLE)
    links = [api.get(f"/invoices/{one}/document") for one in (first_id, f"{first_id}-3")]
    record = api.adapters.invoices().load(f"{first_id}-3")

    assert [link.status_code for link in links] == [302, 302]
    assert record is not None
    assert api.adapters.documents().get(DocumentRef(key=record.document.key)) == A_BUNDLE


def test_the_same_file_again_gives_the_first_invoice(api: Api) -> None:
    first_id = a_read_file(api, A_BUNDLE)

    again = api.post("/invoices", A_BUNDLE)

    assert (again.status_code, again.json_body["invoice_id"]) == (200, first_id)
    assert len(api.get("/invoices").json_body["invoices"]) == 3


def test_an_event_that_comes_again_changes_none_of_them(api: Api) -> None:
    first_id = a_read_file(api, A_BUNDLE)
    before = [api.invoice(one) for one in (first_id, f"{first_id}-2", f"{first_id}-3")]
    record = api.adapters.invoices().load(first_id)
    assert record is not None

    api.adapters.documents().put(record.document.key, A_BUNDLE, MediaType.PDF)
    assert api.deliver_events() == 1

    assert [api.invoice(one) for one in (first_id, f"{first_id}-2", f"{first_id}-3")] == before


def test_what_may_be_several_goes_to_a_person(api: Api) -> None:
    document = api.invoice(a_read_file(api, A_DOUBT))

    assert document["decision"] == "needs_review"
    assert "may_hold_several_invoices" in document["reasons"]
    assert "further_invoices" not in document
    assert "page_range" not in document["document"]


@pytest.mark.parametrize("wrap", [bytes, signed])
def test_a_fatturapa_with_two_bodies_is_two_invoices(api: Api, wrap: Callable[[bytes], bytes]) -> None:
    first = api.invoice(a_read_file(api, wrap(a_fattura(a_body(number="1/A"), a_body(number="2/A")))))
    (second,) = (api.invoice(other) for other in first["further_invoices"])

    assert [one["fields"]["invoice_number"]["value"] for one in (first, second)] == ["1/A", "2/A"]
    assert (first["decision"], second["decision"]) == ("auto_approve", "auto_approve")
