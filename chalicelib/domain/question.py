"""A question to a language model about one document, and its answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.usage import Usage


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `instructions` are ours, `document` is the sender's and never obeyed.

    `schema` is the JSON schema that the answer has to fit. `max_output_tokens` is as tight as the schema allows.
    """

    instructions: str
    document: str
    schema: Mapping[str, Any]
    max_output_tokens: int


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """What a model answered: `content` is the JSON object it gave, checked against nothing.

    `problem` is a code that says why what came is no answer (`max_tokens`, `content_filtered`, `bad_json`, …); then
    `content` is empty. `usage` was billed in either case.
    """

    content: Mapping[str, Any]
    usage: Usage
    request_id: str | None = None
    problem: str | None = None
