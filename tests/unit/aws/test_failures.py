"""Every error of AWS that we know of, row by row, and what it becomes."""

from collections.abc import Sequence
from typing import Any

import botocore.session
import pytest
from botocore import exceptions as sdk

from chalicelib.adapters.aws import failures
from chalicelib.adapters.aws.failures import KINDS, Kind, kind_of, translated
from chalicelib.errors import (
    ConfigurationError,
    ConflictError,
    NotFoundError,
    RejectedError,
    SmartInvoiceError,
    UnavailableError,
    UncertainError,
)

ANSWERED = [
    # service, operation, code, HTTP status, what it becomes
    ("dynamodb", "TransactWriteItems", "ConditionalCheckFailedException", 400, ConflictError),
    ("dynamodb", "TransactWriteItems", "TransactionConflictException", 400, UnavailableError),
    ("dynamodb", "TransactWriteItems", "TransactionInProgressException", 400, UnavailableError),
    ("dynamodb", "TransactWriteItems", "IdempotentParameterMismatchException", 400, ConfigurationError),
    ("dynamodb", "TransactWriteItems", "ItemCollectionSizeLimitExceededException", 400, ConfigurationError),
    ("dynamodb", "TransactWriteItems", "ReplicatedWriteConflictException", 409, UnavailableError),
    ("dynamodb", "GetItem", "ProvisionedThroughputExceededException", 400, UnavailableError),
    ("dynamodb", "GetItem", "ThrottlingException", 400, UnavailableError),
    ("dynamodb", "GetItem", "RequestLimitExceeded", 400, UnavailableError),
    ("dynamodb", "GetItem", "InternalServerError", 500, UnavailableError),
    ("dynamodb", "GetItem", "ServiceUnavailable", 503, UnavailableError),
    ("dynamodb", "GetItem", "ValidationException", 400, ConfigurationError),
    ("dynamodb", "GetItem", "ResourceNotFoundException", 400, ConfigurationError),
    ("dynamodb", "GetItem", "AccessDeniedException", 400, ConfigurationError),
    ("dynamodb", "GetItem", "UnrecognizedClientException", 400, ConfigurationError),
    ("dynamodb", "GetItem", "ExpiredTokenException", 400, ConfigurationError),
    ("s3", "PutObject", "SlowDown", 503, UnavailableError),
    ("s3", "PutObject", "InternalError", 500, UnavailableError),
    ("s3", "PutObject", "502", 502, UnavailableError),
    ("s3", "PutObject", "504", 504, UnavailableError),
    ("s3", "PutObject", "RequestTimeout", 400, UnavailableError),
    ("s3", "PutObject", "BadDigest", 400, UnavailableError),
    ("s3", "PutObject", "IncompleteBody", 400, UnavailableError),
    ("s3", "GetObject", "NoSuchKey", 404, NotFoundError),
    ("s3", "GetObject", "NoSuchVersion", 404, NotFoundError),
    ("s3", "HeadObject", "404", 404, NotFoundError),
    ("s3", "HeadObject", "403", 403, ConfigurationError),
    ("s3", "HeadObject", "400", 400, ConfigurationError),
    ("s3", "HeadObject", "503", 503, UnavailableError),
    ("s3", "HeadBucket", "404", 404, ConfigurationError),
    ("s3", "GetObject", "NoSuchBucket", 404, ConfigurationError),
    ("s3", "GetObject", "AccessDenied", 403, ConfigurationError),
    ("s3", "GetObject", "KMS.DisabledException", 400, ConfigurationError),
    ("s3", "GetObject", "KMS.NotFoundException", 400, ConfigurationError),
    ("s3", "GetObject", "InvalidObjectState", 403, ConfigurationError),
    ("s3", "GetObject", "ExpiredToken", 400, ConfigurationError),
    ("s3", "GetObject", "PermanentRedirect", 301, ConfigurationError),
    ("sqs", "SendMessage", "RequestThrottled", 400, UnavailableError),
    ("sqs", "SendMessage", "ThrottlingException", 400, UnavailableError),
    ("sqs", "SendMessage", "KmsThrottled", 400, UnavailableError),
    ("sqs", "SendMessage", "InternalFailure", 500, UnavailableError),
    ("sqs", "SendMessage", "QueueDoesNotExist", 400, ConfigurationError),
    ("sqs", "GetQueueUrl", "AWS.SimpleQueueService.NonExistentQueue", 400, ConfigurationError),
    ("sqs", "SendMessage", "AccessDenied", 403, ConfigurationError),
    ("sqs", "SendMessage", "KmsAccessDenied", 400, ConfigurationError),
    ("sqs", "SendMessage", "InvalidMessageContents", 400, ConfigurationError),
    ("textract", "AnalyzeExpense", "ThrottlingException", 500, UnavailableError),
    ("textract", "AnalyzeExpense", "ProvisionedThroughputExceededException", 400, UnavailableError),
    ("textract", "AnalyzeExpense", "InternalServerError", 500, UnavailableError),
    ("textract", "StartExpenseAnalysis", "LimitExceededException", 400, UnavailableError),
    ("textract", "AnalyzeExpense", "BadDocumentException", 400, RejectedError),
    ("textract", "AnalyzeExpense", "UnsupportedDocumentException", 400, RejectedError),
    ("textract", "AnalyzeExpense", "DocumentTooLargeException", 400, RejectedError),
    ("textract", "AnalyzeExpense", "InvalidS3ObjectException", 400, ConfigurationError),
    ("textract", "AnalyzeExpense", "InvalidParameterException", 400, ConfigurationError),
    ("textract", "AnalyzeExpense", "AccessDeniedException", 400, ConfigurationError),
    ("textract", "StartExpenseAnalysis", "InvalidKMSKeyException", 400, ConfigurationError),
    ("textract", "GetExpenseAnalysis", "InvalidJobIdException", 400, UnavailableError),
    ("textract", "StartExpenseAnalysis", "IdempotentParameterMismatchException", 400, ConfigurationError),
    ("textract", "AnalyzeExpense", "HumanLoopQuotaExceededException", 400, ConfigurationError),
    ("bedrock", "Converse", "ThrottlingException", 429, UnavailableError),
    ("bedrock", "Converse", "ServiceUnavailableException", 503, UnavailableError),
    ("bedrock", "Converse", "InternalServerException", 500, UnavailableError),
    ("bedrock", "Converse", "ModelNotReadyException", 429, UnavailableError),
    ("bedrock", "Converse", "ModelTimeoutException", 408, UnavailableError),
    ("bedrock", "Converse", "ModelErrorException", 424, UnavailableError),
    ("bedrock", "Converse", "ServiceQuotaExceededException", 400, UnavailableError),
    ("bedrock", "Converse", "ValidationException", 400, RejectedError),
    ("bedrock", "Converse", "AccessDeniedException", 403, ConfigurationError),
    ("bedrock", "Converse", "ResourceNotFoundException", 404, ConfigurationError),
    ("bedrock", "Converse", "UnrecognizedClientException", 403, ConfigurationError),
    ("bedrock", "Converse", "SomethingNew", 400, ConfigurationError),
    # codes that nobody has heard of yet
    ("s3", "PutObject", "SomethingNew", 500, UnavailableError),
    ("s3", "PutObject", "SomethingNew", 599, UnavailableError),
    ("sqs", "SendMessage", "SomethingNew", 429, UnavailableError),
    ("dynamodb", "GetItem", "SomethingNew", 400, ConfigurationError),
    ("dynamodb", "GetItem", "SomethingNew", 409, ConfigurationError),
]
UNANSWERED = [
    (sdk.ConnectTimeoutError(endpoint_url="https://x"), UnavailableError),
    (sdk.EndpointConnectionError(endpoint_url="https://x"), UnavailableError),
    (sdk.ConnectionClosedError(endpoint_url="https://x"), UnavailableError),
    (sdk.ReadTimeoutError(endpoint_url="https://x"), UnavailableError),
    (sdk.ProxyConnectionError(proxy_url="https://x"), UnavailableError),
    (sdk.SSLError(endpoint_url="https://x", error=OSError("handshake")), UnavailableError),
    (sdk.ResponseStreamingError(error="reset"), UnavailableError),
    (sdk.IncompleteReadError(actual_bytes=1, expected_bytes=2), UnavailableError),
    (sdk.FlexibleChecksumError(error_msg="other"), UnavailableError),
    (sdk.NoCredentialsError(), ConfigurationError),
    (sdk.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"), ConfigurationError),
    (sdk.NoRegionError(), ConfigurationError),
    (sdk.ProfileNotFound(profile="x"), ConfigurationError),
    (sdk.ParamValidationError(report="Key"), ConfigurationError),
]
CANCELLED = [
    # the reasons of a cancelled transaction, and what it becomes
    (["ConditionalCheckFailed"], ConflictError),
    (["None", "ConditionalCheckFailed"], ConflictError),
    (["TransactionConflict", "ConditionalCheckFailed"], ConflictError),
    (["ThrottlingError", "ConditionalCheckFailed"], ConflictError),
    (["None", "TransactionConflict"], UnavailableError),
    (["ThrottlingError"], UnavailableError),
    (["ProvisionedThroughputExceeded", "None"], UnavailableError),
    (["ValidationError", "ConditionalCheckFailed"], ConfigurationError),
    (["ItemCollectionSizeLimitExceeded"], ConfigurationError),
    ([], UnavailableError),
]
OPERATIONS = {
    "s3": ["PutObject", "GetObject", "HeadObject", "HeadBucket", "DeleteObject", "ListObjectVersions"],
    "dynamodb": ["GetItem", "Query", "BatchGetItem", "TransactWriteItems"],
    "sqs": ["GetQueueUrl", "SendMessage", "GetQueueAttributes"],
    "textract": [
        "DetectDocumentText",
        "AnalyzeExpense",
        "StartDocumentTextDetection",
        "StartExpenseAnalysis",
        "GetDocumentTextDetection",
        "GetExpenseAnalysis",
    ],
    "bedrock-runtime": ["Converse"],
}


@pytest.mark.parametrize(("service", "operation", "code", "status", "expected"), ANSWERED)
def test_an_error_that_aws_answers_becomes_ours(
    service: str, operation: str, code: str, status: int, expected: type[SmartInvoiceError]
) -> None:
    with pytest.raises(SmartInvoiceError) as told, translated(service):
        raise an_error(operation, code, status)

    assert type(told.value) is expected


@pytest.mark.parametrize(
    ("error", "expected"), UNANSWERED, ids=lambda row: getattr(row, "__name__", type(row).__name__)
)
def test_a_call_without_answer_becomes_an_error_of_ours(
    error: sdk.BotoCoreError, expected: type[SmartInvoiceError]
) -> None:
    with pytest.raises(SmartInvoiceError) as told, translated("s3"):
        raise error

    assert type(told.value) is expected


@pytest.mark.parametrize(("reasons", "expected"), CANCELLED, ids=str)
def test_a_cancelled_transaction_is_judged_by_its_reasons(
    reasons: Sequence[str], expected: type[SmartInvoiceError]
) -> None:
    error = an_error("TransactWriteItems", "TransactionCanceledException", 400)
    error.response["CancellationReasons"] = [{"Code": reason} for reason in reasons]

    with pytest.raises(SmartInvoiceError) as told, translated("dynamodb"):
        raise error

    assert type(told.value) is expected


def test_transactions_that_met_in_one_row_can_be_told_from_other_trouble() -> None:
    error = an_error("TransactWriteItems", "TransactionCanceledException", 400)
    error.response["CancellationReasons"] = [{"Code": "TransactionConflict"}]

    with pytest.raises(UnavailableError) as told, translated("dynamodb"):
        raise error

    assert told.value.code == failures.TRANSACTION_CONFLICT


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (sdk.ReadTimeoutError(endpoint_url="https://x"), UncertainError),
        (sdk.ConnectionClosedError(endpoint_url="https://x"), UncertainError),
        (sdk.ResponseStreamingError(error="reset"), UncertainError),
        (sdk.IncompleteReadError(actual_bytes=1, expected_bytes=2), UncertainError),
        (sdk.HTTPClientError(error="odd"), UncertainError),
        (sdk.ConnectTimeoutError(endpoint_url="https://x"), UnavailableError),
        (sdk.EndpointConnectionError(endpoint_url="https://x"), UnavailableError),
        (sdk.ProxyConnectionError(proxy_url="https://x"), UnavailableError),
        (sdk.SSLError(endpoint_url="https://x", error=OSError("handshake")), UnavailableError),
        (sdk.NoCredentialsError(), ConfigurationError),
    ],
    ids=lambda row: getattr(row, "__name__", type(row).__name__),
)
def test_a_paid_call_that_was_sent_and_not_answered_is_uncertain(
    error: sdk.BotoCoreError, expected: type[SmartInvoiceError]
) -> None:
    with pytest.raises(SmartInvoiceError) as told, translated("textract", paid=True):
        raise error

    assert type(told.value) is expected


