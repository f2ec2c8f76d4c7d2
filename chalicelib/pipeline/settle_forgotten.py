"""Settle what nobody settled: reservations whose owner crashed, or whose ledger did not answer at the time."""

import logging
from datetime import timedelta

from chalicelib.domain.charge import Charge, ChargeState
from chalicelib.errors import ConflictError, SmartInvoiceError
from chalicelib.ports import Clock, InvoiceStore, Ledger

log = logging.getLogger("smart-invoice.settle")

_FORGOTTEN = timedelta(hours=1)  # no invocation lasts longer than a quarter of it


class SettleForgotten:
    """Count each forgotten reservation at what the invoice's row knows of it, or else in full."""

    def __init__(self, ledger: Ledger, invoices: InvoiceStore, clock: Clock) -> None:
        self._ledger = ledger
        self._invoices = invoices
        self._clock = clock

    def __call__(self) -> int:
        """How many were settled. What cannot be settled now is left to the next time."""
        forgotten = list(self._ledger.open_reservations(self._clock.now() - _FORGOTTEN))
        return sum(self._settle(charge) for charge in forgotten)

    def _settle(self, charge: Charge) -> bool:
        facts = {"invoice_id": charge.invoice_id, "charge_id": charge.charge_id}
        try:
            settled = self._known(charge) or charge.model_copy(update={"state": ChargeState.UNKNOWN})
            self._ledger.settle(settled)
        except ConflictError:  # its owner was alive after all
            return False
        except SmartInvoiceError as error:
            log.warning("Could not settle a forgotten reservation", extra={**facts, "code": error.code})
            return False
        log.warning("Settled a forgotten reservation", extra={**facts, "state": settled.state})
        return True

    def _known(self, charge: Charge) -> Charge | None:
        """The same charge as the row has it: what a worker still wrote there although the ledger did not answer."""
        record = self._invoices.load(charge.invoice_id)
        known = record.outcome.charges if record and record.outcome else ()
        return next((one for one in known if one.charge_id == charge.charge_id and _is_final(one)), None)


def _is_final(charge: Charge) -> bool:
    return charge.state is not ChargeState.RESERVED
