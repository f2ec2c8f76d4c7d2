"""Ask a language model for what the rules could not find, or what does not add up."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace

from chalicelib.costs.ladder import Permissions
from chalicelib.domain.question import ModelAnswer, Question
from chalicelib.errors import (
    BudgetExhaustedError,
    ConfigurationError,
    RejectedError,
    UnavailableError,
)
from chalicelib.pipeline.paying import FreePurse, Order
from chalicelib.ports import LanguageModel
from chalicelib.settings import Settings

_MOST_CALLS = 2  # whatever goes wrong: rules alone are better than a third bill
_CUT_SHORT = "max_tokens"


class Ask:
    """Ask the models of this installation, as far as the budget allows."""

    def __init__(self, model: LanguageModel | None, permissions: Callable[[], Permissions], settings: Settings) -> None:
        self._model = model
        self._permissions = permissions
        self._settings = settings

    def __call__(self, question: Question, purse: FreePurse) -> tuple[ModelAnswer | None, tuple[str, ...]]:
        """An answer, or `None` and why there is none: the rules have to do then.

        A model that is slow, busy, denied or gone is followed by the next one of the list, or else asked once more. An
        answer that was cut short is asked for again with more room; any other that is none is not.
        """
        if self._model is None:
            return None, ()
        reasons: list[str] = []
        names = self._names()
        if not names:
            return None, (self._permissions().reason or "rules_only",)
        for name in names:
            try:
                answer = self._buy(self._model, name, question, purse)
            except (BudgetExhaustedError, RejectedError) as error:
                return None, (error.code,)
            except (UnavailableError, ConfigurationError) as error:
                reasons.append(error.code)
                continue
            if answer.problem is None:
                return answer, ()
            reasons.append(f"bedrock_{answer.problem}")
            if answer.problem != _CUT_SHORT:
                break
            question = replace(question, max_output_tokens=2 * question.max_output_tokens)
        return None, tuple(dict.fromkeys(reasons))

    def _names(self) -> tuple[str, ...]:
        """The models to ask one after the other: at most `_MOST_CALLS` calls."""
        listed = self._models()
        again = (*listed, *listed[:1]) if len(listed) < _MOST_CALLS else listed
        return again[:_MOST_CALLS]

    def _models(self) -> tuple[str, ...]:
        permitted = self._permissions().model
        if permitted is None or self._model is None:
            return ()
        if permitted == "thrift":
            return tuple(filter(None, self._settings.thrift_models.split(",")))
        return self._model.models

    def _buy(self, model: LanguageModel, name: str, question: Question, purse: FreePurse) -> ModelAnswer:
        return purse.buy(
            Order(
                provider=f"bedrock/{name}",
                step="model",
                name=f"model-{_digest(name, question)}",
                estimate=model.estimate(name, question),
                call=lambda seconds: model.answer(name, question, seconds),
                kind=ModelAnswer,
                max_seconds=self._settings.model_seconds,
            )
        )


def _digest(model: str, question: Question) -> str:
    """Sixteen letters that stand for the model and everything it is asked."""
    parts = (model, question.instructions, question.document, question.max_output_tokens, dict(question.schema))
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
