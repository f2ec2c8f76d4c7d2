"""A Bedrock to test with: the adapter on a fake at the wire."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch

from chalicelib.adapters.aws.bedrock import BedrockModel
from chalicelib.adapters.aws.clients import AwsClients
from chalicelib.domain.question import ModelAnswer, Question
from chalicelib.settings import Settings
from local.fakes.bedrock import FakeBedrock
from tests.aws_shapes import check_answer
from tests.textract import Time

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient

HAIKU = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
NOVA = "us.amazon.nova-2-lite-v1:0"
LLAMA = "us.meta.llama4-maverick-17b-instruct-v1:0"
TITAN = "amazon.titan-text-express-v1"
GIVEN: Mapping[str, Any] = {"total": "119.00", "lines": [{"page": 1, "text": "Oak board"}]}
_ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1"}


class NotingClients(AwsClients):
    """Clients that note for how long they are asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked_seconds: list[float] = []

    def bedrock_runtime(self, seconds: float) -> "BedrockRuntimeClient":
        """As the real ones."""
        self.asked_seconds.append(seconds)
        return super().bedrock_runtime(seconds)


class Bedrock(NamedTuple):
    """The adapter, the fake behind it, the clients between them, and their time."""

    model: BedrockModel
    fake: FakeBedrock
    clients: NotingClients
    time: Time

    def answer(self, model: str = HAIKU, seconds: float = 15, **given: Any) -> ModelAnswer:
        """The answer to a question."""
        return self.model.answer(model, a_question(**given), seconds)


def a_question(**given: Any) -> Question:
    """A question about an invoice."""
    schema = {
        "type": "object",
        "properties": {"total": {"type": "string"}, "lines": {"type": "array"}},
        "required": ["total"],
    }
    return Question(
        **{"instructions": "Find the total.", "document": "Rechnung RE-7\nGesamt 119,00 €", "schema": schema,
           "max_output_tokens": 500, **given}
    )  # fmt: skip


@contextmanager
def a_bedrock(**given: Any) -> Iterator[Bedrock]:
    """A Bedrock whose model answers `GIVEN`; `given` goes to the fake. Answers are held against botocore's shapes."""
    fake = FakeBedrock(**{"answerer": lambda *_: GIVEN, "check": check_converse_answer, **given})
    clients, time = NotingClients(), Time()
    with fake, a_model_at(fake.url, clients, time) as model:
        yield Bedrock(model, fake, clients, time)
    assert fake.problems == []


@contextmanager
def a_model_at(url: str, clients: AwsClients | None = None, time: Time | None = None) -> Iterator[BedrockModel]:
    """The adapter on a server."""
    passing = time or Time()
    with patch.dict(os.environ, {**_ENVIRONMENT, "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": url}):
        yield BedrockModel(Settings(), clients or AwsClients(), now=passing, wait=passing.wait)


def check_converse_answer(answer: Mapping[str, Any]) -> None:
    """Raise `AssertionError` when Converse would not answer so."""
    check_answer("bedrock-runtime", "Converse", answer)
