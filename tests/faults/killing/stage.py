"""One world in which processes die: where everything lies, who must be paid, and what AWS does after a crash."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any, NamedTuple

import boto3
from botocore.exceptions import ClientError

from chalicelib.costs.prices import PriceBook
from chalicelib.domain.charge import Charge, ChargeState
from chalicelib.domain.dead_letter import DeadLetter
from chalicelib.domain.document import DocumentRef, Page
from chalicelib.domain.record import InvoiceRecord, Status
from chalicelib.domain.usage import Usage
from chalicelib.ports import InvoiceQuery
from local.fakes.bedrock import FakeBedrock
from local.fakes.faults import Fault
from local.fakes.textract import FakeTextract
from local.fakes.textract_jobs import JobEnd
from tests.builders import A_MOMENT
from tests.faults.killing.clouds import Cloud
from tests.faults.killing.worker import NEVER, Call, Ended, Task
from tests.faults.killing.workers import Workers
from tests.pages import a_page

TRIES = 3  # of Lambda, under one request id

_COMPLETE = """
    Fernlea Joinery Ltd
    Invoice
    Invoice no. ST-00017       Invoice date 2026-11-02

    Oak board          2      50.00      100.00

    Subtotal                             100.00 EUR
    VAT 20 %                              20.00 EUR
    Total                                120.00 EUR
"""
_INCOMPLETE = _COMPLETE.replace("Invoice date 2026-11-02", "2026-11-02   2026-12-09").replace(
    "Fernlea Joinery Ltd", "thank you for your order"
)


class Bill(NamedTuple):
    """What Amazon would ask for so far, and for how many calls."""

    usd: Decimal
    calls: int

    def since(self, before: "Bill") -> "Bill":
        """What came after an earlier one."""
        return Bill(self.usd - before.usd, self.calls - before.calls)


class Paid:
    """Textract and Bedrock in this process: their bill outlives whoever is killed.

    Of an incomplete scan each answer leaves something open: it is read for words, asked about, and read for fields.
    """

    def __init__(self) -> None:
        self.refused: Fault | None = None  # what every call of Textract meets
        self.is_scan_complete = True
        self.textract = FakeTextract(self._read, _object, plan=lambda *_: self.refused)
        self.bedrock = FakeBedrock(_answered)
        self.textract.ends = lambda _: JobEnd(polls=0)

    def bill(self) -> Bill:
        """The bill of both."""
        pages = [Usage.of("textract", name, pages=count) for name, count in self.textract.billed.items()]
        tokens = [
            Usage.of("bedrock", model, input_tokens=bill.input_tokens, output_tokens=bill.output_tokens)
            for model, bill in self.bedrock.billed.items()
        ]
        prices = PriceBook.load()
        usd = sum((prices.price_of(usage, "us-east-1", A_MOMENT.date()).usd for usage in (*pages, *tokens)), Decimal(0))
        return Bill(usd, self.textract.billed.total() + self.bedrock.calls.total())

    def _read(self, _content: bytes, numbers: Sequence[int]) -> list[Page]:
        text = _COMPLETE if self.is_scan_complete else _INCOMPLETE
        return [a_page(text)._replace(width=298, height=421, number=number) for number in numbers]


class Stage:
    """A cloud, with processes that work in it."""

    def __init__(self, cloud: Cloud, workers: Workers, paid: Paid) -> None:
        self.cloud = cloud
        self.paid = paid
        self._workers = workers
        self._before = paid.bill()

    def run(self, use_case: str, *given: Any, minutes: float = 0, last: int = NEVER) -> Ended:
        """Let a process do something, until step number `last`."""
        return self._workers(Task(self.cloud.settings, (Call(use_case, given, minutes),), last))

    def done(self, use_case: str, *given: Any, minutes: float = 0) -> Any:
        """What a process gave that nothing happened to."""
        ended = self.run(use_case, *given, minutes=minutes)
        assert (ended.signal, ended.error) == (0, None), ended
        return ended.result

    def deliver(self, ref: DocumentRef, request_id: str, minutes: float = 0) -> None:
        """An event arrives: Lambda tries up to three times, and leaves the rest to `reprocess`."""
        for _ in range(TRIES):
            if self.run("process", ref, request_id, minutes=minutes).error is None:
                return
        self.letter(ref, request_id, minutes)

    def letter(self, ref: DocumentRef, request_id: str, minutes: float = 0) -> None:
        """A dead letter arrives, as often as the queue brings it."""
        letter = DeadLetter(ref, "letter", request_id)
        for number in range(TRIES):
            if self.run("reprocess", letter, minutes=minutes + 30 * number).error is None:
                return
        raise AssertionError("the letter would be parked after two days")

    def sweep(self, *minutes: float) -> None:
        """The schedule, so many minutes from now."""
        calls = tuple(Call("sweep", (f"sweep-{moment}",), moment) for moment in minutes)
        ended = self._workers(Task(self.cloud.settings, calls))
        assert (ended.signal, ended.error) == (0, None), ended

    def rows(self) -> dict[str, InvoiceRecord]:
        """All invoices that are in a list, by id."""
        return {row.invoice_id: row for row in self.cloud.adapters.invoices().page(InvoiceQuery(limit=100)).records}

    def row(self, invoice_id: str) -> InvoiceRecord:
        """One row."""
        found: InvoiceRecord | None = self.cloud.adapters.invoices().load(invoice_id)
        assert found is not None
        return found

    def put(self, key: str, content: bytes) -> DocumentRef:
        """Somebody stores an object; what the bucket tells of it."""
        self.cloud.adapters.documents().put(key, content, "application/pdf")
        return self.cloud.events()[-1]

    def original(self, row: InvoiceRecord) -> bytes | None:
        """The original of an invoice."""
        with suppress(Exception):
            content: bytes = self.cloud.adapters.documents().get(DocumentRef(key=row.document.key))
            return content
        return None

    def billed(self) -> Bill:
        """What was billed in this world."""
        return self.paid.bill().since(self._before)

    def charges(self, invoice_ids: Sequence[str]) -> list[Charge]:
        """The charges of invoices in the ledger."""
        return [charge for one in invoice_ids for charge in self.cloud.adapters.ledger().charges_of(one)]

    def spent(self, charges: Sequence[Charge]) -> Decimal:
        """The sum that the ledger keeps of all days of these charges."""
        days = {charge.day for charge in charges}
        return sum((self.cloud.adapters.ledger().spending(day).day_usd for day in days), Decimal(0))


def usd_of(charges: Sequence[Charge]) -> Mapping[ChargeState, Decimal]:
    """The dollars in charges, by state."""
    sums: Counter[ChargeState] = Counter()
    for charge in charges:
        sums[charge.state] += charge.usd  # type: ignore[assignment]  # a counter adds dollars as well
    return sums  # type: ignore[return-value]  # as above


def open_rows(rows: Mapping[str, InvoiceRecord]) -> list[InvoiceRecord]:
    """Those that have not ended."""
    return [row for row in rows.values() if row.status not in {Status.COMPLETED, Status.REJECTED, Status.FAILED}]


def _object(bucket: str, key: str) -> bytes | None:
    try:
        content: bytes = boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError:
        return None
    return content


def _answered(_model: str, _instructions: str, document: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The date, with the id of its word."""
    shown = (one.partition(":") for one in document.split())
    ids = {word: int(number) for number, _, word in shown if number.isdigit()}
    if "issue_date" not in schema.get("properties", {}):
        return {}
    return {"issue_date": {"value": "2026-11-02", "words": [ids["2026-11-02"]] if "2026-11-02" in ids else []}}
