"""The embedded bucket over HTTP: links and forms, and everything that is refused."""

import http.client
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from chalicelib.domain.document import DocumentRef, MediaType
from chalicelib.errors import ConfigurationError
from chalicelib.ports import UploadForm
from local.bucket_server import BucketServer
from local.documents import FolderDocumentStore
from local.family import EmbeddedAdapters
from tests.builders import SetClock, a_clock, a_document, some_settings
from tests.families import serving_bucket

KEY = "uploads/2026/11/23/01JDCJ5J3M8Q4V0W2X6Y7Z9A1B/März 50% + mehr.pdf"


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """The code of the error in the body."""
        return str(json.loads(self.body)["error"]["code"])


class Bucket(NamedTuple):
    """A running bucket server, and the store behind it."""

    server: BucketServer
    store: FolderDocumentStore
    family: EmbeddedAdapters
    clock: SetClock

    def ask(self, method: str, target: str, body: bytes | None = None, **headers: str) -> Answer:
        """One request, on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=20)
        try:
            connection.request(method, target, body, {name.replace("_", "-"): text for name, text in headers.items()})
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.headers), answer.read())
        finally:
            connection.close()

    def follow(self, url: str, method: str = "GET") -> Answer:
        """The answer to a link."""
        address = urlsplit(url)
        return self.ask(method, f"{address.path}?{address.query}")

    def submit(self, form: UploadForm, content: bytes, **changes: str) -> Answer:
        """The answer to a form, whose fields may be changed."""
        body = multipart({**form.fields, **changes}, content)
        return self.ask("POST", "/", body, Content_Type="multipart/form-data; boundary=limit")


def multipart(fields: Mapping[str, str], content: bytes | None) -> bytes:
    """A form with these fields, and the file at its end."""
    parts = [
        f'--limit\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()
        for name, text in fields.items()
    ]
    if content is not None:
        head = b'--limit\r\nContent-Disposition: form-data; name="file"; filename="x.pdf"\r\n'
        parts.append(head + b"Content-Type: application/pdf\r\n\r\n" + content + b"\r\n")
    return b"".join(parts) + b"--limit--\r\n"


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[Bucket]:
    clock = a_clock()
    family = EmbeddedAdapters(some_settings(tmp_path, bucket_url="http://127.0.0.1:0"), clock)
    with serving_bucket(family) as server:
        yield Bucket(server, family.documents(), family, clock)
    family.close()


def a_form(bucket: Bucket, **given: Any) -> UploadForm:
    return bucket.store.upload_form(
        **{"key": KEY, "media_type": MediaType.PDF, "max_bytes": 5000, "seconds": 60, **given}
    )


def test_a_link_downloads_the_document_as_an_attachment_under_its_name(bucket: Bucket) -> None:
    bucket.store.put(KEY, a_document(), MediaType.PDF)

    answer = bucket.follow(bucket.store.link(KEY, "März.pdf", 60))

    assert (answer.status, answer.body) == (200, a_document())
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == "attachment; filename=\"Marz.pdf\"; filename*=UTF-8''M%C3%A4rz.pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_head_request_tells_the_size_and_sends_nothing(bucket: Bucket) -> None:
    bucket.store.put(KEY, a_document(), MediaType.PDF)

    answer = bucket.follow(bucket.store.link(KEY, "a.pdf", 60), method="HEAD")

    assert (answer.status, answer.body, answer.headers["Content-Length"]) == (200, b"", str(len(a_document())))


def test_a_link_is_good_until_it_expires(bucket: Bucket) -> None:
    bucket.store.put(KEY, a_document(), MediaType.PDF)
    link = bucket.store.link(KEY, "a.pdf", 60)

    bucket.clock.advance(seconds=59)
    assert bucket.follow(link).status == 200
    bucket.clock.advance(seconds=1)
    assert (bucket.follow(link).status, bucket.follow(link).code) == (403, "link_expired")


@pytest.mark.parametrize("change", [("expires=1", "expires=2"), ("a.pdf", "b.pdf"), ("/uploads/", "/derived/")])
def test_a_link_that_was_changed_is_refused(bucket: Bucket, change: tuple[str, str]) -> None:
    bucket.store.put(KEY, a_document(), MediaType.PDF)

    answer = bucket.follow(bucket.store.link(KEY, "a.pdf", 60).replace(*change))

    assert (answer.status, answer.code) == (403, "bad_signature")


@pytest.mark.parametrize("target", ["/", "/invoices.sqlite", "/../invoices.sqlite", "/%2e%2e/bucket.key?signature=x"])
def test_nothing_is_served_without_a_link(bucket: Bucket, target: str) -> None:
    answer = bucket.ask("GET", target)

    assert (answer.status, answer.code) == (403, "bad_signature")


def test_a_link_to_nothing_says_so(bucket: Bucket) -> None:
    answer = bucket.follow(bucket.store.link("uploads/none.pdf", "a.pdf", 60))

    assert (answer.status, answer.code) == (404, "document_not_found")


def test_a_form_stores_the_document_and_queues_its_event(bucket: Bucket) -> None:
    answer = bucket.submit(a_form(bucket), a_document())

    assert (answer.status, answer.body) == (204, b"")
    assert bucket.store.get(DocumentRef(key=KEY)) == a_document()
    (message,) = bucket.family.events().receive(60)
    assert json.loads(message.body)["Records"][0]["eventName"] == "ObjectCreated:Post"


def test_content_that_looks_like_the_forms_own_lines_arrives_unchanged(bucket: Bucket) -> None:
    content = b"\r\n--limi\r\n--\r\n\r\n" * 9_000 + b"\r\n"

    assert bucket.submit(a_form(bucket, max_bytes=500_000), content).status == 204
    assert bucket.store.get(DocumentRef(key=KEY)) == content


@pytest.mark.parametrize("size", [1, 5000])
def test_a_form_takes_documents_up_to_its_limit(bucket: Bucket, size: int) -> None:
    assert bucket.submit(a_form(bucket, max_bytes=5000), b"x" * size).status == 204


@pytest.mark.parametrize(("size", "code"), [(0, "empty"), (5001, "too_large"), (3_000_000, "too_large")])
def test_f66_a_form_refuses_what_is_empty_or_above_its_limit(bucket: Bucket, size: int, code: str) -> None:
    answer = bucket.submit(a_form(bucket, max_bytes=5000), b"x" * size)

    assert (answer.status, answer.code) == (400, code)
    assert not bucket.store.exists(KEY)
    assert bucket.family.events().depth() == 0


@pytest.mark.parametrize("change", [{"key": "uploads/other.pdf"}, {"Content-Type": "image/png"}])
def test_f66_a_form_whose_fields_were_changed_is_refused(bucket: Bucket, change: Mapping[str, str]) -> None:
    answer = bucket.submit(a_form(bucket), a_document(), **change)

    assert (answer.status, answer.code) == (403, "form_changed")


@pytest.mark.parametrize("change", [{"policy": "W10="}, {"x-amz-signature": "0" * 64}, {"x-amz-signature": "ß"}])
def test_a_form_that_was_not_made_here_is_refused(bucket: Bucket, change: Mapping[str, str]) -> None:
    answer = bucket.submit(a_form(bucket), a_document(), **change)

    assert (answer.status, answer.code) == (403, "bad_signature")


def test_f66_an_expired_form_is_refused(bucket: Bucket) -> None:
    form = a_form(bucket, seconds=60)

    bucket.clock.advance(seconds=60)

    assert bucket.submit(form, a_document()).code == "link_expired"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "multipart/form-data; boundary=limit"),
        (b"x" * 100_000, "multipart/form-data; boundary=limit"),
        (multipart({"key": "x"}, None), "multipart/form-data; boundary=limit"),
        (multipart({"key": "x" * 70_000}, b"x"), "multipart/form-data; boundary=limit"),
        (multipart({f"f{number}": "x" for number in range(50)}, b"x"), "multipart/form-data; boundary=limit"),
        (multipart({}, b"x")[:-12], "multipart/form-data; boundary=other"),
        (b"%PDF", "application/pdf"),
    ],
)
def test_what_is_no_form_is_refused(bucket: Bucket, body: bytes, content_type: str) -> None:
    answer = bucket.ask("POST", "/", body, Content_Type=content_type)

    assert (answer.status, answer.code) == (400, "bad_form")


def test_a_form_that_ends_in_the_middle_of_its_file_stores_nothing(bucket: Bucket) -> None:
    body = multipart(a_form(bucket).fields, a_document()).removesuffix(b"\r\n--limit--\r\n")

    answer = bucket.ask("POST", "/", body, Content_Type="multipart/form-data; boundary=limit")

    assert (answer.status, answer.code) == (400, "bad_form")
    assert not bucket.store.exists(KEY)


def test_a_second_server_on_the_same_port_is_told_what_to_do(bucket: Bucket) -> None:
    with pytest.raises(ConfigurationError, match="INVOICES_BUCKET_URL") as told:
        BucketServer(bucket.store, bucket.clock, f"http://127.0.0.1:{bucket.server.server_port}")

    assert told.value.code == "port_unusable"
