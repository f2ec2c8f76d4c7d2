"""The classes of errors, row by row: what AWS answers or leaves unanswered, and which class of ours it becomes.

| class | letter | what follows |
|---|---|---|
| `UnavailableError` | T | raised, so that it is tried again |
| `RejectedError`, `NotFoundError` | P | the end for this document, with a sentence for its sender, and success |
| `ConfigurationError` | C | an operator is called; the document waits, and no attempt counts |
| `ConflictError` | F | no error: somebody else was faster |
| `DefectError` | B | an operator is called; tried again, and each attempt counts |

What follows is tested in `tests/faults/test_error_kinds.py`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from botocore import exceptions as sdk
from botocore.parsers import ResponseParserError

from chalicelib.adapters.aws.failures import translated
from chalicelib.errors import (
    ConfigurationError,
    ConflictError,
    DefectError,
    NotFoundError,
    RejectedError,
    SmartInvoiceError,
    UnavailableError,
)

ANSWERED: Sequence[tuple[str, str, str, int, type[SmartInvoiceError]]] = [
    # service, operation, code, HTTP status, what it becomes
    ("dynamodb", "TransactWriteItems", "ConditionalCheckFailedException", 400, ConflictError),
    ("dynamodb", "TransactWriteItems", "TransactionConflictException", 400, UnavailableError),
    ("dynamodb", "TransactWriteItems", "TransactionInProgressException", 400, UnavailableError),
    ("dynamodb", "TransactWriteItems", "IdempotentParameterMismatchException", 400, DefectError),
    ("dynamodb", "TransactWriteItems", "ItemCollectionSizeLimitExceededException", 400, DefectError),
    ("dynamodb", "TransactWriteItems", "ReplicatedWriteConflictException", 409, UnavailableError),
    ("dynamodb", "GetItem", "ProvisionedThroughputExceededException", 400, UnavailableError),
    ("dynamodb", "GetItem", "ThrottlingException", 400, UnavailableError),
    ("dynamodb", "GetItem", "RequestLimitExceeded", 400, UnavailableError),
    ("dynamodb", "GetItem", "InternalServerError", 500, UnavailableError),
    ("dynamodb", "GetItem", "ServiceUnavailable", 503, UnavailableError),
    ("dynamodb", "TransactWriteItems", "503", 503, UnavailableError),
    ("dynamodb", "GetItem", "ValidationException", 400, DefectError),
    ("dynamodb", "GetItem", "ResourceNotFoundException", 400, ConfigurationError),
    ("dynamodb", "GetItem", "AccessDeniedException", 400, ConfigurationError),
    ("dynamodb", "GetItem", "UnrecognizedClientException", 400, ConfigurationError),
    ("dynamodb", "GetItem", "ExpiredTokenException", 400, ConfigurationError),
    ("s3", "PutObject", "SlowDown", 503, UnavailableError),
    ("s3", "PutObject", "InternalError", 500, UnavailableError),
    ("s3", "PutObject", "500", 500, UnavailableError),
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
    ("sqs", "SendMessage", "InvalidMessageContents", 400, DefectError),
    ("sqs", "ChangeMessageVisibility", "ReceiptHandleIsInvalid", 400, ConflictError),
    ("sqs", "ChangeMessageVisibility", "MessageNotInflight", 400, ConflictError),
    ("textract", "AnalyzeExpense", "ThrottlingException", 500, UnavailableError),
    ("textract", "AnalyzeExpense", "ProvisionedThroughputExceededException", 400, UnavailableError),
    ("textract", "AnalyzeExpense", "InternalServerError", 500, UnavailableError),
    ("textract", "StartExpenseAnalysis", "LimitExceededException", 400, UnavailableError),
    ("textract", "AnalyzeExpense", "BadDocumentException", 400, RejectedError),
    ("textract", "AnalyzeExpense", "UnsupportedDocumentException", 400, RejectedError),
    ("textract", "AnalyzeExpense", "DocumentTooLargeException", 400, RejectedError),
    ("textract", "AnalyzeExpense", "InvalidS3ObjectException", 400, ConfigurationError),
    ("textract", "AnalyzeExpense", "InvalidParameterException", 400, DefectError),
    ("textract", "AnalyzeExpense", "AccessDeniedException", 400, ConfigurationError),
    ("textract", "StartExpenseAnalysis", "InvalidKMSKeyException", 400, ConfigurationError),
    ("textract", "GetExpenseAnalysis", "InvalidJobIdException", 400, UnavailableError),
    ("textract", "StartExpenseAnalysis", "IdempotentParameterMismatchException", 400, DefectError),
    ("textract", "AnalyzeExpense", "HumanLoopQuotaExceededException", 400, ConfigurationError),
    ("textract", "AnalyzeExpense", "ServiceQuotaExceededException", 400, UnavailableError),
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
    ("bedrock", "Converse", "SomethingNew", 400, DefectError),
    # what any service may answer, and no model tells
    ("s3", "PutObject", "RequestTimeTooSkewed", 403, UnavailableError),
    ("sqs", "SendMessage", "InvalidClientTokenId", 403, ConfigurationError),
    ("dynamodb", "Query", "MissingAuthenticationTokenException", 400, ConfigurationError),
    ("textract", "AnalyzeExpense", "SerializationException", 400, DefectError),
    ("bedrock", "Converse", "UnknownOperationException", 404, DefectError),
    ("textract", "AnalyzeExpense", "unknown", 503, UnavailableError),
    # codes that nobody has heard of yet
    ("s3", "PutObject", "SomethingNew", 500, UnavailableError),
    ("s3", "PutObject", "SomethingNew", 599, UnavailableError),
    ("sqs", "SendMessage", "SomethingNew", 429, UnavailableError),
    ("dynamodb", "GetItem", "SomethingNew", 400, DefectError),
    ("dynamodb", "GetItem", "SomethingNew", 409, DefectError),
]
UNANSWERED: Sequence[tuple[Exception, type[SmartInvoiceError]]] = [
    (sdk.ConnectTimeoutError(endpoint_url="https://x"), UnavailableError),
    (sdk.EndpointConnectionError(endpoint_url="https://x"), UnavailableError),
    (sdk.ConnectionClosedError(endpoint_url="https://x"), UnavailableError),
    (sdk.ReadTimeoutError(endpoint_url="https://x"), UnavailableError),
    (sdk.ProxyConnectionError(proxy_url="https://x"), UnavailableError),
    (sdk.SSLError(endpoint_url="https://x", error=OSError("handshake")), UnavailableError),
    (sdk.ResponseStreamingError(error="reset"), UnavailableError),
    (sdk.IncompleteReadError(actual_bytes=1, expected_bytes=2), UnavailableError),
    (sdk.FlexibleChecksumError(error_msg="other"), UnavailableError),
    (ResponseParserError("no JSON"), UnavailableError),
    (sdk.NoCredentialsError(), ConfigurationError),
    (sdk.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"), ConfigurationError),
    (sdk.NoRegionError(), ConfigurationError),
    (sdk.ProfileNotFound(profile="x"), ConfigurationError),
    (sdk.ParamValidationError(report="Key"), DefectError),
]

# Rows that are no code of an answer: where each is tested, as file and beginning of the test's name.
ELSEWHERE: Mapping[str, tuple[str, str]] = {
    "job status": ("faults/test_textract_faults.py", "test_f40_a_failed_job_is_judged_by_its_message"),
    "max_tokens": ("faults/test_paid_pipeline.py", "test_f49_an_answer_that_was_cut_short"),
    "malformed_model_output": ("faults/test_paid_pipeline.py", "test_f49_what_is_no_answer_is_paid"),
    "malformed_tool_use": ("unit/aws/test_bedrock.py", "test_f49_an_answer_that_ended_otherwise"),
    "guardrail_intervened": ("faults/test_paid_pipeline.py", "test_f49_what_is_no_answer_is_paid"),
    "content_filtered": ("faults/test_paid_pipeline.py", "test_f49_what_is_no_answer_is_paid"),
    "model_context_window_exceeded": ("faults/test_paid_pipeline.py", "test_f49_what_is_no_answer_is_paid"),
    "TransactionCanceledException": ("unit/aws/test_failures.py", "test_a_cancelled_transaction_is_judged"),
    "document: encrypted": ("unit/reading/test_sniffing.py", "test_what_cannot_be_read_is_named"),
    "no text found": ("unit/pipeline/test_interpret.py", "test_what_nobody_could_look_at_goes_to_a_person"),
    "DeadlineExceeded": ("faults/test_error_kinds.py", "test_what_becomes_of_a_document"),
    "BudgetExceeded": ("faults/test_error_kinds.py", "test_what_becomes_of_a_document"),
    "MemoryError": ("faults/test_sandbox.py", "test_f14_a_document_that_wants_too_much_memory"),
    "any other exception": ("faults/test_error_kinds.py", "test_what_becomes_of_a_document"),
    "throttling, 5xx": ("unit/aws/test_error_classes.py", "test_an_error_that_aws_answers_becomes_ours"),
}

# Where our class is not the one of the page, and why.
_OTHERWISE: Mapping[str, str] = {
    "ServiceQuotaExceededException": "the breaker stays open until the next UTC day, which heals it: nobody is called",
    "InvalidJobIdException": "only the job is at an end: the adapter starts another, once, and then it is transient",
}
_LETTERS: Mapping[type[SmartInvoiceError], str] = {
    UnavailableError: "T",
    RejectedError: "P",
    NotFoundError: "P",
    ConfigurationError: "C",
    ConflictError: "F",
    DefectError: "B",
}
_SERVICES = {"Textract": {"textract"}, "Bedrock": {"bedrock"}, "DynamoDB": {"dynamodb"}, "S3": {"s3"}}
_TESTS = Path(__file__).resolve().parents[2]
_PAGE = _TESTS.parents[1] / "shared" / "reference" / "error-classes.md"
needs_page = pytest.mark.skipif(not _PAGE.is_file(), reason="there is no ../shared with the page of error classes")


class PageRow(NamedTuple):
    """One row of the page: whose, which errors, and the letters of its kinds."""

    service: str
    errors: str
    kinds: str


def page_rows() -> Iterator[PageRow]:
    """The rows of the page's one table. A service stands only where its rows begin."""
    service = ""
    for line in _PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) < 8 or set(cells[1]) == {"-"} or cells[1] == "service":
            continue
        service = cells[1] or service
        yield PageRow(service, cells[2], cells[5] or cells[4])


