"""Who has lost a document to another worker stores none of its further invoices any more."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from chalicelib.bootstrap import Services
from chalicelib.domain.finding import Decision
from chalicelib.domain.record import InvoiceRecord, Status
from chalicelib.domain.transitions import claimed, completed, part_id
from chalicelib.errors import ConflictError
from chalicelib.pipeline.interpret import FurtherInvoice, Interpretation
from chalicelib.pipeline.keep_parts import KeepParts
from chalicelib.pipeline.reprocess_degraded import ReadAgain
from chalicelib.ports import Adapters, InvoiceStore
from tests.builders import A_MOMENT, SetClock, a_document, a_read_document, a_record, an_outcome, some_settings
from tests.unit.pipeline.test_reprocess_degraded import Reads

CALLS = ("load", "save_part")
CALLS_TO_WITHDRAW = ("load_without_outcome", "save_part")


class OvertakenBetween:
    """A table in which somebody overtakes the caller right before the call `nth` that is made of `name`."""

    def __init__(self, invoices: InvoiceStore, overtake: Callable[[], object], name: str, nth: int) -> None:
        self._invoices, self._overtake, self._name, self._left = invoices, overtake, name, nth

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._invoices, name)
        return partial(self._late, call) if name == self._name else call

    def _late(self, call: Callable[..., Any], *args: Any, **named: Any) -> Any:
        self._left -= 1
        if not self._left:
            self._overtake()
        return call(*args, **named)


def others(name: str, count: int) -> Sequence[FurtherInvoice]:
    """So many further invoices."""
    return [FurtherInvoice(an_outcome(f"{name} {number}")) for number in range(2, 2 + count)]


def rows(invoices: InvoiceStore, first: InvoiceRecord) -> list[InvoiceRecord | None]:
    """The second to the fifth invoice."""
    return [invoices.load(part_id(first.invoice_id, number)) for number in range(2, 6)]


def take_over(invoices: InvoiceStore, clock: SetClock, invoice_id: str, count: int) -> InvoiceRecord:
    """Another worker claims the document, and stores so many further invoices."""
    now = invoices.load(invoice_id)
    assert now is not None
    mine = invoices.save(claimed(now, "new", A_MOMENT))
    return KeepParts(invoices, clock)(mine, mine.document, others("New", count))


@pytest.mark.parametrize("count", [0, 1, 3])
@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("name", CALLS)
def test_an_overtaken_worker_changes_no_further_invoice_and_makes_none(
    invoices: InvoiceStore, clock: SetClock, name: str, nth: int, count: int
) -> None:
    first = invoices.register(a_record())
    mine = invoices.save(claimed(first, "old", A_MOMENT))
    kept: list[InvoiceRecord | None] = []

    def overtake() -> None:
        take_over(invoices, clock, first.invoice_id, count)
        kept.extend(rows(invoices, first))

    store = cast("InvoiceStore", OvertakenBetween(invoices, overtake, name, nth))

    with pytest.raises(ConflictError):
        KeepParts(store, clock)(mine, mine.document, others("Old", 2))

    assert kept
    assert rows(invoices, first) == kept


@pytest.mark.parametrize("name", CALLS_TO_WITHDRAW)
def test_an_overtaken_worker_withdraws_no_further_invoice(invoices: InvoiceStore, clock: SetClock, name: str) -> None:
    first = invoices.register(a_record())
    three = invoices.save(KeepParts(invoices, clock)(first, first.document, others("First", 2)))
    overtake = partial(take_over, invoices, clock, first.invoice_id, 2)
    store = cast("InvoiceStore", OvertakenBetween(invoices, overtake, name, 1))

    with pytest.raises(ConflictError):
        KeepParts(store, clock)(three, three.document, ())

    assert [row.status for row in rows(invoices, first) if row] == [Status.COMPLETED] * 2


def test_who_reads_a_degraded_document_again_and_is_overtaken_stores_no_further_invoice(
    family: Adapters, clock: SetClock, tmp_path: Path
) -> None:
    services, invoices = Services(some_settings(tmp_path), family), family.invoices()
    record = services.receive(a_document(), "invoice.pdf").record
    worse = an_outcome(decision=Decision.NEEDS_REVIEW, degraded=("bedrock_unavailable",))
    record = invoices.save(completed(record, record.document, worse, A_MOMENT))
    found = Interpretation(an_outcome("Old 1"), a_read_document(), None, tuple(others("Old", 2)))
    overtake = partial(take_over, invoices, clock, record.invoice_id, 1)
    store = cast("InvoiceStore", OvertakenBetween(invoices, overtake, "load", 1))

    with pytest.raises(ConflictError):
        ReadAgain(family.documents(), store, Reads(lambda: found), services.purse_of, clock)(record)

    assert [row.outcome for row in rows(invoices, record) if row] == [others("New", 1)[0].outcome]
