"""Textract as a server on loopback: its JSON protocol, its limits, its jobs, and its bill."""

import base64
import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from typing import Any, Self

from chalicelib.domain.document import MediaType, Page
from chalicelib.errors import RejectedError
from chalicelib.ports import OcrEngine
from chalicelib.reading.limits import Limits
from chalicelib.reading.pdf import PDFIUM, open_pdf
from chalicelib.reading.sniffing import image_sizes, inspect
from local.fakes.faults import Fault, Plan
from local.fakes.textract_jobs import Answer, Job, JobEnd, Refused, one_page
from local.fakes.textract_shapes import blocks_of
from local.fakes.textract_wire import WireServer

Reader = Callable[[bytes, Sequence[int]], Sequence[Page]]
"""Bytes and numbers of pages (from 1) → these pages with their words."""

WORDS, FIELDS = "DetectDocumentText", "AnalyzeExpense"
_STARTS = {"StartDocumentTextDetection": WORDS, "StartExpenseAnalysis": FIELDS}
_GETS = {"GetDocumentTextDetection": WORDS, "GetExpenseAnalysis": FIELDS}
_ITEMS = {WORDS: "Blocks", FIELDS: "ExpenseDocuments"}
_PAGE_SIZES = {WORDS: 1000, FIELDS: 20}
_MAX_BYTES_WITH_CALL = 5 * 1024 * 1024
_MAX_BYTES_AT_ONCE = 10 * 1024 * 1024
_TOKEN = re.compile(r"[a-zA-Z0-9-_]{1,64}")
_FREE = Limits(max_document_bytes=500_000_000, max_pages=3000, max_pixels=10**9)
_NOTHING = Fault()


