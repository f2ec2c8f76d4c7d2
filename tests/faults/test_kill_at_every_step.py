"""`kill -9` right after any step of any flow: whatever comes next from AWS, everything ends as if nothing had happened.

The steps are not listed anywhere: a flow runs once to tell them (`killing/steps.py`), and is then killed after each.
"""

import inspect
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from signal import SIGKILL
from typing import NamedTuple, get_args, get_type_hints

import pytest

from bench.paid import connected
from chalicelib import ports
from chalicelib.domain.charge import ChargeState
from chalicelib.domain.record import InvoiceRecord, Status
from chalicelib.pipeline.problems import MISSING
from chalicelib.settings import Settings
from tests.families import moto_server
from tests.faults.killing.clouds import Folder, MotoStage
from tests.faults.killing.flows import FLOWS, Flow
from tests.faults.killing.stage import Bill, Paid, Stage, open_rows, usd_of
from tests.faults.killing.steps import READING
from tests.faults.killing.workers import Workers


def public(kind: type) -> list[str]:
    """The names of the methods of a port."""
    return [name for name, found in vars(kind).items() if inspect.isfunction(found) and not name.startswith("_")]


_OF_NO_DOCUMENT = {"tokens"}  # who may ask: kept by hand, in single writes
ROLES = {
    role: get_type_hints(getattr(ports.Adapters, role))["return"]
    for role in public(ports.Adapters)
    if role not in _OF_NO_DOCUMENT
}


class World(NamedTuple):
    """What all flows of this module share."""

    workers: Workers
    paid: Paid
    folder: Path

    def stage(self, family: str, flow: type[Flow]) -> Stage:
        """An empty world for a flow."""
        folder = self.folder / str(self.workers.runs)
        cloud = MotoStage(**flow.settings) if family == "aws" else Folder(folder, **flow.settings)
        self.paid.refused, self.paid.is_scan_complete = None, flow.is_scan_complete
        return Stage(cloud, self.workers, self.paid)


class Killing(NamedTuple):
    """After which step a process dies, and what comes then. `port` is the method that the step belongs to."""

    step: str
    last: int
    recovery: str

    @property
    def port(self) -> str:
        """As `role.method`."""
        return self.step.partition("/")[0]

    def __str__(self) -> str:
        return f"{self.last:02} {self.step}, then {self.recovery}"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """AWS as a moto server, Textract and Bedrock as fakes, and a process to fork others from."""
    paid = Paid()
    with ExitStack() as stack:
        stack.enter_context(connected(paid.textract, paid.bedrock))
        stack.enter_context(moto_server())
        workers = stack.enter_context(Workers())
        yield World(workers, paid, tmp_path_factory.mktemp("killed"))
    assert paid.textract.problems == paid.bedrock.problems == []


def methods_that_change_something() -> set[str]:
    """All of the ports', as `Port.method`."""
    kinds = {kind for role in ROLES for kind in kinds_of(role)}
    return {f"{kind.__name__}.{name}" for kind in kinds for name in public(kind) if name not in READING}


def kinds_of(role: str) -> list[type]:
    """The port of a role, which may be absent."""
    return [kind for kind in get_args(ROLES[role]) or (ROLES[role],) if kind is not type(None)]


def names(family: str) -> list[str]:
    return [name for name, flow in FLOWS.items() if family == "aws" or not flow.is_on_aws_only]


@pytest.mark.parametrize(
    ("family", "name"), [(family, name) for family in ("embedded", "aws") for name in names(family)]
)
def test_f13_whatever_the_step_everything_ends_as_if_nothing_had_happened(
    world: World, family: str, name: str, subtests: pytest.Subtests
) -> None:
    steps, bill = undisturbed(world, family, name)
    for killing in killings(family, name, steps):
        with subtests.test(str(killing)), prepared(world, family, name) as flow:
            assert flow.stage.run(flow.use_case, *flow.given, last=killing.last).signal == SIGKILL
            getattr(flow, killing.recovery)()
            check_end(flow, killing, bill)


