"""Anything may happen in any order, and still nothing is lost, done twice, charged twice or overspent (I1 to I8)."""

import os
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.faults.dying import CRASH, FAULTS, POINTS, Trouble
from tests.faults.machine import MEANWHILE, World
from tests.faults.promises import Promises

RUNS = int(os.environ.get("MACHINE_RUNS", "300"))  # `make soak` asks for more
SHRINKS = os.environ.get("MACHINE_SHRINK", "yes") == "yes"  # not where people wait: it may take five minutes
_MEMORY = Path("/dev/shm")  # Linux's: no power fails here, so nothing has to wait for a disk
_ROUNDS = 40  # an invoice has five attempts, and letters open it again
_KEYS = 8  # more of them only wait
_NUMBERS = st.integers(0, 9)
_READING_AGAIN = ("invoices.save", "invoices.save_part", "documents.get", "checkpoints.save", "shared_state.save")
_LETTING_GO = ("invoices.release", "invoices.release", "invoices.save", "documents.get", "documents.delete")
_WITH_WORDS = (3, 4, 10)  # scans with hidden words; of the last, only the first page has some
_SEVERAL = (4, 5, 10, 11)  # scans of more than one invoice
_BEFORE_THE_END = Trouble("invoices.save", 2, False)  # after the claim
_UPLOADING = ("invoices.register", "invoices.save", "documents.put")
_WORKING = (
    "documents.get", "documents.put", "invoices.save", "invoices.save_part", "invoices.release", "ledger.reserve",
    "ledger.settle", "checkpoints.save",
)  # fmt: skip
_KEEPING = ("invoices.save_part", "invoices.save_part", "invoices.save")
_ERASING = ("invoices.release", "invoices.save", "documents.delete", "documents.delete_folder")
_REDRIVING = (*_WORKING, "dead_letters.receive", "dead_letters.delete", "parking.send")


def trouble_at(points: Sequence[str]) -> st.SearchStrategy[Trouble]:
    """What happens where: at which call, at which of them, right before or after it; a crash every other time."""
    what = st.sampled_from((*MEANWHILE, *(CRASH,) * len(MEANWHILE)))
    return st.builds(Trouble, st.sampled_from(points), st.sampled_from((1, 1, 2, 3)), st.booleans(), what, _NUMBERS)


