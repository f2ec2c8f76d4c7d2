"""The contract of `DocumentStore`."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.document import DocumentRef, MediaType
from chalicelib.errors import NotFoundError, RejectedError
from chalicelib.ports import DocumentStore
from tests.builders import SetClock, a_document
from tests.web import Web

KEY = "uploads/2026/11/23/01JDCJ5J3M8Q4V0W2X6Y7Z9A1B/invoice.pdf"
ODD_KEYS = [
    "uploads/with space.pdf",
    "uploads/50% + mehr & mehr.pdf",
    "uploads/%2E%2E/a.pdf",
    "uploads/Rechnung Grüße 请款单 🧾.pdf",
    "uploads/../../outside.pdf",
    "uploads/./a.pdf",
    "uploads/a//b.pdf",
    "uploads/" + "n" * 300 + ".pdf",
    "uploads/" + "ü" * 500,
    "uploads/~%~.pdf",
    "uploads/con\tt\nrol.pdf",
]


def test_a_document_comes_back_as_it_was_put(documents: DocumentStore) -> None:
    content = bytes(range(256)) * 5_000

    documents.put(KEY, content, MediaType.PDF)

    assert documents.get(DocumentRef(key=KEY)) == content


def test_a_second_put_replaces_the_first(documents: DocumentStore) -> None:
    documents.put(KEY, a_document("one"), MediaType.PDF)
    documents.put(KEY, a_document("two"), MediaType.PDF)

    assert documents.get(DocumentRef(key=KEY)) == a_document("two")


def test_a_document_that_is_not_there_is_not_found(documents: DocumentStore) -> None:
    with pytest.raises(NotFoundError) as told:
        documents.get(DocumentRef(key=KEY))

    assert told.value.code == "document_not_found"


def test_only_what_was_put_exists(documents: DocumentStore) -> None:
    documents.put(KEY, a_document(), MediaType.PDF)

    assert documents.exists(KEY)
    assert not documents.exists(KEY + "x")
    assert not documents.exists("uploads/2026")


def test_every_key_has_a_document_of_its_own(documents: DocumentStore) -> None:
    for key in ODD_KEYS:
        documents.put(key, key.encode(), MediaType.PDF)

    assert [documents.get(DocumentRef(key=key)) for key in ODD_KEYS] == [key.encode() for key in ODD_KEYS]


def test_a_store_that_answers_passes_its_check(documents: DocumentStore) -> None:
    documents.check()


def test_a_link_downloads_the_document_under_the_given_name(documents: DocumentStore, web: Web) -> None:
    documents.put(KEY, a_document(), MediaType.PDF)

    answer = web.get(documents.link(KEY, 'Größe "A4"; 请款单.pdf', 60))

    assert (answer.status, answer.content) == (200, a_document())
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="Groe _A4__ .pdf"; '
        "filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%22A4%22%3B%20%E8%AF%B7%E6%AC%BE%E5%8D%95.pdf"
    )
    assert answer.headers["Content-Type"] == "application/pdf"


def test_an_upload_form_stores_one_document_under_its_key(documents: DocumentStore, web: Web) -> None:
    form = documents.upload_form(KEY, MediaType.PDF, max_bytes=50_000_000, seconds=60)

    answer = web.submit(form, a_document())

    assert answer.status == 204
    assert documents.get(DocumentRef(key=KEY)) == a_document()


def test_an_upload_form_names_its_key_and_kind(documents: DocumentStore) -> None:
    form = documents.upload_form(KEY, MediaType.TIFF, max_bytes=50_000_000, seconds=60)

    assert (form.fields["key"], form.fields["Content-Type"]) == (KEY, "image/tiff")


def test_an_upload_form_never_leaves_the_key_to_its_sender(documents: DocumentStore) -> None:
    with pytest.raises(RejectedError) as told:
        documents.upload_form("uploads/x/${filename}", MediaType.PDF, max_bytes=100, seconds=60)

    assert told.value.code == "bad_key"


def test_documents_are_listed_by_the_bytes_of_their_keys(documents: DocumentStore) -> None:
    for key in ODD_KEYS:
        documents.put(key, b"x", MediaType.PDF)

    assert [one.ref.key for one in documents.listed("uploads/")] == sorted(ODD_KEYS, key=str.encode)


def test_only_documents_below_the_prefix_are_listed(documents: DocumentStore) -> None:
    for key in ("uploads/2026/11/22/a.pdf", "uploads/2026/11/23/b.pdf", "uploads/2026/11/2_/c.pdf", "derived/d.pdf"):
        documents.put(key, b"x", MediaType.PDF)

    assert [one.ref.key for one in documents.listed("uploads/2026/11/23/")] == ["uploads/2026/11/23/b.pdf"]
    assert list(documents.listed("uploads/2026/12/")) == []


def test_a_list_goes_on_after_the_key_where_it_was_left(documents: DocumentStore) -> None:
    for name in "abd":
        documents.put(f"uploads/{name}", b"x", MediaType.PDF)

    assert [one.ref.key for one in documents.listed("uploads/", after="uploads/b")] == ["uploads/d"]
    assert list(documents.listed("uploads/", after="uploads/d")) == []


def test_a_listed_document_can_be_read_and_tells_when_it_was_stored(documents: DocumentStore, clock: SetClock) -> None:
    before = min(clock.now(), datetime.now(UTC)) - timedelta(seconds=1)
    documents.put(KEY, b"one", MediaType.PDF)
    documents.put(KEY, b"two", MediaType.PDF)

    (listed,) = documents.listed(KEY)

    assert documents.get(listed.ref) == b"two"
    assert before <= listed.stored_at <= max(clock.now(), datetime.now(UTC))
