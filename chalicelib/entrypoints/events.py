"""Events of S3 and SQS → references to documents."""

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

from chalicelib.domain.dead_letter import DeadLetter, ParkedLetter, UnreadableLetter
from chalicelib.domain.document import DocumentRef
from chalicelib.domain.upload import PREFIX
from chalicelib.ports import Clock

log = logging.getLogger("smart-invoice.events")

_MISSHAPEN = (ValueError, KeyError, TypeError, AttributeError, RecursionError)  # what reading another shape raises


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


def dead_letters(event: Mapping[str, Any]) -> Sequence[DeadLetter | UnreadableLetter]:
    """The documents that the messages in an event of the dead-letter queue speak of.

    Lambda writes two kinds of messages: its dead-letter queue gets the raw event, with the request id beside it; an
    on-failure destination gets an envelope around it. What we parked ourselves is read, too, when somebody moved it
    back. A message that is none of these is unreadable: it must be put aside, or else it would come back for ever.
    """
    return [letter for message in event["Records"] for letter in _letters(message)]


def _letters(message: Mapping[str, Any]) -> Sequence[DeadLetter | UnreadableLetter]:
    message_id = str(message.get("messageId"))
    body = _original(_encodable(str(message.get("body", ""))))
    try:
        request_id, event = _given_up(body, message)
        refs = uploaded_documents(event)
    except _MISSHAPEN:
        log.exception("Unreadable message", extra={"message_id": message_id})
        return [UnreadableLetter(message_id, body)]
    return [DeadLetter(ref, message_id, request_id, body, _sent_at(message)) for ref in refs]


def _encodable(text: str) -> str:
    """The text, with halves of characters spelled out: whatever comes, it can be sent on."""
    return text.encode(errors="backslashreplace").decode()


def _original(body: str) -> str:
    """The message as it came first, if this is a parked one."""
    try:
        parked = ParkedLetter.model_validate_json(body)
    except ValueError:
        return body
    return parked.body if parked.pieces == 1 else body


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
    return DocumentRef(key=key, version_id=stored.get("versionId"), sequencer=stored.get("sequencer"))


def _given_up(body: str, message: Mapping[str, Any]) -> tuple[str | None, Mapping[str, Any]]:
    """The id of the delivery that was given up, as far as it is known, and its event."""
    event = json.loads(body)
    if "requestPayload" in event:
        return event.get("requestContext", {}).get("requestId"), event["requestPayload"]
    attribute = message.get("messageAttributes", {}).get("RequestID", {})
    return attribute.get("stringValue"), event
