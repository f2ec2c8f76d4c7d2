"""The app's handlers on the embedded adapters, with a clock that tests move and a reader that has moods."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from chalicelib.bootstrap import Services, services
from chalicelib.domain.document import DocumentRef, MediaType, ReadDocument
from chalicelib.domain.record import InvoiceRecord
from chalicelib.domain.upload import invoice_id_of
from chalicelib.pipeline.sweep import Swept
from local.lambda_runtime import sqs_event
from tests.builders import SetClock, a_document, a_read_document, some_settings
from tests.functional.conftest import Api, EmbeddedWithoutOcr

_VISIBILITY = 1800.0  # as the queue of dead letters has it
LAMBDA_SECONDS = 300.0  # after which an invocation is ended


class MoodyReader:
    """Reads one word in every document; while there is `trouble`, it raises that instead."""

    def __init__(self) -> None:
        self.trouble: Exception | None = None
        self.readings = 0
        self.read_well = 0
        self.meanwhile: Callable[[], object] | None = None  # what somebody else does during the next reading

    def read(self, content: bytes) -> ReadDocument:
        """A document of one word."""
        self.readings += 1
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        if self.trouble is not None:
            raise self.trouble
        self.read_well += 1
        return a_read_document()


class MoodyAdapters(EmbeddedWithoutOcr):
    """The embedded adapters with such a reader."""

    def __init__(self, data_dir: Path, clock: SetClock, **given: Any) -> None:
        super().__init__(some_settings(data_dir, **given), clock)
        self.moody = MoodyReader()

    def reader(self) -> MoodyReader:
        """The reader."""
        return self.moody


class TimedApi(Api):
    """The app, its clock and its reader."""

    def __init__(self, adapters: MoodyAdapters, clock: SetClock) -> None:
        super().__init__(adapters, LAMBDA_SECONDS)
        self.clock = clock
        self.reader = adapters.moody

    def stored(self, key: str, content: bytes | None = None) -> str:
        """Put a document into the bucket by hand, and lose its event; its key."""
        self.adapters.documents().put(key, content or a_document(quote_plus(key)), MediaType.PDF)
        self.lose_events()
        return key

    def lose_events(self) -> None:
        """No event that waits will ever arrive."""
        for message in self.adapters.events().receive(60, max=1000):
            self.adapters.events().delete(message.receipt)

    def work_off_dead_letters(self, most: int = 50) -> int:
        """Invoke `reprocess` as SQS does, until nothing waits: what fails comes back. How many deliveries it took."""
        queue, deliveries = self.adapters.dead_letters(), 0
        while queue.depth() and deliveries < most:
            for message in queue.receive(_VISIBILITY):
                deliveries += 1
                with suppress(Exception):
                    self.invoke("reprocess", sqs_event(message, queue.name), message.id)
                    queue.delete(message.receipt)
            self.clock.advance(seconds=_VISIBILITY)
        return deliveries

    def remove(self, key: str) -> None:
        """Somebody deletes the original."""
        self.adapters.documents().delete(DocumentRef(key=key))

    def record(self, invoice_id: str) -> InvoiceRecord:
        """The row of an invoice."""
        record = self.adapters.invoices().load(invoice_id)
        assert record is not None
        return record

    def record_at(self, key: str) -> InvoiceRecord:
        """The row of the document under a key."""
        return self.record(invoice_id_of(DocumentRef(key=key)))

    def save(self, record: InvoiceRecord, **changes: Any) -> InvoiceRecord:
        """Change a row, as a crash may have left it."""
        return self.adapters.invoices().save(record.model_copy(update=changes))

    def swept(self) -> Swept:
        """Run the sweep, with all the time that it needs."""
        return services().sweep(f"sweep-{self.clock.new_id()}")


@contextmanager
def timed_api(data_dir: Path, clock: SetClock, **given: Any) -> Iterator[TimedApi]:
    """The app on empty adapters of its own."""
    adapters = MoodyAdapters(data_dir, clock, **given)
    with services.replaced_by(Services(some_settings(data_dir, **given), adapters)):
        yield TimedApi(adapters, clock)
    adapters.close()


def an_event_of(*keys: str, name: str = "ObjectCreated:Put", version: str = "2.1") -> dict[str, Any]:
    """An event of S3, with its keys encoded as S3 does."""
    return {
        "Records": [
            {
                "eventVersion": version,
                "eventName": name,
                "eventSource": "aws:s3",
                "s3": {"bucket": {"name": "b"}, "object": {"key": quote_plus(key)}},
            }
            for key in keys
        ]
    }


def a_letter(event: dict[str, Any], request_id: str = "given-up") -> str:
    """What Lambda sends to an on-failure destination."""
    return json.dumps({"version": "1.0", "requestContext": {"requestId": request_id}, "requestPayload": event})