class FakeTextract:
    """A Textract for `with`: listens at `url` from then on.

    It reads pages by `reader` and objects by `get` (bucket and key → bytes, `None` when there is nothing). `expenses`
    gives what AnalyzeExpense says of a page besides its words (`SummaryFields`, `LineItemGroups`); as with the real
    one, each page is an expense document of its own. `recorded` may answer instead (operation that is billed, and bytes
    → answer). `plan` says which calls go wrong. `check` sees every answer (the operation's name, the answer) before it
    is sent, and raises when it is not as it should be.

    `billed` counts pages by billed operation: what the real one would have charged for. `calls` counts calls by
    operation. `problems` are what the fake itself could not do. `ends` (how the nth job, from 1, ends) and `page_sizes`
    (items on one page of a job's answer, by billed operation) can be set.
    """

    def __init__(
        self,
        reader: Reader,
        get: Callable[[str, str], bytes | None],
        *,
        expenses: Callable[[Page], Answer] = lambda _: {},
        recorded: Callable[[str, bytes], Answer | None] = lambda *_: None,
        plan: Plan = lambda *_: None,
        check: Callable[[str, Answer], None] = lambda *_: None,
    ) -> None:
        self.billed: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self.problems: list[str] = []
        self.plan = plan
        self.ends: Callable[[int], JobEnd] = lambda _: JobEnd()
        self.page_sizes: Mapping[str, int] = _PAGE_SIZES
        self._reader = reader
        self._get_object = get
        self._expenses = expenses
        self._recorded = recorded
        self._check = check
        self._jobs: dict[str, Job] = {}
        self._tokens: dict[str, tuple[str, Answer]] = {}
        self._lock = threading.Lock()
        self._server = WireServer(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        """Where it listens: the value for `AWS_ENDPOINT_URL_TEXTRACT`."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def forget_jobs(self) -> None:
        """Let all jobs be gone as after seven days, though their tokens are still known."""
        with self._lock:
            self._jobs.clear()

    def called(self, operation: str) -> tuple[Fault, str]:
        """Count a call; the fault it meets, and its request id."""
        with self._lock:
            self.calls[operation] += 1
            fault = self.plan(operation, self.calls[operation]) or _NOTHING
            return fault, f"fake-{self.calls.total()}"

    def answer(self, operation: str, asked: Answer) -> Answer:
        """The answer to one call; `Refused` with one of Textract's codes."""
        if operation in {WORDS, FIELDS}:
            answer = self._at_once(operation, asked)
        elif operation in _STARTS:
            answer = {"JobId": self._start(operation, asked)}
        elif operation in _GETS:
            answer = self._get_job(_GETS[operation], asked)
        else:
            raise Refused("UnknownOperationException")
        self._check(operation, answer)
        return answer

    def _at_once(self, operation: str, asked: Answer) -> Answer:
        document = asked["Document"]
        content = self._content(document)
        media_type, pages = _kind_and_pages(content)
        if ("Bytes" in document and len(content) > _MAX_BYTES_WITH_CALL) or len(content) > _MAX_BYTES_AT_ONCE:
            raise Refused("DocumentTooLargeException")
        if pages > 1 or ("Bytes" in document and media_type not in {MediaType.PNG, MediaType.JPEG}):
            raise Refused("UnsupportedDocumentException")
        answer = self._read(operation, content, pages)
        self._bill(operation, answer)
        return answer

    def _start(self, operation: str, asked: Answer) -> str:
        token = asked.get("ClientRequestToken", "")
        if token and not _TOKEN.fullmatch(token):
            raise Refused("InvalidParameterException")
        with self._lock:
            job_id, before = self._tokens.get(token, ("", asked))
        if before != asked:
            raise Refused("IdempotentParameterMismatchException")
        return job_id or self._new_job(_STARTS[operation], asked, token)

    def _new_job(self, operation: str, asked: Answer, token: str) -> str:
        content = self._content(asked["DocumentLocation"])
        media_type, pages = _kind_and_pages(content)
        if media_type in {MediaType.PNG, MediaType.JPEG} and len(content) > _MAX_BYTES_AT_ONCE:
            raise Refused("DocumentTooLargeException")
        with self._lock:
            if token in self._tokens:  # somebody was faster
                return self._tokens[token][0]
            job_id = f"{len(self._jobs) + len(self._tokens) + 1:064x}"
            job = Job(operation, self.ends(len(self._tokens) + 1), lambda: self._read(operation, content, pages))
            self._jobs[job_id] = job
            self._tokens[token or job_id] = (job_id, asked)
        if job.end.status != "FAILED":
            self.bill(operation, pages - len(job.end.failed_pages))
        return job_id

    def _get_job(self, operation: str, asked: Answer) -> Answer:
        with self._lock:
            job = self._jobs.get(asked["JobId"])
        if job is None or job.operation != operation:
            raise Refused("InvalidJobIdException")
        answer = job.poll()
        if answer is None:
            return {"JobStatus": "IN_PROGRESS"}
        size = min(asked.get("MaxResults", 1000), self.page_sizes[operation])
        return one_page(answer, _ITEMS[operation], asked.get("NextToken"), size)

    def _read(self, operation: str, content: bytes, pages: int) -> Answer:
        recorded = self._recorded(operation, content)
        if recorded is not None:
            return recorded
        numbers = range(1, pages + 1)
        found = {page.number: page for page in self._reader(content, numbers)}
        read = [found.get(number) or Page(number, 595, 842, ()) for number in numbers]
        metadata = {"DocumentMetadata": {"Pages": pages}}
        if operation == WORDS:
            blocks = [block for page in read for block in blocks_of(page)]
            return {**metadata, "Blocks": blocks, "DetectDocumentTextModelVersion": "1.0"}
        return {**metadata, "ExpenseDocuments": [self._expense(page) for page in read]}

    def _expense(self, page: Page) -> Answer:
        empty: dict[str, Any] = {"SummaryFields": [], "LineItemGroups": []}
        return {"ExpenseIndex": page.number, **empty, **self._expenses(page), "Blocks": blocks_of(page)}

    def _content(self, place: Answer) -> bytes:
        if "Bytes" in place:
            return base64.b64decode(place["Bytes"])
        content = self._get_object(place["S3Object"]["Bucket"], place["S3Object"]["Name"])
        if content is None:
            raise Refused("InvalidS3ObjectException")
        return content

    def _bill(self, operation: str, answer: Answer) -> None:
        self.bill(operation, int(answer.get("DocumentMetadata", {}).get("Pages", 1)))

    def bill(self, operation: str, pages: int) -> None:
        """Count pages as billed."""
        with self._lock:
            self.billed[operation] += pages


def words_by(engine: OcrEngine) -> Reader:
    """A reader that really reads, by another engine."""

    def read(content: bytes, numbers: Sequence[int]) -> Sequence[Page]:
        with suppress(RejectedError):  # a picture without anything to read is an empty page to Textract
            return engine.read_pages(content, inspect(content, _FREE), numbers).pages
        return ()

    return read


def _kind_and_pages(content: bytes) -> tuple[MediaType, int]:
    try:
        media_type = inspect(content, _FREE)
        if media_type is MediaType.PDF:
            with PDFIUM, closing(open_pdf(content)) as document:
                return media_type, len(document)
        if media_type in {MediaType.XML, MediaType.P7M}:
            raise Refused("UnsupportedDocumentException")
        return media_type, len(image_sizes(content, media_type))
    except RejectedError as error:
        code = (
            "UnsupportedDocumentException" if error.code in {"encrypted", "not_a_document"} else "BadDocumentException"
        )
        raise Refused(code) from None
