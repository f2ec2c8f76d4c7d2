"""What went wrong at AWS, in our words; which kind it is of, says the one table in `failure_kinds`.

| kind | becomes |
|---|---|
| transient, blocked, gone, quota, model | `UnavailableError`: waits for its next attempt |
| configuration | `ConfigurationError`: an operator is called, and what needs it waits |
| bug | `DefectError`: the same, but each time counts as an attempt |
| missing | `NotFoundError` |
| conflict | `ConflictError` |
| document, question | `RejectedError` |

A paid call that may have been done although no answer came becomes `UncertainError`. An answer that is an error was not
billed.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore import exceptions as sdk

from chalicelib.adapters.aws.failure_kinds import (
    CANCELLED,
    CONDITION,
    CONFLICT,
    Kind,
    kind_of,
    kind_of_cancellation,
    kind_of_exception,
)
from chalicelib.alerting import call_operator
from chalicelib.errors import (
    ConfigurationError,
    ConflictError,
    DefectError,
    NotFoundError,
    RejectedError,
    SmartInvoiceError,
    UnavailableError,
    UncertainError,
)

log = logging.getLogger("smart-invoice.aws")

TRANSACTION_CONFLICT = "dynamodb_transaction_conflict"
OBJECT_UNREADABLE = "textract_object_unreadable"
JOB_GONE = "textract_job_gone"
UNREADABLE_FOR_OCR = "unreadable_for_ocr"
TOO_LARGE_FOR_OCR = "too_large_for_ocr"
QUESTION_REFUSED = "question_refused"

_TRANSACTION_CONFLICT = "TransactionConflictException"
_UNPARSED = "ResponseParserError"  # no `BotoCoreError`, and importing its module takes longer than all else here

# Where one code of a kind asks for something of its own, callers know it by this code of ours.
_OWN_CODES: Mapping[str, str] = {
    "DocumentTooLargeException": TOO_LARGE_FOR_OCR,
    "InvalidS3ObjectException": OBJECT_UNREADABLE,
}

# What may succeed later: our code, and the sentence.
_LATER: Mapping[Kind, tuple[str, str]] = {
    Kind.TRANSIENT: ("{}_unavailable", "The service {} did not do it"),
    Kind.BLOCKED: ("{}_blocked", "A proxy or a certificate is in the way to the service {}"),
    Kind.QUOTA: ("{}_quota", "The quota of the service {} is used up for now"),
    Kind.MODEL: ("{}_model_failed", "A model of the service {} broke down over it"),
    Kind.GONE: (JOB_GONE, "The service {} knows no such job any more"),
}


@contextmanager
def translated(service: str, *, paid: bool = False) -> Iterator[None]:
    """Turn the errors of a call to `service` (`s3`, `dynamodb`, `sqs`, `textract`, `bedrock`) into ours.

    `paid` says that the call costs money each time that it is done: a missing answer is an `UncertainError` then.
    AWS's own text stays in the chained exception: it names keys, accounts and roles, which are not for callers. An
    operator is called from here, so that nobody can swallow an error that only an operator can help against.
    """
    try:
        yield
    except sdk.ClientError as error:
        raise _told(_answered(service, error), error) from error
    except Exception as error:
        if not _is_of_the_sdk(error):
            raise
        ours = _uncertain(service, error) if paid and may_be_done(error) else _unanswered(service, error)
        raise _told(ours, error) from error


def was_cancelled(error: SmartInvoiceError) -> bool:
    """Whether DynamoDB cancelled the transaction that this error is about: then nothing at all was written."""
    return _code(error.__cause__) in {CANCELLED, _TRANSACTION_CONFLICT}


def refused_parts(error: SmartInvoiceError) -> tuple[int, ...]:
    """Which parts of a cancelled transaction had a condition that did not hold, counted from 0."""
    if not isinstance(error.__cause__, sdk.ClientError):
        return ()
    return tuple(part for part, reason in enumerate(_reasons(error.__cause__)) if reason == CONDITION)


def may_be_done(error: BaseException | None) -> bool:
    """Whether a call that ended with this error may have been done all the same: it was sent, and no answer came.

    So it is once the connection stood: not for a `ConnectionError`.
    """
    return isinstance(error, sdk.HTTPClientError | sdk.IncompleteReadError) or type(error).__name__ == _UNPARSED


def _is_of_the_sdk(error: Exception) -> bool:
    return isinstance(error, sdk.BotoCoreError) or type(error).__name__ == _UNPARSED


def _told(ours: SmartInvoiceError, error: Exception) -> SmartInvoiceError:
    """Our error, after an operator was called if need be: not where it is yet to be found out what is the matter."""
    facts = {"operation": getattr(error, "operation_name", None), "aws_code": _code(error) or type(error).__name__}
    if ours.code.endswith("_blocked"):
        log.error("The way to AWS is blocked", extra={"code": ours.code, **facts})
    elif ours.code != OBJECT_UNREADABLE:
        call_operator(ours, **facts)
    return ours


def _answered(service: str, error: sdk.ClientError) -> SmartInvoiceError:
    """Our word for an error that AWS answered with."""
    answer: Mapping[str, Any] = error.response
    code, reasons = _code(error) or "unknown", _reasons(error)
    if code == CANCELLED:
        return _cancelled(service, reasons)
    if code == _TRANSACTION_CONFLICT:
        return _met_another()
    status = int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    words = str(answer.get("Error", {}).get("Message", ""))
    return _ours(service, kind_of(error.operation_name, code, status, words), code)


def _cancelled(service: str, reasons: list[str]) -> SmartInvoiceError:
    """Our word for a transaction of which at least one part was refused."""
    kind = kind_of_cancellation(reasons)
    if kind is Kind.TRANSIENT and CONFLICT in reasons:
        return _met_another()
    return _ours(service, kind, ", ".join(sorted(set(reasons))) or "no reason given")


def _met_another() -> UnavailableError:
    return UnavailableError(TRANSACTION_CONFLICT, "Somebody else is writing the same row; try again.")


def _reasons(error: sdk.ClientError) -> list[str]:
    """Why the parts of a transaction were refused, or not (`None`), in their order."""
    answer: Mapping[str, Any] = error.response
    return [str(reason.get("Code")) for reason in answer.get("CancellationReasons", ())]


def _uncertain(service: str, error: Exception) -> UncertainError:
    """Our word for a paid call that was sent and not answered."""
    return UncertainError(
        f"{service}_uncertain", f"The service {service} did not answer ({type(error).__name__}), and may have done it."
    )


def _code(error: BaseException | None) -> str | None:
    """AWS's code of an error that it answered with."""
    return error.response.get("Error", {}).get("Code") if isinstance(error, sdk.ClientError) else None


