"""Calls of Textract: at once, or as a job that a later run can take up again without paying twice."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from chalicelib.adapters.aws.clients import AwsClients
from chalicelib.adapters.aws.failures import (
    JOB_GONE,
    OBJECT_UNREADABLE,
    TOO_LARGE_FOR_OCR,
    UNREADABLE_FOR_OCR,
    may_be_done,
    translated,
)
from chalicelib.adapters.aws.objects import S3Objects
from chalicelib.adapters.aws.textract_answers import mapping, mappings, text_of
from chalicelib.adapters.aws.textract_sending import Sent, token_of
from chalicelib.adapters.once import Once
from chalicelib.alerting import call_operator
from chalicelib.errors import (
    ConfigurationError,
    PendingError,
    RejectedError,
    SmartInvoiceError,
    UnavailableError,
    UncertainError,
)
from chalicelib.settings import Settings

SERVICE = "textract"
PENDING = "textract_pending"

_JOB_FAILED = "textract_job_failed"
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS, _WAIT_GROWTH = 1.0, 5.0, 1.5
_ENDS = frozenset({"SUCCEEDED", "PARTIAL_SUCCESS", "FAILED"})  # anything else is waited for
_JOBS_OWN_TROUBLE = re.compile(r"INTERNAL|THROTTL|TIME_?D?_?OUT|TRY_AGAIN|UNAVAILABLE|LIMIT_EXCEEDED|THROUGHPUT")
_OBJECT_TROUBLE = re.compile(r"S3|ACCESS|KMS|BUCKET")
_TOO_LARGE = re.compile(r"TOO_LARGE|SIZE")


class Api(NamedTuple):
    """One of Textract's APIs: the operation that is billed, and the client's methods for it."""

    operation: str
    ask: str
    start: str
    get: str


WORDS = Api(
    "DetectDocumentText",
    "detect_document_text",
    "start_document_text_detection",
    "get_document_text_detection",
)
FIELDS = Api("AnalyzeExpense", "analyze_expense", "start_expense_analysis", "get_expense_analysis")


class Deadline:
    """So many `seconds` from now. `now` and `wait` are the machine's monotonic clock, and its sleep."""

    def __init__(
        self, seconds: float, now: Callable[[], float] = time.monotonic, wait: Callable[[float], None] = time.sleep
    ) -> None:
        self._now = now
        self._wait = wait
        self._until = now() + seconds

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self._until - self._now()

    def wait(self, seconds: float) -> None:
        """Wait for so long; `PendingError` at once when there is less time."""
        if seconds >= self.left:
            raise pending()
        self._wait(seconds)


