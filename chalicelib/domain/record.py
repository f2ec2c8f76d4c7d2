"""The record of one invoice: the row in the table, which is the truth about where a document stands."""

from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from chalicelib.domain.charge import Charge
from chalicelib.domain.document import MediaType, PageRange
from chalicelib.domain.finding import Decision, Finding
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.source import Source

SCHEMA_VERSION = 2
"""Raised when what a row says changes its meaning, and not for a mere new field: see docs/adr/0027-versions.md."""

# What a newer version of this program wrote into a row stays in it when this one saves the row again.
_KEEPS_UNKNOWN_FIELDS = ConfigDict(frozen=True, extra="allow")


class Status(StrEnum):
    """Where a document stands.

    `awaiting_upload` → `received` → `processing` → `completed` | `rejected` (the document is at fault) |
    `failed` (we are at fault: it can be tried again). `waiting` is for what cannot be had now (money, a service that is
    left alone for a while), and goes back to `processing` by itself. `erased` is all that is left of a deleted one.
    """

    AWAITING_UPLOAD = "awaiting_upload"
    RECEIVED = "received"
    PROCESSING = "processing"
    WAITING = "waiting"
    COMPLETED = "completed"
    REJECTED = "rejected"
    FAILED = "failed"
    ERASED = "erased"


PROCESSED = frozenset({Status.COMPLETED, Status.REJECTED, Status.FAILED})
"""Where processing ends."""

FINAL = PROCESSED | {Status.ERASED}
"""Where there is nothing more to do."""


class StoredDocument(BaseModel):
    """The facts about the original: its hash, name, kind and size. `pages` is known once it was read.

    `page_range` says which of them an invoice stands on, where the document holds several. `version_id` and `sequencer`
    say which version of the object this is about, as far as an event told.
    """

    model_config = _KEEPS_UNKNOWN_FIELDS

    key: str
    filename: str
    sha256: str | None = None
    media_type: MediaType | None = None
    byte_count: int | None = None
    pages: int | None = None
    page_range: PageRange | None = None
    version_id: str | None = None
    sequencer: str | None = None


class Problem(BaseModel):
    """Why a document was rejected or failed: a stable code and a sentence that says what to do."""

    model_config = _KEEPS_UNKNOWN_FIELDS

    code: str
    message: str
    retryable: bool = False


class Outcome(BaseModel):
    """All that processing one document gave: the invoice, what the checks remarked, what was decided and why.

    `charges` are what it cost. `degraded` are codes of why a paid reader that could have helped was not asked, or did
    not answer: such an invoice may come out better later.
    """

    model_config = _KEEPS_UNKNOWN_FIELDS

    invoice: Invoice
    decision: Decision
    reasons: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    sources: tuple[Source, ...] = ()
    charges: tuple[Charge, ...] = ()
    degraded: tuple[str, ...] = ()
    timings_ms: dict[str, int] = Field(default_factory=dict)


class Claim(BaseModel):
    """Who works on a document, and since when.

    `owner` is the id of the delivery (Lambda's request id, which stays the same when Lambda tries again), so that a
    second try takes over what its crashed forerunner left behind. The same delivery may also come twice at once:
    until `until`, when the invocation is ended at the latest, its forerunner may be alive. Where nobody knows that,
    the second try takes over at once.
    """

    model_config = _KEEPS_UNKNOWN_FIELDS

    owner: str
    since: AwareDatetime
    until: AwareDatetime | None = None


class Remains(BaseModel):
    """What is yet to be removed of an erased invoice: its original, and what was derived from content and parts.

    `version_id` restricts it to one version, where other versions of the same key are other invoices.
    """

    model_config = ConfigDict(frozen=True)

    key: str
    version_id: str | None = None
    sha256: str | None = None
    parts: int = Field(default=1, ge=1)


class InvoiceRecord(BaseModel):
    """One row. `revision` counts writes: a save names the revision it read, and loses if that has moved on.

    A document that holds several invoices has a record for each. The first is the document's own, and `parts` says how
    many there are; the others name it as `part_of`, and have its id with `-2`, `-3`, … behind it. `most_parts` is how
    many there may ever have been, those that were withdrawn since included: see `parts_ever`.

    `next_attempt_at` is when `sweep` goes on with what waits, and with what somebody else should have done by then.
    `redrives` counts how often dead letters opened it again; `parked_letter` is the message that was parked last.
    An erased one has nothing of its document any more; `remains` is there until all of it was removed.
    """

    model_config = _KEEPS_UNKNOWN_FIELDS

    invoice_id: str
    status: Status
    document: StoredDocument
    received_at: AwareDatetime
    processed_at: AwareDatetime | None = None
    outcome: Outcome | None = None
    problem: Problem | None = None
    claim: Claim | None = None
    attempts: int = Field(default=0, ge=0)
    next_attempt_at: AwareDatetime | None = None
    revision: int = Field(default=0, ge=0)
    part_of: str | None = None
    parts: int = Field(default=1, ge=1)
    most_parts: int = Field(default=1, ge=1)
    redrives: int = Field(default=0, ge=0)
    parked_letter: str | None = None
    erased_at: AwareDatetime | None = None
    remains: Remains | None = None
    schema_version: int = SCHEMA_VERSION

    @property
    def parts_ever(self) -> int:
        """Of how many invoices there may be records; it never falls. Rows from before it was kept know `parts` only."""
        return max(self.parts, self.most_parts)
