"""One table, one bucket and a `Process`, for tests of what happens to documents."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from chalicelib.bootstrap import Services
from chalicelib.costs.ladder import NOTHING, Permissions
from chalicelib.domain.document import DocumentRef, PageRange
from chalicelib.domain.record import InvoiceRecord
from chalicelib.entrypoints.events import uploaded_documents
from chalicelib.errors import NotFoundError, RejectedError, UnavailableError
from chalicelib.pipeline.asking import Ask
from chalicelib.pipeline.interpret import FurtherInvoice, Interpret, Interpretation
from chalicelib.pipeline.looking import Look
from chalicelib.pipeline.paying import FreePurse
from chalicelib.pipeline.process import Process
from chalicelib.pipeline.receive import Receive
from local.family import EmbeddedAdapters
from tests.builders import SetClock, a_clock, a_document, a_read_document, an_outcome, some_settings

Reading = Callable[[bytes], Interpretation]


class Scene:
    """The embedded table and bucket, and a `Process` whose reading each test chooses."""

    def __init__(self, data_dir: Path) -> None:
        self.clock: SetClock = a_clock()
        self.settings = some_settings(data_dir, max_attempts=3, claim_seconds=60)
        self.adapters = EmbeddedAdapters(self.settings, self.clock)
        self.services = Services(self.settings, self.adapters)
        self.readings = 0

    def received(self, content: bytes | None = None) -> InvoiceRecord:
        """A document that was uploaded."""
        receive = Receive(self.adapters.documents(), self.adapters.invoices(), self.clock, self.settings)
        return receive(content or a_document(), "invoice.pdf").record

    def processed(self, record: InvoiceRecord, reading: Reading, owner: str = "one") -> InvoiceRecord:
        """Process the document of a record."""
        return self._process(reading)(DocumentRef(key=record.document.key), owner)

    def event(self) -> DocumentRef:
        """The document that the next waiting event names."""
        (message,) = self.adapters.events().receive(60)
        self.adapters.events().delete(message.receipt)
        (ref,) = uploaded_documents(json.loads(message.body))
        return ref

    def delivered(
        self, reading: Reading, owner: str = "one", ref: DocumentRef | None = None, seconds: float | None = None
    ) -> InvoiceRecord:
        """Process the document of an event; without one, of the next that waits. It may last `seconds`."""
        deadline = None if seconds is None else self.clock.now() + timedelta(seconds=seconds)
        return self._process(reading)(ref or self.event(), owner, deadline=deadline)

    def now(self, record: InvoiceRecord) -> InvoiceRecord:
        """The record as it is stored."""
        found = self.adapters.invoices().load(record.invoice_id)
        assert found is not None
        return found

    def _process(self, reading: Reading) -> Process:
        return Process(
            self.adapters.documents(),
            self.adapters.invoices(),
            self._interpret(reading),
            Services(self.settings, self.adapters).purse_of,
            self.clock,
            self.settings,
        )

    def _interpret(self, reading: Reading) -> Interpret:
        scene = self

        class ChosenInterpret(Interpret):
            def __call__(self, content: bytes, purse: FreePurse) -> Interpretation:
                scene.readings += 1
                return reading(content)

        look, ask = Look(None, nothing, self.settings), Ask(None, nothing, self.settings)
        return ChosenInterpret(self.adapters.reader(), look, ask, self.clock)


def nothing() -> Permissions:
    """Nothing may be paid for."""
    return NOTHING


def read_well(_content: bytes) -> Interpretation:
    """The document was read."""
    return Interpretation(an_outcome(), a_read_document(page_count=2))


def read_several(_content: bytes) -> Interpretation:
    """The document holds three invoices."""
    further = (FurtherInvoice(an_outcome("Second"), PageRange(first=2, last=2)),
               FurtherInvoice(an_outcome("Third"), PageRange(first=3, last=4)))  # fmt: skip
    return Interpretation(an_outcome(), a_read_document(page_count=4), PageRange(first=1, last=1), further)


def refuse(_content: bytes) -> Interpretation:
    """The document is at fault."""
    raise RejectedError("encrypted", "Please send it without a password.")


def be_down(_content: bytes) -> Interpretation:
    """A service is down."""
    raise UnavailableError("ocr_down", "arn:aws:textract:eu-central-1 did not answer")


def have_a_bug(_content: bytes) -> Interpretation:
    """Something nobody thought of."""
    raise ZeroDivisionError("19.00 EUR / 0")


def miss_something(_content: bytes) -> Interpretation:
    """Something is not there, and it is not the document."""
    raise NotFoundError("not_there", "There is no such thing.")
