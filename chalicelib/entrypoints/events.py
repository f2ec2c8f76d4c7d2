"""Events of S3 and SQS → references to documents."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import unquote_plus

from chalice.app import S3Event

from chalicelib.domain.dead_letter import DeadLetter, Letter, ParkedLetter, ReturnedLetter, UnreadableLetter
from chalicelib.domain.document import DocumentRef
from chalicelib.domain.upload import PREFIX
from chalicelib.ports import Clock

log = logging.getLogger("smart-invoice.events")

Handler = TypeVar("Handler", bound=Callable[..., Any])

_MISSHAPEN = (ValueError, KeyError, TypeError, AttributeError, RecursionError)  # what reading another shape raises


class WholeS3Event(S3Event):
    """An event of S3 as it came. Chalice's own looks for the first record, and breaks where there is none."""

    def _extract_attributes(self, event_dict: dict[str, Any]) -> None:
        """Nothing: what S3 sends to try a notification out (`s3:TestEvent`) has no records at all."""


def whole(handler: Handler) -> Handler:
    """Let a handler of `on_s3_event` have whatever S3 sends, of which Chalice would raise before the handler is called.

    It stands above Chalice's decorator, whose result says in `event_class` what it makes of an event.
    """
    handler.event_class = WholeS3Event  # type: ignore[attr-defined]  # Chalice's own attribute, which has no type
    return handler


def uploaded_documents(event: Mapping[str, Any]) -> list[DocumentRef]:
    """The documents that an S3 event says were uploaded.

    All records count, not only the first. Test events, removals, folder marks and keys outside `uploads/` do not.
    Raises `ValueError` for what is no S3 event at all.
    """
    if event.get("Event") == "s3:TestEvent":
        return []
    records = event.get("Records")
    if not isinstance(records, list):
        raise ValueError("this is no S3 event: it has no list of Records")  # noqa: TRY004 - the data is wrong, no argument
    return [ref for record in records if (ref := _uploaded(record)) is not None]


def deadline(event: Any, clock: Clock) -> datetime | None:
    """When Lambda ends this invocation, by `clock`; `None` where there is no Lambda to tell."""
    context = getattr(event, "lambda_context", None) or getattr(event, "context", None)
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    return clock.now() + timedelta(milliseconds=remaining()) if remaining else None


def dead_letters(event: Mapping[str, Any]) -> Sequence[Letter]:
    """The documents that the messages in an event of the dead-letter queue speak of.

    Lambda writes two kinds of messages: its dead-letter queue gets the raw event, with the request id beside it; an
    on-failure destination gets an envelope around it. What we parked ourselves is read, too, when somebody moved it
    back. A message that is none of these is unreadable: it must be put aside, or else it would come back for ever.
    """
    return [letter for message in event["Records"] for letter in _letters(message)]


def _letters(message: Mapping[str, Any]) -> Sequence[Letter]:
    message_id = str(message.get("messageId"))
    body = _encodable(str(message.get("body", "")))
    parked = _parked(body)
    if parked is not None and parked.body is None:
        return [_returned(parked, body, message)]
    if parked is not None and parked.body is not None and parked.pieces == 1:
        body = parked.body
    try:
        request_id, event = _given_up(body, message)
        refs = uploaded_documents(event)
    except _MISSHAPEN:
        log.exception("Unreadable message", extra={"message_id": message_id})
        return [UnreadableLetter(message_id, body)]
    return [DeadLetter(ref, message_id, request_id, _sent_at(message)) for ref in refs]


def _encodable(text: str) -> str:
    """The text, with halves of characters spelled out: whatever comes, it can be sent on."""
    return text.encode(errors="backslashreplace").decode()


def _parked(body: str) -> ParkedLetter | None:
    """The parked letter that somebody moved back, if this is one."""
    try:
        return ParkedLetter.model_validate_json(body)
    except ValueError:
        return None


def _returned(parked: ParkedLetter, body: str, message: Mapping[str, Any]) -> Letter:
    """The letter of a document, by its key if that is known, or else by its invoice."""
    message_id, sent_at = str(message.get("messageId")), _sent_at(message)
    if parked.key is not None:
        ref = DocumentRef(key=parked.key, version_id=parked.version_id, sequencer=parked.sequencer)
        return DeadLetter(ref, message_id, sent_at=sent_at)
    if parked.invoice_id is None:
        return UnreadableLetter(message_id, body)
    return ReturnedLetter(parked.invoice_id, message_id, body, parked.version_id, parked.sequencer, sent_at)


def _sent_at(message: Mapping[str, Any]) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(message["attributes"]["SentTimestamp"]) / 1000, UTC)
    except (*_MISSHAPEN, OverflowError, OSError):
        return None


def _uploaded(record: Mapping[str, Any]) -> DocumentRef | None:
    if not str(record.get("eventName", "")).removeprefix("s3:").startswith("ObjectCreated:"):
        return None
    stored = record["s3"]["object"]
    key = unquote_plus(stored["key"])
    if not key.startswith(PREFIX) or key.endswith("/"):
        return None
    ref = DocumentRef(key=key, version_id=stored.get("versionId"), sequencer=stored.get("sequencer"))
    ref.model_dump_json()  # a `ValueError` for halves of characters: nobody can look such a key up, nor send it on
    return ref


def _given_up(body: str, message: Mapping[str, Any]) -> tuple[str | None, Mapping[str, Any]]:
    """The id of the delivery that was given up, as far as it is known, and its event."""
    event = json.loads(body)
    if "requestPayload" in event:
        return _text(event.get("requestContext", {}).get("requestId")), event["requestPayload"]
    attribute = message.get("messageAttributes", {}).get("RequestID", {})
    return _text(attribute.get("stringValue")), event


def _text(given: object) -> str | None:
    """A text that can be sent on, or `None` where there is something else."""
    return _encodable(given) if isinstance(given, str) else None
