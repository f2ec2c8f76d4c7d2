"""Dead letters: what `inference` gave up, as the queue tells it; and what becomes of those that nobody can do."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict

from chalicelib.domain.document import DocumentRef

_PIECE = 200_000  # characters, each of at most 4 bytes of JSON: a message in SQS has at most 1 MiB


class DeadLetter(NamedTuple):
    """A document that `inference` gave up; the message that says so, and the delivery it speaks of, if it tells.

    `body` is the message as it came, and `sent_at` when, so far as the queue says so.
    """

    ref: DocumentRef
    message_id: str
    request_id: str | None = None
    body: str = ""
    sent_at: datetime | None = None


class UnreadableLetter(NamedTuple):
    """A message that names no document: no JSON, or another shape."""

    message_id: str
    body: str


class ParkedLetter(BaseModel):
    """A message that a person has to look at: as it came, and why it could not be done.

    A body too long for one message comes in several `pieces`.
    """

    model_config = ConfigDict(frozen=True)

    message_id: str
    body: str
    code: str
    message: str
    parked_at: AwareDatetime
    invoice_id: str | None = None
    key: str | None = None
    attempts: int | None = None
    piece: int = 1
    pieces: int = 1

    def in_pieces(self) -> Iterator["ParkedLetter"]:
        """The same as one letter, or as many as it takes.

        >>> facts = {"message_id": "m", "code": "c", "message": "", "parked_at": "2026-11-23T09:00Z"}
        >>> letter = ParkedLetter.model_validate({"body": "x" * 200_001, **facts})
        >>> [(one.piece, one.pieces, len(one.body)) for one in letter.in_pieces()]
        [(1, 2, 200000), (2, 2, 1)]
        """
        starts = range(0, len(self.body), _PIECE) or range(1)
        for number, start in enumerate(starts, start=1):
            part = {"body": self.body[start : start + _PIECE], "piece": number, "pieces": len(starts)}
            yield self.model_copy(update=part)
