"""Bedrock as a server on loopback: Converse, its refusals, its stop reasons, and its bill."""

import json
import math
import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Self

from local.fakes.bedrock_wire import ModelServer, Refused
from local.fakes.faults import Fault, Plan

Answer = Mapping[str, Any]
Answerer = Callable[[str, str, str, Answer], Answer]
"""Model, instructions, document, schema (empty for models without tools) → what the model answers."""
Twist = Callable[[str, int, dict[str, Any]], Answer | bytes]
"""Model, which call of it this is (from 1), the right answer → the body that is sent instead, as JSON or raw."""

_DOCUMENT = re.compile(r"<(document-[0-9a-f]+)>\n(.*)\n</\1>", re.DOTALL)
_FORCED = re.compile(r"(^|\.)(anthropic\.claude-|amazon\.nova)")
_WITHOUT_TOOLS = re.compile(r"anthropic\.claude-(v2|instant)|amazon\.titan|deepseek\.r1")
_WITHOUT_TEMPERATURE = re.compile(r"anthropic\.claude-(opus-4-[7-9]|(opus|sonnet|haiku)-[5-9])")
_BYTES_A_TOKEN = 4
_TOKENS_OF_TOOLS = 346
_NOTHING = Fault()


class Bill(NamedTuple):
    """The tokens that one answer used."""

    input_tokens: int
    output_tokens: int


class FakeBedrock:
    """A Bedrock for `with`: listens at `url` from then on.

    `answerer` plays the model: an honest one, one that makes values up, one that obeys the document. `plan` says which
    calls of which model go wrong (its operations are ids of models), `twist` changes answers on their way. `check` sees
    every untwisted answer before it is sent, and raises when it is not as it should be.

    `billed` are the tokens by model that the real one would have charged for. `calls` counts calls by model, `asked`
    keeps what was sent, and `problems` are what the fake itself could not do.
    """

    def __init__(
        self,
        answerer: Answerer,
        *,
        plan: Plan = lambda *_: None,
        twist: Twist = lambda _model, _nth, answer: answer,
        check: Callable[[Answer], None] = lambda _: None,
    ) -> None:
        self.calls: Counter[str] = Counter()
        self.asked: list[tuple[str, Answer]] = []
        self.problems: list[str] = []
        self.plan = plan
        self.twist = twist
        self._answerer = answerer
        self._check = check
        self._input: Counter[str] = Counter()
        self._output: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._server = ModelServer(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        """Where it listens: the value for `AWS_ENDPOINT_URL_BEDROCK_RUNTIME`."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def billed(self) -> Mapping[str, Bill]:
        """The tokens that were billed, by model."""
        with self._lock:
            return {model: Bill(self._input[model], self._output[model]) for model in self._input}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def called(self, model: str, asked: Answer) -> tuple[Fault, int]:
        """Count a call; the fault it meets, and which call of this model it is."""
        with self._lock:
            self.asked.append((model, asked))
            self.calls[model] += 1
            return self.plan(model, self.calls[model]) or _NOTHING, self.calls[model]

    def answer(self, model: str, nth: int, asked: Answer) -> bytes:
        """The body of the answer to one call, which is billed by now; `Refused` with one of Bedrock's codes."""
        _refuse_what_bedrock_refuses(model, asked)
        body = self._answered(model, asked)
        self._check(body)
        sent = self.twist(model, nth, body)
        self._bill(model, body["usage"])
        return sent if isinstance(sent, bytes) else json.dumps(sent).encode()

    def _answered(self, model: str, asked: Answer) -> dict[str, Any]:
        tools = asked.get("toolConfig", {}).get("tools", [])
        schema = tools[0]["toolSpec"]["inputSchema"]["json"] if tools else {}
        system = "\n".join(block["text"] for block in asked.get("system", ()))
        given = self._answerer(model, system, _document(asked), schema)
        most = asked["inferenceConfig"]["maxTokens"]
        tokens = _tokens(json.dumps(given))
        content = _called(tools[0]["toolSpec"]["name"], given) if tools else {"text": json.dumps(given)}
        reason = "tool_use" if tools else "end_turn"
        if tokens > most:
            content, reason = {"text": json.dumps(given)[: most * _BYTES_A_TOKEN]}, "max_tokens"
        usage = _usage(_input_tokens(asked), min(tokens, most))
        message = {"role": "assistant", "content": [content]}
        return {"output": {"message": message}, "stopReason": reason, "usage": usage, "metrics": {"latencyMs": 1}}

    def _bill(self, model: str, usage: Mapping[str, int]) -> None:
        with self._lock:
            self._input[model] += usage["inputTokens"]
            self._output[model] += usage["outputTokens"]


def stopped(reason: str) -> Twist:
    """Every answer ends for this reason, with whatever content it has."""
    return lambda _model, _nth, answer: {**answer, "stopReason": reason}


def said(text: str, reason: str = "end_turn") -> Twist:
    """Every answer is this text."""
    return lambda _model, _nth, answer: {**_with_content(answer, [{"text": text}]), "stopReason": reason}


def called_with(given: object, name: str = "answer", times: int = 1) -> Twist:
    """Every answer calls a tool with this."""
    return lambda _model, _nth, answer: _with_content(answer, [_called(name, given)] * times)


def raw(body: bytes) -> Twist:
    """Every answer has this body."""
    return lambda *_: body


def _with_content(answer: Answer, content: list[Any]) -> dict[str, Any]:
    return {**answer, "output": {"message": {"role": "assistant", "content": content}}}


def _called(name: str, given: object) -> dict[str, Any]:
    return {"toolUse": {"toolUseId": "tooluse_fake", "name": name, "input": given}}


def _usage(given: int, answered: int) -> dict[str, int]:
    return {"inputTokens": given, "outputTokens": answered, "totalTokens": given + answered}


def _refuse_what_bedrock_refuses(model: str, asked: Answer) -> None:
    """What Converse refuses of what botocore lets through."""
    settings, tools = asked.get("inferenceConfig", {}), asked.get("toolConfig", {})
    texts = [block["text"] for block in [*asked.get("system", ()), *asked["messages"][0]["content"]]]
    if not all(text.strip() for text in texts):
        raise Refused("ValidationException", "The text field in the ContentBlock object is blank.")
    if "temperature" in settings and _WITHOUT_TEMPERATURE.search(model):
        raise Refused("ValidationException", "`temperature` is deprecated for this model.")
    if tools and _WITHOUT_TOOLS.search(model):
        raise Refused("ValidationException", "This model doesn't support tool use.")
    if "tool" in tools.get("toolChoice", {}) and not _FORCED.search(model):
        raise Refused("ValidationException", "This model doesn't support the toolConfig.toolChoice.tool field.")


def _document(asked: Answer) -> str:
    text = asked["messages"][0]["content"][0]["text"]
    found = _DOCUMENT.fullmatch(text)
    return found[2] if found else text


def _input_tokens(asked: Answer) -> int:
    texts = [block["text"] for block in [*asked.get("system", ()), *asked["messages"][0]["content"]]]
    tools = asked.get("toolConfig", {}).get("tools")
    return sum(map(_tokens, texts)) + (_tokens(json.dumps(tools)) + _TOKENS_OF_TOOLS if tools else 0)


def _tokens(text: str) -> int:
    return math.ceil(len(text.encode(errors="replace")) / _BYTES_A_TOKEN)