def test_a_paid_call_that_was_answered_with_an_error_is_certain() -> None:
    with pytest.raises(SmartInvoiceError) as told, translated("textract", paid=True):
        raise an_error("AnalyzeExpense", "InternalServerError", 500)

    assert type(told.value) is UnavailableError


@pytest.mark.parametrize(
    ("code", "status", "words", "expected"),
    [
        ("ModelTimeoutException", 408, "slow", "bedrock_model_failed"),
        ("ModelErrorException", 424, "broken", "bedrock_model_failed"),
        ("ServiceQuotaExceededException", 400, "tokens", "bedrock_quota"),
        ("ThrottlingException", 429, "Too many requests, please wait before trying again.", "bedrock_unavailable"),
        ("ThrottlingException", 429, "Too many tokens per day, please wait before trying again.", "bedrock_quota"),
        ("ValidationException", 400, "Input is too long for requested model.", "question_refused"),
        ("ValidationException", 400, "prompt is too long: 205000 tokens > 200000 maximum", "question_refused"),
        ("ValidationException", 400, "The provided model identifier is invalid.", "bedrock_refused"),
        (
            "ValidationException",
            400,
            "Invocation of model ID x with on-demand throughput isn't supported.",
            "bedrock_refused",
        ),
        ("ValidationException", 400, "`temperature` is deprecated for this model.", "bedrock_refused"),
        ("ValidationException", 400, "This model doesn't support tool use.", "bedrock_refused"),
    ],
)
def test_what_a_model_refused_is_told_apart(code: str, status: int, words: str, expected: str) -> None:
    with pytest.raises(SmartInvoiceError) as told, translated("bedrock", paid=True):
        raise an_error("Converse", code, status, words)

    assert told.value.code == expected


