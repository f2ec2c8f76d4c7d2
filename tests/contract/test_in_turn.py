"""Rows are looked through in turn, on both families: none keeps another from being reached."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import islice

import pytest

from chalicelib.domain.record import InvoiceRecord, Status
from chalicelib.pipeline.in_turn import InTurn
from chalicelib.pipeline.remembering import SharedFacts
from chalicelib.ports import Adapters, InvoiceStore
from tests.builders import A_MOMENT, a_record

NAME = "sweep#some"


@pytest.fixture
def turn(family: Adapters) -> InTurn:
    """The received ones in turn."""
    return InTurn(NAME, family.invoices(), SharedFacts(family.shared_state()))


def received(invoices: InvoiceStore, many: int) -> list[InvoiceRecord]:
    """So many records, each received a second after the one before; the last two at the same moment."""
    moments = [A_MOMENT + timedelta(seconds=min(number, many - 2)) for number in range(many)]
    return [invoices.register(a_record(received_at=moment)) for moment in moments]


def begun(turn: InTurn, most: int) -> Sequence[InvoiceRecord]:
    """What one run begins."""
    records = list(islice(turn.rows(Status.RECEIVED), most))
    for record in records:
        turn.begin(record)
    return records


def test_each_run_goes_on_where_the_last_one_stopped_and_begins_anew_at_the_end(
    invoices: InvoiceStore, turn: InTurn
) -> None:
    records = received(invoices, 5)

    runs = [begun(turn, 2) for _ in range(4)]

    assert [record for run in runs for record in run] == [*records, *records[:3]]


def test_one_run_may_go_once_around_and_no_further(invoices: InvoiceStore, turn: InTurn) -> None:
    records = received(invoices, 4)
    begun(turn, 2)

    assert begun(turn, 100) == [*records[2:], *records[:2]]


def test_what_came_too_late_is_not_looked_at(invoices: InvoiceStore, turn: InTurn) -> None:
    first, second, *_ = received(invoices, 4)
    turn.begin(second)

    assert list(turn.rows(Status.RECEIVED, until=first.received_at + timedelta(seconds=1))) == [first]


def test_rows_that_a_newer_program_saved_do_not_count(invoices: InvoiceStore, turn: InTurn) -> None:
    first = invoices.register(a_record())
    for _ in range(3):
        invoices.register(a_record(schema_version=99))
    last = invoices.register(a_record())

    assert begun(turn, 2) == [first, last]


def test_a_place_that_nobody_can_read_is_the_beginning(family: Adapters, invoices: InvoiceStore, turn: InTurn) -> None:
    records = received(invoices, 3)
    SharedFacts(family.shared_state()).change(NAME, lambda _: "somewhere")

    assert begun(turn, 1) == records[:1]
