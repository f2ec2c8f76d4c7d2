"""The story of one invoice: from an uploaded document to checked data, or to a clear reason why not."""

import hashlib
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple

from chalicelib.alerting import call_operator
from chalicelib.domain.claims import is_claimed_by, is_early, is_held
from chalicelib.domain.document import DocumentRef
from chalicelib.domain.job import Job
from chalicelib.domain.record import FINAL, PROCESSED, InvoiceRecord, Status
from chalicelib.domain.transitions import (
    claimed,
    completed,
    failed,
    postponed,
    rejected,
    released,
    reopened,
    versioned,
    waiting,
)
from chalicelib.domain.upload import ref_of
from chalicelib.domain.versions import Age, age_of
from chalicelib.errors import ConflictError, NotFoundError, RejectedError, SmartInvoiceError, UnavailableError
from chalicelib.pipeline.erase import RemoveRemains
from chalicelib.pipeline.interpret import Interpret
from chalicelib.pipeline.keep_parts import KeepParts
from chalicelib.pipeline.paying import Purse
from chalicelib.pipeline.problems import CRASHED, MISSING, is_without_upload, problem_of
from chalicelib.pipeline.row_of import RowOf
from chalicelib.pipeline.sharing import book_shares
from chalicelib.pipeline.take_content import TakeContent
from chalicelib.pipeline.versions import FollowVersion
from chalicelib.pipeline.waiting import SOON, outage_of, wait_of
from chalicelib.pipeline.withdraw_parts import WithdrawParts
from chalicelib.ports import Clock, DocumentStore, InvoiceStore
from chalicelib.settings import Settings

log = logging.getLogger("smart-invoice.process")


class Again(Enum):
    """When a delivery is repeated that raised: as Lambda does, as the queue of dead letters does, or never."""

    SOON = "in a minute or two"
    LATER = "in half an hour"
    NEVER = "never"


