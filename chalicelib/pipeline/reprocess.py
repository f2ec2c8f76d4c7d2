"""Try again what `inference` could not do, from the queue of dead letters; and park what cannot be done."""

import logging
from datetime import datetime, timedelta

from chalicelib.domain.dead_letter import DeadLetter, Letter, ReturnedLetter, UnreadableLetter
from chalicelib.domain.record import FINAL, InvoiceRecord, Status
from chalicelib.domain.transitions import parked, redriven
from chalicelib.errors import ConflictError, UnavailableError
from chalicelib.pipeline.park import Park
from chalicelib.pipeline.problems import CRASHED, problem_of
from chalicelib.pipeline.process import Again, Process
from chalicelib.pipeline.versions import is_newer, is_older
from chalicelib.ports import Clock, InvoiceStore
from chalicelib.settings import Settings

log = logging.getLogger("smart-invoice.reprocess")

_PATIENCE = timedelta(days=2)  # half of what the queue of dead letters keeps


class Reprocess:
    """Try a document again, in this process; a failed one with all of its attempts, a few times at most."""

    def __init__(self, invoices: InvoiceStore, process: Process, park: Park, clock: Clock, settings: Settings) -> None:
        self._invoices = invoices
        self._process = process
        self._park = park
        self._clock = clock
        self._settings = settings

    def __call__(self, letter: Letter, deadline: datetime | None = None) -> InvoiceRecord | None:
        """The finished record, one that waits, or `None`. Raises what the next delivery of the message may heal.

        Parked are messages that name no document, those of documents that have failed, and those that are repeated in
        vain for so long that the queue would soon drop them.
        """
        if isinstance(letter, ReturnedLetter):
            return self._returned(letter, deadline)
        if isinstance(letter, UnreadableLetter):
            self._park.unreadable(letter)
            return None
        try:
            record = self._tried(letter, deadline)
        except Exception as error:
            if not self._is_old(letter):
                raise
            self._park.letter(letter, problem_of(error), self._row_of(letter))
            return None
        return self._parked(letter, record) if record.status is Status.FAILED else record

    def _returned(self, letter: ReturnedLetter, deadline: datetime | None) -> InvoiceRecord | None:
        """The same for a letter that was parked and moved back; one of an erased invoice is dropped."""
        try:
            record = self._invoices.load(letter.invoice_id)
        except Exception as error:
            if not self._is_old(letter):
                raise
            self._park.returned(letter, problem_of(error))
            return None
        if record is None:
            return self(UnreadableLetter(letter.message_id, letter.body))
        if record.status is Status.ERASED:
            return record
        return self(letter.of(record.document.key), deadline)

    def _tried(self, letter: DeadLetter, deadline: datetime | None) -> InvoiceRecord:
        record = self._process.known(letter.ref)
        if record is not None and record.status is Status.FAILED and not is_newer(letter.ref, record):
            if not self._may_be_opened(record, letter):
                return record
            until = self._clock.now() + timedelta(seconds=self._settings.retry_lost_seconds)
            self._invoices.save(redriven(record, until))
        finished = self._process(
            letter.ref, letter.message_id, forerunner=letter.request_id, deadline=deadline, again=Again.LATER
        )
        if finished.status not in FINAL and finished.status is not Status.WAITING:
            raise UnavailableError("in_progress", f"Invoice {finished.invoice_id} is being worked on by somebody else.")
        return finished

    def _may_be_opened(self, record: InvoiceRecord, letter: DeadLetter) -> bool:
        """Whether a failed one is tried again: not for a letter from before it failed, or of an older version."""
        is_news = letter.sent_at is None or record.processed_at is None or letter.sent_at > record.processed_at
        is_parked = record.parked_letter == letter.message_id
        is_worth_it = is_news and not is_older(letter.ref, record)
        return is_worth_it and not is_parked and record.redrives < self._settings.max_redrives

    def _parked(self, letter: DeadLetter, record: InvoiceRecord) -> InvoiceRecord:
        """Park the letter of a failed one, and note it in the row afterwards: a crash between parks it twice."""
        if record.parked_letter == letter.message_id:
            return record
        self._park.letter(letter, record.problem or CRASHED, record)
        try:
            return self._invoices.save(parked(record, letter.message_id))
        except ConflictError:  # somebody opened it again meanwhile; it is parked all the same
            return record

    def _row_of(self, letter: DeadLetter) -> InvoiceRecord | None:
        """The row, as far as it can be had now: a letter is parked, whatever keeps its row from being found."""
        try:
            return self._process.known(letter.ref)
        except Exception as error:  # noqa: BLE001 - raised, it would be raised until the queue drops the letter
            facts = {"message_id": letter.message_id, "code": getattr(error, "code", type(error).__name__)}
            log.warning("Parking a letter without its row", extra=facts)
            return None

    def _is_old(self, letter: DeadLetter | ReturnedLetter) -> bool:
        return letter.sent_at is not None and self._clock.now() - letter.sent_at > _PATIENCE
