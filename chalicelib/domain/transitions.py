"""How a record moves from one status to the next. Pure: each takes a record and gives the next one."""

from datetime import datetime

from chalicelib.domain.finding import Decision
from chalicelib.domain.invoice import DocumentType, Invoice
from chalicelib.domain.record import Claim, InvoiceRecord, Outcome, Problem, Status, StoredDocument


def claimed(record: InvoiceRecord, owner: str, now: datetime) -> InvoiceRecord:
    """`owner` begins to work on it: one more attempt."""
    claim = Claim(owner=owner, since=now)
    return record.model_copy(
        update={"status": Status.PROCESSING, "claim": claim, "attempts": record.attempts + 1, "processed_at": None}
    )


def released(record: InvoiceRecord, problem: Problem) -> InvoiceRecord:
    """The attempt did not succeed, the next one may: it waits again, and says what was the matter."""
    return record.model_copy(update={"status": Status.RECEIVED, "claim": None, "problem": problem})


def reopened(record: InvoiceRecord) -> InvoiceRecord:
    """A failed one gets all of its attempts anew."""
    return record.model_copy(
        update={"status": Status.RECEIVED, "claim": None, "problem": None, "attempts": 0, "processed_at": None}
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


def rejected(record: InvoiceRecord, problem: Problem, now: datetime) -> InvoiceRecord:
    """The document is at fault, and trying again will not help."""
    nothing_read = Invoice(document_type=DocumentType.OTHER)
    outcome = Outcome(invoice=nothing_read, decision=Decision.REJECTED, reasons=(problem.code,))
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
