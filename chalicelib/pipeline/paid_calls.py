"""What the log says of each call to a paid reader. Alarms and dashboard count these lines: infra/monitoring.yaml."""

import logging
from datetime import timedelta

from chalicelib.domain.charge import Charge
from chalicelib.errors import SmartInvoiceError

log = logging.getLogger("smart-invoice.paying")

_MILLISECOND = timedelta(milliseconds=1)
_MICRO = 1_000_000


def log_answer(charge: Charge, took: timedelta) -> None:
    """Note an answer: how long it took, what it cost (in millionths of a dollar, a whole number), and what was used."""
    facts = {"milliseconds": took // _MILLISECOND, "micro_usd": int(charge.usd * _MICRO)}
    used = {unit.value: int(quantity) for unit, quantity in charge.usage.quantities.items()}
    log.info("Paid for an answer", extra={**_ids(charge), **facts, **used})


def log_failure(charge: Charge, error: SmartInvoiceError) -> None:
    """Note that a reader gave no answer; the line begins with `TextractError` or `BedrockError`, for the runbook."""
    log.warning("%sError: %s", charge.usage.service.capitalize(), error.code, extra=_ids(charge) | {"code": error.code})


def _ids(charge: Charge) -> dict[str, str | int]:
    usage = charge.usage
    return {"invoice_id": charge.invoice_id, "service": usage.service, "operation": usage.operation}
