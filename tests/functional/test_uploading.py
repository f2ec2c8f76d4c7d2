"""`POST /invoices` and `POST /uploads`."""

import json

import pytest
from chalice.test import HTTPResponse

from chalicelib.domain.document import DocumentRef
from tests.builders import a_document, an_image
from tests.functional.conftest import Api

_XML = '<?xml version="1.0" encoding="ISO-8859-1"?>\n<Invoice>Müller</Invoice>'.encode("latin-1")


def a_form(*parts: tuple[str, bytes], boundary: str = "b0undary") -> tuple[bytes, str]:
    """A multipart form of parts (the text after `form-data; `, and the content), and its content type."""
    body = b"".join(
        b"--%s\r\nContent-Disposition: form-data; %s\r\nContent-Type: application/pdf\r\n\r\n%s\r\n"
        % (boundary.encode(), head.encode(), content)
        for head, content in parts
    )
    return body + b"--%s--\r\n" % boundary.encode(), f"multipart/form-data; boundary={boundary}"


def error_of(response: HTTPResponse) -> tuple[int, str]:
    """Status and code of an error, which has the one shape that all have."""
    error = response.json_body["error"]
    assert set(error) == {"code", "message", "retryable", "request_id"}
    return response.status_code, error["code"]


def stored(api: Api, invoice_id: str) -> bytes:
    """The original of an invoice, as the bucket holds it."""
    record = api.adapters.invoices().load(invoice_id)
    assert record is not None
    return api.adapters.documents().get(DocumentRef(key=record.document.key))


def test_a_document_is_accepted_and_says_where_its_result_will_be(api: Api) -> None:
    response = api.post("/invoices?filename=invoice.pdf", a_document())

    invoice_id = response.json_body["invoice_id"]
    assert response.status_code == 202
    assert response.json_body["status"] == "received"
    assert response.headers["Location"] == f"/invoices/{invoice_id}"
    assert api.invoice(invoice_id)["document"]["filename"] == "invoice.pdf"


def test_the_same_bytes_again_give_the_first_invoice(api: Api) -> None:
    first = api.uploaded(a_document())

    again = api.post("/invoices?filename=other.pdf", a_document())

    assert (again.status_code, again.json_body["invoice_id"]) == (200, first)


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (a_document(), "application/pdf"),
        (an_image(), "image/png"),
        (_XML, "application/xml"),
        (_XML, "text/xml; charset=iso-8859-1"),
        (a_document(), "application/octet-stream"),
    ],
)
def test_a_body_is_stored_byte_for_byte(api: Api, content: bytes, content_type: str) -> None:
    response = api.post("/invoices", content, content_type)

    assert stored(api, response.json_body["invoice_id"]) == content


def test_the_bytes_decide_what_a_document_is_and_not_its_content_type(api: Api) -> None:
    response = api.post("/invoices?filename=scan.jpg", an_image(), "image/jpeg")

    assert api.invoice(response.json_body["invoice_id"])["document"]["media_type"] == "image/png"


def test_a_form_is_stored_byte_for_byte(api: Api) -> None:
    content = a_document() + b"%\r\n%\n%\r%\x00%--b0undary%\r\n\r\n%%EOF"
    body, content_type = a_form(('name="file"; filename="Rechnung März.pdf"', content))

    response = api.post("/invoices", body, content_type)

    invoice_id = response.json_body["invoice_id"]
    assert stored(api, invoice_id) == content
    assert api.invoice(invoice_id)["document"]["filename"] == "Rechnung März.pdf"


@pytest.mark.parametrize(
    "form",
    [
        a_form(('name="document"', a_document())),
        a_form(('name="file"', a_document()), ('name="file"', an_image())),
        a_form(('name="file"', a_document()), ('name="note"', b"urgent")),
        a_form(),
        (b"no form at all", "multipart/form-data; boundary=x"),
        (a_form(('name="file"', a_document()))[0][:200], "multipart/form-data; boundary=b0undary"),
        (a_form(('name="file"', a_document()))[0], "multipart/form-data"),
    ],
)
def test_a_form_without_exactly_one_document_is_refused(api: Api, form: tuple[bytes, str]) -> None:
    assert error_of(api.post("/invoices", *form)) == (400, "bad_form")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", (400, "empty")),
        (b"Dear Sir or Madam", (415, "not_a_document")),
        (b"GIF89a and so on", (415, "not_a_document")),
        (a_document()[:-30], (422, "truncated")),
        (b"%PDF-1.7" + b" " * 4_400_000, (413, "too_large_for_request")),
        (an_image(width=20_000, height=1), (422, "too_many_pixels")),
    ],
)
def test_what_cannot_be_read_is_refused_at_once_and_leaves_nothing(
    api: Api, content: bytes, expected: tuple[int, str]
) -> None:
    assert error_of(api.post("/invoices", content)) == expected
    assert api.get("/invoices").json_body == {"invoices": []}


