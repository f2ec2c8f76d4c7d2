"""What Converse answered, as a `ModelAnswer`. Every shape of answer ends here as content or as a named problem."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.adapters.aws.bedrock_requests import TOOL
from chalicelib.adapters.aws.strict_json import checked, parsed
from chalicelib.domain.question import ModelAnswer
from chalicelib.domain.usage import Usage
from chalicelib.errors import UncertainError

SERVICE = "bedrock"
BAD_JSON = "bad_json"
BAD_TOOL_USE = "bad_tool_use"
UNKNOWN_STOP_REASON = "unknown_stop_reason"
UNREADABLE = "bedrock_unreadable"

_SAID_ALL = frozenset({"end_turn", "stop_sequence"})
_STOP_REASON = re.compile(r"[a-z_]{1,40}")


class _NoAnswerError(Exception):
    """What came is no answer; the text is its problem's code."""


def read_answer(model: str, answer: Mapping[str, Any]) -> ModelAnswer:
    """What a model answered, and what it used.

    Only a call of our tool is an answer, or one JSON object as text that the model itself ended. Everything else has a
    `problem`: the stop reason (`max_tokens`, `guardrail_intervened`, …), `bad_json`, or `bad_tool_use`. What was cut
    short is not looked at. Raises `UncertainError` when the answer does not say what is billed.
    """
    usage = _usage(model, _mapping(answer.get("usage")))
    request_id = _text(_mapping(answer.get("ResponseMetadata")).get("RequestId")) or None
    try:
        return ModelAnswer(_content(answer), usage, request_id)
    except _NoAnswerError as problem:
        return ModelAnswer({}, usage, request_id, str(problem))


def _usage(model: str, counted: Mapping[str, Any]) -> Usage:
    """The tokens that are billed. Those read from or written to a cache are not among the input tokens."""
    given = {
        "input_tokens": _count(counted.get("inputTokens")),
        "output_tokens": _count(counted.get("outputTokens")),
        "cache_read_tokens": _count(counted.get("cacheReadInputTokens", 0)),
        "cache_write_tokens": _count(counted.get("cacheWriteInputTokens", 0)),
    }
    used = {name: count for name, count in given.items() if count or not name.startswith("cache")}
    return Usage.of(SERVICE, model, **used)


def _count(number: object) -> int:
    if type(number) is int and number >= 0:
        return number
    raise unreadable()


def unreadable() -> UncertainError:
    """The error for an answer that came, was billed, and cannot be made out."""
    return UncertainError(UNREADABLE, "Bedrock answered, but not in a form that says what is billed.")


def _content(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    reason = _text(answer.get("stopReason"))
    blocks = _blocks(answer)
    if reason == "tool_use":
        return _tool_input(blocks)
    if reason in _SAID_ALL:
        return _said(blocks)
    raise _NoAnswerError(reason if _STOP_REASON.fullmatch(reason) else UNKNOWN_STOP_REASON)


def _tool_input(blocks: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    calls = [_mapping(block["toolUse"]) for block in blocks if "toolUse" in block]
    if len(calls) != 1 or calls[0].get("name") != TOOL:
        raise _NoAnswerError(BAD_TOOL_USE)
    try:
        return checked(calls[0].get("input"))
    except ValueError:
        raise _NoAnswerError(BAD_JSON) from None


def _said(blocks: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    try:
        return parsed("".join(_text(block.get("text")) for block in blocks).strip())
    except ValueError:
        raise _NoAnswerError(BAD_JSON) from None


def _blocks(answer: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    content = _mapping(_mapping(answer.get("output")).get("message")).get("content")
    return [_mapping(block) for block in content] if isinstance(content, list) else []


def _mapping(thing: object) -> Mapping[str, Any]:
    return thing if isinstance(thing, Mapping) else {}


def _text(thing: object) -> str:
    return thing if isinstance(thing, str) else ""