class InvoicesInTrouble(RuleBasedStateMachine):
    """Clients, events, workers that die, services that fail, the schedule, the budget, and time."""

    @initialize()
    def begin(self) -> None:
        self._folder = TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None)
        self.world = World(Path(self._folder.name))
        self.promises = Promises(self.world)

    @rule(numbers=st.lists(st.integers(0, 5), min_size=1, max_size=3), trouble=trouble_at(_UPLOADING))
    def upload(self, numbers: list[int], trouble: Trouble) -> None:
        self.world.arm(trouble)
        for number in numbers:
            self.world.upload(number)

    @precondition(lambda self: len(self.world.keys) < _KEYS)
    @rule()
    def ask_for_a_form(self) -> None:
        self.world.ask_for_a_form()

    @rule(key=_NUMBERS, numbers=st.lists(st.integers(0, 5), min_size=1, max_size=3))
    def store_versions(self, key: int, numbers: list[int]) -> None:
        for number in numbers:
            self.world.store(key, number)

    @rule(key=_NUMBERS, number=st.integers(0, 5))
    def store_a_version_nobody_hears_of(self, key: int, number: int) -> None:
        self.world.store(key, number)
        self.world.drop(-1)

    @rule(number=_NUMBERS, trouble=trouble_at(_ERASING))
    def erase(self, number: int, trouble: Trouble) -> None:
        self.world.arm(trouble)
        self.world.erase(number)

    @precondition(lambda self: self.world.events)
    @rule(number=_NUMBERS, fault=st.sampled_from(FAULTS))
    def deliver_where_services_fail(self, number: int, fault: str) -> None:
        self.world.ocr.faults.append(fault)
        self.world.deliver(number)

    @precondition(lambda self: self.world.events)
    @rule(number=_NUMBERS, trouble=trouble_at(_WORKING))
    def deliver_in_trouble(self, number: int, trouble: Trouble) -> None:
        self.world.arm(trouble)
        self.world.deliver(number)

    @rule(number=st.sampled_from(_SEVERAL), trouble=trouble_at(_KEEPING), crashes=st.sampled_from((0, 0, 1, 5)))
    def send_several_invoices_in_trouble(self, number: int, trouble: Trouble, crashes: int) -> None:
        self.world.arm(None)
        self.world.upload(number)
        for one in (trouble, *(_BEFORE_THE_END,) * crashes):
            self.world.arm(one)
            self.world.try_last_of_several()
            self.world.clock.advance(minutes=6)

    @precondition(lambda self: self.world.events)
    @rule(number=_NUMBERS)
    def deliver(self, number: int) -> None:
        self.world.deliver(number)

    @precondition(lambda self: self.world.events)
    @rule(number=_NUMBERS, is_lost=st.booleans())
    def duplicate_or_lose(self, number: int, is_lost: bool) -> None:
        (self.world.drop if is_lost else self.world.duplicate)(number)

    @precondition(lambda self: self.world.living("dead_letters").depth())
    @rule(number=_NUMBERS, trouble=trouble_at(_REDRIVING))
    def redrive(self, number: int, trouble: Trouble) -> None:
        self.world.arm(trouble)
        self.world.redrive(number)

    @precondition(lambda self: self.world.living("parking").depth())
    @rule(number=_NUMBERS)
    def move_back(self, number: int) -> None:
        self.world.move_back(number)

    @rule(trouble=trouble_at(POINTS))
    def sweep(self, trouble: Trouble) -> None:
        self.world.arm(trouble)
        self.world.sweep()

    @rule(number=st.sampled_from(_WITH_WORDS), trouble=trouble_at(_READING_AGAIN))
    def read_degraded_again(self, number: int, trouble: Trouble) -> None:
        self.world.arm(None)
        self.world.read_without_money(number)
        self.world.arm(trouble)
        self.world.read_degraded_again()

    @precondition(lambda self: self.world.several())
    @rule(number=_NUMBERS, is_erased=st.booleans(), trouble=trouble_at(_LETTING_GO))
    def replace_or_erase_several_invoices(self, number: int, is_erased: bool, trouble: Trouble) -> None:
        self.world.arm(trouble)
        if is_erased:
            self.world.erase_several(number)
        else:
            self.world.replace_several(number)

    @rule(minutes=st.sampled_from([1, 20, 90, 1500]))
    def wait(self, minutes: int) -> None:
        self.world.clock.advance(minutes=minutes)

    @rule(limit=st.sampled_from(["0", "0.003", "0.02", "1", "1"]))
    def change_the_budget(self, limit: str) -> None:
        self.world.restart(Decimal(limit))

    @invariant()
    def every_promise_is_kept(self) -> None:
        self.promises.are_kept()

    def teardown(self) -> None:
        """When the trouble is over, every document ends, and right."""
        try:
            self._end_the_trouble()
        finally:
            self.world.adapters.close()
            self._folder.cleanup()

    def _end_the_trouble(self) -> None:
        world = self.world
        world.arm(None)
        world.ocr.faults.clear()
        world.restart(Decimal(100))
        self._settle_down()
        for _ in world.messages("parking"):
            world.move_back(0)
        self._settle_down()
        world.send_left_duplicates_again()
        self._settle_down()
        self.promises.everything_has_ended_well()

    def _settle_down(self) -> None:
        """Days without trouble, until nothing is left to be done; and one more."""
        is_quiet, rounds = False, 0
        while not is_quiet and rounds < _ROUNDS:
            is_quiet = self.world.is_quiet()
            self._spend_a_day()
            rounds += 1

    def _spend_a_day(self) -> None:
        world = self.world
        world.clock.advance(hours=25)
        while world.events:
            world.deliver(0)
        for _ in world.messages("dead_letters"):
            world.redrive(0)
        world.sweep()
        world.read_degraded_again()


TestInvoicesInTrouble = InvoicesInTrouble.TestCase
TestInvoicesInTrouble.settings = settings(
    max_examples=RUNS,
    stateful_step_count=25,
    deadline=None,
    print_blob=True,
    report_multiple_bugs=False,
    phases=[Phase.reuse, Phase.generate, *([Phase.shrink] if SHRINKS else [])],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
