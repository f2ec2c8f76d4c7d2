"""How a record moves from one status to the next. Pure: each takes a record and gives the next one."""

from datetime import datetime

from chalicelib.domain.charge import Charge
from chalicelib.domain.document import DocumentRef
from chalicelib.domain.finding import Decision
from chalicelib.domain.invoice import DocumentType, Invoice
from chalicelib.domain.record import Claim, InvoiceRecord, Outcome, Problem, Remains, Status, StoredDocument
from chalicelib.domain.upload import original_of


def claimed(record: InvoiceRecord, owner: str, now: datetime, until: datetime | None = None) -> InvoiceRecord:
    """`owner` begins to work on it: one more attempt. `until` is when its invocation is ended, if that is known."""
    claim = Claim(owner=owner, since=now, until=until)
    return record.model_copy(
        update={
            "status": Status.PROCESSING,
            "claim": claim,
            "attempts": record.attempts + 1,
            "processed_at": None,
            "next_attempt_at": None,
        }
    )


def reclaimed(record: InvoiceRecord, owner: str, now: datetime) -> InvoiceRecord:
    """`owner` reads a finished one again. It stays as it is for everybody else, and if `owner` does not come back."""
    return record.model_copy(update={"claim": Claim(owner=owner, since=now)})


def unclaimed(
    record: InvoiceRecord, charges: tuple[Charge, ...] = (), degraded: tuple[str, ...] | None = None
) -> InvoiceRecord:
    """It was read again and stays as it was, but for the `charges`, and why it is `degraded`, that are known by now."""
    if record.outcome is None:
        return record.model_copy(update={"claim": None})
    known = {charge.charge_id: charge for charge in (*record.outcome.charges, *charges)}
    reasons = record.outcome.degraded if degraded is None else degraded
    outcome = record.outcome.model_copy(update={"charges": tuple(known.values()), "degraded": reasons})
    return record.model_copy(update={"claim": None, "outcome": outcome})


def released(record: InvoiceRecord, problem: Problem, until: datetime | None = None) -> InvoiceRecord:
    """The attempt did not succeed, the next one may: it waits again, and says what was the matter.

    `until` is when the event should have come again: if it has not, it is lost.
    """
    return record.model_copy(
        update={"status": Status.RECEIVED, "claim": None, "problem": problem, "next_attempt_at": until}
    )


def waiting(record: InvoiceRecord, problem: Problem, until: datetime) -> InvoiceRecord:
    """It waits for what cannot be had now, and the attempt does not count."""
    return record.model_copy(
        update={
            "status": Status.WAITING,
            "claim": None,
            "problem": problem,
            "attempts": max(0, record.attempts - 1),
            "next_attempt_at": until,
        }
    )


def postponed(record: InvoiceRecord, problem: Problem, until: datetime) -> InvoiceRecord:
    """The attempt did not succeed, and nobody but `sweep` will make the next one."""
    waits = {"status": Status.WAITING, "claim": None, "problem": problem, "next_attempt_at": until}
    return record.model_copy(update=waits)


def reopened(record: InvoiceRecord, until: datetime | None = None) -> InvoiceRecord:
    """One that has ended gets all of its attempts anew. `until` is when somebody should have taken it."""
    return record.model_copy(
        update={
            "status": Status.RECEIVED,
            "claim": None,
            "problem": None,
            "outcome": None,
            "attempts": 0,
            "redrives": 0,
            "processed_at": None,
            "next_attempt_at": until,
        }
    )


def redriven(record: InvoiceRecord, until: datetime | None = None) -> InvoiceRecord:
    """The same because of a dead letter: that is counted, for it must not go on for ever."""
    return reopened(record, until).model_copy(update={"redrives": record.redrives + 1})


def parked(record: InvoiceRecord, message_id: str) -> InvoiceRecord:
    """Its letter was parked, so that the same letter need not be parked again."""
    return record.model_copy(update={"parked_letter": message_id})


def versioned(record: InvoiceRecord, ref: DocumentRef) -> InvoiceRecord:
    """It is about the version that `ref` names from now on; where `ref` names none, about the same as before.

    The sequencer of one version is never kept for another.
    """
    told = {"version_id": ref.version_id, "sequencer": ref.sequencer}
    is_other = ref.version_id is not None and ref.version_id != record.document.version_id
    known = told if is_other else {name: text for name, text in told.items() if text is not None}
    return record.model_copy(update={"document": record.document.model_copy(update=known)}) if known else record


