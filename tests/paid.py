"""A provider whose bill is known, and an order for it: what the ledger is compared with."""

from collections import deque
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from chalicelib.bootstrap import Services
from chalicelib.domain.charge import Charge
from chalicelib.domain.job import Job
from chalicelib.domain.question import ModelAnswer
from chalicelib.domain.usage import Usage
from chalicelib.pipeline.paying import Order, Purse
from chalicelib.settings import Settings
from local.family import EmbeddedAdapters
from tests.builders import SetClock, a_clock, an_id, some_settings

PAGE_USD = Decimal("0.0015")


class Provider:
    """Bills a page for each answer, unless it was told to fail: then it raises, after billing if `is_billed`."""

    def __init__(self) -> None:
        self.billed = 0
        self.asked = 0
        self.seconds: list[float] = []
        self._faults: deque[tuple[Exception, bool] | None] = deque()

    def then(self, error: Exception | None, *, is_billed: bool = False) -> "Provider":
        """What the next call that nothing was said about does."""
        self._faults.append((error, is_billed) if error else None)
        return self

    def __call__(self, seconds: float) -> ModelAnswer:
        """Answer, or fail."""
        self.asked += 1
        self.seconds.append(seconds)
        fault = self._faults.popleft() if self._faults else None
        self.billed += fault is None or fault[1]
        if fault:
            raise fault[0]
        return ModelAnswer({"asked": self.asked}, Usage.of("textract", "DetectDocumentText", pages=1), "a-request")


class Till:
    """Purses over the embedded adapters, and one provider."""

    def __init__(self, data_dir: Path, clock: SetClock | None = None, **given: Any) -> None:
        self.clock = clock or a_clock()
        self.settings: Settings = some_settings(data_dir, **given)
        self.adapters = EmbeddedAdapters(self.settings, self.clock)
        self.services = Services(self.settings, self.adapters)
        self.provider = Provider()
        self.invoice_id = an_id()

    def purse(self, invoice_id: str | None = None, seconds: float | None = None) -> Purse:
        """A purse for a new run."""
        deadline = None if seconds is None else _after(self.clock, seconds)
        return self.services.purse_of(
            Job(invoice_id=invoice_id or self.invoice_id, run=self.clock.new_id(), deadline=deadline)
        )

    def order(self, name: str = "words-1", call: Callable[[float], ModelAnswer] | None = None) -> Order[ModelAnswer]:
        """One page of words."""
        return Order(
            provider="textract",
            step="ocr",
            name=name,
            estimate=Usage.of("textract", "DetectDocumentText", pages=1),
            call=call or self.provider,
            kind=ModelAnswer,
            max_seconds=30,
        )

    def charges(self) -> tuple[Charge, ...]:
        """What the ledger has of the invoice."""
        return self.adapters.ledger().charges_of(self.invoice_id)

    def spent(self) -> Decimal:
        """What the day has cost."""
        return self.adapters.ledger().spending(self.clock.now().date()).day_usd


def _after(clock: SetClock, seconds: float) -> Any:
    from datetime import timedelta

    return clock.now() + timedelta(seconds=seconds)
