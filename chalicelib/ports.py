"""What the use cases need from the world, as roles in our own words. Adapters obey them; contract tests hold them.

Every method may raise `UnavailableError` (try again later) or `ConfigurationError` (page someone).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, Protocol

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.domain.charge import Charge, Limits, Spending
from chalicelib.domain.client_token import ClientToken
from chalicelib.domain.document import DocumentRef, MediaType, Page, ReadDocument
from chalicelib.domain.finding import Decision
from chalicelib.domain.hint import Hints
from chalicelib.domain.question import ModelAnswer, Question
from chalicelib.domain.record import InvoiceRecord, Status
from chalicelib.domain.shared_state import SharedFact
from chalicelib.domain.usage import Usage


class UploadForm(BaseModel):
    """A presigned POST: send `fields` and then the file (as `file`) to `url`, as multipart form."""

    model_config = ConfigDict(frozen=True)

    url: str
    fields: Mapping[str, str]


class ListedDocument(NamedTuple):
    """A stored document, and when it was stored. The version is named where the bucket keeps several."""

    ref: DocumentRef
    stored_at: datetime


class DocumentStore(Protocol):
    """The bucket of originals. What was put is durable once `put` has returned."""

    def put(self, key: str, content: bytes, media_type: MediaType) -> None:
        """Store `content` under `key` and let `inference` know (for keys under `uploads/`)."""

    def get(self, ref: DocumentRef) -> bytes:
        """The bytes of a document; `NotFoundError` when there is none."""

    def exists(self, key: str) -> bool:
        """Whether something is stored under `key`."""

    def delete(self, ref: DocumentRef) -> None:
        """Remove for good the version that `ref` names, or all versions; return if there is none.

        When this has returned nothing of it can be had any more, by no version id either.
        """

    def delete_folder(self, folder: str) -> None:
        """Remove for good all versions of everything whose key begins with `folder`, which ends with `/`."""

    def listed(self, prefix: str, after: str = "") -> Iterator[ListedDocument]:
        """The documents whose keys begin with `prefix` and come after `after`, by the bytes of their keys.

        They are asked for as they are taken: who stops early pays for little.
        """

    def link(self, key: str, filename: str, seconds: int, version_id: str | None = None) -> str:
        """A URL that downloads the document under the name `filename`, for `seconds`: that version, or the last."""

    def upload_form(self, key: str, media_type: MediaType, max_bytes: int, seconds: int) -> UploadForm:
        """A form that lets a client store one document of at most `max_bytes` under exactly `key`."""

    def check(self) -> None:
        """Return if the bucket answers; raise otherwise."""


class InvoiceQuery(BaseModel):
    """Which invoices to list, newest first unless asked otherwise.

    Times are compared with `received_at`; `until` is exclusive.
    """

    model_config = ConfigDict(frozen=True)

    status: Status | None = None
    decision: Decision | None = None
    supplier: str | None = None  # compared without case and outer spaces
    since: datetime | None = None
    until: datetime | None = None
    oldest_first: bool = False
    limit: int = Field(default=20, ge=1, le=100)
    cursor: str | None = None


class InvoicePage(BaseModel):
    """One page of a list; `cursor` asks for the next, and is absent on the last."""

    model_config = ConfigDict(frozen=True)

    records: tuple[InvoiceRecord, ...]
    cursor: str | None = None


MOST_PARTS = 90
"""How many further invoices one write may take with it: DynamoDB's transactions have a hundred actions."""