def test_every_method_of_a_port_that_changes_something_is_a_step_of_some_flow(world: World) -> None:
    steps = {step for name in names("embedded") for step in undisturbed(world, "embedded", name)[0]}

    calls = [step.split(".") for step in steps]
    killed = {f"{kind.__name__}.{name}" for role, name in calls for kind in kinds_of(role)}

    assert killed == methods_that_change_something()


@contextmanager
def prepared(world: World, family: str, name: str) -> Iterator[Flow]:
    """A flow in a world of its own."""
    flow = FLOWS[name](world.stage(family, FLOWS[name]))
    flow.prepare()
    yield flow
    flow.stage.cloud.close()


def undisturbed(world: World, family: str, name: str) -> tuple[tuple[str, ...], Bill]:
    """The steps of a flow, and what Amazon asks for it when nothing happens."""
    with prepared(world, family, name) as flow:
        ended = flow.stage.run(flow.use_case, *flow.given)
        assert ended.signal == 0
        getattr(flow, flow.recoveries[0])()
        flow.stage.sweep(flow.last_sweep)
        return ended.steps, flow.stage.billed()


def killings(family: str, name: str, steps: tuple[str, ...]) -> list[Killing]:
    """Every step with every recovery; where each costs a hundred requests, the recoveries take turns. 0: no step."""
    recoveries = FLOWS[name].recoveries
    every = [(last, step, recovery) for last, step in enumerate(("nothing", *steps)) for recovery in recoveries]
    of_turn = (
        every if family == "embedded" else [one for one in every if one[2] == recoveries[one[0] % len(recoveries)]]
    )
    return [Killing(step, last, recovery) for last, step, recovery in of_turn]


def check_end(flow: Flow, killing: Killing, bill: Bill) -> None:
    """Everything is as it should be, and stays so."""
    flow.stage.sweep(flow.last_sweep)
    check_rows(flow)
    check_money(flow, killing, bill)
    flow.check()
    before = told(flow), flow.stage.billed()
    flow.once_more()
    assert (told(flow), flow.stage.billed()) == before


def told(flow: Flow) -> list[InvoiceRecord]:
    """What the rows say to anybody; that an event of the same bytes came as well may be noted in them.

    Where the original is missing, every event is a reason to look once more whether it is there by now.
    """
    unnoted = {"version_id": None, "sequencer": None}
    looked_again = {"processed_at": None, "attempts": 0, "redrives": 0}
    return [
        row.model_copy(
            update={"revision": 0, "document": row.document.model_copy(update=unnoted)}
            | (looked_again if row.problem == MISSING else {})
        )
        for row in flow.stage.rows().values()
    ]


def check_rows(flow: Flow) -> None:
    """None is lost, none is there twice, each ended, and the originals are there."""
    rows = flow.stage.rows()
    assert open_rows(rows) == []
    if flow.ends:
        assert {invoice_id: row.status for invoice_id, row in rows.items()} == flow.ends
    assert {invoice_id: flow.stage.original(rows[invoice_id]) for invoice_id in flow.contents} == flow.contents
    assert all(row.attempts <= Settings().max_attempts for row in rows.values())
    assert all(row.problem is not None for row in rows.values() if row.status is Status.FAILED)


def check_money(flow: Flow, killing: Killing, bill: Bill) -> None:
    """What Amazon asks for is in the ledger; at most one call was made once more, and only where it had to be."""
    charges = flow.stage.charges(list(flow.ends))
    usd = usd_of(charges)
    billed = flow.stage.billed()
    unknown = [charge for charge in charges if charge.state is ChargeState.UNKNOWN]
    assert usd[ChargeState.RESERVED] == 0
    assert usd[ChargeState.SETTLED] <= billed.usd <= usd[ChargeState.SETTLED] + usd[ChargeState.UNKNOWN]
    assert unknown or usd[ChargeState.SETTLED] == billed.usd
    assert sum(charge.usd for charge in charges) == flow.stage.spent(charges)
    assert billed.calls - bill.calls == (killing.port in flow.paid_once_more)
    assert list(flow.stage.cloud.adapters.ledger().open_reservations(datetime.now(UTC) + timedelta(days=1))) == []
