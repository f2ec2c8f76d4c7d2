"""When a model is asked, and what is said where it is not."""

from pathlib import Path

import pytest

from chalicelib.costs.ladder import Permissions
from chalicelib.domain.question import ModelAnswer, Question
from chalicelib.domain.usage import Usage
from chalicelib.errors import ConfigurationError, SmartInvoiceError, UnavailableError
from chalicelib.pipeline.asking import Ask
from tests.paid import Till


class NeverAsked:
    """A model that must not be asked."""

    models: tuple[str, ...] = ("us.amazon.nova-2-lite-v1:0",)

    def estimate(self, model: str, question: Question) -> Usage:
        raise AssertionError(model)

    def answer(self, model: str, question: Question, seconds: float) -> ModelAnswer:
        raise AssertionError(model)


@pytest.mark.parametrize(
    "error", [ConfigurationError("bad_shared_state", ""), UnavailableError("dynamodb_unavailable", "")]
)
def test_who_does_not_know_the_budget_asks_nobody(tmp_path: Path, error: SmartInvoiceError) -> None:
    till = Till(tmp_path)

    def permissions() -> Permissions:
        raise error

    answer, degraded = Ask(NeverAsked(), permissions, till.settings)(Question("", "", {}, 9), till.purse())

    assert (answer, degraded) == (None, (error.code,))
    till.adapters.close()
