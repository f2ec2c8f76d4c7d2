"""Faults on the wire between boto3 and AWS: boto3's own parsing and retries run, only the network is played."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from moto.core.botocore_stubber import BotocoreStubber, MockRawResponse
from moto.core.models import botocore_stubber

Reply = AWSResponse | Exception | None


class Wire:
    """Gives `replies` to the first calls of one operation, `None` (and all later calls) standing for moto's answer.

    `requests` holds the body of every call, JSON or form. An exception in place of a reply is raised, as by a broken
    network; a function gets moto's answer, after moto has done what was asked, and makes another of it.
    """

    def __init__(
        self, client: Any, operation: str, replies: Iterable[Reply | Callable[[AWSResponse], AWSResponse]]
    ) -> None:
        self.requests: list[Mapping[str, Any]] = []
        self._replies = iter(list(replies))
        service = client.meta.service_model.service_id.hyphenize()
        client.meta.events.register_first(f"before-send.{service}.{operation}", self._send)

    def _send(self, event_name: str, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        self.requests.append(_asked(request))
        reply = next(self._replies, None)
        if isinstance(reply, Exception):
            raise reply
        if callable(reply):
            reply = reply(_from_moto(botocore_stubber, event_name, request))
        if reply is not None:
            mark_answered(request)
        return reply


def mark_answered(request: AWSPreparedRequest) -> None:
    """Keep moto from doing what was asked: botocore asks all that listen, and takes the first answer."""
    request.is_answered = True  # type: ignore[attr-defined]  # a mark of ours


def is_answered(request: AWSPreparedRequest) -> bool:
    """Whether a wire has answered this request, so that moto must not."""
    return getattr(request, "is_answered", False)


def an_answer(status: int, body: Mapping[str, Any] | str = "", **headers: str) -> AWSResponse:
    """An answer of AWS with this body, as JSON or as text."""
    text = body if isinstance(body, str) else json.dumps(body)
    return AWSResponse("https://aws.example/", status, headers, MockRawResponse(text))  # type: ignore[arg-type]  # it only reads


def shortened(answer: AWSResponse, size: int) -> AWSResponse:
    """The headers of an answer and the first `size` bytes of its body: then the connection broke."""
    return AWSResponse(answer.url, answer.status_code, answer.headers, MockRawResponse(answer.content[:size]))  # type: ignore[arg-type]  # as above


def an_error(code: str, status: int, **more: Any) -> AWSResponse:
    """An error as DynamoDB and SQS answer it."""
    return an_answer(status, {"__type": f"com.amazonaws#{code}", "message": "Not now.", **more})


def _asked(request: AWSPreparedRequest) -> Mapping[str, Any]:
    kind = str(request.headers.get("Content-Type", b""))
    if "json" in kind:
        return dict(json.loads(_text(request)))
    return dict(parse_qsl(str(request.body))) if "x-www-form-urlencoded" in kind else {}


def _text(request: AWSPreparedRequest) -> bytes:
    assert isinstance(request.body, bytes)
    return request.body


def _from_moto(stubber: BotocoreStubber, event_name: str, request: AWSPreparedRequest) -> AWSResponse:
    answer = stubber(event_name, request)
    assert answer is not None
    return answer
