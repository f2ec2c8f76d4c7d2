"""Put aside what cannot be done, with the reason, for a person to look at."""

import logging

from chalicelib.domain.dead_letter import DeadLetter, ParkedLetter, ReturnedLetter, UnreadableLetter
from chalicelib.domain.record import InvoiceRecord, Problem
from chalicelib.domain.upload import invoice_id_of
from chalicelib.pipeline.problems import UNREADABLE_LETTER
from chalicelib.ports import Clock, Queue

log = logging.getLogger("smart-invoice.park")


class Park:
    """Send letters to the parking queue. Once this has returned, the message they came in may be deleted."""

    def __init__(self, parking: Queue, clock: Clock) -> None:
        self._parking = parking
        self._clock = clock

    def unreadable(self, letter: UnreadableLetter) -> None:
        """Park a message that names no document."""
        self._send(
            ParkedLetter(
                message_id=letter.message_id,
                body=letter.body,
                code=UNREADABLE_LETTER.code,
                message=UNREADABLE_LETTER.message,
                parked_at=self._clock.now(),
            )
        )

    def letter(self, letter: DeadLetter, problem: Problem, record: InvoiceRecord | None) -> None:
        """Park the letter of a document; `record` is its row, where that is known."""
        self._send(
            ParkedLetter(
                message_id=letter.message_id,
                code=problem.code,
                message=problem.message,
                parked_at=self._clock.now(),
                invoice_id=record.invoice_id if record else invoice_id_of(letter.ref),
                version_id=letter.ref.version_id,
                sequencer=letter.ref.sequencer,
                attempts=record.attempts if record else None,
                key=None if record else letter.ref.key,
            )
        )

    def returned(self, letter: ReturnedLetter, problem: Problem) -> None:
        """Park once more a letter that somebody moved back, and whose row cannot be had."""
        self._send(
            ParkedLetter(
                message_id=letter.message_id,
                code=problem.code,
                message=problem.message,
                parked_at=self._clock.now(),
                invoice_id=letter.invoice_id,
                version_id=letter.version_id,
                sequencer=letter.sequencer,
            )
        )

    def _send(self, letter: ParkedLetter) -> None:
        for piece in letter.in_pieces():
            self._parking.send(piece.model_dump_json(exclude_none=True))
        log.error(
            "Parked a message",
            extra={"message_id": letter.message_id, "invoice_id": letter.invoice_id, "code": letter.code},
        )