class Process:
    """Read one uploaded document and store what it says.

    Events are hints and may come twice; the row is the truth. Whoever works on a document holds a claim on its row.
    """

    def __init__(
        self,
        documents: DocumentStore,
        invoices: InvoiceStore,
        interpret: Interpret,
        purse_of: Callable[[Job], Purse],
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._documents = documents
        self._invoices = invoices
        self._interpret = interpret
        self._purse_of = purse_of
        self._remains = RemoveRemains(documents, invoices)
        self._keep_parts = KeepParts(invoices, clock, self._remains.if_lost)
        self._take_content = TakeContent(invoices)
        self._withdraw_parts = WithdrawParts(invoices, clock)
        self._follow_version = FollowVersion(documents, invoices, clock)
        self._row_of = RowOf(invoices, clock)
        self._clock = clock
        self._settings = settings

    def __call__(
        self,
        ref: DocumentRef,
        owner: str,
        forerunner: str | None = None,
        deadline: datetime | None = None,
        *,
        row: InvoiceRecord | None = None,
        again: Again = Again.SOON,
    ) -> InvoiceRecord:
        """Bring the document at `ref` to a final status, and return its record as it stands then.

        `owner` names the delivery that asks, the same one whenever it is repeated; `forerunner` one that is known to
        have given up. While somebody else is at work nothing is done, and the record comes back as it is. What another
        attempt may heal is raised, so that the delivery is repeated, until the attempts are used up. What has to wait
        for money, for a service that is left alone for a while, or for an operator, is kept as `waiting`, and not
        raised: nothing would come of repeating it at once. `deadline` is when this invocation ends: before, the same
        `owner` coming once more may be a second delivery beside the first, and gets `in_progress`, so that it is
        repeated in case the first has crashed. `row` is the row of `ref`, if known. `again` says when the delivery is
        repeated if this raises. An outage is raised where that is soon, and waited for otherwise and at the last
        attempt: then it counts for nothing, and never fails a document.

        An event about an older version than the row's is left alone; a newer one opens the document again. What comes
        for an erased one is removed.
        """
        record = row or self._row_of(ref)
        if record.status is Status.ERASED:
            self._remains.of_event(record, ref)
            return record
        ref = self._follow_version.wanted(ref, record)
        try:
            followed = self._in_version(record, ref, {owner, forerunner})
        except ConflictError:  # somebody else was faster, and the event is still to be heard
            raise _in_progress(record) from None
        if followed is None:
            log.info("Skipped an older version", extra={"invoice_id": record.invoice_id, "status": record.status})
            return record
        record = followed
        is_held = self._is_held(record, {owner, forerunner})
        if is_held and is_claimed_by(record, {owner, forerunner}):
            raise _in_progress(record)
        if record.status in FINAL or is_held or is_early(record, self._clock.now()):
            log.info("Skipped a repeated event", extra={"invoice_id": record.invoice_id, "status": record.status})
            return record
        try:
            return self._process(record, _Delivery(ref, owner, deadline, again))
        except ConflictError:  # somebody else was faster; the row is theirs, and what was read here is not needed
            return self._left_to_others(record, ref)

    def go_on(self, record: InvoiceRecord, owner: str, deadline: datetime | None = None) -> InvoiceRecord:
        """The same for the document of a row that nobody else goes on with, whatever its id was made from."""
        ref = self._follow_version.named(record)
        return self(ref, owner, deadline=deadline, row=record, again=Again.NEVER)

    def known(self, ref: DocumentRef) -> InvoiceRecord | None:
        """The row of a document, or `None`; nothing is done."""
        return self._row_of.known(ref)

    def _arrived(self, record: InvoiceRecord, ref: DocumentRef) -> InvoiceRecord:
        """The row, open again if its upload was given up and came after all.

        Where the event is the first to say when this version came, that is noted, if nobody is at work.
        """
        if is_without_upload(record):
            return self._invoices.save(reopened(record))
        is_told = ref.sequencer is not None and record.document.sequencer is None
        if is_told and record.status in PROCESSED and record.claim is None:
            return self._invoices.save(versioned(record, ref))
        return record

    def _process(self, record: InvoiceRecord, delivery: "_Delivery") -> InvoiceRecord:
        if record.attempts >= self._settings.max_attempts:
            return self._end(failed(record, record.problem or CRASHED, self._clock.now()))
        told, now = versioned(record, delivery.ref), self._clock.now()
        mine = self._invoices.save(claimed(told, delivery.owner, now, delivery.deadline))
        log.info("Processing invoice", extra={"invoice_id": mine.invoice_id, "attempt": mine.attempts})
        purse = self._purse_of(Job(invoice_id=mine.invoice_id, run=self._clock.new_id(), deadline=delivery.deadline))
        try:
            content = self._original(mine)
            if content is None:
                self._remains.for_ocr(mine)  # of an erased one with the same content there may be some
                return self._end(failed(mine, MISSING, self._clock.now()))
            mine = self._identified(mine, content)
            return self._end(self._read(mine, content, purse))
        except RejectedError as error:  # it is so large that it is not even loaded
            return self._end(self._refused(mine, error, purse))
        except ConflictError:
            self._remains.if_lost(mine)
            raise
        except Exception as error:  # noqa: BLE001 - raised again there, or written into the row when no attempt is left
            return self._give_back(self._as_stored(mine), error, delivery)

    def _original(self, mine: InvoiceRecord) -> bytes | None:
        """The bytes of the document; `None` when they are not there any more."""
        try:
            return self._documents.get(ref_of(mine.document))
        except NotFoundError:
            return None

    def _read(self, mine: InvoiceRecord, content: bytes, purse: Purse) -> InvoiceRecord:
        """The finished record: completed, or rejected because the document is at fault."""
        try:
            mine = self._take_content(mine)
            outcome, read, pages, others = self._interpret(content, purse)
        except RejectedError as error:
            return self._refused(mine, error, purse)
        facts = {"media_type": read.media_type, "pages": read.page_count, "page_range": pages}
        document = mine.document.model_copy(update=facts)
        if self._settings.shares:
            book_shares(purse, outcome, len(content))
        outcome = outcome.model_copy(update={"charges": purse.all_charges()})
        mine = self._keep_parts(mine, document, others)
        return completed(mine, document, outcome, self._clock.now())

    def _refused(self, mine: InvoiceRecord, error: RejectedError, purse: Purse) -> InvoiceRecord:
        """The record of a document that is at fault."""
        mine = self._keep_parts(mine, mine.document, ())  # of an older version there may be some
        return rejected(mine, problem_of(error), self._clock.now(), purse.all_charges())

    def _in_version(self, record: InvoiceRecord, ref: DocumentRef, known: set[str | None]) -> InvoiceRecord | None:
        """The row, moved on to the version of the event if that is newer; `None` if that is older or gone.

        The same bytes once more are noted only when nobody is at work: a note would look to them like a rival. So the
        event has to come again, or one between the two could be taken for the newest.
        """
        age = self._follow_version.age(ref, record)
        if age is not Age.NEWER:
            return self._arrived(record, ref) if age is Age.SAME else None
        followed = self._follow_version(record, ref)
        heard_before = record.document.sequencer is not None
        if heard_before and followed is record and self._is_held(record, known):
            raise _in_progress(record)
        return followed

    def _left_to_others(self, lost: InvoiceRecord, ref: DocumentRef) -> InvoiceRecord:
        """The row of somebody else; if that is about an older version than the event, the event has to come again."""
        record = self._invoices.load(lost.invoice_id) or lost
        if record.status is not Status.ERASED and age_of(ref, record.document) is Age.NEWER:
            raise _in_progress(record)
        return record

    def _is_held(self, record: InvoiceRecord, known: set[str | None]) -> bool:
        return is_held(record, known, self._clock.now(), timedelta(seconds=self._settings.claim_seconds))

    def _identified(self, mine: InvoiceRecord, content: bytes) -> InvoiceRecord:
        """The record with size and hash. A hash that was not known yet is stored before anything else is done.

        Only then is it certain which of two uploads of the same content was the first. Where the bytes are others than
        the row says, somebody has stored them over the first ones: what counts is what the event named.
        """
        known, digest = mine.document.sha256, hashlib.sha256(content).hexdigest()
        if known == digest:
            return mine
        facts = {"sha256": digest, "byte_count": len(content)}
        identified = mine.model_copy(update={"document": mine.document.model_copy(update=facts)})
        return self._withdraw_parts.letting_go(mine, identified)

    def _as_stored(self, mine: InvoiceRecord) -> InvoiceRecord:
        """The row of our claim as it is now: what was written without an answer may be written all the same.

        Without this, the next write would look as if a rival were at work, and nobody would go on with the document
        before the claim is lost.
        """
        try:
            stored = self._invoices.load(mine.invoice_id)
        except SmartInvoiceError:  # then it is left to `sweep`
            return mine
        is_ours = stored is not None and stored.status is Status.PROCESSING and stored.claim == mine.claim
        return stored if stored is not None and is_ours else mine

    def _give_back(self, mine: InvoiceRecord, error: Exception, delivery: "_Delivery") -> InvoiceRecord:
        """Leave the document to the next attempt, and raise; without another attempt, it has failed."""
        now, problem = self._clock.now(), problem_of(error)
        is_last = mine.attempts >= self._settings.max_attempts
        wait = wait_of(error, now)
        call_operator(error, invoice_id=mine.invoice_id)
        if wait is None:
            code = getattr(error, "code", problem.code)
            facts = {"invoice_id": mine.invoice_id, "attempt": mine.attempts, "code": code}
            log.error("Attempt failed", extra=facts, exc_info=error)
        if wait is None and (is_last or delivery.again is not Again.SOON):
            wait = outage_of(error, now)
        if wait is not None:
            return self._end(waiting(mine, *wait))
        if is_last:
            return self._end(failed(mine, problem, now))
        if delivery.again is Again.NEVER:
            self._save(postponed(mine, problem, now + SOON))
        else:
            self._save(released(mine, problem, self._lost_at()))
        raise error

    def _lost_at(self) -> datetime:
        """When the event should have come again by then, from the queue of dead letters at the latest."""
        return self._clock.now() + timedelta(seconds=self._settings.retry_lost_seconds)

    def _end(self, finished: InvoiceRecord) -> InvoiceRecord:
        saved = self._save(finished)
        if saved.status is Status.FAILED:
            log.error("Failed to process invoice", extra=_facts(saved))
        elif saved.status is Status.WAITING:
            log.warning("Invoice has to wait", extra=_facts(saved))
        else:
            log.info("Successfully processed invoice", extra=_facts(saved))
        return saved

    def _save(self, worked_on: InvoiceRecord) -> InvoiceRecord:
        """Save, or tidy up: who lost the document may have written into what was removed."""
        try:
            return self._invoices.save(self._alone_if_failed(worked_on))
        except ConflictError:
            self._remains.if_lost(worked_on)
            raise

    def _alone_if_failed(self, worked_on: InvoiceRecord) -> InvoiceRecord:
        """Of a document that fails no other invoice stays: half of it would look like all that there was to pay."""
        return self._keep_parts.withdraw(worked_on) if worked_on.status is Status.FAILED else worked_on


class _Delivery(NamedTuple):
    """What was asked for; see `Process.__call__`."""

    ref: DocumentRef
    owner: str
    deadline: datetime | None
    again: Again


def _in_progress(record: InvoiceRecord) -> UnavailableError:
    return UnavailableError("in_progress", f"Invoice {record.invoice_id} is being worked on by somebody else.")


def _facts(record: InvoiceRecord) -> dict[str, str | int | None]:
    """What the log says of a finished invoice: nothing of its content."""
    return {
        "invoice_id": record.invoice_id,
        "status": record.status,
        "decision": record.outcome.decision if record.outcome else None,
        "code": record.problem.code if record.problem else None,
        "attempt": record.attempts,
    }