class TextractCalls:
    """Textract's operations with our errors. What it reads from the bucket lies under `derived/textract/`."""

    def __init__(self, settings: Settings, clients: AwsClients) -> None:
        self._bucket = settings.bucket_name
        self._objects = S3Objects(settings, clients)
        self._client = Once(lambda: _never_paying_twice(clients.textract()))

    def ask_with_bytes(self, api: Api, sent: Sent) -> Mapping[str, Any]:
        """The answer about one page, which goes with the call."""
        return self._asked(api, {"Bytes": sent.content})

    def ask(self, api: Api, sent: Sent) -> Mapping[str, Any]:
        """The answer about one page, which goes by way of the bucket."""
        self._put(sent)
        try:
            return self._asked(api, {"S3Object": self._place(sent)})
        except ConfigurationError as error:
            raise self._explained(error, sent) from error

    def ask_for_job(self, api: Api, sent: Sent, deadline: Deadline) -> Mapping[str, Any]:
        """The answer about any number of pages.

        When time is up, `PendingError`: asked again, it goes on with the same job. A job that
        Textract lost, or that failed by Textract's own fault, is started anew, once.
        """
        self._put(sent)
        try:
            return self._job(api, sent, 0, deadline)
        except UnavailableError as error:
            if error.code not in {JOB_GONE, _JOB_FAILED}:
                raise
        except ConfigurationError as error:
            raise self._explained(error, sent) from error
        return self._job(api, sent, 1, deadline)

    def _asked(self, api: Api, document: Mapping[str, Any]) -> Mapping[str, Any]:
        client = self._client()
        with translated(SERVICE, paid=True):
            answer = mapping(getattr(client, api.ask)(Document=document))
        if not answer.keys() & {"DocumentMetadata", "Blocks", "ExpenseDocuments"}:
            raise UncertainError("textract_uncertain", "Textract's answer broke off; it did what it was asked to.")
        return answer

    def _job(self, api: Api, sent: Sent, attempt: int, deadline: Deadline) -> Mapping[str, Any]:
        """Start a job, or find the one that was started before, and wait for its end.

        Starting is safe to repeat: the same token is the same job. So what may have begun is pending, not uncertain.
        """
        client = self._client()
        location = {"S3Object": self._place(sent)}
        token = token_of(self._bucket, sent, api.operation, attempt)
        try:
            with translated(SERVICE):
                started = mapping(getattr(client, api.start)(DocumentLocation=location, ClientRequestToken=token))
        except UnavailableError as error:
            raise (pending() if may_be_done(error.__cause__) else error) from error
        return self._awaited(api, _complete(started, "JobId")["JobId"], deadline)

    def _awaited(self, api: Api, job_id: str, deadline: Deadline) -> Mapping[str, Any]:
        seconds = _FIRST_WAIT_SECONDS
        while (answer := self._get(api, JobId=job_id)).get("JobStatus") not in _ENDS:
            deadline.wait(seconds)
            seconds = min(seconds * _WAIT_GROWTH, _LONGEST_WAIT_SECONDS)
        if answer.get("JobStatus") == "FAILED":
            raise _failed(text_of(answer.get("StatusMessage")))
        return _merged([answer, *self._rest(api, job_id, answer, deadline)])

    def _rest(
        self, api: Api, job_id: str, answer: Mapping[str, Any], deadline: Deadline
    ) -> Iterator[Mapping[str, Any]]:
        """The further pages of an answer, to the last one."""
        seen: set[str] = set()
        while (token := text_of(answer.get("NextToken"))) and token not in seen:
            if deadline.left <= 0:
                raise pending()
            seen.add(token)
            answer = self._get(api, JobId=job_id, NextToken=token)
            yield answer

    def _get(self, api: Api, **given: str) -> Mapping[str, Any]:
        try:
            with translated(SERVICE):
                answer = mapping(getattr(self._client(), api.get)(**given))
        except UnavailableError as error:
            if error.code == JOB_GONE:
                raise
            raise pending() from error  # the job goes on, and is billed, whether we can ask for it now or not
        return _complete(answer, "JobStatus")

    def _put(self, sent: Sent) -> None:
        if not self._objects.exists(sent.key):
            self._objects.put(sent.key, sent.content, sent.media_type)

    def _place(self, sent: Sent) -> Mapping[str, str]:
        return {"Bucket": self._bucket, "Name": sent.key}

    def _explained(self, error: ConfigurationError, sent: Sent) -> SmartInvoiceError:
        """Textract says of a missing object what it says of one that it must not read; the bucket knows which it is."""
        if error.code != OBJECT_UNREADABLE:
            return error
        if self._objects.exists(sent.key):
            call_operator(error)
            return error
        return UnavailableError("textract_object_missing", "What Textract was to read is gone; it is put there anew.")


def pending() -> PendingError:
    """The error for what is not done yet, is billed once, and goes on with the next attempt."""
    return PendingError(PENDING, "Textract is still reading this document; its answer is fetched later.")


def _never_paying_twice(client: Any) -> Any:
    """Keep boto3 from sending a paid call again that may already have been done: our ledger would see only one."""
    for api in (WORDS, FIELDS):
        event = f"needs-retry.textract.{api.operation}"
        client.meta.events.register_first(event, _give_up_if_maybe_done, unique_id=f"{event}.never-paying-twice")
    return client


def _give_up_if_maybe_done(caught_exception: BaseException | None = None, **_: object) -> None:
    """What boto3 asks before it retries; an error that is raised here is the call's."""
    if caught_exception is not None and may_be_done(caught_exception):
        raise caught_exception


def _complete(answer: Mapping[str, Any], member: str) -> Mapping[str, Any]:
    """An answer that has what it must have. One that broke off on its way comes from boto3 with nothing in it."""
    if not text_of(answer.get(member)):
        raise pending()
    return answer


def _failed(message: str) -> SmartInvoiceError:
    """Our word for a job that failed, by what Textract says of it (`INVALID_IMAGE_TYPE`, …)."""
    what = re.sub(r"\W+", "_", message.upper())[:80]
    if _OBJECT_TROUBLE.search(what):
        return ConfigurationError(OBJECT_UNREADABLE, f"Textract could not read from the bucket ({what}): check rights.")
    if _JOBS_OWN_TROUBLE.search(what) or not what:
        return UnavailableError(_JOB_FAILED, f"Textract's job failed ({what or 'no reason given'}); try again.")
    code = TOO_LARGE_FOR_OCR if _TOO_LARGE.search(what) else UNREADABLE_FOR_OCR
    return RejectedError(code, "This document cannot be read by OCR. Please send it as PDF, PNG or JPEG, anew.")


def _merged(answers: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The parts of one answer as one."""
    lists = ("Blocks", "ExpenseDocuments", "Warnings")
    return {**answers[0], **{name: [item for one in answers for item in mappings(one.get(name))] for name in lists}}
