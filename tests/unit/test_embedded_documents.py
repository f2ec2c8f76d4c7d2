"""The embedded bucket's events and files, beyond the contract of `DocumentStore`."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote_plus

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain.document import DocumentRef, MediaType
from chalicelib.errors import ConfigurationError, RejectedError
from local.family import EmbeddedAdapters
from local.files import file_of, remove
from tests.builders import SetClock, a_clock, a_document
from tests.families import embedded_family

KEY = "uploads/2026/11/23/01JDCJ5J3M8Q4V0W2X6Y7Z9A1B/März + 50%.pdf"


@pytest.fixture
def clock() -> SetClock:
    """The clock of the family."""
    return a_clock()


@pytest.fixture
def family(tmp_path: Path, clock: SetClock) -> Iterator[EmbeddedAdapters]:
    """An empty family."""
    with embedded_family(tmp_path, clock) as adapters:
        yield adapters


def test_an_upload_queues_the_event_that_s3_would_send(family: EmbeddedAdapters) -> None:
    family.documents().put(KEY, a_document(), MediaType.PDF)

    (message,) = family.events().receive(60)
    (record,) = json.loads(message.body)["Records"]
    assert (record["eventSource"], record["eventName"], record["eventVersion"]) == (
        "aws:s3",
        "ObjectCreated:Put",
        "2.1",
    )
    assert record["eventTime"] == "2026-11-23T09:14:05.000Z"
    assert record["s3"]["bucket"]["name"] == "smart-invoice-local-invoices"
    assert record["s3"]["bucket"]["arn"] == "arn:aws:s3:::smart-invoice-local-invoices"
    assert record["s3"]["object"]["key"] == ("uploads/2026/11/23/01JDCJ5J3M8Q4V0W2X6Y7Z9A1B/M%C3%A4rz+%2B+50%25.pdf")
    assert unquote_plus(record["s3"]["object"]["key"]) == KEY
    assert record["s3"]["object"]["size"] == len(a_document())


def test_a_document_is_listed_in_the_version_that_its_last_event_names(family: EmbeddedAdapters) -> None:
    for text in ("one", "two"):
        family.documents().put(KEY, a_document(text), MediaType.PDF)

    _, last = (json.loads(message.body) for message in family.events().receive(60, max=2))
    (listed,) = family.documents().listed("uploads/")
    assert listed.ref == DocumentRef(key=KEY, version_id=last["Records"][0]["s3"]["object"]["versionId"])


def test_a_document_that_is_older_than_versions_is_listed_without_one(family: EmbeddedAdapters, tmp_path: Path) -> None:
    family.documents().put(KEY, a_document(), MediaType.PDF)
    remove(tmp_path / "versions")

    assert [one.ref for one in family.documents().listed("uploads/")] == [DocumentRef(key=KEY)]


def test_a_later_event_of_the_same_key_has_a_greater_sequencer(family: EmbeddedAdapters, clock: SetClock) -> None:
    for _ in range(2):
        family.documents().put(KEY, a_document(), MediaType.PDF)
        clock.advance(milliseconds=1)

    bodies = [json.loads(message.body) for message in family.events().receive(60, max=2)]
    first, second = (body["Records"][0]["s3"]["object"]["sequencer"] for body in bodies)
    assert len(first) == len(second)
    assert first < second


def test_only_uploads_have_events(family: EmbeddedAdapters) -> None:
    family.documents().put("derived/01J/outcome.json", b"{}", MediaType.XML)

    assert family.events().depth() == 0


def test_a_document_lies_where_its_key_says(family: EmbeddedAdapters, tmp_path: Path) -> None:
    family.documents().put("uploads/2026/11/23/01J/invoice.pdf", a_document(), MediaType.PDF)

    assert (tmp_path / "bucket/uploads/2026/11/23/01J/invoice.pdf").read_bytes() == a_document()


def test_nothing_is_left_behind_but_the_document(family: EmbeddedAdapters, tmp_path: Path) -> None:
    family.documents().put(KEY, a_document(), MediaType.PDF)
    family.documents().check()

    assert list((tmp_path / "drafts").iterdir()) == []


def test_only_the_owner_can_read_what_is_stored(family: EmbeddedAdapters, tmp_path: Path) -> None:
    family.documents().link(KEY, "a.pdf", 60)

    assert (tmp_path / "bucket.key").stat().st_mode & 0o777 == 0o600


def test_links_outlive_a_restart(tmp_path: Path) -> None:
    links = []
    for _ in range(2):
        with embedded_family(tmp_path, a_clock()) as family:
            links.append(family.documents().link(KEY, "a.pdf", 60))

    assert links[0] == links[1]


@given(first=st.text(min_size=1, max_size=30), second=st.text(min_size=1, max_size=30))
def test_a_key_never_leaves_the_bucket_and_never_meets_another(first: str, second: str) -> None:
    root = Path("/data/bucket")

    path = file_of(root, first)

    assert Path(os.path.normpath(path)) == path
    assert root in path.parents
    assert (path == file_of(root, second)) == (first == second)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(
    name=st.text(alphabet=st.characters(exclude_characters="/", exclude_categories=["Cs"]), min_size=1, max_size=200)
)
def test_a_document_of_any_name_can_be_stored(family: EmbeddedAdapters, name: str) -> None:
    family.documents().put(f"uploads/{name}", name.encode(), MediaType.PDF)

    assert family.documents().get(DocumentRef(key=f"uploads/{name}")) == name.encode()


@pytest.mark.parametrize("key", ["", "x" * 1025, "ü" * 513, "uploads/\ud800.pdf"])
def test_a_key_that_s3_would_not_take_is_refused(family: EmbeddedAdapters, key: str) -> None:
    with pytest.raises(RejectedError) as told:
        family.documents().put(key, b"x", MediaType.PDF)

    assert told.value.code == "bad_key"


def test_a_folder_in_the_way_is_a_matter_of_configuration(family: EmbeddedAdapters, tmp_path: Path) -> None:
    (tmp_path / "bucket/uploads/a.pdf").mkdir(parents=True)

    with pytest.raises(ConfigurationError) as told:
        family.documents().put("uploads/a.pdf", b"x", MediaType.PDF)

    assert told.value.code == "data_dir_unusable"