def named_errors(row: PageRow) -> list[str]:
    """The codes, statuses of servers and exceptions that a row names, as far as they are written out."""
    return [
        one.rstrip(".*") for one in re.findall(r"\b5\d\d|[A-Z][A-Za-z]*[a-z0-9][A-Z0-9][A-Za-z0-9]*|KMS\.", row.errors)
    ]


def classes_of(service: str, name: str) -> set[type[SmartInvoiceError]]:
    """Which classes our rows give to what the page calls by this name, or the beginning of it."""
    services = _SERVICES.get(service)
    answered = {(code, kind) for whose, _, code, _, kind in ANSWERED if services is None or whose in services}
    unanswered = {(type(error).__name__, kind) for error, kind in UNANSWERED}
    return {kind for code, kind in answered | unanswered if code.startswith(name)}


def is_elsewhere(row: PageRow) -> bool:
    """Whether a test of its own is named for a row that is no code."""
    return any(words in row.errors for words in ELSEWHERE)


@pytest.mark.parametrize(("service", "operation", "code", "status", "expected"), ANSWERED)
def test_an_error_that_aws_answers_becomes_ours(
    service: str, operation: str, code: str, status: int, expected: type[SmartInvoiceError]
) -> None:
    with pytest.raises(SmartInvoiceError) as told, translated(service):
        raise an_answer(operation, code, status)

    assert type(told.value) is expected


