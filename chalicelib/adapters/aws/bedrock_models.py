"""What differs between models of Bedrock, as data.

Sources: `ToolChoice` in the API reference of Converse ("tool: only supported by Anthropic Claude 3 and Amazon Nova
models"), "Supported models and model features" in the user guide, and the models' own cards: Claude from Opus 4.7 on
refuses `temperature`, and makes up to 1.35 times as many tokens of the same text.
"""

import re
from enum import StrEnum
from typing import NamedTuple


class Choice(StrEnum):
    """How a model is brought to answer in the form we want."""

    TOOL = "tool"  # it must call the tool that we name
    ANY = "any"  # it must call some tool, and there is only one
    AUTO = "auto"  # it may call the tool, and is asked to
    NONE = "none"  # it knows no tools: it is asked for JSON as text


class Manner(NamedTuple):
    """How models whose id goes on like `prefix` are asked."""

    prefix: str
    choice: Choice
    temperature: bool = True
    more_tokens: float = 1.0  # than others make of the same text


# The first that fits counts. What is not known (another vendor, a profile that hides its model) is asked in the way
# that no model with tools refuses.
_MANNERS = (
    Manner("anthropic.claude-v2", Choice.NONE),
    Manner("anthropic.claude-instant", Choice.NONE),
    Manner("anthropic.claude-3", Choice.TOOL),
    Manner("anthropic.claude-haiku-4", Choice.TOOL),
    Manner("anthropic.claude-sonnet-4", Choice.TOOL),
    Manner("anthropic.claude-opus-4-2025", Choice.TOOL),
    Manner("anthropic.claude-opus-4-1", Choice.TOOL),
    Manner("anthropic.claude-opus-4-5", Choice.TOOL),
    Manner("anthropic.claude-opus-4-6", Choice.TOOL),
    Manner("anthropic.", Choice.TOOL, temperature=False, more_tokens=1.4),
    Manner("amazon.nova", Choice.TOOL),
    Manner("amazon.titan", Choice.NONE),
    Manner("mistral.mistral-large", Choice.ANY),
    Manner("deepseek.r1", Choice.NONE),
    Manner("application-inference-profile/", Choice.AUTO, temperature=False, more_tokens=1.4),
)
_UNKNOWN = Manner("", Choice.AUTO)


def manner_of(model: str) -> Manner:
    """How a model is asked, by its id: that of a model, of an inference profile (`us.…`), or an ARN of either.

    >>> manner_of("us.anthropic.claude-haiku-4-5-20251001-v1:0").choice, manner_of("meta.llama3-3-70b").choice
    (<Choice.TOOL: 'tool'>, <Choice.AUTO: 'auto'>)
    """
    return next((manner for manner in _MANNERS if _fits(manner.prefix, model)), _UNKNOWN)


def _fits(prefix: str, model: str) -> bool:
    """Whether an id begins so, after what names a part of the world or an account."""
    return re.search(rf"(?:^|[.:/]){re.escape(prefix)}", model) is not None