def renewed(record: InvoiceRecord, ref: DocumentRef, sha256: str | None, byte_count: int | None) -> InvoiceRecord:
    """Its original was replaced by the version that `ref` names: it is read as if it had just come.

    Nothing of the old version's result is left, and all attempts are there anew. How many invoices the old version held
    stays known until the new one was read: the records of those too many are withdrawn then.
    """
    old = record.document
    document = StoredDocument(
        key=old.key,
        filename=old.filename,
        sha256=sha256,
        byte_count=byte_count,
        version_id=ref.version_id,
        sequencer=ref.sequencer,
    )
    return reopened(record).model_copy(update={"document": document})


def erased(record: InvoiceRecord, now: datetime) -> InvoiceRecord:
    """What is left of it: that it was there, and what is yet to be removed. Nothing its document said or was called."""
    original = original_of(record.invoice_id, record.document)
    remains = Remains(
        key=original.key, version_id=original.version_id, sha256=record.document.sha256, parts=record.parts_ever
    )
    return _tombstone(record.invoice_id, record.received_at, now).model_copy(
        update={"revision": record.revision, "part_of": record.part_of, "remains": remains}
    )


def erased_part(first: InvoiceRecord, number: int, revision: int) -> InvoiceRecord:
    """What is left of another invoice in the document of the erased `first`, whether it was stored already or not."""
    moment = first.erased_at or first.received_at
    return _tombstone(part_id(first.invoice_id, number), first.received_at, moment).model_copy(
        update={"revision": revision, "part_of": first.invoice_id}
    )


def emptied(record: InvoiceRecord) -> InvoiceRecord:
    """An erased one of which everything was removed."""
    return record.model_copy(update={"remains": None})


def _tombstone(invoice_id: str, received_at: datetime, now: datetime) -> InvoiceRecord:
    nothing = StoredDocument(key="", filename="")
    return InvoiceRecord(
        invoice_id=invoice_id, status=Status.ERASED, document=nothing, received_at=received_at, erased_at=now
    )


def completed(record: InvoiceRecord, document: StoredDocument, outcome: Outcome, now: datetime) -> InvoiceRecord:
    """It was read and decided; what was decided may be that it is to be rejected."""
    status = Status.REJECTED if outcome.decision is Decision.REJECTED else Status.COMPLETED
    return record.model_copy(
        update={
            "status": status,
            "document": document,
            "outcome": outcome,
            "problem": None,
            "claim": None,
            "processed_at": now,
        }
    )


def announced(record: InvoiceRecord, parts: int) -> InvoiceRecord:
    """It turned out to hold so many invoices: of several, the others are about to be stored, or to be withdrawn."""
    return record.model_copy(update={"parts": parts, "most_parts": max(parts, record.parts_ever)})


def part(first: InvoiceRecord, number: int, document: StoredDocument, outcome: Outcome, now: datetime) -> InvoiceRecord:
    """The record of another invoice in the document of `first`; `number` is 2 for the second."""
    alone = InvoiceRecord(
        invoice_id=part_id(first.invoice_id, number),
        status=Status.PROCESSING,
        document=document,
        received_at=first.received_at,
        part_of=first.invoice_id,
    )
    return completed(alone, document, outcome, now)


def part_id(first_id: str, number: int) -> str:
    """The id of the invoice `number` (from 2) in a document: the same whenever the document is read.

    >>> part_id("01JDCJ5J3M8Q4V0W2X6Y7Z9A1B", 2)
    '01JDCJ5J3M8Q4V0W2X6Y7Z9A1B-2'
    """
    return f"{first_id}-{number}"


def rejected(record: InvoiceRecord, problem: Problem, now: datetime, charges: tuple[Charge, ...] = ()) -> InvoiceRecord:
    """The document is at fault, and trying again will not help; `charges` are what it cost to find that out."""
    nothing_read = Invoice(document_type=DocumentType.OTHER)
    outcome = Outcome(invoice=nothing_read, decision=Decision.REJECTED, reasons=(problem.code,), charges=charges)
    return record.model_copy(
        update={
            "status": Status.REJECTED,
            "outcome": outcome,
            "problem": problem,
            "claim": None,
            "processed_at": now,
        }
    )


def failed(record: InvoiceRecord, problem: Problem, now: datetime) -> InvoiceRecord:
    """We could not do it, and say why."""
    return record.model_copy(update={"status": Status.FAILED, "problem": problem, "claim": None, "processed_at": now})
