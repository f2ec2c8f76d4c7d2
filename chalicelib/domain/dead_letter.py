"""A dead letter: what `inference` gave up, as the queue tells it."""

from typing import NamedTuple

from chalicelib.domain.document import DocumentRef


class DeadLetter(NamedTuple):
    """A document that `inference` gave up; the message that says so, and the delivery it speaks of, if it tells."""

    ref: DocumentRef
    message_id: str
    request_id: str | None = None
