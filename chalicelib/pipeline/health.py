"""The daily self-check: does everything answer, and is work getting done?"""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from chalicelib.errors import SmartInvoiceError
from chalicelib.ports import Clock, DocumentStore, InvoiceStore, Queue

_DAY = timedelta(hours=24)

Answer = TypeVar("Answer")


class HealthReport(BaseModel):
    """For each resource `ok` or the code of the error; and, as far as they could be counted, the figures."""

    model_config = ConfigDict(frozen=True)

    bucket: str
    table: str
    dead_letter_queue: str
    parking_queue: str
    dead_letters: int | None = None
    parked: int | None = None
    processed_in_24_hours: int | None = None

    @property
    def is_healthy(self) -> bool:
        """Everything answered."""
        return {self.bucket, self.table, self.dead_letter_queue, self.parking_queue} == {"ok"}


class CheckHealth:
    """Ask every resource once, and count."""

    def __init__(
        self, documents: DocumentStore, invoices: InvoiceStore, dead_letters: Queue, parking: Queue, clock: Clock
    ) -> None:
        self._documents = documents
        self._invoices = invoices
        self._dead_letters = dead_letters
        self._parking = parking
        self._clock = clock

    def __call__(self) -> HealthReport:
        """The report; a resource that does not answer is part of it, never raised."""
        bucket, _ = _asked(self._documents.check)
        queue, depth = _asked(self._dead_letters.depth)
        parking, parked = _asked(self._parking.depth)
        table, processed = _asked(self._count_processed)
        return HealthReport(
            bucket=bucket,
            table=table,
            dead_letter_queue=queue,
            parking_queue=parking,
            dead_letters=depth,
            parked=parked,
            processed_in_24_hours=processed,
        )

    def _count_processed(self) -> int:
        self._invoices.check()
        return self._invoices.count_processed(self._clock.now() - _DAY)


def _asked(question: Callable[[], Answer]) -> tuple[str, Answer | None]:
    """`ok` and the answer, or the code of the error and nothing."""
    try:
        return "ok", question()
    except SmartInvoiceError as error:
        return error.code, None
