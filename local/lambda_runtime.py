"""Invoking the app's event handlers as Lambda does, and the events and messages that AWS makes around them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from chalice.app import Chalice
from chalice.local import LambdaContext

from local.queue import Message

_MEMORY_MB = 1024


class LambdaRuntime:
    """The handlers of one app.

    They are ended after `seconds` on Lambda, and are told so. Here nobody ends them, and without `seconds` they hear of
    no end: what a killed server had begun is then taken over as soon as its event comes again.
    """

    def __init__(self, app: Chalice, seconds: float | None = None) -> None:
        self._app = app
        self._seconds = seconds

    def invoke(self, function: str, event: Mapping[str, Any], request_id: str) -> object:
        """Call a handler by its name; what it raises comes through."""
        return self._app.handler_map[function](dict(event), self._context(function, request_id))

    def _context(self, function: str, request_id: str) -> "LambdaContext | _Endless":
        if self._seconds is None:
            return _Endless(function, request_id)
        context = LambdaContext(function, _MEMORY_MB, int(self._seconds * 1000))
        context.aws_request_id = request_id
        return context


class _Endless(NamedTuple):
    """What a handler is told of an invocation that nobody ends."""

    function_name: str
    aws_request_id: str
    memory_limit_in_mb: int = _MEMORY_MB


def sqs_event(message: Message, queue: str) -> dict[str, Any]:
    """The event of one message, as SQS's event source mapping gives it."""
    attributes = {name: {"stringValue": text, "dataType": "String"} for name, text in message.attributes.items()}
    return {
        "Records": [
            {
                "messageId": message.id,
                "receiptHandle": message.receipt,
                "body": message.body,
                "attributes": {
                    "ApproximateReceiveCount": str(message.receive_count),
                    "SentTimestamp": str(int(message.sent_at.timestamp() * 1000)),
                },
                "messageAttributes": attributes,
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:local:000000000000:{queue}",
                "awsRegion": "local",
            }
        ]
    }


def daily_event(now: datetime) -> dict[str, Any]:
    """The event of a schedule, as EventBridge sends it."""
    return {
        "version": "0",
        "id": f"daily-{now:%Y-%m-%d}",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "region": "local",
        "resources": [],
        "detail": {},
    }


def dead_letter(message: Message, function: str, error: Exception) -> str:
    """What Lambda sends to an on-failure destination: an envelope around the event that was given up."""
    return json.dumps(
        {
            "version": "1.0",
            "timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.000Z}",
            "requestContext": {
                "requestId": message.id,
                "functionArn": f"arn:aws:lambda:local:000000000000:function:{function}:$LATEST",
                "condition": "RetriesExhausted",
                "approximateInvokeCount": message.receive_count,
            },
            "requestPayload": json.loads(message.body),
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "responsePayload": {"errorType": type(error).__name__},
        }
    )