class InvoiceStore(Protocol):
    """The table of invoices.

    A row that a newer version of this program wrote is read as far as it can be (`UnavailableError("newer_record", …)`
    otherwise), and never saved over: the newer version will do it. `DefectError("outcome_missing", …)` says that an
    outcome was lost. Lists leave out and log what cannot be read, so that it hides no other.
    """

    def register(self, record: InvoiceRecord) -> InvoiceRecord:
        """Store a new record, or return the one that was first registered with the same `document.sha256`.

        A record without a hash (an upload that has yet to arrive), and one of a further invoice in a document
        (`part_of`), is always new. `ConflictError` when another document already has its `invoice_id`.
        """

    def load(self, invoice_id: str) -> InvoiceRecord | None:
        """The record, or `None`."""

    def load_without_outcome(self, invoice_id: str) -> InvoiceRecord | None:
        """The record without its outcome, or `None`: for who is to replace the outcome, which may be lost."""

    def save(self, record: InvoiceRecord) -> InvoiceRecord:
        """Replace the record that has the same revision, and return it with the next one.

        `ConflictError` when the stored revision is another, `NotFoundError` when there is no such record. A
        `document.sha256` that became known is registered too, unless another invoice already holds it, or this one is
        only a part, or was refused as a duplicate.
        """

    def save_part(self, part: InvoiceRecord, first: InvoiceRecord, *, is_new: bool) -> InvoiceRecord:
        """Store a further invoice of the document whose own record is `first`, if that has its revision still.

        Both are looked at in one step: who has lost the document can store none of its invoices any more. A new one is
        stored as it is, where there is none; another replaces the record that has the same revision, and is returned
        with the next one. `ConflictError` when the revision of either is another, or there is one already.
        """

    def release(self, record: InvoiceRecord, sha256: str | None, parts: Sequence[InvoiceRecord] = ()) -> InvoiceRecord:
        """Save as `save` does, and let go of the content `sha256`, if this invoice held it.

        `parts`, at most `MOST_PARTS`, replace further invoices of the document that have the same revisions. All of it
        is done, or nothing. The same bytes are new from then on, even where the record still names them. Raises as
        `save` does, and `ConflictError` when the revision of a part is another.
        """

    def holder(self, sha256: str) -> InvoiceRecord | None:
        """The record that was first registered with this content, or `None`."""

    def page(self, query: InvoiceQuery) -> InvoicePage:
        """A page of records in the order asked for; `RejectedError("bad_cursor", …)` for a cursor that is not ours.

        Erased ones are in no list but that of the status `erased`, and there only while something `remains` of them.
        """

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


class Depth(StrEnum):
    """How much an OCR engine is asked for: the words alone, or what it takes them to mean, too (at a higher price)."""

    WORDS = "words"
    FIELDS = "fields"


class OcrReading(NamedTuple):
    """What an OCR engine read, what that used, and what it takes it to mean (only at `Depth.FIELDS`)."""

    pages: tuple[Page, ...]
    usage: Usage
    hints: Hints = Hints()
    request_id: str | None = None


class OcrEngine(Protocol):
    """Reads the words of pages that have no usable text of their own."""

    depths: frozenset[Depth]

    def estimate(self, pages: int, depth: Depth = Depth.WORDS) -> Usage:
        """What reading so many pages will use at most."""

    def read_pages(
        self,
        content: bytes,
        media_type: MediaType,
        numbers: Sequence[int],
        depth: Depth = Depth.WORDS,
        seconds: float | None = None,
    ) -> OcrReading:
        """The pages `numbers` (from 1) of a document, upright, in order; and what reading them used.

        Takes at most about `seconds`. Raises `RejectedError` when the engine cannot make anything of the document, and
        `UncertainError` when it may have been billed although no answer came.
        """


class LanguageModel(Protocol):
    """Answers questions about documents. `models` are the ids to ask, the preferred one first."""

    models: tuple[str, ...]

    def estimate(self, model: str, question: Question) -> Usage:
        """What asking will use at most: the tokens of the question, and the most that may be answered."""

    def answer(self, model: str, question: Question, seconds: float) -> ModelAnswer:
        """The answer of one model within `seconds`.

        What came and is no answer (cut short, blocked, not JSON) was billed as well: it comes back with its `problem`.
        Raises `UncertainError` when it may have been billed although nothing came, `RejectedError` when the model
        refuses this question for good (too long, …).
        """


