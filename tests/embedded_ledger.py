"""A ledger and shared facts in dictionaries, for tests of what stands above them."""

import threading
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

from chalicelib.domain.charge import Charge, ChargeState, Limits, Spending
from chalicelib.domain.shared_state import SharedFact
from chalicelib.errors import ConflictError, NotFoundError, UnavailableError

_UNLIMITED = Limits(day_usd=Decimal("1e9"), month_usd=Decimal("1e9"), invoice_usd=Decimal("1e9"))


class DictLedger:
    """Charges in a dictionary; it refuses nothing for its price."""

    def __init__(self) -> None:
        self._charges: dict[tuple[str, str], Charge] = {}
        self.questions = 0

    def spend(self, charge: Charge) -> None:
        """Book a charge as it is."""
        self._charges[charge.invoice_id, charge.charge_id] = charge

    def reserve(self, charge: Charge, limits: Limits = _UNLIMITED) -> None:
        """Book a reservation."""
        if (charge.invoice_id, charge.charge_id) in self._charges:
            raise ConflictError("charge_exists", charge.charge_id)
        self.spend(charge)

    def settle(self, charge: Charge) -> None:
        """Replace a reservation."""
        if (charge.invoice_id, charge.charge_id) not in self._charges:
            raise NotFoundError("charge_not_found", charge.charge_id)
        self.spend(charge)

    def share(self, charge: Charge) -> None:
        """Book a share."""
        self.spend(charge)

    def charges_of(self, invoice_id: str) -> tuple[Charge, ...]:
        """All charges of one invoice."""
        return tuple(charge for charge in self._charges.values() if charge.invoice_id == invoice_id)

    def charges_on(self, day: date) -> Iterator[Charge]:
        """All charges of a day."""
        return iter([charge for charge in self._charges.values() if charge.day == day])

    def spending(self, day: date) -> Spending:
        """The sums of a day and its month."""
        self.questions += 1
        paid = self._charges.values()
        month = (charge.usd for charge in paid if (charge.day.year, charge.day.month) == (day.year, day.month))
        return Spending(
            day_usd=sum((charge.usd for charge in paid if charge.day == day), Decimal(0)),
            month_usd=sum(month, Decimal(0)),
        )

    def daily(self, first: date, last: date) -> Mapping[date, Decimal]:
        """The sums by day."""
        days = {charge.day for charge in self._charges.values() if first <= charge.day <= last}
        return {day: self.spending(day).day_usd for day in days}

    def open_reservations(self, before: datetime) -> Iterator[Charge]:
        """What is still reserved."""
        found = [charge for charge in self._charges.values() if charge.state is ChargeState.RESERVED]
        return iter([charge for charge in found if charge.at < before])


class DictSharedState:
    """Facts in a dictionary. `is_away`: it does not answer. `loads` and `saves` count."""

    def __init__(self) -> None:
        self._facts: dict[str, SharedFact] = {}
        self._lock = threading.Lock()
        self.is_away = False
        self.loads = 0
        self.saves = 0

    def load(self, name: str) -> SharedFact | None:
        """The fact, or nothing."""
        self._answer()
        self.loads += 1
        return self._facts.get(name)

    def save(self, fact: SharedFact) -> SharedFact:
        """Replace it, if nobody else did."""
        self._answer()
        with self._lock:
            stored = self._facts.get(fact.name)
            if (stored.revision if stored else 0) != fact.revision:
                raise ConflictError("fact_changed", fact.name)
            self.saves += 1
            self._facts[fact.name] = fact.model_copy(update={"revision": fact.revision + 1})
            return self._facts[fact.name]

    def _answer(self) -> None:
        if self.is_away:
            raise UnavailableError("dynamodb_unavailable", "")
