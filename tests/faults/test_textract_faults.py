"""Textract in bad moods, at the wire: what is retried, what is not, and what it costs. F… are rows of failure modes."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from chalicelib.domain.document import MediaType
from chalicelib.errors import (
    ConfigurationError,
    DefectError,
    PendingError,
    RejectedError,
    SmartInvoiceError,
    UnavailableError,
    UncertainError,
)
from chalicelib.ports import Depth
from local.fakes.faults import CUT, LOST, SHORTENED, Fault, always, an_error, planned
from local.fakes.textract_jobs import JobEnd
from tests.builders import an_image
from tests.families import moto
from tests.papers import a_pdf, lines
from tests.textract import Textract, a_textract, texts_of

WORDS, FIELDS = "DetectDocumentText", "AnalyzeExpense"
START, GET = "StartDocumentTextDetection", "GetDocumentTextDetection"
PAGES = a_pdf(lines("one"), lines("two"), lines("three"))
THROTTLED = an_error("ThrottlingException", 500)


@pytest.fixture(scope="module", autouse=True)
def aws() -> Iterator[None]:
    """The bucket."""
    with moto():
        yield


@pytest.fixture
def textract() -> Iterator[Textract]:
    """The adapter on a fake."""
    with a_textract() as made:
        yield made


def failing(textract: Textract, kind: type[SmartInvoiceError], **given: Any) -> SmartInvoiceError:
    """The error of reading an image."""
    with pytest.raises(SmartInvoiceError) as caught:
        textract.ocr.read_pages(an_image(), MediaType.PNG, [1], **given)
    assert type(caught.value) is kind
    return caught.value


def failing_job(textract: Textract, kind: type[SmartInvoiceError]) -> SmartInvoiceError:
    """The error of reading three pages."""
    with pytest.raises(SmartInvoiceError) as caught:
        textract.ocr.read_pages(PAGES, MediaType.PDF, [1, 2, 3])
    assert type(caught.value) is kind
    return caught.value


@pytest.mark.parametrize(
    "fault",
    [THROTTLED, an_error("ProvisionedThroughputExceededException"), an_error("InternalServerError", 500), CUT],
    ids=lambda fault: fault.code or "cut",
)
@pytest.mark.parametrize("depth", [Depth.WORDS, Depth.FIELDS])
def test_f30_a_throttled_call_is_sent_again_and_paid_once(textract: Textract, fault: Fault, depth: Depth) -> None:
    operation = textract.ocr.estimate(1, depth).operation
    textract.fake.plan = planned({(operation, 1): fault})
    if fault is CUT:  # nobody knows that nothing was done
        failing(textract, UncertainError, depth=depth)
        assert textract.fake.billed == {}
        return

    reading = textract.ocr.read_pages(an_image(), MediaType.PNG, [1], depth)

    assert texts_of(reading.pages) == {1: ["image1"]}
    assert textract.fake.billed == {operation: 1}


@pytest.mark.parametrize("code", ["ThrottlingException", "ProvisionedThroughputExceededException"])
def test_f31_what_stays_throttled_is_unavailable_and_free(textract: Textract, code: str) -> None:
    textract.fake.plan = always(WORDS, fault=an_error(code))

    error = failing(textract, UnavailableError)

    assert error.code == "textract_unavailable"
    assert textract.fake.calls == {WORDS: 3}
    assert textract.fake.billed == {}


def test_f32_too_many_jobs_at_once_is_a_matter_of_waiting(textract: Textract) -> None:
    textract.fake.plan = planned({(START, 1): an_error("LimitExceededException")})
    textract.ocr.read_pages(PAGES, MediaType.PDF, [1, 2])

    textract.fake.plan = always(START, fault=an_error("LimitExceededException"))
    error = failing_job(textract, UnavailableError)

    assert error.code == "textract_unavailable"


@pytest.mark.parametrize(
    ("code", "ours"),
    [
        ("BadDocumentException", "unreadable_for_ocr"),
        ("UnsupportedDocumentException", "unreadable_for_ocr"),
        ("DocumentTooLargeException", "too_large_for_ocr"),
    ],
)
def test_f33_what_textract_cannot_read_is_rejected_at_once(textract: Textract, code: str, ours: str) -> None:
    textract.fake.plan = always(WORDS, fault=an_error(code))

    assert failing(textract, RejectedError).code == ours
    assert textract.fake.calls == {WORDS: 1}


def test_f33_a_pdf_too_large_to_be_read_at_once_becomes_a_job(textract: Textract) -> None:
    textract.fake.plan = always(WORDS, fault=an_error("DocumentTooLargeException"))

    reading = textract.ocr.read_pages(PAGES, MediaType.PDF, [2])

    assert texts_of(reading.pages) == {2: ["two"]}
    assert textract.fake.billed == {WORDS: 1}


def test_f34_an_object_that_is_there_and_cannot_be_read_is_a_matter_of_configuration(textract: Textract) -> None:
    textract.fake.plan = always(WORDS, START, fault=an_error("InvalidS3ObjectException"))

    with pytest.raises(ConfigurationError) as caught:
        textract.ocr.read_pages(PAGES, MediaType.PDF, [2])

    assert caught.value.code == "textract_object_unreadable"
    assert failing_job(textract, ConfigurationError).code == "textract_object_unreadable"


def test_f34_an_object_that_is_gone_is_put_there_anew_the_next_time() -> None:
    emptied: list[str] = []

    def get(bucket: str, key: str) -> None:
        """Somebody clears the bucket between us and Textract."""
        boto3.client("s3").delete_object(Bucket=bucket, Key=key)
        emptied.append(key)

    with a_textract(get=get) as textract, pytest.raises(UnavailableError) as caught:
        textract.ocr.read_pages(PAGES, MediaType.PDF, [2])

    assert caught.value.code == "textract_object_missing"
    assert emptied


@pytest.mark.parametrize("code", ["AccessDeniedException", "InvalidKMSKeyException"])
def test_f35_a_missing_right_pages_an_operator(textract: Textract, code: str) -> None:
    textract.fake.plan = always(WORDS, START, fault=an_error(code))

    assert failing(textract, ConfigurationError).code == "textract_refused"
    assert failing_job(textract, ConfigurationError).code == "textract_refused"


def test_f36_several_pages_never_go_to_the_api_for_one(textract: Textract) -> None:
    textract.ocr.read_pages(PAGES, MediaType.PDF, [1, 2])
    textract.ocr.read_pages(PAGES, MediaType.PDF, [1, 2], Depth.FIELDS)

    assert textract.fake.calls[WORDS] == textract.fake.calls[FIELDS] == 0


@pytest.mark.parametrize("fault", [LOST, CUT, an_error("InternalServerError", 500)], ids=["lost", "cut", "error"])
def test_f37_a_start_whose_answer_got_lost_is_repeated_and_paid_once(textract: Textract, fault: Fault) -> None:
    textract.fake.plan = planned({(START, 1): fault})

    reading = textract.ocr.read_pages(PAGES, MediaType.PDF, [1, 2])

    assert texts_of(reading.pages) == {1: ["one"], 2: ["two"]}
    assert textract.fake.billed == {WORDS: 2}


def test_f37_a_later_run_goes_on_with_the_same_job_and_pays_nothing_more(textract: Textract) -> None:
    textract.fake.ends = lambda _: JobEnd(polls=20)
    error = failing_job(textract, PendingError)

    reading = textract.again().read_pages(PAGES, MediaType.PDF, [1, 2, 3])

    assert error.code == "textract_pending"
    assert texts_of(reading.pages) == {1: ["one"], 2: ["two"], 3: ["three"]}
    assert textract.fake.calls[START] == 2
    assert textract.fake.billed == {WORDS: 3}


def test_f38_other_pages_have_another_token(textract: Textract) -> None:
    for numbers in ([1, 2], [2, 3], [1, 3], [1, 2, 3]):
        reading = textract.ocr.read_pages(PAGES, MediaType.PDF, numbers)
        assert list(texts_of(reading.pages)) == numbers


def test_f38_a_token_for_something_else_is_a_bug_and_loud(textract: Textract) -> None:
    textract.fake.plan = always(START, fault=an_error("IdempotentParameterMismatchException"))

    assert failing_job(textract, DefectError).code == "textract_misused"


def test_f39_nobody_waits_for_a_message_that_a_job_is_done(textract: Textract) -> None:
    textract.ocr.read_pages(PAGES, MediaType.PDF, [1, 2])

    assert textract.fake.calls == {START: 1, GET: 2}


@pytest.mark.parametrize("depth", [Depth.WORDS, Depth.FIELDS])
def test_f40_pages_that_a_job_could_not_read_are_left_out_and_not_paid(textract: Textract, depth: Depth) -> None:
    textract.fake.ends = lambda _: JobEnd("PARTIAL_SUCCESS", failed_pages=(2,))

    reading = textract.ocr.read_pages(PAGES, MediaType.PDF, [1, 2, 3], depth)

    assert texts_of(reading.pages) == {1: ["one"], 3: ["three"]}
    assert reading.usage == textract.ocr.estimate(2, depth)
    assert textract.fake.billed == {reading.usage.operation: 2}


@pytest.mark.parametrize(
    ("message", "kind", "code"),
    [
        ("INVALID_IMAGE_TYPE", RejectedError, "unreadable_for_ocr"),
        ("Unsupported document", RejectedError, "unreadable_for_ocr"),
        ("DOCUMENT_TOO_LARGE", RejectedError, "too_large_for_ocr"),
        ("INTERNAL_ERROR", UnavailableError, "textract_job_failed"),
        ("INTERNAL_SERVER_ERROR", UnavailableError, "textract_job_failed"),
        ("", UnavailableError, "textract_job_failed"),
        ("INVALID_S3_OBJECT", ConfigurationError, "textract_object_unreadable"),
        ("ACCESS_DENIED", ConfigurationError, "textract_object_unreadable"),
    ],
)
def test_f40_a_failed_job_is_judged_by_its_message(
    textract: Textract, message: str, kind: type[SmartInvoiceError], code: str
) -> None:
    textract.fake.ends = lambda _: JobEnd("FAILED", message)

    assert failing_job(textract, kind).code == code
    assert textract.fake.billed == {}


def test_f40_a_job_that_failed_by_textracts_own_fault_is_started_anew(textract: Textract) -> None:
    textract.fake.ends = lambda nth: JobEnd("FAILED", "INTERNAL_ERROR") if nth == 1 else JobEnd()

    reading = textract.ocr.read_pages(PAGES, MediaType.PDF, [1, 2])

    assert texts_of(reading.pages) == {1: ["one"], 2: ["two"]}
    assert textract.fake.billed == {WORDS: 2}


def test_f40_a_job_that_is_no_longer_known_is_started_anew_once(textract: Textract) -> None:
    textract.ocr.read_pages(PAGES, MediaType.PDF, [1, 2])
    textract.fake.forget_jobs()

    reading = textract.ocr.read_pages(PAGES, MediaType.PDF, [1, 2])
    textract.fake.plan = always(GET, fault=an_error("InvalidJobIdException"))
    error = failing_job(textract, UnavailableError)

    assert texts_of(reading.pages) == {1: ["one"], 2: ["two"]}
    assert error.code == "textract_job_gone"
    assert textract.fake.calls[START] == 5  # 1, 2 and 2


@pytest.mark.parametrize("depth", [Depth.WORDS, Depth.FIELDS])
def test_f41_an_answer_of_many_parts_is_fetched_whole_though_throttled(textract: Textract, depth: Depth) -> None:
    get = GET if depth is Depth.WORDS else "GetExpenseAnalysis"
    textract.fake.page_sizes = {WORDS: 2, FIELDS: 1}
    textract.fake.plan = planned({(get, 3): THROTTLED, (get, 4): LOST})

    reading = textract.ocr.read_pages(PAGES, MediaType.PDF, [1, 2, 3], depth)

    assert texts_of(reading.pages) == {1: ["one"], 2: ["two"], 3: ["three"]}


def test_f41_what_was_not_fetched_whole_is_fetched_by_the_next_run_for_nothing(textract: Textract) -> None:
    textract.fake.page_sizes = {WORDS: 2, FIELDS: 1}
    textract.fake.plan = lambda operation, nth: THROTTLED if operation == GET and nth > 2 else None
    failing_job(textract, PendingError)
    textract.fake.plan = planned({})

    reading = textract.again().read_pages(PAGES, MediaType.PDF, [1, 2, 3])

    assert texts_of(reading.pages) == {1: ["one"], 2: ["two"], 3: ["three"]}
    assert textract.fake.billed == {WORDS: 3}


@pytest.mark.parametrize("operation", [START, GET])
def test_f41_an_answer_about_a_job_that_broke_off_is_asked_for_again(textract: Textract, operation: str) -> None:
    textract.fake.plan = planned({(operation, 1): SHORTENED})
    error = failing_job(textract, PendingError)

    reading = textract.again().read_pages(PAGES, MediaType.PDF, [1, 2, 3])

    assert error.code == "textract_pending"
    assert texts_of(reading.pages) == {1: ["one"], 2: ["two"], 3: ["three"]}
    assert textract.fake.billed == {WORDS: 3}


@pytest.mark.parametrize("fault", [LOST, SHORTENED], ids=["lost", "shortened"])
@pytest.mark.parametrize("depth", [Depth.WORDS, Depth.FIELDS])
def test_f43_a_paid_answer_that_got_lost_is_uncertain_and_not_paid_twice(
    textract: Textract, fault: Fault, depth: Depth
) -> None:
    operation = textract.ocr.estimate(1, depth).operation
    textract.fake.plan = planned({(operation, 1): fault})

    error = failing(textract, UncertainError, depth=depth)

    assert error.code == "textract_uncertain"
    assert textract.fake.calls == {operation: 1}
    assert textract.fake.billed == {operation: 1}


def test_f43_a_read_timeout_of_a_paid_call_is_uncertain_and_not_paid_twice(textract: Textract) -> None:
    config = Config(read_timeout=0.3, retries={"mode": "standard", "total_max_attempts": 3})
    impatient = textract.with_client(boto3.client("textract", config=config))
    textract.fake.plan = planned({(WORDS, 1): Fault(seconds=1.0)})

    with pytest.raises(UncertainError):
        impatient.read_pages(an_image(), MediaType.PNG, [1])

    assert textract.fake.calls == {WORDS: 1}


def test_f43_a_paid_call_that_was_never_connected_is_certain(textract: Textract) -> None:
    nobody = textract.with_client(boto3.client("textract", endpoint_url="http://127.0.0.1:9"))

    with pytest.raises(UnavailableError) as caught:
        nobody.read_pages(an_image(), MediaType.PNG, [1])

    assert type(caught.value) is UnavailableError
