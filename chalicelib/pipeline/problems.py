"""What people outside are told about an error: a code, a sentence, and whether the same again may succeed.

The sentences of `RejectedError`, `NotFoundError` and `ConflictError` are written for the client. Those of the others
are written for operators, may name resources and folders, and go to the log only.
"""

from chalicelib.domain.record import InvoiceRecord, Problem, Status
from chalicelib.errors import (
    NEVER_ANSWERED,
    BudgetExhaustedError,
    ConfigurationError,
    ConflictError,
    DefectError,
    NotFoundError,
    RejectedError,
    SmartInvoiceError,
    UnavailableError,
)

MISSING = Problem(code="document_missing", message="The original is no longer stored. Please send the document again.")
CRASHED = Problem(
    code="crashed",
    message="Reading this document stopped our reader again and again. Please send it in another format.",
)
NEVER_CAME = Problem(
    code="upload_never_came",
    message="No document came by this upload form before it expired. Please ask for a new form and send it again.",
)
UNREADABLE_LETTER = Problem(
    code="unreadable_letter",
    message="This message names no document that was uploaded. Please look at who wrote it into the queue.",
)

_NEWER_RECORD = Problem(
    code="newer_record",
    message="A newer version of this service wrote this invoice, and this one cannot show it. Please try again later.",
    retryable=True,
)

_FOR_CLIENTS = (RejectedError, NotFoundError, ConflictError)
_WAITING = (
    "What may be spent on reading is used up for now. This document is kept, and will be read when the next budget "
    "begins; please do not send it again."
)
_OF_BUDGETS = {
    "uploads_paused": "No new documents are taken at the moment. What was sent before is safe and will be read. Please "
    "send this one again later: Retry-After says in how many seconds.",
    "invoice_budget": "Reading this document costs more than may be spent on one. Please enter it by hand, or send it "
    "in a better quality or as PDF.",
    NEVER_ANSWERED: "The service that reads this document was asked twice, and gave no answer. Please enter it by "
    "hand, or send it in a better quality or as PDF.",
}
_INTERNAL = Problem(
    code="internal_error",
    message="Something went wrong on our side. Please try again; if it stays, tell us the request_id.",
    retryable=True,
)


def problem_of(error: Exception) -> Problem:
    """The problem to show; the error of an unknown kind is `internal_error`."""
    if isinstance(error, SmartInvoiceError) and isinstance(error, _FOR_CLIENTS):
        return Problem(code=error.code, message=error.message, retryable=error.retryable)
    if isinstance(error, UnavailableError) and error.code == _NEWER_RECORD.code:
        return _NEWER_RECORD
    if isinstance(error, UnavailableError):
        return Problem(
            code="unavailable",
            message="A service that is needed here did not answer. Please try again in a moment.",
            retryable=True,
        )
    if isinstance(error, BudgetExhaustedError):
        return Problem(code=error.code, message=_OF_BUDGETS.get(error.code, _WAITING), retryable=not error.is_for_good)
    if isinstance(error, ConfigurationError) and not isinstance(error, DefectError):
        return Problem(
            code="misconfigured", message="This installation is not set up correctly; its operator has to act."
        )
    return _INTERNAL


def is_without_upload(record: InvoiceRecord) -> bool:
    """Whether this was given up because its document never came, or was not there: it may come all the same."""
    given_up = record.problem.code if record.status is Status.FAILED and record.problem is not None else None
    return given_up in {NEVER_CAME.code, MISSING.code}
