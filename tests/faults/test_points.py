"""The state machine dies at every call that changes something, and its fuse does what it is told."""

import inspect
from typing import Any

import pytest

from chalicelib import ports
from tests.faults.dying import CRASH, POINTS, Crash, Fuse, Trouble

_ROLES: dict[str, Any] = {
    "documents": ports.DocumentStore, "invoices": ports.InvoiceStore, "ledger": ports.Ledger,
    "checkpoints": ports.Checkpoints, "shared_state": ports.SharedState, "parking": ports.Queue,
}  # fmt: skip
_READ_ONLY = frozenset({
    "documents.exists", "documents.link", "documents.upload_form", "documents.check",
    "invoices.load", "invoices.load_without_outcome", "invoices.holder", "invoices.page", "invoices.count_processed",
    "invoices.check",
    "ledger.charges_of", "ledger.charges_on", "ledger.spending", "ledger.daily", "ledger.open_reservations",
    "checkpoints.load", "shared_state.load", "parking.depth",
})  # fmt: skip
_UNUSED = frozenset({"ledger.share"})  # estimates of what all documents cost together; the machine books none


def test_every_call_of_a_port_that_changes_something_is_a_point() -> None:
    calls = {
        f"{role}.{name}" for role, port in _ROLES.items() for name, _ in inspect.getmembers(port, inspect.isfunction)
    }
    changing = {name for name in calls if not name.rpartition(".")[2].startswith("_")} - _READ_ONLY - _UNUSED

    assert changing <= set(POINTS)


@pytest.mark.parametrize("is_after", [False, True])
def test_a_process_dies_once_right_before_or_after_the_call_that_was_named(is_after: bool) -> None:
    fuse, done = Fuse(), []
    fuse.set(Trouble("ledger.settle", 2, is_after, CRASH))

    fuse.around("ledger.settle", lambda: done.append(1))
    fuse.around("ledger.reserve", lambda: done.append(2))
    with pytest.raises(Crash):
        fuse.around("ledger.settle", lambda: done.append(3))
    fuse.around("ledger.settle", lambda: done.append(4))

    assert done == ([1, 2, 3, 4] if is_after else [1, 2, 4])


def test_somebody_else_may_act_in_the_middle_and_the_call_is_made_all_the_same() -> None:
    fuse, done = Fuse(), []
    fuse.set(Trouble("invoices.save", 1, False, "erase"), lambda: done.append("erased"))

    fuse.around("invoices.save", lambda: done.append("saved"))

    assert done == ["erased", "saved"]
