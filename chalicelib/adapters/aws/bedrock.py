"""Language models in Amazon Bedrock, by its Converse API."""

import random
import time
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.aws.bedrock_answers import SERVICE, read_answer, unreadable
from chalicelib.adapters.aws.bedrock_requests import input_tokens_at_most, new_mark, request_of
from chalicelib.adapters.aws.clients import MODEL_SECONDS, AwsClients
from chalicelib.adapters.aws.failures import translated
from chalicelib.domain.question import ModelAnswer, Question
from chalicelib.domain.usage import Usage
from chalicelib.errors import SmartInvoiceError, UnavailableError
from chalicelib.settings import Settings

_BUSY = f"{SERVICE}_unavailable"
_LONGEST_PAUSE_SECONDS = 1.0


class BedrockModel:
    """The models of `settings.models`. Which of them is asked, and what comes after a failure, is the caller's choice.

    `now` and `wait` are the machine's monotonic clock and its sleep, `mark` names the tags around a document.
    """

    def __init__(
        self,
        settings: Settings,
        clients: AwsClients,
        *,
        now: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
        mark: Callable[[], str] = new_mark,
    ) -> None:
        self.models = tuple(model for model in settings.models.split(",") if model)
        self._longest_seconds = settings.model_seconds
        self._clients = clients
        self._now = now
        self._wait = wait
        self._mark = mark

    def estimate(self, model: str, question: Question) -> Usage:
        """What asking will use at most; see `input_tokens_at_most`."""
        tokens = input_tokens_at_most(model, question)
        return Usage.of(SERVICE, model, input_tokens=tokens, output_tokens=question.max_output_tokens)

    def answer(self, model: str, question: Question, seconds: float) -> ModelAnswer:
        """The answer of exactly this model, within `seconds` and `settings.model_seconds`.

        Where the service was busy or broken (429, 500, 503) or could not be reached, it is asked a second time, if time
        is left. Nothing else is retried here: not what may have been billed (`UncertainError`), and not a model that
        timed out or failed (408 and 424: `bedrock_model_failed`). So there is one layer of retries for each, and the
        second is the caller's. Other errors: `bedrock_quota` (nothing works before the next UTC day), `RejectedError`
        `question_refused` (too long, …), `ConfigurationError` (no access to this model, no such model: ask another).
        """
        until = self._now() + min(seconds, self._longest_seconds)
        request = request_of(model, question, self._mark())
        try:
            return read_answer(model, self._asked(request, until))
        except UnavailableError as error:
            pause = random.uniform(0, _LONGEST_PAUSE_SECONDS)  # noqa: S311 - spreads rivals, hides nothing
            if error.code != _BUSY or until - self._now() - pause < MODEL_SECONDS[0]:
                raise
        self._wait(pause)
        return read_answer(model, self._asked(request, until))

    def _asked(self, request: Mapping[str, Any], until: float) -> Mapping[str, Any]:
        client = self._clients.bedrock_runtime(until - self._now())
        with translated(SERVICE, paid=True):
            return _parsed(lambda: client.converse(**request))


def _parsed(ask: Callable[[], Any]) -> Mapping[str, Any]:
    """The answer as botocore parses it. It raises anything when an answer is not as its model says."""
    try:
        answer: Mapping[str, Any] = ask()
    except (BotoCoreError, ClientError, SmartInvoiceError):
        raise
    except Exception as error:  # the answer came and was billed, whatever is wrong with it
        raise unreadable() from error
    return answer
