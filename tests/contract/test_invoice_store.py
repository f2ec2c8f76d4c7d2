"""The contract of `InvoiceStore`."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.adapters.listing import matches, position
from chalicelib.domain.finding import Decision
from chalicelib.domain.record import InvoiceRecord, Problem, Status
from chalicelib.domain.transitions import part, rejected
from chalicelib.errors import ConflictError, NotFoundError, RejectedError, SmartInvoiceError
from chalicelib.ports import MOST_PARTS, InvoiceQuery, InvoiceStore
from tests import strategies
from tests.at_once import at_once
from tests.builders import (
    A_MOMENT,
    a_completed_record,
    a_hash,
    a_line_item,
    a_record,
    a_stored_document,
    a_value,
    an_id,
    an_invoice,
    an_outcome,
)

# One store serves all examples of a property: what an example stores has ids of its own.
on_one_store = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


# Registering


def test_a_registered_record_can_be_loaded(invoices: InvoiceStore) -> None:
    record = a_record()

    assert invoices.register(record) == record
    assert invoices.load(record.invoice_id) == record


def test_an_unknown_invoice_is_none(invoices: InvoiceStore) -> None:
    assert invoices.load(an_id()) is None


def test_the_same_content_gives_the_first_invoice(invoices: InvoiceStore) -> None:
    first, second = (a_record(document=a_stored_document(sha256=a_hash("same"))) for _ in range(2))
    invoices.register(first)

    assert invoices.register(second) == first
    assert invoices.load(second.invoice_id) is None


def test_the_same_content_gives_the_first_invoice_as_it_is_now(invoices: InvoiceStore) -> None:
    first = invoices.register(a_record())
    saved = invoices.save(first.model_copy(update={"status": Status.PROCESSING}))

    assert invoices.register(a_record(document=first.document)) == saved


def test_a_record_is_had_without_its_outcome(invoices: InvoiceStore) -> None:
    record = invoices.register(a_completed_record())

    assert invoices.load_without_outcome(record.invoice_id) == record.model_copy(update={"outcome": None})
    assert invoices.load_without_outcome(an_id()) is None


def test_a_further_invoice_of_a_document_is_new_and_never_the_first_with_its_content(invoices: InvoiceStore) -> None:
    first = invoices.register(a_record())
    second = a_record(invoice_id=f"{first.invoice_id}-2", part_of=first.invoice_id, document=first.document)

    assert invoices.register(second) == second
    invoices.save(second)

    assert invoices.holder(str(first.document.sha256)) == first
    assert {record.invoice_id for record in invoices.page(InvoiceQuery()).records} >= {
        first.invoice_id, second.invoice_id,
    }  # fmt: skip


def test_a_further_invoice_holds_no_content_even_where_the_first_is_not_known(invoices: InvoiceStore) -> None:
    part = invoices.register(a_record(part_of=an_id()))
    invoices.save(part)

    assert invoices.holder(str(part.document.sha256)) is None


def test_a_further_invoice_is_registered_once(invoices: InvoiceStore) -> None:
    part = invoices.register(a_record(part_of=an_id()))

    with pytest.raises(ConflictError):
        invoices.register(part)


def test_registering_a_record_again_changes_nothing(invoices: InvoiceStore) -> None:
    record = invoices.register(a_record())

    assert invoices.register(record) == record


def test_uploads_whose_content_is_unknown_are_always_new(invoices: InvoiceStore) -> None:
    records = [a_record(status=Status.AWAITING_UPLOAD, document=a_stored_document(sha256=None)) for _ in range(2)]

    assert [invoices.register(record) for record in records] == records
    assert [invoices.load(record.invoice_id) for record in records] == records


def test_an_id_is_given_to_one_document_only(invoices: InvoiceStore) -> None:
    record = invoices.register(a_record())

    with pytest.raises(ConflictError) as told:
        invoices.register(a_record(invoice_id=record.invoice_id))

    assert told.value.code == "invoice_exists"
    assert invoices.load(record.invoice_id) == record


def test_two_who_register_the_same_content_at_once_get_one_id(invoices: InvoiceStore) -> None:
    records = [a_record(document=a_stored_document(sha256=a_hash("same"))) for _ in range(4)]

    registered = at_once([partial(invoices.register, record) for record in records])

    assert len({record.invoice_id for record in registered}) == 1
    assert len(everything(invoices, InvoiceQuery())) == 1


# Saving


def test_a_save_replaces_the_record_and_counts_its_revision(invoices: InvoiceStore) -> None:
    record = invoices.register(a_record())
    changed = a_completed_record(invoice_id=record.invoice_id, document=record.document)

    saved = invoices.save(changed)

    assert saved == changed.model_copy(update={"revision": 1})
    assert invoices.load(record.invoice_id) == saved


def test_a_save_of_an_older_revision_is_a_conflict_and_changes_nothing(invoices: InvoiceStore) -> None:
    record = invoices.register(a_record())
    saved = invoices.save(record.model_copy(update={"status": Status.PROCESSING}))

    with pytest.raises(ConflictError) as told:
        invoices.save(record.model_copy(update={"status": Status.FAILED}))

    assert told.value.code == "invoice_changed"
    assert invoices.load(record.invoice_id) == saved


def test_a_save_of_an_unknown_invoice_is_not_found(invoices: InvoiceStore) -> None:
    record = a_record()

    with pytest.raises(NotFoundError) as told:
        invoices.save(record)

    assert told.value.code == "invoice_not_found"
    assert invoices.load(record.invoice_id) is None
    assert invoices.holder(str(record.document.sha256)) is None


def test_of_two_saves_of_one_revision_at_once_one_is_a_conflict(invoices: InvoiceStore) -> None:
    record = invoices.register(a_record())
    changes = [record.model_copy(update={"attempts": number}) for number in (1, 2)]

    results = at_once([partial(saved_or_error, invoices, change) for change in changes])

    assert sorted(type(result).__name__ for result in results) == ["ConflictError", "InvoiceRecord"]


def test_two_equal_saves_of_one_revision_do_not_both_win(invoices: InvoiceStore) -> None:
    record = invoices.register(a_record())
    change = record.model_copy(update={"status": Status.PROCESSING, "attempts": 1})

    results = at_once([partial(saved_or_error, invoices, change)] * 2)

    assert sorted(type(result).__name__ for result in results) == ["ConflictError", "InvoiceRecord"]


# Further invoices of a document


def a_part(first: InvoiceRecord) -> InvoiceRecord:
    """The second invoice in the document of `first`."""
    return part(first, 2, first.document, an_outcome(), A_MOMENT)


def test_a_further_invoice_is_stored_and_replaced_while_the_first_is_as_it_was(invoices: InvoiceStore) -> None:
    first = invoices.register(a_record())
    second = invoices.save_part(a_part(first), first, is_new=True)
    better = second.model_copy(update={"outcome": an_outcome("Halden & Moor AG")})

    replaced = invoices.save_part(better, first, is_new=False)

    assert (second.revision, replaced.revision) == (0, 1)
    assert invoices.load(second.invoice_id) == replaced
    assert (invoices.load(first.invoice_id), invoices.holder(str(first.document.sha256))) == (first, first)


@pytest.mark.parametrize("is_new", [True, False])
def test_no_further_invoice_is_stored_once_the_first_has_changed(invoices: InvoiceStore, is_new: bool) -> None:
    first = invoices.register(a_record())
    before = None if is_new else invoices.register(a_part(first))
    invoices.save(first)

    with pytest.raises(ConflictError) as told:
        invoices.save_part(a_part(first), first, is_new=is_new)

    assert told.value.code == "invoice_changed"
    assert invoices.load(a_part(first).invoice_id) == before


def test_a_further_invoice_is_not_stored_over_one_that_was_changed(invoices: InvoiceStore) -> None:
    first = invoices.register(a_record())
    second = invoices.save_part(a_part(first), first, is_new=True)
    changed = invoices.save_part(second, first, is_new=False)

    for is_new in (True, False):
        with pytest.raises(ConflictError):
            invoices.save_part(second, first, is_new=is_new)

    assert invoices.load(second.invoice_id) == changed


def test_of_two_who_store_a_further_invoice_at_once_one_is_a_conflict(invoices: InvoiceStore) -> None:
    first = invoices.register(a_record())

    def store() -> InvoiceRecord | ConflictError:
        try:
            return invoices.save_part(a_part(first), first, is_new=True)
        except ConflictError as error:
            return error

    assert sorted(type(result).__name__ for result in at_once([store, store])) == ["ConflictError", "InvoiceRecord"]


# Content


def test_content_nobody_sent_has_no_holder(invoices: InvoiceStore) -> None:
    assert invoices.holder(a_hash()) is None


def test_the_holder_of_content_is_whoever_registered_it_first(invoices: InvoiceStore) -> None:
    record = invoices.register(a_record())

    assert invoices.holder(str(record.document.sha256)) == record


def test_content_that_becomes_known_with_a_save_is_held_from_then_on(invoices: InvoiceStore) -> None:
    upload = invoices.register(a_record(document=a_stored_document(sha256=None)))
    known = a_stored_document()

    saved = invoices.save(upload.model_copy(update={"document": known}))

    assert invoices.holder(str(known.sha256)) == saved
    assert invoices.register(a_record(document=known)) == saved


def test_content_stays_with_its_first_holder_when_another_upload_turns_out_the_same(invoices: InvoiceStore) -> None:
    first = invoices.register(a_record())
    upload = invoices.register(a_record(document=a_stored_document(sha256=None)))

    saved = invoices.save(upload.model_copy(update={"document": first.document}))

    assert invoices.load(upload.invoice_id) == saved
    assert invoices.holder(str(first.document.sha256)) == first


def test_content_that_is_let_go_of_is_nobodys_though_the_record_names_it_still(invoices: InvoiceStore) -> None:
    first = invoices.register(a_record())
    sha256 = first.document.sha256 or ""

    released = invoices.release(first, sha256)

    assert invoices.holder(sha256) is None
    assert invoices.release(released, sha256).document.sha256 == sha256
    assert invoices.holder(sha256) is None


def several(invoices: InvoiceStore, count: int) -> tuple[InvoiceRecord, list[InvoiceRecord]]:
    """A document, and so many further invoices of it."""
    first = invoices.register(a_record())
    ids = [f"{first.invoice_id}-{number}" for number in range(2, 2 + count)]
    parts = [a_completed_record(invoice_id=one, part_of=first.invoice_id) for one in ids]
    return first, [invoices.save_part(one, first, is_new=True) for one in parts]


def test_a_document_that_lets_go_of_its_content_takes_its_further_invoices_along(invoices: InvoiceStore) -> None:
    first, parts = several(invoices, MOST_PARTS)
    why = Problem(code="superseded", message="It was replaced.")

    invoices.release(first, first.document.sha256, [rejected(one, why, A_MOMENT) for one in parts])

    assert invoices.holder(first.document.sha256 or "") is None
    stored = [invoices.load(one.invoice_id) for one in parts]
    assert [one and one.problem for one in stored] == [why] * MOST_PARTS
    assert [one and one.revision for one in stored] == [one.revision + 1 for one in parts]


@pytest.mark.parametrize("is_of_first", [True, False])
def test_of_a_document_and_its_further_invoices_all_are_saved_or_none(
    invoices: InvoiceStore, is_of_first: bool
) -> None:
    first, parts = several(invoices, 3)
    changed = invoices.save(first if is_of_first else parts[1])

    with pytest.raises(ConflictError, match="changed meanwhile"):
        invoices.release(first, first.document.sha256, parts)

    known = {one.invoice_id: one for one in (first, *parts)} | {changed.invoice_id: changed}
    assert {invoice_id: invoices.load(invoice_id) for invoice_id in known} == known
    assert invoices.holder(first.document.sha256 or "") == known[first.invoice_id]


def test_a_duplicate_never_holds_its_content(invoices: InvoiceStore) -> None:
    sha256 = a_hash("sent twice")
    first = invoices.register(a_record(document=a_stored_document(sha256=sha256)))
    other = invoices.register(a_record(document=a_stored_document(sha256=None)))
    refused = rejected(other, Problem(code="duplicate_upload", message="Please use the other."), A_MOMENT)
    refused = invoices.save(refused.model_copy(update={"document": a_stored_document(sha256=sha256)}))
    invoices.release(first, sha256)

    invoices.save(refused)

    assert invoices.holder(sha256) is None


def test_a_save_that_loses_claims_no_content(invoices: InvoiceStore) -> None:
    upload = invoices.register(a_record(document=a_stored_document(sha256=None)))
    invoices.save(upload)
    known = a_stored_document()

    with pytest.raises(ConflictError):
        invoices.save(upload.model_copy(update={"document": known}))

    assert invoices.holder(str(known.sha256)) is None


# What is kept


@on_one_store
@given(record=strategies.records)
def test_f60_any_record_comes_back_as_it_was_stored(invoices: InvoiceStore, record: InvoiceRecord) -> None:
    registered = invoices.register(record)
    assert invoices.load(record.invoice_id) == registered == record
    assert loaded(invoices, record).model_dump_json() == record.model_copy().model_dump_json()

    saved = invoices.save(record)
    assert invoices.load(record.invoice_id) == saved


def test_f58_an_outcome_of_any_size_comes_back(invoices: InvoiceStore) -> None:
    lines = [a_line_item(description=f"Position {number} " + "ä" * 100) for number in range(4_000)]
    record = a_completed_record(outcome=an_outcome(invoice=an_invoice(line_items=lines)))

    invoices.register(record)
    saved = invoices.save(record)

    assert invoices.load(record.invoice_id) == saved
    assert invoices.page(InvoiceQuery()).records == (saved,)


def test_f60_amounts_keep_their_digits(invoices: InvoiceStore) -> None:
    record = a_completed_record(outcome=an_outcome(invoice=an_invoice(total="1453.70", tax="0.00")))

    invoices.register(record)

    outcome = loaded(invoices, record).outcome
    assert outcome is not None
    assert (outcome.invoice.text("total"), outcome.invoice.text("tax")) == ("1453.70", "0.00")  # type: ignore[arg-type]  # names are texts


# Lists


def test_no_invoices_are_an_empty_page(invoices: InvoiceStore) -> None:
    page = invoices.page(InvoiceQuery())

    assert (page.records, page.cursor) == ((), None)


def test_the_newest_invoice_comes_first(invoices: InvoiceStore) -> None:
    records = [invoices.register(a_record(received_at=A_MOMENT + timedelta(seconds=shift))) for shift in (2, 0, 1)]

    assert everything(invoices, InvoiceQuery()) == [records[0], records[2], records[1]]


def test_invoices_of_one_moment_are_listed_by_their_ids(invoices: InvoiceStore) -> None:
    records = [invoices.register(a_record()) for _ in range(3)]

    assert everything(invoices, InvoiceQuery()) == records[::-1]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 7, 8, 100])
def test_pages_follow_each_other_without_gap_or_repetition(invoices: InvoiceStore, limit: int) -> None:
    records = [invoices.register(a_record(received_at=A_MOMENT + timedelta(days=day))) for day in range(7)]

    pages = list(pages_of(invoices, InvoiceQuery(limit=limit)))

    assert [record for page in pages for record in page] == records[::-1]
    assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)
    assert pages[-1]


def test_a_list_goes_on_where_it_was_when_new_invoices_arrive(invoices: InvoiceStore) -> None:
    records = [invoices.register(a_record()) for _ in range(4)]
    first = invoices.page(InvoiceQuery(limit=2))

    invoices.register(a_record(received_at=A_MOMENT + timedelta(days=1)))

    assert invoices.page(InvoiceQuery(limit=2, cursor=first.cursor)).records == (records[1], records[0])


def test_a_list_may_go_on_with_another_limit(invoices: InvoiceStore) -> None:
    records = [invoices.register(a_record()) for _ in range(4)]
    first = invoices.page(InvoiceQuery(limit=1))

    assert invoices.page(InvoiceQuery(limit=50, cursor=first.cursor)).records == tuple(records[2::-1])


def test_a_list_of_one_status_has_no_other(invoices: InvoiceStore) -> None:
    failed, _ = invoices.register(a_record(status=Status.FAILED)), invoices.register(a_record())

    assert everything(invoices, InvoiceQuery(status=Status.FAILED)) == [failed]


def test_an_invoice_moves_from_list_to_list_with_its_status(invoices: InvoiceStore) -> None:
    record = invoices.register(a_record())

    saved = invoices.save(record.model_copy(update={"status": Status.COMPLETED}))

    assert everything(invoices, InvoiceQuery(status=Status.RECEIVED)) == []
    assert everything(invoices, InvoiceQuery(status=Status.COMPLETED)) == [saved]


def test_a_list_of_one_decision_has_no_other(invoices: InvoiceStore) -> None:
    records = {
        decision: invoices.register(a_completed_record(outcome=an_outcome(decision=decision))) for decision in Decision
    }

    for decision, record in records.items():
        assert everything(invoices, InvoiceQuery(decision=decision)) == [record]


@pytest.mark.parametrize(
    "asked", ["Müller & Söhne", "  müller & söhne\n", "MÜLLER & SÖHNE", "Mu\u0308ller & So\u0308hne"]
)
def test_a_supplier_is_found_whatever_the_case_and_outer_spaces(invoices: InvoiceStore, asked: str) -> None:
    record = invoices.register(a_completed_record(outcome=an_outcome(supplier="Müller & Söhne")))
    invoices.register(a_completed_record())
    invoices.register(a_record())

    assert everything(invoices, InvoiceQuery(supplier=asked)) == [record]


@pytest.mark.parametrize("asked", ["", "  ", "Müller", "%", "x" * 5_000])
def test_a_supplier_nobody_has_gives_an_empty_list(invoices: InvoiceStore, asked: str) -> None:
    invoices.register(a_completed_record(outcome=an_outcome(supplier="Müller & Söhne")))
    invoices.register(a_completed_record(outcome=an_outcome(supplier=None)))
    invoices.register(a_record())

    assert everything(invoices, InvoiceQuery(supplier=asked)) == []


def test_a_supplier_with_an_endless_name_is_stored_and_found(invoices: InvoiceStore) -> None:
    name = "Größenwahn " * 1_000
    record = invoices.register(a_completed_record(outcome=an_outcome(supplier=name)))

    assert everything(invoices, InvoiceQuery(supplier=name)) == [record]


def test_a_blank_supplier_is_nobody(invoices: InvoiceStore) -> None:
    record = a_completed_record(outcome=an_outcome(invoice=an_invoice(supplier_name=a_value(" "))))

    assert invoices.register(record) == record


def test_a_list_begins_at_since_and_ends_before_until(invoices: InvoiceStore) -> None:
    records = [invoices.register(a_record(received_at=A_MOMENT + timedelta(microseconds=shift))) for shift in range(4)]

    query = InvoiceQuery(since=records[1].received_at, until=records[3].received_at)

    assert everything(invoices, query) == [records[2], records[1]]


def test_a_time_span_that_ends_before_it_begins_is_empty(invoices: InvoiceStore) -> None:
    invoices.register(a_record())

    assert everything(invoices, InvoiceQuery(since=A_MOMENT + timedelta(1), until=A_MOMENT - timedelta(1))) == []


queries = st.builds(
    InvoiceQuery,
    status=st.none() | st.sampled_from(Status),
    decision=st.none() | st.sampled_from(Decision),
    supplier=st.none() | st.sampled_from(["Halden & Moor GmbH", "Ætna Þórsson ehf", "nobody"]),
    since=st.none() | st.sampled_from([A_MOMENT + timedelta(hours=hour) for hour in range(3)]),
    until=st.none() | st.sampled_from([A_MOMENT + timedelta(hours=hour) for hour in range(4)]),
    oldest_first=st.booleans(),
    limit=st.sampled_from([1, 2, 3, 5, 100]),
)


@on_one_store
@given(query=queries)
def test_a_list_has_what_matches_and_nothing_else(some_invoices: "Shelf", query: InvoiceQuery) -> None:
    expected = [record for record in some_invoices.records if matches(query, record)]

    assert everything(some_invoices.store, query) == sorted(expected, key=position, reverse=not query.oldest_first)


class Shelf:
    """A store that holds one invoice of each combination of status, supplier, decision and time."""

    def __init__(self, store: InvoiceStore) -> None:
        self.store = store
        self.records = [
            store.register(
                a_record(
                    status=status,
                    received_at=A_MOMENT + timedelta(hours=hour),
                    outcome=an_outcome(supplier=supplier, decision=decision) if decision else None,
                )
            )
            for status in (Status.COMPLETED, Status.FAILED)
            for decision in (None, *Decision)
            for supplier in ("Halden & Moor GmbH", "ætna ÞÓRSSON ehf")
            for hour in range(3)
        ]


@pytest.fixture
def some_invoices(invoices: InvoiceStore) -> Shelf:
    """A well-filled store."""
    return Shelf(invoices)


# Cursors


@pytest.fixture
def cursor(invoices: InvoiceStore) -> str:
    """A cursor of the list of all received invoices."""
    for _ in range(3):
        invoices.register(a_record())
    page = invoices.page(InvoiceQuery(status=Status.RECEIVED, limit=1))
    assert page.cursor is not None
    return page.cursor


@pytest.mark.parametrize("change", ["", "x", "*", "ü", "AAAA", "\n"])
def test_a_cursor_that_was_changed_is_refused(invoices: InvoiceStore, cursor: str, change: str) -> None:
    for wrong in {change, cursor + change, change + cursor, cursor[:-4] + change} - {cursor}:
        assert_refused(invoices, InvoiceQuery(status=Status.RECEIVED, cursor=wrong))


def test_a_cursor_of_which_one_character_was_changed_is_refused(invoices: InvoiceStore, cursor: str) -> None:
    for place in range(len(cursor)):
        other = "A" if cursor[place] != "A" else "B"
        assert_refused(
            invoices, InvoiceQuery(status=Status.RECEIVED, cursor=cursor[:place] + other + cursor[place + 1 :])
        )


@pytest.mark.parametrize(
    "query",
    [
        InvoiceQuery(),
        InvoiceQuery(status=Status.FAILED),
        InvoiceQuery(status=Status.RECEIVED, decision=Decision.REJECTED),
        InvoiceQuery(status=Status.RECEIVED, supplier="Halden & Moor GmbH"),
        InvoiceQuery(status=Status.RECEIVED, since=A_MOMENT),
        InvoiceQuery(status=Status.RECEIVED, until=A_MOMENT),
    ],
)
def test_a_cursor_of_another_list_is_refused(invoices: InvoiceStore, cursor: str, query: InvoiceQuery) -> None:
    assert_refused(invoices, query.model_copy(update={"cursor": cursor}))


# Counting, and the check


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.REJECTED, Status.FAILED])
def test_invoices_that_reached_a_final_status_count_from_that_moment(invoices: InvoiceStore, status: Status) -> None:
    record = invoices.register(a_completed_record(status=status))
    assert record.processed_at is not None

    assert invoices.count_processed(since=record.processed_at) == 1
    assert invoices.count_processed(since=record.processed_at + timedelta(microseconds=1)) == 0


@pytest.mark.parametrize("status", [Status.AWAITING_UPLOAD, Status.RECEIVED, Status.PROCESSING])
def test_an_invoice_that_is_tried_again_does_not_count(invoices: InvoiceStore, status: Status) -> None:
    invoices.register(a_completed_record(status=status))

    assert invoices.count_processed(since=A_MOMENT) == 0


def test_invoices_that_were_never_processed_do_not_count(invoices: InvoiceStore) -> None:
    invoices.register(a_record())

    assert invoices.count_processed(since=A_MOMENT - timedelta(days=1)) == 0


def test_a_store_that_answers_passes_its_check(invoices: InvoiceStore) -> None:
    invoices.check()


def everything(store: InvoiceStore, query: InvoiceQuery) -> list[InvoiceRecord]:
    """All records of a list, page by page."""
    return [record for page in pages_of(store, query) for record in page]


def pages_of(store: InvoiceStore, query: InvoiceQuery) -> Iterator[tuple[InvoiceRecord, ...]]:
    """The pages of a list."""
    page = store.page(query)
    yield page.records
    while page.cursor:
        page = store.page(query.model_copy(update={"cursor": page.cursor}))
        yield page.records


def loaded(store: InvoiceStore, record: InvoiceRecord) -> InvoiceRecord:
    """The record as it is stored."""
    found = store.load(record.invoice_id)
    assert found is not None
    return found


def saved_or_error(store: InvoiceStore, record: InvoiceRecord) -> InvoiceRecord | SmartInvoiceError:
    """What a save gives, or what it raises."""
    try:
        return store.save(record)
    except SmartInvoiceError as error:
        return error


def assert_refused(store: InvoiceStore, query: InvoiceQuery) -> None:
    """The query's cursor is refused as such."""
    with pytest.raises(RejectedError) as told:
        store.page(query)
    assert told.value.code == "bad_cursor"
