"""Dead letters: what `inference` gave up, as the queue tells it; and what becomes of those that nobody can do."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict

from chalicelib.domain.document import DocumentRef

_PIECE = 200_000  # characters, each of at most 4 bytes of JSON: a message in SQS has at most 1 MiB


class DeadLetter(NamedTuple):
    """A document that `inference` gave up; the message that says so, and the delivery it speaks of, if it tells.

    `sent_at` is when the message came, so far as the queue says so.
    """

    ref: DocumentRef
    message_id: str
    request_id: str | None = None
    sent_at: datetime | None = None


class ReturnedLetter(NamedTuple):
    """A parked message of a known invoice that somebody moved back. Its row knows the document's key.

    `body` is the message as it was parked.
    """

    invoice_id: str
    message_id: str
    body: str
    version_id: str | None = None
    sequencer: str | None = None
    sent_at: datetime | None = None

    def of(self, key: str) -> DeadLetter:
        """The same about the document under `key`."""
        ref = DocumentRef(key=key, version_id=self.version_id, sequencer=self.sequencer)
        return DeadLetter(ref, self.message_id, sent_at=self.sent_at)


class UnreadableLetter(NamedTuple):
    """A message that names no document: no JSON, or another shape."""

    message_id: str
    body: str


Letter = DeadLetter | ReturnedLetter | UnreadableLetter


class ParkedLetter(BaseModel):
    """What a person has to look at, and why it could not be done.

    It says which invoice it is about, and nothing of the document, not even how it was called: a parked message cannot
    be found again when its invoice is erased. `key` is there only where no row is known, and `body`, the message as it
    came, only where it names no document. A body too long for one message comes in several `pieces`.
    """

    model_config = ConfigDict(frozen=True)

    message_id: str
    code: str
    message: str
    parked_at: AwareDatetime
    invoice_id: str | None = None
    version_id: str | None = None
    sequencer: str | None = None
    attempts: int | None = None
    key: str | None = None
    body: str | None = None
    piece: int = 1
    pieces: int = 1

    def in_pieces(self) -> Iterator["ParkedLetter"]:
        """The same as one letter, or as many as it takes.

        >>> facts = {"message_id": "m", "code": "c", "message": "", "parked_at": "2026-11-23T09:00Z"}
        >>> letter = ParkedLetter.model_validate({"body": "x" * 200_001, **facts})
        >>> [(one.piece, one.pieces, len(one.body or "")) for one in letter.in_pieces()]
        [(1, 2, 200000), (2, 2, 1)]
        """
        if not self.body:
            yield self
            return
        starts = range(0, len(self.body), _PIECE)
        for number, start in enumerate(starts, start=1):
            part = {"body": self.body[start : start + _PIECE], "piece": number, "pieces": len(starts)}
            yield self.model_copy(update=part)
