"""Events of S3 and SQS → references to documents."""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

from chalicelib.domain.dead_letter import DeadLetter
from chalicelib.domain.document import DocumentRef
from chalicelib.domain.upload import PREFIX

log = logging.getLogger("smart-invoice.events")


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


def deadline(event: Any) -> datetime | None:
    """When Lambda ends this invocation; `None` where there is no Lambda to tell."""
    context = getattr(event, "lambda_context", None) or getattr(event, "context", None)
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    return datetime.now(UTC) + timedelta(milliseconds=remaining()) if remaining else None


def dead_letters(event: Mapping[str, Any]) -> list[DeadLetter]:
    """The documents that the messages in an event of the dead-letter queue speak of.

    Lambda writes two kinds of messages: its dead-letter queue gets the raw event, with the request id beside it; an
    on-failure destination gets an envelope around it. A message that is neither is dropped with an ERROR in the log:
    it would come back for ever and hold up the others.
    """
    return [letter for message in event["Records"] for letter in _readable(message)]


def _readable(message: Mapping[str, Any]) -> list[DeadLetter]:
    message_id = str(message.get("messageId"))
    try:
        request_id, event = _given_up(message)
        return [DeadLetter(ref, message_id, request_id) for ref in uploaded_documents(event)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        log.exception("Dropped an unreadable message", extra={"message_id": message_id})
        return []


def _uploaded(record: Mapping[str, Any]) -> DocumentRef | None:
    if not str(record.get("eventName", "")).removeprefix("s3:").startswith("ObjectCreated:"):
        return None
    stored = record["s3"]["object"]
    key = unquote_plus(stored["key"])
    if not key.startswith(PREFIX) or key.endswith("/"):
        return None
    return DocumentRef(key=key, version_id=stored.get("versionId"), sequencer=stored.get("sequencer"))


def _given_up(message: Mapping[str, Any]) -> tuple[str | None, Mapping[str, Any]]:
    """The id of the delivery that was given up, as far as it is known, and its event."""
    body = json.loads(message["body"])
    if "requestPayload" in body:
        return body.get("requestContext", {}).get("requestId"), body["requestPayload"]
    attribute = message.get("messageAttributes", {}).get("RequestID", {})
    return attribute.get("stringValue"), body
