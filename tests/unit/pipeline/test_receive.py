"""Taking documents in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.domain.record import Status
from chalicelib.domain.transitions import failed
from chalicelib.pipeline.receive import Receive
from local.family import EmbeddedAdapters
from tests.builders import a_clock, a_document, a_problem, some_settings


@pytest.fixture
def family(tmp_path: Path) -> Iterator[EmbeddedAdapters]:
    """The embedded adapters, empty."""
    adapters = EmbeddedAdapters(some_settings(tmp_path), a_clock())
    yield adapters
    adapters.close()


@pytest.fixture
def receive(family: EmbeddedAdapters, tmp_path: Path) -> Receive:
    """The use case on these adapters."""
    return Receive(family.documents(), family.invoices(), family.clock(), some_settings(tmp_path))


def test_a_key_names_the_day_and_the_invoice(receive: Receive) -> None:
    record = receive(a_document(), "Rechnung 12.pdf").record

    assert record.document.key == f"uploads/2026/11/23/{record.invoice_id}/Rechnung_12.pdf"


def test_a_document_without_a_name_gets_one_by_its_kind(receive: Receive) -> None:
    assert receive(a_document(), None).record.document.filename == "document.pdf"


def test_f71_a_row_whose_document_was_never_stored_gets_it_with_the_next_try(
    receive: Receive, family: EmbeddedAdapters
) -> None:
    record = receive(a_document(), "a.pdf").record
    family.documents().find(record.document.key).path.unlink()

    again = receive(a_document(), "a.pdf")

    assert (again.record, again.is_new) == (record, False)
    assert family.documents().exists(record.document.key)


def test_sending_a_failed_document_again_tries_it_again(receive: Receive, family: EmbeddedAdapters) -> None:
    record = receive(a_document(), "a.pdf").record
    family.invoices().save(failed(record, a_problem("crashed"), family.clock().now()))

    again = receive(a_document(), "a.pdf")

    assert (again.record.invoice_id, again.record.status) == (record.invoice_id, Status.RECEIVED)
    assert family.events().depth() == 2


def test_a_document_that_is_being_read_is_not_stored_a_second_time(receive: Receive, family: EmbeddedAdapters) -> None:
    record = receive(a_document(), "a.pdf").record
    family.invoices().save(record.model_copy(update={"status": Status.PROCESSING, "attempts": 1}))

    receive(a_document(), "a.pdf")

    assert family.events().depth() == 1


def test_a_row_somebody_began_to_read_without_its_document_gets_it_with_the_next_try(
    receive: Receive, family: EmbeddedAdapters
) -> None:
    record = receive(a_document(), "a.pdf").record
    family.invoices().save(record.model_copy(update={"status": Status.PROCESSING, "attempts": 1}))
    family.documents().find(record.document.key).path.unlink()

    receive(a_document(), "a.pdf")

    assert family.documents().exists(record.document.key)
