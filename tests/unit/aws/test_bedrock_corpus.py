"""Answers that Bedrock really gave, through botocore's own parser and the adapter."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from chalicelib.adapters.aws.bedrock import BedrockModel
from chalicelib.adapters.aws.bedrock_answers import read_answer
from chalicelib.adapters.aws.bedrock_requests import input_tokens_at_most
from chalicelib.domain.question import ModelAnswer
from chalicelib.domain.usage import Unit
from chalicelib.errors import ConfigurationError
from tests.bedrock import HAIKU, a_model_at, a_question
from tests.corpus import CORPUS, needs_corpus
from tests.wire import Wire, an_answer

pytestmark = [pytest.mark.corpus, needs_corpus]

RECORDED = sorted((CORPUS / "bedrock" / "converse").glob("*.json"))
COUNTS = {
    Unit.INPUT_TOKENS: "inputTokens",
    Unit.OUTPUT_TOKENS: "outputTokens",
    Unit.CACHE_READ_TOKENS: "cacheReadInputTokens",
    Unit.CACHE_WRITE_TOKENS: "cacheWriteInputTokens",
}
TEXTUAL = {"text", "toolUse", "toolResult"}


@pytest.fixture(scope="module")
def model() -> Iterator[BedrockModel]:
    """An adapter whose network is played."""
    with a_model_at("http://127.0.0.1:9") as made:
        yield made


def recorded(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read


def name_of(record: Mapping[str, Any]) -> str:
    return unquote(str(record["uri"]).split("/model/")[1].partition("/")[0])


def replayed(model: BedrockModel, record: Mapping[str, Any]) -> ModelAnswer:
    """What becomes of an answer that comes over the wire."""
    client: Any = model._clients.bedrock_runtime(15)
    wire = Wire(client, "Converse", [an_answer(record["status"], record["response"])])
    try:
        return model.answer(name_of(record), a_question(), 15)
    finally:
        client.meta.events.unregister("before-send.bedrock-runtime.Converse", wire._send)


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_a_real_answer_is_an_answer_or_a_named_problem_and_its_tokens_are_counted_exactly(
    model: BedrockModel, path: Path
) -> None:
    record = recorded(path)
    if record["status"] != 200:
        with pytest.raises(ConfigurationError):
            replayed(model, record)
        return
    blocks = as_if_our_tool(record["response"]["output"]["message"]["content"])  # changes the record, too

    answer = replayed(model, record)

    assert (answer.content, answer.problem) == expected(record["response"]["stopReason"], blocks)
    assert answer.usage.operation == name_of(record)
    for unit, name in COUNTS.items():
        assert answer.usage.count(unit) == record["response"]["usage"].get(name, 0)


def as_if_our_tool(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The blocks, with calls of their tool as calls of ours."""
    for block in blocks:
        if "toolUse" in block:
            block["toolUse"]["name"] = "answer"
    return blocks


def expected(reason: str, blocks: list[dict[str, Any]]) -> tuple[Mapping[str, Any], str | None]:
    given = [block["toolUse"]["input"] for block in blocks if "toolUse" in block]
    if reason == "tool_use":
        return (given[0], None) if len(given) == 1 else ({}, "bad_tool_use")
    if reason not in {"end_turn", "stop_sequence"}:
        return {}, reason
    try:
        said = json.loads("".join(block.get("text", "") for block in blocks))
    except ValueError:
        return {}, "bad_json"
    return (said, None) if isinstance(said, dict) else ({}, "bad_json")


def test_real_questions_were_never_more_tokens_than_estimated() -> None:
    compared = {path.stem: tokens_and_estimate(recorded(path)) for path in RECORDED if is_comparable(recorded(path))}

    assert len(compared) > 50
    assert {name for name, (tokens, estimate) in compared.items() if tokens > estimate} == set()
    assert {name for name, (tokens, estimate) in compared.items() if estimate > 4 * tokens and tokens > 1000} == set()


def tokens_and_estimate(record: Mapping[str, Any]) -> tuple[int, int]:
    """What a recorded question was billed for, and the estimate for a question of the same words and tools."""
    request, used = record["request"], record["response"]["usage"]
    question = a_question(
        instructions="\n".join(texts_in(request.get("system", []))),
        document="\n".join(texts_in(request["messages"])),
        schema={"all": request.get("toolConfig", {})},
    )
    tokens = sum(used.get(name, 0) for unit, name in COUNTS.items() if unit is not Unit.OUTPUT_TOKENS)
    return tokens, input_tokens_at_most(name_of(record), question)


def is_comparable(record: Mapping[str, Any]) -> bool:
    """Whether it was answered, and holds no picture or file: those we never send."""
    return record["status"] == 200 and isinstance(record["request"], dict) and only_text(record["request"])


def only_text(request: Mapping[str, Any]) -> bool:
    blocks = [block for message in request["messages"] for block in message["content"]]
    return {name for block in blocks for name in block} <= TEXTUAL


def texts_in(thing: object) -> Iterator[str]:
    if isinstance(thing, Mapping):
        thing = list(thing.values())
    if isinstance(thing, list):
        for part in thing:
            yield from texts_in(part)
    elif isinstance(thing, str):
        yield thing


def test_an_answer_as_boto3_gives_it_is_read_as_well() -> None:
    (path,) = (CORPUS / "bedrock" / "other").glob("*boto3_converse.json")

    answer = read_answer(HAIKU, recorded(path))

    assert answer.problem == "bad_json"
    assert answer.request_id
    assert answer.usage.count(Unit.OUTPUT_TOKENS) == 49


def test_there_are_enough_real_answers_of_each_kind() -> None:
    reasons = [recorded(path)["response"].get("stopReason") for path in RECORDED]

    assert len(RECORDED) > 80
    assert {"end_turn", "tool_use", "max_tokens", None} <= set(reasons)
