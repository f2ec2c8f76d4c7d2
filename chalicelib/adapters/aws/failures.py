"""What went wrong at AWS, in our words. The one place that knows AWS's error codes.

| kind | becomes | because |
|---|---|---|
| transient | `UnavailableError` | the same call may succeed later |
| configuration | `ConfigurationError` | a right, a key, a name or an account is wrong: an operator has to act |
| missing | `NotFoundError` | there is no such document |
| conflict | `ConflictError` | a condition did not hold: somebody else was faster |
| bug | `ConfigurationError` | we asked for something that makes no sense: loud, and never lost |
| document | `RejectedError` | the service cannot make anything of this document; another reader may |
| gone | `UnavailableError` | a job is not known (any more): start it anew |
| question | `RejectedError` | the model will never answer this question (too long, …); another question may do |
| quota | `UnavailableError` | what may be used until the end of the UTC day is used up |
| model | `UnavailableError` | the model broke down over the question; whether to ask again is for the caller |

A code that stands in no list is transient when its HTTP status is 429 or 5xx, and a bug otherwise.

A paid call that may have been done although no answer came becomes `UncertainError`. An answer that is an error was not
billed.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from botocore import exceptions as sdk

from chalicelib.errors import (
    ConfigurationError,
    ConflictError,
    NotFoundError,
    RejectedError,
    SmartInvoiceError,
    UnavailableError,
    UncertainError,
)

TRANSACTION_CONFLICT = "dynamodb_transaction_conflict"
OBJECT_UNREADABLE = "textract_object_unreadable"
JOB_GONE = "textract_job_gone"
UNREADABLE_FOR_OCR = "unreadable_for_ocr"
TOO_LARGE_FOR_OCR = "too_large_for_ocr"
QUESTION_REFUSED = "question_refused"


class Kind(StrEnum):
    """What an error asks for; see the table above."""

    TRANSIENT = "transient"
    CONFIGURATION = "configuration"
    MISSING = "missing"
    CONFLICT = "conflict"
    BUG = "bug"
    DOCUMENT = "document"
    GONE = "gone"
    QUESTION = "question"
    QUOTA = "quota"
    MODEL = "model"


_CODES: Mapping[Kind, frozenset[str]] = {
    Kind.TRANSIENT: frozenset(
        {
            # any service
            "InternalError", "InternalFailure", "InternalServerError", "RequestTimeout", "RequestTimeTooSkewed",
            "RequestThrottled", "RequestThrottledException", "ServiceUnavailable", "SlowDown", "Throttling",
            "ThrottledException", "ThrottlingException", "TooManyRequestsException",
            # DynamoDB
            "LimitExceededException", "ProvisionedThroughputExceededException", "ReplicatedWriteConflictException",
            "RequestLimitExceeded", "TransactionConflictException", "TransactionInProgressException",
            # S3
            "BadDigest", "IncompleteBody", "OperationAborted", "XAmzContentSHA256Mismatch",
            # SQS
            "KmsThrottled", "KMS.ThrottlingException", "OverLimit",
            # Bedrock
            "InternalServerException", "ModelNotReadyException", "ServiceUnavailableException",
        }
    ),
    Kind.CONFIGURATION: frozenset(
        {
            # any service
            "403", "AccessDenied", "AccessDeniedException", "AllAccessDisabled", "ExpiredToken",
            "ExpiredTokenException", "IncompleteSignature", "InvalidAccessKeyId", "InvalidClientTokenId",
            "InvalidSecurity", "InvalidSignatureException", "InvalidToken", "MissingAuthenticationToken",
            "NotAuthorized", "OptInRequired", "SignatureDoesNotMatch", "UnrecognizedClientException",
            # DynamoDB
            "ResourceNotFoundException",
            # S3
            "301", "400", "AuthorizationHeaderMalformed", "EncryptionTypeMismatch", "InvalidBucketName",
            "InvalidObjectState", "KMS.DisabledException", "KMS.InvalidKeyUsageException",
            "KMS.KMSInvalidStateException", "KMS.NotFoundException", "NoSuchBucket", "PermanentRedirect",
            # SQS
            "AWS.SimpleQueueService.NonExistentQueue", "InvalidAddress", "KMS.AccessDeniedException",
            "KMS.OptInRequired", "KmsAccessDenied", "KmsDisabled", "KmsInvalidKeyUsage", "KmsInvalidState",
            "KmsNotFound", "KmsOptInRequired", "QueueDoesNotExist",
            # Textract
            "HumanLoopQuotaExceededException", "InvalidKMSKeyException", "InvalidS3ObjectException",
        }
    ),
    Kind.MISSING: frozenset({"404", "NoSuchKey", "NoSuchVersion"}),
    Kind.CONFLICT: frozenset({"ConditionalCheckFailedException", "PreconditionFailed"}),
    Kind.BUG: frozenset(
        {
            # DynamoDB
            "IdempotentParameterMismatchException", "ItemCollectionSizeLimitExceededException", "ValidationException",
            # S3
            "EntityTooLarge", "InvalidRequest", "InvalidWriteOffset", "KeyTooLongError", "TooManyParts",
            # SQS
            "InvalidAttributeName", "InvalidMessageContents", "ReceiptHandleIsInvalid", "UnsupportedOperation",
            # Textract
            "InvalidParameterException",
        }
    ),
    Kind.DOCUMENT: frozenset({"BadDocumentException", "DocumentTooLargeException", "UnsupportedDocumentException"}),
    Kind.GONE: frozenset({"InvalidJobIdException"}),
    Kind.QUOTA: frozenset({"ServiceQuotaExceededException"}),
    Kind.MODEL: frozenset({"ModelErrorException", "ModelTimeoutException"}),
}  # fmt: skip
KINDS: Mapping[str, Kind] = {code: kind for kind, codes in _CODES.items() for code in codes}

_SAME_CODE_OTHER_MEANING = {
    ("HeadBucket", "404"): Kind.CONFIGURATION,  # the bucket itself is missing
    ("Converse", "ValidationException"): Kind.QUESTION,
}

# Where only AWS's words tell two meanings of one code apart. Tokens of a day run out as `ThrottlingException`. A wrong
# model, or one that does not take what we send (`temperature`, tools), is refused as if the question were at fault.
_DAILY = re.compile(r"\b(per|a) day\b|\bdaily\b", re.IGNORECASE)
_WRONG_MODEL = re.compile(
    r"model (identifier|id)\b|on-demand throughput|inference profile|(is not|isn't|doesn't|does not) support"
    r"|deprecated|not allowed|end of (its )?life|\baccess\b",
    re.IGNORECASE,
)
_TOLD_BY_WORDS = (
    ("Converse", "ThrottlingException", _DAILY, Kind.QUOTA),
    ("Converse", "ValidationException", _WRONG_MODEL, Kind.CONFIGURATION),
)

# The reasons why a transaction was cancelled, the one that counts first.
_CANCELLED = "TransactionCanceledException"
_CONDITION = "ConditionalCheckFailed"
_CANCELLATIONS = (
    (frozenset({"ValidationError", "ItemCollectionSizeLimitExceeded"}), Kind.BUG),
    (frozenset({_CONDITION}), Kind.CONFLICT),
)

# Where one code of a kind asks for something of its own, callers know it by this code of ours.
_OWN_CODES: Mapping[str, str] = {
    "DocumentTooLargeException": TOO_LARGE_FOR_OCR,
    "InvalidS3ObjectException": OBJECT_UNREADABLE,
}

# What may succeed later: our code, and the sentence.
_LATER: Mapping[Kind, tuple[str, str]] = {
    Kind.TRANSIENT: ("{}_unavailable", "The service {} did not do it"),
    Kind.QUOTA: ("{}_quota", "The quota of the service {} is used up for now"),
    Kind.MODEL: ("{}_model_failed", "A model of the service {} broke down over it"),
    Kind.GONE: (JOB_GONE, "The service {} knows no such job any more"),
}

_PASSING = (
    sdk.ConnectionError,
    sdk.HTTPClientError,
    sdk.IncompleteReadError,
    sdk.ChecksumError,
    sdk.FlexibleChecksumError,
)
_MAYBE_DONE = (sdk.HTTPClientError, sdk.IncompleteReadError)  # after the connection stood; not `ConnectionError`


@contextmanager
def translated(service: str, *, paid: bool = False) -> Iterator[None]:
    """Turn the errors of a call to `service` (`s3`, `dynamodb`, `sqs`, `textract`, `bedrock`) into ours.

    `paid` says that the call costs money each time that it is done: a missing answer is an `UncertainError` then.
    AWS's own text stays in the chained exception: it names keys, accounts and roles, which are not for callers.
    """
    try:
        yield
    except sdk.ClientError as error:
        raise _answered(service, error) from error
    except sdk.BotoCoreError as error:
        if paid and may_be_done(error):
            raise _uncertain(service, error) from error
        raise _unanswered(service, error) from error


def was_cancelled(error: SmartInvoiceError) -> bool:
    """Whether DynamoDB cancelled the transaction that this error is about: then nothing at all was written."""
    return _code(error.__cause__) in {_CANCELLED, "TransactionConflictException"}


def refused_parts(error: SmartInvoiceError) -> tuple[int, ...]:
    """Which parts of a cancelled transaction had a condition that did not hold, counted from 0."""
    if not isinstance(error.__cause__, sdk.ClientError):
        return ()
    answer: Mapping[str, Any] = error.__cause__.response
    reasons = [str(reason.get("Code")) for reason in answer.get("CancellationReasons", ())]
    return tuple(part for part, reason in enumerate(reasons) if reason == _CONDITION)


def may_be_done(error: BaseException | None) -> bool:
    """Whether a call that ended with this error may have been done all the same: it was sent, and no answer came."""
    return isinstance(error, _MAYBE_DONE)


def kind_of(operation: str, code: str, status: int) -> Kind:
    """The kind of an AWS error code that came with this HTTP status."""
    known = _SAME_CODE_OTHER_MEANING.get((operation, code)) or KINDS.get(code)
    return known or (Kind.TRANSIENT if status == 429 or status >= 500 else Kind.BUG)


def _answered(service: str, error: sdk.ClientError) -> SmartInvoiceError:
    """Our word for an error that AWS answered with."""
    answer: Mapping[str, Any] = error.response
    code = _code(error) or "unknown"
    if code == _CANCELLED:
        return _cancelled(service, answer)
    status = int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code == "TransactionConflictException":
        return UnavailableError(TRANSACTION_CONFLICT, "Somebody else is writing the same row; try again.")
    words = str(answer.get("Error", {}).get("Message", ""))
    told = _kind_by_words(error.operation_name, code, words)
    return _ours(service, told or kind_of(error.operation_name, code, status), code)


def _kind_by_words(operation: str, code: str, words: str) -> Kind | None:
    for its_operation, its_code, pattern, kind in _TOLD_BY_WORDS:
        if (operation, code) == (its_operation, its_code) and pattern.search(words):
            return kind
    return None


def _uncertain(service: str, error: sdk.BotoCoreError) -> UncertainError:
    """Our word for a paid call that was sent and not answered."""
    return UncertainError(
        f"{service}_uncertain", f"The service {service} did not answer ({type(error).__name__}), and may have done it."
    )


def _cancelled(service: str, answer: Mapping[str, Any]) -> SmartInvoiceError:
    """Our word for a transaction of which at least one part was refused."""
    reasons = {str(reason.get("Code")) for reason in answer.get("CancellationReasons", ())} - {"None"}
    for codes, kind in _CANCELLATIONS:
        if reasons & codes:
            return _ours(service, kind, ", ".join(sorted(reasons)))
    if "TransactionConflict" in reasons:
        return UnavailableError(TRANSACTION_CONFLICT, "Somebody else is writing the same row; try again.")
    return _ours(service, Kind.TRANSIENT, ", ".join(sorted(reasons)) or "no reason given")


def _code(error: BaseException | None) -> str | None:
    """AWS's code of an error that it answered with."""
    return error.response.get("Error", {}).get("Code") if isinstance(error, sdk.ClientError) else None


def _unanswered(service: str, error: sdk.BotoCoreError) -> SmartInvoiceError:
    """Our word for a call that got no answer, or was never sent."""
    kind = Kind.TRANSIENT if isinstance(error, _PASSING) else Kind.CONFIGURATION
    return _ours(service, kind, type(error).__name__)


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
    return ConfigurationError(f"{service}_misused", f"The service {service} could not make sense of our call ({what}).")
