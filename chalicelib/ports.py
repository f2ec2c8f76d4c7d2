"""What the use cases need from the world, as roles in our own words. Adapters obey them; contract tests hold them.

Every method may raise `UnavailableError` (try again later) or `ConfigurationError` (page someone).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.domain.document import DocumentRef, MediaType, Page, ReadDocument
from chalicelib.domain.finding import Decision
from chalicelib.domain.record import InvoiceRecord, Status
from chalicelib.domain.usage import Usage


class UploadForm(BaseModel):
    """A presigned POST: send `fields` and then the file (as `file`) to `url`, as multipart form."""

    model_config = ConfigDict(frozen=True)

    url: str
    fields: Mapping[str, str]


class DocumentStore(Protocol):
    """The bucket of originals. What was put is durable once `put` has returned."""

    def put(self, key: str, content: bytes, media_type: MediaType) -> None:
        """Store `content` under `key` and let `inference` know (for keys under `uploads/`)."""

    def get(self, ref: DocumentRef) -> bytes:
        """The bytes of a document; `NotFoundError` when there is none."""

    def exists(self, key: str) -> bool:
        """Whether something is stored under `key`."""

    def link(self, key: str, filename: str, seconds: int) -> str:
        """A URL that downloads the document under the name `filename`, for `seconds`."""

    def upload_form(self, key: str, media_type: MediaType, max_bytes: int, seconds: int) -> UploadForm:
        """A form that lets a client store one document of at most `max_bytes` under exactly `key`."""

    def check(self) -> None:
        """Return if the bucket answers; raise otherwise."""


class InvoiceQuery(BaseModel):
    """Which invoices to list, newest first. Times are compared with `received_at`; `until` is exclusive."""

    model_config = ConfigDict(frozen=True)

    status: Status | None = None
    decision: Decision | None = None
    supplier: str | None = None  # compared without case and outer spaces
    since: datetime | None = None
    until: datetime | None = None
    limit: int = Field(default=20, ge=1, le=100)
    cursor: str | None = None


class InvoicePage(BaseModel):
    """One page of a list; `cursor` asks for the next, and is absent on the last."""

    model_config = ConfigDict(frozen=True)

    records: tuple[InvoiceRecord, ...]
    cursor: str | None = None


class InvoiceStore(Protocol):
    """The table of invoices."""

    def register(self, record: InvoiceRecord) -> InvoiceRecord:
        """Store a new record, or return the one that was first registered with the same `document.sha256`.

        A record without a hash (an upload that has yet to arrive), and one of a further invoice in a document
        (`part_of`), is always new. `ConflictError` when another document already has its `invoice_id`.
        """

    def load(self, invoice_id: str) -> InvoiceRecord | None:
        """The record, or `None`."""

    def save(self, record: InvoiceRecord) -> InvoiceRecord:
        """Replace the record that has the same revision, and return it with the next one.

        `ConflictError` when the stored revision is another, `NotFoundError` when there is no such record. A
        `document.sha256` that became known is registered too, unless another invoice already holds it or this one is
        only a part.
        """

    def holder(self, sha256: str) -> InvoiceRecord | None:
        """The record that was first registered with this content, or `None`."""

    def page(self, query: InvoiceQuery) -> InvoicePage:
        """A page of records, newest first; `RejectedError("bad_cursor", …)` for a cursor that is not ours."""

    def count_processed(self, since: datetime) -> int:
        """How many invoices reached a final status at `since` or later."""

    def check(self) -> None:
        """Return if the table answers; raise otherwise."""


class Queue(Protocol):
    """One queue of messages."""

    def send(self, body: str) -> None:
        """Put a message on the queue; it is durable once this returns."""

    def depth(self) -> int:
        """About how many messages wait or are being worked on."""


class DocumentReader(Protocol):
    """Bytes → what stands on the pages, within limits on time and memory."""

    def read(self, content: bytes) -> ReadDocument:
        """Read embedded e-invoice XML and text layer; `RejectedError` when the document is at fault."""


class OcrEngine(Protocol):
    """Reads the words of pages that have no usable text of their own."""

    def read_pages(
        self, content: bytes, media_type: MediaType, numbers: Sequence[int]
    ) -> tuple[tuple[Page, ...], Usage]:
        """The pages `numbers` (from 1) of a document, upright, in order; and what reading them used."""


class Clock(Protocol):
    """Time and ids, so that tests can say what they are."""

    def now(self) -> datetime:
        """The present moment, in UTC."""

    def new_id(self) -> str:
        """A new id: 26 characters, sortable by time, unguessable (ULID)."""


class Adapters(Protocol):
    """One family of adapters: AWS, or embedded. Each is made when it is first asked for."""

    def documents(self) -> DocumentStore:
        """The bucket."""

    def invoices(self) -> InvoiceStore:
        """The table."""

    def dead_letters(self) -> Queue:
        """The queue that takes what `inference` could not do."""

    def reader(self) -> DocumentReader:
        """The reader of documents."""

    def ocr(self) -> OcrEngine | None:
        """The OCR engine, or `None` where there is none."""

    def clock(self) -> Clock:
        """Time and ids."""
