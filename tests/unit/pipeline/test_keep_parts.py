"""Further invoices of one document: written once however often it is read, and never by who has lost it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.domain.document import PageRange
from chalicelib.domain.record import InvoiceRecord, Status
from chalicelib.domain.transitions import claimed
from chalicelib.errors import ConflictError
from chalicelib.pipeline.interpret import FurtherInvoice
from chalicelib.pipeline.keep_parts import KeepParts
from local.family import EmbeddedAdapters
from local.invoices import SqliteInvoiceStore
from tests.builders import a_clock, a_record, an_outcome, some_settings

OTHERS = tuple(
    FurtherInvoice(an_outcome(f"Supplier {number}"), PageRange(first=number, last=number)) for number in (2, 3)
)


@pytest.fixture
def invoices(tmp_path: Path) -> Iterator[SqliteInvoiceStore]:
    """The embedded table, empty."""
    family = EmbeddedAdapters(some_settings(tmp_path))
    yield family.invoices()
    family.close()


@pytest.fixture
def keep(invoices: SqliteInvoiceStore) -> KeepParts:
    """The use case on this table."""
    return KeepParts(invoices, a_clock())


@pytest.fixture
def first(invoices: SqliteInvoiceStore) -> InvoiceRecord:
    """A document that is being read."""
    record = invoices.register(a_record())
    return invoices.save(claimed(record, "one", a_clock().now()))


def stored(invoices: SqliteInvoiceStore, invoice_id: str) -> InvoiceRecord:
    record = invoices.load(invoice_id)
    assert record is not None
    return record


def test_each_has_a_record_of_its_own_with_the_same_document(
    keep: KeepParts, first: InvoiceRecord, invoices: SqliteInvoiceStore
) -> None:
    kept = keep(first, first.document, OTHERS)
    third = stored(invoices, f"{first.invoice_id}-3")

    assert (kept.parts, third.part_of, third.status) == (3, first.invoice_id, Status.COMPLETED)
    assert third.document == first.document.model_copy(update={"page_range": PageRange(first=3, last=3)})
    assert third.received_at == first.received_at
    assert invoices.holder(str(first.document.sha256)) == stored(invoices, first.invoice_id)


def test_a_document_with_one_invoice_is_not_written_for_it(keep: KeepParts, first: InvoiceRecord) -> None:
    assert keep(first, first.document, ()) == first


def test_reading_the_document_again_changes_nothing(
    keep: KeepParts, first: InvoiceRecord, invoices: SqliteInvoiceStore
) -> None:
    keep(first, first.document, OTHERS)
    before = stored(invoices, f"{first.invoice_id}-2")

    keep(stored(invoices, first.invoice_id), first.document, OTHERS)

    assert stored(invoices, f"{first.invoice_id}-2") == before


def test_another_reading_replaces_what_was_read_before(
    keep: KeepParts, first: InvoiceRecord, invoices: SqliteInvoiceStore
) -> None:
    keep(first, first.document, OTHERS)
    better = OTHERS[0]._replace(outcome=an_outcome("Halden & Moor AG"))

    keep(stored(invoices, first.invoice_id), first.document, (better, OTHERS[1]))

    assert stored(invoices, f"{first.invoice_id}-2").outcome == better.outcome


def test_a_record_that_is_too_many_after_another_reading_is_withdrawn(
    keep: KeepParts, first: InvoiceRecord, invoices: SqliteInvoiceStore
) -> None:
    keep(first, first.document, OTHERS)
    kept = keep(stored(invoices, first.invoice_id), first.document, OTHERS[:1])
    third = stored(invoices, f"{first.invoice_id}-3")

    assert kept.parts == 2
    assert (third.status, third.problem and third.problem.code) == (Status.REJECTED, "superseded")


def test_who_has_lost_the_document_writes_nothing(
    keep: KeepParts, first: InvoiceRecord, invoices: SqliteInvoiceStore
) -> None:
    invoices.save(claimed(first, "two", a_clock().now()))

    with pytest.raises(ConflictError):
        keep(first, first.document, OTHERS)

    assert invoices.load(f"{first.invoice_id}-2") is None
