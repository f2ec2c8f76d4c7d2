"""Scans through paid readers that keep failing: what is lost, what is paid twice, and whether the ledger is right."""

import random
import re
import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import BaseModel, ConfigDict

from bench.paid import Objects, PaidAdapters, a_picture, connected
from chalicelib.bootstrap import Services
from chalicelib.costs.prices import PriceBook
from chalicelib.domain.charge import Charge, ChargeState
from chalicelib.domain.document import DocumentRef, Page, Word
from chalicelib.domain.geometry import Box
from chalicelib.domain.record import FINAL, InvoiceRecord
from chalicelib.domain.usage import Usage
from chalicelib.errors import SmartInvoiceError
from chalicelib.settings import Settings
from local.fakes.bedrock import Answer, FakeBedrock
from local.fakes.faults import LOST, Fault, Plan, an_error
from local.fakes.textract import FakeTextract

_TEXTRACT_FAULTS = (
    an_error("ProvisionedThroughputExceededException"),
    an_error("InternalServerError", 500),
    LOST,
    LOST,
)
_BEDROCK_FAULTS = (
    an_error("ThrottlingException", 429),
    an_error("ServiceUnavailableException", 503),
    an_error("ModelTimeoutException", 408),
)
_TRIES = 12
_NO_BREAKERS = 10**9  # failures: each document shall meet the faults, not a closed door
_AMPLE = "100000"
_CHARACTER, _LINE, _HEIGHT = 0.007, 0.02, 0.012


class Storm(BaseModel):
    """What came of it: documents that did not end, those that were paid twice for one answer, and the two sums.

    `ledger_usd` is what the ledger says that Textract and Bedrock cost, `billed_usd` the price of what they counted.
    """

    model_config = ConfigDict(frozen=True)

    documents: int
    fault_share: float
    lost: int
    done_twice: int
    paid_twice: int
    calls: int
    decisions: dict[str, int]
    ledger_usd: Decimal
    billed_usd: Decimal

    @property
    def is_right(self) -> bool:
        """Whether nothing was lost or paid twice, and the ledger equals the bill."""
        return not (self.lost or self.done_twice or self.paid_twice) and self.ledger_usd == self.billed_usd


def storm(documents: int, fault_share: float, seed: int = 1, workers: int = 8) -> Storm:
    """Send that many different scans through Textract and Bedrock, of whose calls `fault_share` (0–1) fail.

    Half of the scans say all there is to an invoice; of the others, the model is asked for what is missing.
    """
    pages = {a_picture(number): _page(number) for number in range(documents)}
    objects = Objects()
    plan = _plan(_TEXTRACT_FAULTS, fault_share, seed)
    textract = FakeTextract(lambda content, _: [pages[content]], objects.get, plan=plan)
    bedrock = FakeBedrock(_honest, plan=_plan(_BEDROCK_FAULTS, fault_share, seed + 1))
    with TemporaryDirectory() as folder, connected(textract, bedrock):
        services = _services(Path(folder), objects)
        with ThreadPoolExecutor(workers) as pool:
            records = list(pool.map(lambda content: _ended(services, content), pages))
        charges = [charge for record in records for charge in services.adapters.ledger().charges_of(record.invoice_id)]
        return Storm(
            documents=documents,
            fault_share=fault_share,
            lost=sum(record.status not in FINAL for record in records),
            done_twice=len(records) - len({record.invoice_id for record in records}),
            paid_twice=_paid_twice(charges),
            calls=textract.calls.total() + bedrock.calls.total(),
            decisions=dict(Counter(map(_end_of, records))),
            ledger_usd=sum((charge.usd for charge in charges if _is_paid(charge)), Decimal(0)),
            billed_usd=_billed(textract, bedrock, services.settings),
        )


def _services(folder: Path, objects: Objects) -> Services:
    settings = Settings(
        stage="local",
        adapters="bench.paid:PaidAdapters",
        data_dir=str(folder),
        day_limit_usd=Decimal(_AMPLE),
        month_limit_usd=Decimal(_AMPLE),
        breaker_failures=_NO_BREAKERS,
    )
    return Services(settings, PaidAdapters(settings, objects))


def _ended(services: Services, content: bytes) -> InvoiceRecord:
    """The record of a document that is delivered until it ends."""
    record = services.receive(content, "scan.png").record
    for number in range(_TRIES):
        try:
            record = services.process(DocumentRef(key=record.document.key), f"{record.invoice_id}-{number}")
        except SmartInvoiceError:
            continue
        if record.status in FINAL:
            return record
    return record


def _plan(faults: Sequence[Fault], share: float, seed: int) -> Plan:
    dice, lock = random.Random(seed), threading.Lock()  # noqa: S311 - a storm, not a secret

    def fault(_operation: str, _nth: int) -> Fault | None:
        with lock:
            return dice.choice(faults) if dice.random() < share else None

    return fault


def _end_of(record: InvoiceRecord) -> str:
    return record.outcome.decision.value if record.outcome else record.status.value


def _paid_twice(charges: Sequence[Charge]) -> int:
    """How many steps were answered and paid more than once for one document."""
    answered = Counter(
        (charge.invoice_id, charge.step, charge.usage.operation)
        for charge in charges
        if charge.state is ChargeState.SETTLED
    )
    return sum(count - 1 for count in answered.values())


def _is_paid(charge: Charge) -> bool:
    return charge.state is not ChargeState.SHARED


def _billed(textract: FakeTextract, bedrock: FakeBedrock, settings: Settings) -> Decimal:
    """The price of what both counted, answer by answer as each is charged."""
    used = [Usage.of("textract", operation, pages=pages) for operation, pages in textract.billed.items()]
    used += [
        Usage.of("bedrock", model, input_tokens=bill.input_tokens, output_tokens=bill.output_tokens)
        for model, bill in bedrock.billed.items()
    ]
    prices, today = PriceBook.load(), datetime.now(UTC).date()
    return sum((prices.price_of(usage, settings.price_region, today).usd for usage in used), Decimal(0))


def _honest(_model: str, _instructions: str, document: str, schema: Answer) -> Answer:
    """A model that takes the first date for the date of the invoice, and has nothing else to say."""
    dated = re.search(r"(\d+):(\d{4}-\d\d-\d\d)", document)
    if dated is None or "issue_date" not in schema["properties"]:
        return {}
    return {"issue_date": {"value": dated[2], "words": [int(dated[1])]}}


def _page(number: int) -> Page:
    """The page of a scan: every second one does not say which of two dates is that of the invoice."""
    net = Decimal(1000 + number) / 10
    tax = (net * Decimal("0.2")).quantize(Decimal("0.01"))
    dated = "Invoice date 2026-11-02" if number % 2 else "2026-11-02   2026-12-09"
    text = f"""
Fernlea Joinery Ltd
Invoice
Invoice no. ST-{number:05}       {dated}

Oak board          2      {net / 2:.2f}      {net:.2f}

Subtotal                             {net:.2f} EUR
VAT 20 %                             {tax:.2f} EUR
Total                                {net + tax:.2f} EUR
"""
    words = tuple(
        Word(match[0], Box(match.start() * _CHARACTER, row * _LINE, len(match[0]) * _CHARACTER, _HEIGHT))
        for row, line in enumerate(text.splitlines(), start=1)
        for match in re.finditer(r"\S+", line)
    )
    return Page(1, 298, 421, words)
