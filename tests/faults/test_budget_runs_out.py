"""The money runs out: nothing is overspent, nothing that was accepted is dropped, and the next day goes on."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from chalicelib.bootstrap import Services
from chalicelib.costs.ladder import Level
from chalicelib.domain.charge import ChargeState
from chalicelib.errors import BudgetExhaustedError
from chalicelib.pipeline.switches import Switches
from local.family import EmbeddedAdapters
from tests.at_once import at_once
from tests.builders import SetClock, a_charge, a_clock, a_document, an_id, some_settings
from tests.families import embedded_family


class Installation:
    """Workers and an API on one table, with 0.05 a day."""

    def __init__(self, family: EmbeddedAdapters, clock: SetClock, data_dir: Path) -> None:
        settings = some_settings(data_dir, day_limit_usd="0.05", invoice_limit_usd="0.05", max_backlog=2)
        self.clock, self.family, self.settings = clock, family, settings
        self.api = Services(settings, family)

    def a_worker(self) -> Switches:
        """The switches of one more worker."""
        return Services(self.settings, self.family).switches

    def pay(self, worker: Switches, usd: str) -> bool:
        """Whether a call was allowed, and could be paid."""
        if not worker.permissions().ocr:
            return False
        now = self.clock.now()
        charge = a_charge(
            invoice_id=an_id(), usd=Decimal(usd), state=ChargeState.RESERVED, day=now.date(), at=now
        )  # fmt: skip
        try:
            self.family.ledger().reserve(charge, worker.limits)
        except BudgetExhaustedError as error:
            worker.ran_out(error)
            return False
        return True

    def spent(self) -> Decimal:
        """US dollars of the day."""
        return self.family.ledger().spending(self.clock.now().date()).day_usd


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """An installation of which nothing is spent."""
    clock = a_clock()
    with embedded_family(tmp_path, clock) as family:
        yield Installation(family, clock, tmp_path)


def test_many_workers_never_overspend_the_last_cents(installation: Installation) -> None:
    workers = [installation.a_worker() for _ in range(20)]

    paid = at_once([paying(installation, worker) for worker in workers])

    assert sum(paid) == 16
    assert installation.spent() == 16 * Decimal("0.003")


def test_when_the_money_is_gone_documents_are_taken_until_the_backlog_is_full_and_again_the_next_day(
    installation: Installation,
) -> None:
    worker = installation.a_worker()
    while installation.pay(worker, "0.003"):
        installation.clock.advance(seconds=5)
    assert worker.standing().level.level is Level.NO_PAID_CALLS

    kept = [installation.api.receive(a_document(f"Invoice {number}"), None).record for number in range(2)]
    installation.clock.advance(seconds=5)
    assert not worker.permissions().uploads
    installation.clock.advance(seconds=5)
    with pytest.raises(BudgetExhaustedError, match="uploads_paused"):
        installation.api.receive(a_document("Invoice 3"), None)

    assert all(installation.family.invoices().load(record.invoice_id) for record in kept)
    installation.clock.advance(days=1)
    installation.api.receive(a_document("Invoice 3"), None)
    assert installation.pay(worker, "0.003")


def paying(installation: Installation, worker: Switches) -> Callable[[], bool]:
    """A call that pays 0.003."""
    return lambda: installation.pay(worker, "0.003")