class Ledger(Protocol):
    """Every cent: charges, and what they add up to by UTC day and month. Counts exactly, whoever writes at once."""

    def reserve(self, charge: Charge, limits: Limits) -> None:
        """Book a `reserved` charge, if day, month and invoice stay within their limits with it; all or nothing.

        Raises `BudgetExhaustedError` (`day_budget`, `month_budget`, `invoice_budget`) and books nothing when they do
        not, `ConflictError` when there already is a charge of this name.
        """

    def settle(self, charge: Charge) -> None:
        """Replace the reservation of the same name by a settled, released or unknown charge, and correct the sums.

        They are corrected on the day of the reservation. What was released costs nothing, what is unknown as much as
        was reserved, whatever its `usd`. The same once more changes nothing; `ConflictError` when it was settled
        otherwise, `NotFoundError` when it was never reserved.
        """

    def share(self, charge: Charge) -> None:
        """Book a `shared` charge whatever the limits say; the same once more changes nothing.

        It counts in every sum. `ConflictError` when another charge has its name.
        """

    def charges_of(self, invoice_id: str) -> tuple[Charge, ...]:
        """All charges of one invoice, by name."""

    def charges_on(self, day: date) -> Iterator[Charge]:
        """All charges whose `day` this is."""

    def spending(self, day: date) -> Spending:
        """What was spent and reserved on that day, and in its month."""

    def daily(self, first: date, last: date) -> Mapping[date, Decimal]:
        """US dollars by day, both days included; a day without charges is absent."""

    def open_reservations(self, before: datetime) -> Iterator[Charge]:
        """The charges that were reserved before that moment and are still not settled."""


class SharedState(Protocol):
    """Small facts that all processes share."""

    def load(self, name: str) -> SharedFact | None:
        """The fact as it is now, or `None`."""

    def save(self, fact: SharedFact) -> SharedFact:
        """Replace the fact of the same revision (0: there must be none), and return it with the next one.

        `ConflictError` when somebody else was faster.
        """


class TokenStore(Protocol):
    """What is kept of the tokens of clients, by the SHA-256 of each."""

    def add(self, token: ClientToken) -> None:
        """Keep a new token; `ConflictError("token_exists", …)` when there is one with its hash."""

    def find(self, sha256: str) -> ClientToken | None:
        """The token with this hash as it is now, or `None`."""

    def listed(self) -> tuple[ClientToken, ...]:
        """All tokens, the oldest first; what was added within the last second may be missing."""

    def replace(self, token: ClientToken) -> None:
        """Replace the token with the same hash; `NotFoundError("token_not_found", …)` when there is none."""

    def remove(self, sha256: str) -> None:
        """Remove the token with this hash; return if there is none."""


class Checkpoints(Protocol):
    """Answers of paid steps, kept beside the original, so that no step is paid for twice."""

    def load(self, invoice_id: str, name: str) -> bytes | None:
        """What was kept under this name (a to z, digits, dots, hyphens), or `None`."""

    def save(self, invoice_id: str, name: str, content: bytes) -> None:
        """Keep `content`; it is durable once this has returned."""


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

    def parking(self) -> Queue:
        """The queue that keeps what `reprocess` cannot do either, for a person."""

    def reader(self) -> DocumentReader:
        """The reader of documents."""

    def ocr(self) -> OcrEngine | None:
        """The OCR engine, or `None` where there is none."""

    def model(self) -> LanguageModel | None:
        """The language model, or `None` where there is none."""

    def ledger(self) -> Ledger:
        """The ledger."""

    def shared_state(self) -> SharedState:
        """What all processes share."""

    def tokens(self) -> TokenStore:
        """The tokens of clients."""

    def checkpoints(self) -> Checkpoints:
        """The answers of paid steps."""

    def clock(self) -> Clock:
        """Time and ids."""
