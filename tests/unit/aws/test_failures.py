"""What an error of AWS becomes in our words, beyond the rows of `test_error_classes.py`, and who is told."""

from collections.abc import Sequence
from typing import Any

import pytest
from botocore import exceptions as sdk
from botocore.parsers import ResponseParserError

from chalicelib.adapters.aws import failures
from chalicelib.adapters.aws.failure_kinds import Kind, kind_of
from chalicelib.adapters.aws.failures import translated
from chalicelib.errors import (
    ConfigurationError,
    ConflictError,
    DefectError,
    SmartInvoiceError,
    UnavailableError,
    UncertainError,
)

CANCELLED = [
    # the reasons of a cancelled transaction, and what it becomes
    (["ConditionalCheckFailed"], ConflictError),
    (["None", "ConditionalCheckFailed"], ConflictError),
    (["TransactionConflict", "ConditionalCheckFailed"], ConflictError),
    (["ThrottlingError", "ConditionalCheckFailed"], ConflictError),
    (["None", "TransactionConflict"], UnavailableError),
    (["ThrottlingError"], UnavailableError),
    (["ProvisionedThroughputExceeded", "None"], UnavailableError),
    (["ValidationError", "ConditionalCheckFailed"], DefectError),
    (["ItemCollectionSizeLimitExceeded"], DefectError),
    (["SomethingNew", "None"], DefectError),
    ([], UnavailableError),
]


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
        (ResponseParserError("no XML"), UncertainError),
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


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("AccessDenied", "s3_refused"),
        ("KMS.DisabledException", "s3_refused"),
        ("InvalidRequest", "s3_misused"),
        ("NeverHeardOf", "s3_misused"),
        (sdk.NoCredentialsError(), "s3_refused"),
        (sdk.ParamValidationError(report="Key"), "s3_misused"),
    ],
    ids=lambda row: str(row) if isinstance(row, str) else type(row).__name__,
)
def test_an_operator_is_called_with_the_code_whatever_becomes_of_the_error(
    error: str | sdk.BotoCoreError, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ConfigurationError), translated("s3"):
        raise an_error("GetObject", error, 400, "key uploads/secret.pdf") if isinstance(error, str) else error

    (line,) = caplog.records
    assert (line.levelname, line.message, vars(line)["code"]) == ("CRITICAL", "Operator needed", code)
    assert "secret" not in str(vars(line))


@pytest.mark.parametrize("code", ["SlowDown", "NoSuchKey", "PreconditionFailed", "BadDocumentException"])
def test_no_operator_is_called_for_what_needs_none(code: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(SmartInvoiceError), translated("s3"):
        raise an_error("GetObject", code, 400)

    assert caplog.records == []


def test_a_blocked_way_is_told_so_that_an_alarm_can_count_how_long(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(UnavailableError) as told, translated("s3"):
        raise sdk.SSLError(endpoint_url="https://x", error=OSError("expired"))

    (line,) = caplog.records
    assert (line.levelname, vars(line)["code"], told.value.code) == ("ERROR", "s3_blocked", "s3_blocked")


def test_nobody_is_called_for_an_object_of_textract_before_it_was_looked_for(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ConfigurationError), translated("textract"):
        raise an_error("AnalyzeExpense", "InvalidS3ObjectException", 400)

    assert caplog.records == []


def an_error(operation: str, code: str, status: int, message: str = "no") -> sdk.ClientError:
    """An error as botocore raises it."""
    response: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return sdk.ClientError(response, operation)
