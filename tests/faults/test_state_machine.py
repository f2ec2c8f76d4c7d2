"""Anything may happen in any order, and still nothing is lost, done twice, charged twice or overspent (I1 to I8)."""

import os
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chalicelib.domain.charge import ChargeState
from chalicelib.domain.record import FINAL, Status
from tests.faults.machine import PAGE_USD, POINTS, Trouble, World

RUNS = int(os.environ.get("MACHINE_RUNS", "300"))  # `make soak` asks for more
_OPEN = frozenset({Status.FAILED})  # may be opened again
_ROUNDS = 12
_CRASHES = st.tuples(st.sampled_from(POINTS), st.integers(1, 2), st.booleans())
"""Where a process dies: at which call, at which of them, and whether right before or after it."""
_FAULTS = st.sampled_from(["throttled", "denied", "silence", "lost", "crash before", "crash after"])


class InvoicesInTrouble(RuleBasedStateMachine):
    """Clients, events, workers that die, services that fail, the schedule, the budget, and time."""

    @initialize()
    def begin(self) -> None:
        self._folder = TemporaryDirectory()
        self.world = World(Path(self._folder.name))
        self.ended: dict[str, tuple[Status, object]] = {}

    @rule(numbers=st.lists(st.integers(0, 5), min_size=1, max_size=3), crash=_CRASHES)
    def upload(self, numbers: list[int], crash: Trouble) -> None:
        self.world.fuse.set(crash)
        for number in numbers:
            self.world.upload(number)

    @precondition(lambda self: self.world.events)
    @rule(number=st.integers(0, 9), fault=_FAULTS)
    def deliver_where_services_fail(self, number: int, fault: str) -> None:
        self.world.ocr.faults.append(fault)
        self.world.deliver(number)

    @precondition(lambda self: self.world.events)
    @rule(number=st.integers(0, 9), crash=_CRASHES)
    def deliver_where_workers_die(self, number: int, crash: Trouble) -> None:
        self.world.fuse.set(crash)
        self.world.deliver(number)

    @precondition(lambda self: self.world.events)
    @rule(number=st.integers(0, 9))
    def deliver(self, number: int) -> None:
        self.world.deliver(number)

    @precondition(lambda self: self.world.events)
    @rule(number=st.integers(0, 9), is_lost=st.booleans())
    def duplicate_or_lose(self, number: int, is_lost: bool) -> None:
        (self.world.drop if is_lost else self.world.duplicate)(number)

    @precondition(lambda self: self.world.letters)
    @rule(number=st.integers(0, 9), crash=_CRASHES)
    def redrive(self, number: int, crash: Trouble) -> None:
        self.world.fuse.set(crash)
        self.world.redrive(number)

    @rule(crash=_CRASHES)
    def sweep(self, crash: Trouble) -> None:
        self.world.fuse.set(crash)
        self.world.sweep()

    @rule(minutes=st.sampled_from([1, 20, 90, 1500]))
    def wait(self, minutes: int) -> None:
        self.world.clock.advance(minutes=minutes)

    @rule(limit=st.sampled_from(["0", "0.003", "0.02", "1"]))
    def change_the_budget(self, limit: str) -> None:
        self.world.restart(Decimal(limit))

    @invariant()
    def i1_what_was_accepted_has_a_row_and_its_original(self) -> None:
        documents = super(type(self.world.adapters), self.world.adapters).documents()
        for invoice_id, content in self.world.accepted.items():
            record = self.world.record(invoice_id)
            assert record is not None
            assert documents.exists(record.document.key), content

    @invariant()
    def i2_and_i7_what_has_ended_stays_as_it_is(self) -> None:
        for invoice_id in self.world.accepted:
            record = self.world.record(invoice_id)
            assert record is not None
            before = self.ended.get(invoice_id)
            if before is not None and before[0] not in _OPEN:
                assert (record.status, record.outcome) == before
            if record.status in FINAL:
                self.ended[invoice_id] = (record.status, record.outcome)

    @invariant()
    def i3_and_i4_the_ledger_is_the_bill_and_the_counters_are_its_sums(self) -> None:
        charges = [one for invoice_id in self._invoices() for one in self.world.ledger.charges_of(invoice_id)]
        booked = sum((one.usd for one in charges), Decimal(0))
        billed = sum(self.world.ocr.billed.values()) * PAGE_USD
        open_or_unknown = sum(one.state in {ChargeState.RESERVED, ChargeState.UNKNOWN} for one in charges)
        assert billed <= booked <= billed + open_or_unknown * PAGE_USD
        days = {one.day for one in charges}
        for day in days:
            assert self.world.ledger.spending(day).day_usd == sum(
                (one.usd for one in charges if one.day == day), Decimal(0)
            )

    @invariant()
    def nothing_is_bought_again_but_what_a_crash_or_silence_took(self) -> None:
        again = sum(count - 1 for count in self.world.ocr.billed.values())
        assert again <= self.world.ocr.lost + self.world.fuse.took

    @invariant()
    def i5_no_day_costs_more_than_was_ever_allowed(self) -> None:
        assert self.world.ledger.spending(self.world.clock.now().date()).day_usd <= self.world.most

    @invariant()
    def i8_no_document_is_tried_for_ever(self) -> None:
        for invoice_id in self.world.accepted:
            record = self.world.record(invoice_id)
            assert record is not None
            assert record.attempts <= self.world.services.settings.max_attempts

    def teardown(self) -> None:
        """When the trouble is over, every document ends, and right."""
        world = self.world
        world.fuse.set(None)
        world.ocr.faults.clear()
        world.restart(Decimal(100))
        for _ in range(_ROUNDS):
            world.clock.advance(hours=25)
            while world.events:
                world.deliver(0)
            for _ in range(len(world.letters)):
                world.redrive(0)
            world.sweep()
        statuses = {invoice_id: record.status for invoice_id in world.accepted if (record := world.record(invoice_id))}
        assert set(statuses.values()) <= {Status.COMPLETED, Status.FAILED}, statuses
        assert not list(world.ledger.open_reservations(world.clock.now() - timedelta(hours=1)))
        world.adapters.close()
        self._folder.cleanup()

    def _invoices(self) -> set[str]:
        """All invoices that there are, accepted or only begun."""
        from chalicelib.ports import InvoiceQuery

        store = super(type(self.world.adapters), self.world.adapters).invoices()
        return {record.invoice_id for record in store.page(InvoiceQuery(limit=100)).records} | set(self.world.accepted)


TestInvoicesInTrouble = InvoicesInTrouble.TestCase
TestInvoicesInTrouble.settings = settings(
    max_examples=RUNS,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