def _unanswered(service: str, error: Exception) -> SmartInvoiceError:
    """Our word for a call that got no answer, or was never sent."""
    return _ours(service, kind_of_exception(type(error)), type(error).__name__)


def _ours(service: str, kind: Kind, what: str) -> SmartInvoiceError:
    if kind in _LATER:
        code, words = _LATER[kind]
        return UnavailableError(code.format(service), f"{words.format(service)} ({what}); try again.")
    if kind is Kind.MISSING:
        return NotFoundError("document_not_found", "There is no document under this key.")
    if kind is Kind.CONFLICT:
        return ConflictError(f"{service}_conflict", "It was changed meanwhile; read it again.")
    if kind is Kind.QUESTION:
        return RejectedError(QUESTION_REFUSED, f"The model refused this question ({what}); a shorter one may do.")
    if kind is Kind.DOCUMENT:
        code = _OWN_CODES.get(what, UNREADABLE_FOR_OCR)
        return RejectedError(code, "This document cannot be read by OCR. Please send it as PDF, PNG or JPEG, anew.")
    if kind is Kind.CONFIGURATION:
        code = _OWN_CODES.get(what, f"{service}_refused")
        return ConfigurationError(code, f"The service {service} refused ({what}): check names, rights and keys.")
    return DefectError(f"{service}_misused", f"The service {service} could not make sense of our call ({what}).")