def test_a_request_that_is_too_large_is_shown_the_other_way(api: Api) -> None:
    response = api.post("/invoices", b"%PDF-1.7" + b" " * 4_400_000)

    assert "POST /uploads" in response.json_body["error"]["message"]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("..%2F..%2Fetc%2Fpasswd", "passwd"),
        ("C%3A%5Cpost%5Cinvoice.pdf", "invoice.pdf"),
        ("in%E2%80%AEfdp.exe", "infdp.exe"),
        ("line%0D%0Abreak.pdf", "linebreak.pdf"),
        ("u%CC%88ber.pdf", "über.pdf"),
        ("x" * 1000 + ".pdf", "x" * 251 + ".pdf"),
        ("..", "document.pdf"),
    ],
)
def test_a_file_name_is_cleaned_before_it_is_kept(api: Api, given: str, shown: str) -> None:
    invoice_id = api.uploaded(a_document(), f"?filename={given}")

    assert api.invoice(invoice_id)["document"]["filename"] == shown


@pytest.mark.parametrize("query", ["?name=a.pdf", "?filename=a&filename=b", "?filename="])
def test_parameters_that_are_not_understood_are_refused(api: Api, query: str) -> None:
    assert error_of(api.post(f"/invoices{query}", a_document())) == (400, "bad_parameter")


def test_a_content_type_that_is_not_accepted_is_refused(api: Api) -> None:
    response = api.post("/invoices", a_document(), "application/x-www-form-urlencoded")

    assert error_of(response) == (415, "unsupported_media_type")
    assert "application/pdf" in response.json_body["error"]["message"]


def test_a_client_that_repeats_its_upload_after_a_crash_stores_the_document_after_all(api: Api) -> None:
    invoice_id = api.uploaded(a_document())
    record = api.adapters.invoices().load(invoice_id)
    assert record is not None
    (event,) = api.adapters.events().receive(60)
    api.adapters.events().delete(event.receipt)  # as if the crash had come before the document was stored

    api.post("/invoices", a_document())

    assert api.deliver_events() == 1
    assert api.invoice(invoice_id)["status"] == "completed"


def test_a_large_document_gets_a_form_for_exactly_one_object(api: Api) -> None:
    body = json.dumps({"filename": "../big scan.pdf", "bytes": 40_000_000}).encode()

    response = api.post("/uploads", body, "application/json")

    form = response.json_body
    assert response.status_code == 201
    assert form["status"] == "awaiting_upload"
    assert form["fields"]["key"].endswith(f"/{form['invoice_id']}/big_scan.pdf")
    assert (form["max_bytes"], form["expires_in"]) == (50_000_000, 900)
    assert api.invoice(form["invoice_id"])["status"] == "awaiting_upload"


@pytest.mark.usefixtures("nothing_collected")
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", (400, "bad_json")),
        (b"{", (400, "bad_json")),
        (b"[" * 100_000, (400, "bad_json")),
        (b"[]", (400, "bad_json")),
        (b"{}", (400, "bad_json")),
        (b'{"filename": 7}', (400, "bad_json")),
        (b'{"filename": "a.pdf", "bucket": "mine"}', (400, "bad_json")),
        (b'{"filename": "a.pdf", "bytes": -1}', (400, "bad_json")),
        (b'{"filename": "a.docx"}', (400, "bad_parameter")),
        (b'{"filename": "a", "media_type": "image/gif"}', (400, "bad_parameter")),
        (b'{"filename": "a.pdf", "bytes": 50000001}', (413, "too_large")),
    ],
)
def test_a_plan_for_an_upload_that_is_not_understood_is_refused(
    api: Api, body: bytes, expected: tuple[int, str]
) -> None:
    assert error_of(api.post("/uploads", body, "application/json")) == expected
