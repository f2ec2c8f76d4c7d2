"""The paid services of a storm: they live outside the process that is killed, and so does their bill."""

import random
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, NamedTuple

from bench.paid import connected
from bench.stack_storm.papers import Kind, Paper, page_of
from chalicelib.costs.prices import PriceBook
from chalicelib.domain.document import Page
from chalicelib.domain.usage import Usage
from local.fakes.bedrock import Answer, FakeBedrock
from local.fakes.faults import CUT, LOST, Fault, an_error
from local.fakes.textract import FakeTextract
from local.fakes.textract_jobs import Refused

_TEXTRACT_FAULTS = (
    an_error("ProvisionedThroughputExceededException"),
    an_error("ThrottlingException"),
    an_error("InternalServerError", 500),
    CUT,
    LOST,
)
_BEDROCK_FAULTS = (
    an_error("ThrottlingException", 429),
    an_error("ServiceUnavailableException", 503),
    an_error("ModelTimeoutException", 408),
    CUT,
    LOST,
)
_AT_ONCE = frozenset({"DetectDocumentText", "AnalyzeExpense"})
_REGION = "us-east-1"


class Entry(NamedTuple):
    """One answer that was billed: for which document, what of, when it was asked for, and whether it went astray."""

    sha256: str
    usage: Usage
    at: float
    is_unseen: bool

    @property
    def day(self) -> date:
        """The day (UTC) on which it was asked for."""
        return datetime.fromtimestamp(self.at, UTC).date()

    def usd(self, day: date) -> Decimal:
        """Its price in US dollars."""
        return PriceBook.load().price_of(self.usage, _REGION, day).usd


class Bill:
    """Textract and Bedrock on loopback, for these documents; `entries` are what they billed, in order."""

    def __init__(self, papers: Sequence[Paper], fault_share: float, seed: int) -> None:
        self.entries: list[Entry] = []
        self.calls = self.faults = 0
        self._share = fault_share
        self._papers = {paper.sha256: paper for paper in papers if paper.pages}
        self._by_number = {paper.truth.number: paper.sha256 for paper in papers if paper.truth.number and paper.pages}
        self._originals: dict[str, str] = {}
        self._dice = random.Random(seed)  # noqa: S311 - weather, no secret
        self._lock = threading.Lock()
        self._call = _Call()

    @contextmanager
    def open(self, objects: Mapping[str, bytes]) -> Iterator[None]:
        """Serve within a `with` block; `objects` is what lies in S3. The environment says where."""
        textract = _Textract(self, objects)
        bedrock = FakeBedrock(self._answered, plan=self._bedrock_fault, check=self._model_billed)
        with connected(textract, bedrock):
            yield
        problems = [*textract.problems, *bedrock.problems]
        if problems:
            raise RuntimeError(f"The services of the storm broke down themselves: {problems[:3]}")

    def textract_fault(self, operation: str, _nth: int) -> Fault | None:
        """What happens to the next call."""
        return self._begin(_TEXTRACT_FAULTS, is_paid=operation in _AT_ONCE)

    def object(self, objects: Mapping[str, bytes], key: str) -> bytes | None:
        """An object for Textract: its key names the hash of the original."""
        content = objects.get(key)
        if content is not None:
            original = key.split("/")[-2]
            with self._lock:
                self._originals[sha256(content).hexdigest()] = original
            self._call.sha256 = original
        return content

    def recorded(self, _operation: str, content: bytes) -> Answer | None:
        """What Textract says of the documents that are special."""
        original = self._original(content)
        self._call.sha256 = original
        kind = self._papers[original].kind
        if kind is Kind.REFUSED:
            raise Refused("BadDocumentException")
        return {} if kind is Kind.DOOMED else None

    def pages(self, content: bytes, numbers: Sequence[int]) -> Sequence[Page]:
        """What stands on the pages of a document."""
        texts = self._papers[self._original(content)].pages
        return [page_of(texts[number - 1], number) for number in numbers]

    def bill(self, operation: str, pages: int) -> None:
        """Note what Textract billed for the call that is being answered."""
        self._note(Usage.of("textract", operation, pages=pages))

    def _original(self, content: bytes) -> str:
        digest = sha256(content).hexdigest()
        with self._lock:
            return self._originals.get(digest, digest)

    def _bedrock_fault(self, _model: str, _nth: int) -> Fault | None:
        return self._begin(_BEDROCK_FAULTS, is_paid=True)

    def _begin(self, faults: Sequence[Fault], *, is_paid: bool) -> Fault | None:
        with self._lock:
            fault = self._dice.choice(faults) if self._dice.random() < self._share else None
            self.calls += 1
            self.faults += fault is not None
        self._call.at, self._call.is_unseen, self._call.sha256 = time.time(), is_paid and fault is LOST, ""
        return fault

    def _answered(self, model: str, _instructions: str, document: str, schema: Answer) -> Answer:
        """A model that takes the first date for the date of the invoice, and has nothing else to say."""
        number = re.search(r"ST-\d{5}", document)
        self._call.sha256, self._call.model = self._by_number[number[0]] if number else "", model
        dated = re.search(r"(\d+):(\d{4}-\d\d-\d\d)", document)
        if dated is None or "issue_date" not in schema["properties"]:
            return {}
        return {"issue_date": {"value": dated[2], "words": [int(dated[1])]}}

    def _model_billed(self, body: Answer) -> None:
        tokens: Mapping[str, Any] = body["usage"]
        used = {"input_tokens": tokens["inputTokens"], "output_tokens": tokens["outputTokens"]}
        self._note(Usage.of("bedrock", self._call.model, **used))

    def _note(self, usage: Usage) -> None:
        call = self._call
        is_unseen = call.is_unseen or self._papers[call.sha256].kind is Kind.DOOMED
        with self._lock:
            self.entries.append(Entry(call.sha256, usage, call.at, is_unseen))


class _Call(threading.local):
    """The call that a thread of a service is answering."""

    at = 0.0
    is_unseen = False
    sha256 = ""
    model = ""


class _Textract(FakeTextract):
    """A Textract that says what it billed for which document."""

    def __init__(self, bill: Bill, objects: Mapping[str, bytes]) -> None:
        super().__init__(
            bill.pages, lambda _, key: bill.object(objects, key), recorded=bill.recorded, plan=bill.textract_fault
        )
        self._bill_of = bill

    def bill(self, operation: str, pages: int) -> None:
        """Count pages as billed."""
        super().bill(operation, pages)
        self._bill_of.bill(operation, pages)
