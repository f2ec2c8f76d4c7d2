"""Ask a language model for what the rules could not find, or what does not add up."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from chalicelib.alerting import call_operator
from chalicelib.costs.ladder import Permissions
from chalicelib.domain.question import ModelAnswer, Question
from chalicelib.errors import (
    NEVER_ANSWERED,
    BudgetExhaustedError,
    ConfigurationError,
    RejectedError,
    SmartInvoiceError,
    UnavailableError,
)
from chalicelib.extraction.asking import shortened
from chalicelib.pipeline.paying import FreePurse, Order
from chalicelib.ports import LanguageModel
from chalicelib.settings import Settings

_MOST_CALLS = 2  # whatever goes wrong: rules alone are better than a third bill
_CUT_SHORT = "max_tokens"
_NEVER = frozenset({"guardrail_intervened", "content_filtered", "model_context_window_exceeded"})
FOR_GOOD = frozenset({"question_refused", NEVER_ANSWERED, *(f"bedrock_{problem}" for problem in _NEVER)})
"""Reasons for no answer that stay the same however often a paid reader is asked."""


class _Failed(NamedTuple):
    """Why a model gave no answer, and the question for the next (`None`: nobody is asked any more)."""

    reason: str
    question: Question | None


class Ask:
    """Ask the models of this installation, as far as the budget allows."""

    def __init__(self, model: LanguageModel | None, permissions: Callable[[], Permissions], settings: Settings) -> None:
        self._model = model
        self._permissions = permissions
        self.has_model = model is not None
        self._settings = settings

    def __call__(self, question: Question, purse: FreePurse) -> tuple[ModelAnswer | None, tuple[str, ...]]:
        """An answer, or `None` and why there is none: the rules have to do then.

        A model that is slow, busy, denied or gone is followed by the next one of the list, or else asked once more. One
        that refuses the question gets a shorter one. An answer that was cut short is asked for again with more room;
        any other that is none is not. When the document is read once more, one that was kept and is none is asked for
        once more as well, once and for all: models do not say the same thing twice.
        """
        if self._model is None:
            return None, ()
        try:
            allowed = self._permissions()
        except SmartInvoiceError as error:  # who does not know the budget pays for nothing
            call_operator(error)
            return None, (error.code,)
        names = self._names(allowed)
        if not names:
            return None, (allowed.reason or "rules_only",)
        reasons: list[str] = []
        for name in names:
            tried = self._tried(self._model, name, question, purse)
            if isinstance(tried, ModelAnswer):
                return tried, ()
            reasons.append(tried.reason)
            if tried.question is None:
                break
            question = tried.question
        return None, tuple(dict.fromkeys(reasons))

    def _tried(self, model: LanguageModel, name: str, question: Question, purse: FreePurse) -> "ModelAnswer | _Failed":
        """The answer of one model; or why there is none, and what to ask the next."""
        try:
            answer = self._answer(model, name, question, purse)
        except BudgetExhaustedError as error:
            return _Failed(error.code, None)
        except RejectedError as error:
            return _Failed(error.code, shortened(question))
        except (UnavailableError, ConfigurationError) as error:
            call_operator(error)
            return _Failed(error.code, question)
        if answer.problem is None:
            return answer
        wider = replace(question, max_output_tokens=2 * question.max_output_tokens)
        return _Failed(f"bedrock_{answer.problem}", wider if answer.problem == _CUT_SHORT else None)

    def _answer(self, model: LanguageModel, name: str, question: Question, purse: FreePurse) -> ModelAnswer:
        order = self._order(model, name, question)
        is_kept = purse.is_of_another_reading and purse.has(order)
        answer = purse.buy(order)
        if is_kept and answer.problem is not None and answer.problem not in _NEVER:
            return purse.buy(replace(order, name=f"{order.name}-again"))
        return answer

    def _names(self, allowed: Permissions) -> tuple[str, ...]:
        """The models to ask one after the other: at most `_MOST_CALLS` calls."""
        listed = self._models(allowed)
        again = (*listed, *listed[:1]) if len(listed) < _MOST_CALLS else listed
        return again[:_MOST_CALLS]

    def _models(self, allowed: Permissions) -> tuple[str, ...]:
        if allowed.model is None or self._model is None:
            return ()
        if allowed.model == "thrift":
            return tuple(filter(None, self._settings.thrift_models.split(",")))
        return self._model.models

    def _order(self, model: LanguageModel, name: str, question: Question) -> Order[ModelAnswer]:
        return Order(
            provider=f"bedrock/{name}",
            step="model",
            name=f"model-{_digest(name, question)}",
            estimate=model.estimate(name, question),
            call=lambda seconds: model.answer(name, question, seconds),
            kind=ModelAnswer,
            max_seconds=self._settings.model_seconds,
        )


def _digest(model: str, question: Question) -> str:
    """Sixteen letters that stand for the model and everything it is asked."""
    parts = (model, question.instructions, question.document, question.max_output_tokens, dict(question.schema))
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
