"""Doing only as much in one run as there is time for."""

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from chalicelib.alerting import call_operator
from chalicelib.errors import SmartInvoiceError
from chalicelib.ports import Clock

log = logging.getLogger("smart-invoice.sweep")
Item = TypeVar("Item")

_ENOUGH = timedelta(seconds=100)  # for one document: reading it, Textract, and an answer of a model


def bounded(items: Iterable[Item], most: int, clock: Clock, deadline: datetime | None) -> Iterator[Item]:
    """At most `most` items, and none any more when there is too little time before `deadline` for another."""
    for item in islice(items, most):
        if not has_time(clock, deadline):
            return
        yield item


def has_time(clock: Clock, deadline: datetime | None) -> bool:
    """Whether there is time for another document."""
    return deadline is None or clock.now() <= deadline - _ENOUGH


def log_skipped(invoice_id: str, error: Exception) -> None:
    """Note that one document could not be brought on: its row says why, and when it is tried again."""
    call_operator(error, invoice_id=invoice_id)
    code = error.code if isinstance(error, SmartInvoiceError) else type(error).__name__
    log.warning("Could not go on", extra={"invoice_id": invoice_id, "code": code})
