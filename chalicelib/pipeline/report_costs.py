"""Report what was spent, and where the budget stands."""

from collections.abc import Iterator
from datetime import date, timedelta

from chalicelib.costs.forecast import first_day_needed, forecast
from chalicelib.costs.prices import PriceBook
from chalicelib.costs.report import CostQuery, CostReport, breakdown
from chalicelib.domain.charge import Charge
from chalicelib.domain.invoice import FieldName
from chalicelib.domain.record import FINAL
from chalicelib.errors import RejectedError
from chalicelib.pipeline.switches import Switches
from chalicelib.ports import Clock, InvoiceStore, Ledger

MAX_DAYS = 92

_MAX_LOADS = 1000  # invoices that one report may look up for their suppliers: some seconds
_MAX_KEPT = 20_000


class ReportCosts:
    """Sums over the ledger. It remembers the suppliers of invoices that are finished."""

    def __init__(self, ledger: Ledger, invoices: InvoiceStore, switches: Switches, clock: Clock) -> None:
        self._ledger = ledger
        self._invoices = invoices
        self._switches = switches
        self._clock = clock
        self._suppliers: dict[str, str | None] = {}

    def __call__(self, query: CostQuery) -> CostReport:
        """The report; `RejectedError("bad_parameter", …)` for days in the wrong order, or too many."""
        today = self._clock.now().date()
        first, last = _days_of(query, today)
        parts = breakdown(self._charges(first, last), query.by, _Lookup(self._invoices, self._suppliers))
        standing, prices = self._switches.standing(), PriceBook.load()
        daily = self._ledger.daily(first_day_needed(today), today)
        return CostReport(
            first=first,
            last=last,
            by=query.by,
            breakdown=parts,
            limits=self._switches.limits,
            spending=self._ledger.spending(today),
            level=standing.level.level,
            mode=standing.mode,
            month=today.replace(day=1),
            forecast=forecast(daily, today),
            price_version=prices.version,
            prices_are_stale=prices.is_stale(today),
        )

    def _charges(self, first: date, last: date) -> Iterator[Charge]:
        for days in range((last - first).days + 1):
            yield from self._ledger.charges_on(first + timedelta(days=days))


class _Lookup:
    """The supplier of an invoice, as far as it is known."""

    def __init__(self, invoices: InvoiceStore, known: dict[str, str | None]) -> None:
        self._invoices = invoices
        self._known = known
        self._now: dict[str, str | None] = {}

    def __call__(self, invoice_id: str) -> str | None:
        if invoice_id in self._known:
            return self._known[invoice_id]
        if invoice_id not in self._now:
            self._now[invoice_id] = self._loaded(invoice_id)
        return self._now[invoice_id]

    def _loaded(self, invoice_id: str) -> str | None:
        if len(self._now) >= _MAX_LOADS:
            raise RejectedError("bad_parameter", "These are too many invoices to look up. Please ask for fewer days.")
        record = self._invoices.load(invoice_id)
        supplier = record.outcome.invoice.text(FieldName.SUPPLIER_NAME) if record and record.outcome else None
        if record is not None and record.status in FINAL and len(self._known) < _MAX_KEPT:
            self._known[invoice_id] = supplier
        return supplier


def _days_of(query: CostQuery, today: date) -> tuple[date, date]:
    """The first and the last day: by default the month of the last day, and until today."""
    last = query.last or max(today, query.first or today)
    first = query.first or last.replace(day=1)
    if first > last:
        raise RejectedError("bad_parameter", "'from' is a day before 'to', or the same.")
    if (last - first).days >= MAX_DAYS:
        raise RejectedError("bad_parameter", f"Please ask for at most {MAX_DAYS} days.")
    return first, last
