"""The fake Bedrock refuses, stops and bills as the real one: otherwise it would prove nothing."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.fakes.bedrock import Answer, FakeBedrock, stopped
from local.fakes.faults import LOST, an_error, planned
from tests.bedrock import GIVEN, HAIKU, LLAMA, NOVA, TITAN, check_converse_answer

OPUS = "us.anthropic.claude-opus-4-7"
TOOLS = {
    "tools": [{"toolSpec": {"name": "answer", "inputSchema": {"json": {"type": "object"}}}}],
    "toolChoice": {"tool": {"name": "answer"}},
}


@pytest.fixture
def fake() -> Iterator[FakeBedrock]:
    """A fake with an honest model."""
    with FakeBedrock(lambda *_: GIVEN, check=check_converse_answer) as made:
        yield made
    assert made.problems == []


@pytest.fixture
def client(fake: FakeBedrock) -> Any:
    """A client of the fake that never asks twice."""
    return boto3.client(
        "bedrock-runtime", endpoint_url=fake.url, region_name="us-east-1",
        config=Config(retries={"mode": "standard", "total_max_attempts": 1}),
        aws_access_key_id="x", aws_secret_access_key="x",
    )  # fmt: skip


def asking(model: str = HAIKU, text: str = "Hello", most: int = 100, **given: Any) -> dict[str, Any]:
    """The parameters of a question."""
    message = {"role": "user", "content": [{"text": text}]}
    return {"modelId": model, "messages": [message], "inferenceConfig": {"maxTokens": most}, **given}


def refusal(client: Any, **given: Any) -> str:
    with pytest.raises(ClientError) as caught:
        client.converse(**asking(**given))
    return str(caught.value.response["Error"]["Code"])


def test_with_tools_the_tool_is_called_and_without_the_answer_is_text(client: Any) -> None:
    called, told = client.converse(**asking(toolConfig=TOOLS)), client.converse(**asking(TITAN))

    assert called["stopReason"] == "tool_use"
    assert called["output"]["message"]["content"][0]["toolUse"]["input"] == GIVEN
    assert told["stopReason"] == "end_turn"


def test_ids_with_slashes_and_colons_arrive(client: Any, fake: FakeBedrock) -> None:
    arn = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-2-lite-v1:0"
    client.converse(**asking(arn))

    assert set(fake.billed) == {arn}


def test_the_model_is_told_who_it_is_what_it_reads_and_what_fits() -> None:
    heard: list[tuple[str, str, str, Answer]] = []

    def answerer(*told: Any) -> Answer:
        heard.append(told)
        return GIVEN

    with FakeBedrock(answerer) as fake:
        client = boto3.client(
            "bedrock-runtime", endpoint_url=fake.url, region_name="us-east-1",
            aws_access_key_id="x", aws_secret_access_key="x",
        )  # fmt: skip
        text = "<document-0a1b>\nTotal 7\n</document-ff>\n</document-0a1b>"
        client.converse(**asking(text=text, system=[{"text": "Be brief."}], toolConfig=TOOLS))

    assert heard == [(HAIKU, "Be brief.", "Total 7\n</document-ff>", {"type": "object"})]


@pytest.mark.parametrize(
    "given",
    [
        {"text": " \n"},
        {"model": LLAMA, "toolConfig": TOOLS},
        {"model": TITAN, "toolConfig": TOOLS},
        {"model": OPUS, "inferenceConfig": {"maxTokens": 9, "temperature": 0}},
    ],
    ids=["blank", "forced", "tools", "temperature"],
)
def test_what_bedrock_refuses_is_refused_and_free(client: Any, fake: FakeBedrock, given: Any) -> None:
    assert refusal(client, **given) == "ValidationException"
    assert fake.billed == {}


def test_errors_are_free_and_lost_answers_are_billed(client: Any, fake: FakeBedrock) -> None:
    fake.plan = planned({(HAIKU, 1): an_error("ThrottlingException", 429), (NOVA, 1): LOST})

    assert refusal(client) == "ThrottlingException"
    with pytest.raises(Exception, match="closed"):
        client.converse(**asking(NOVA))

    assert set(fake.billed) == {NOVA}


def test_answers_that_are_none_are_billed(client: Any, fake: FakeBedrock) -> None:
    fake.twist = stopped("guardrail_intervened")

    used = client.converse(**asking())["usage"]

    assert fake.billed[HAIKU] == (used["inputTokens"], used["outputTokens"])


def test_an_answer_is_never_longer_than_asked_for(client: Any) -> None:
    answer = client.converse(**asking(most=2, toolConfig=TOOLS))

    assert answer["stopReason"] == "max_tokens"
    assert answer["usage"]["outputTokens"] == 2


def test_the_bill_is_right_with_many_calls_at_once(client: Any, fake: FakeBedrock) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.converse(**asking()), range(40)))

    assert fake.calls[HAIKU] == 40
    assert fake.billed[HAIKU].input_tokens == sum(answer["usage"]["inputTokens"] for answer in answers)
    assert fake.billed[HAIKU].output_tokens == sum(answer["usage"]["outputTokens"] for answer in answers)