@pytest.mark.parametrize(
    ("error", "expected"), UNANSWERED, ids=lambda row: getattr(row, "__name__", type(row).__name__)
)
def test_a_call_without_answer_becomes_an_error_of_ours(error: Exception, expected: type[SmartInvoiceError]) -> None:
    with pytest.raises(SmartInvoiceError) as told, translated("s3"):
        raise error

    assert type(told.value) is expected


@pytest.mark.parametrize(("file", "test"), sorted(set(ELSEWHERE.values())))
def test_the_rows_that_are_no_code_are_tested_where_it_is_said(file: str, test: str) -> None:
    assert f"def {test}" in (_TESTS / file).read_text(encoding="utf-8")


@needs_page
def test_no_row_of_the_page_is_missing() -> None:
    rows = list(page_rows())
    missing = [
        (row.service, name or row.errors)
        for row in rows
        if not is_elsewhere(row)
        for name in (named_errors(row) or [""])
        if not (name and classes_of(row.service, name))
    ]

    assert len(rows) > 50
    assert missing == []


@needs_page
def test_every_row_has_the_class_that_the_page_asks_for() -> None:
    others = {
        (row.service, name, row.kinds): {kind.__name__ for kind in classes_of(row.service, name)}
        for row in page_rows()
        if not is_elsewhere(row)
        for name in named_errors(row)
        if name not in _OTHERWISE
        and not {_LETTERS[kind] for kind in classes_of(row.service, name)} <= set(re.findall(r"\b[TPCFB]\b", row.kinds))
    }

    assert others == {}


def an_answer(operation: str, code: str, status: int) -> sdk.ClientError:
    """An error as botocore raises it."""
    response: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return sdk.ClientError(response, operation)