@pytest.mark.parametrize(("reasons", "_"), CANCELLED, ids=str)
def test_a_cancelled_transaction_wrote_nothing_and_tells_which_parts_were_refused(
    reasons: Sequence[str], _: type[SmartInvoiceError]
) -> None:
    error = an_error("TransactWriteItems", "TransactionCanceledException", 400)
    error.response["CancellationReasons"] = [{"Code": reason} for reason in reasons]

    with pytest.raises(SmartInvoiceError) as told, translated("dynamodb"):
        raise error

    refused = [part for part, reason in enumerate(reasons) if reason == "ConditionalCheckFailed"]
    assert failures.was_cancelled(told.value)
    assert failures.refused_parts(told.value) == tuple(refused)


@pytest.mark.parametrize("code", ["InternalServerError", None], ids=str)
def test_a_write_without_a_clear_answer_may_have_been_done(code: str | None) -> None:
    error = an_error("TransactWriteItems", code, 500) if code else sdk.ReadTimeoutError(endpoint_url="https://x")

    with pytest.raises(UnavailableError) as told, translated("dynamodb"):
        raise error

    assert not failures.was_cancelled(told.value)
    assert failures.refused_parts(told.value) == ()


def test_every_error_of_every_operation_we_call_is_classified() -> None:
    """So an update of the SDK that brings a new error is noticed here first."""
    session = botocore.session.get_session()
    models = {
        (service, name): session.get_service_model(service) for service, names in OPERATIONS.items() for name in names
    }
    shapes = [shape for (_, name), model in models.items() for shape in model.operation_model(name).error_shapes]
    codes = {str(shape.metadata.get("error", {}).get("code") or shape.name) for shape in shapes}

    assert len(codes) > 20
    assert codes - set(KINDS) == {"TransactionCanceledException"}  # it is judged by its reasons


def test_no_code_is_of_two_kinds() -> None:
    assert sum(len(codes) for codes in failures._CODES.values()) == len(KINDS)


def test_nothing_but_amazons_code_is_told_to_callers() -> None:
    """AWS's own text names accounts, roles and keys."""
    error = an_error("GetObject", "AccessDenied", 403, message="arn:aws:iam::123456789012:role/x may not s3:GetObject")

    with pytest.raises(ConfigurationError) as told, translated("s3"):
        raise error

    assert "123456789012" not in str(told.value)
    assert told.value.__cause__ is error


def test_an_error_of_our_own_passes_through() -> None:
    with pytest.raises(ZeroDivisionError), translated("s3"):
        raise ZeroDivisionError


def test_too_many_requests_is_transient_whatever_its_code() -> None:
    assert kind_of("GetItem", "Brandnew", 429) is Kind.TRANSIENT


def an_error(operation: str, code: str, status: int, message: str = "no") -> sdk.ClientError:
    """An error as botocore raises it."""
    response: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return sdk.ClientError(response, operation)
