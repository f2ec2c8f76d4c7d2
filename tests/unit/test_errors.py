"""Errors travel between processes."""

import pickle

import pytest

from chalicelib.entrypoints.http import error_response, status_of
from chalicelib.errors import BudgetExhaustedError, SmartInvoiceError, UnavailableError
from chalicelib.pipeline.problems import problem_of


@pytest.mark.parametrize("error", [BudgetExhaustedError("uploads_paused", "Later.", 60), UnavailableError("s3", "No.")])
def test_an_error_survives_being_sent_to_another_process(error: SmartInvoiceError) -> None:
    again = pickle.loads(pickle.dumps(error))

    assert (type(again), again.code, again.message) == (type(error), error.code, error.message)
    assert getattr(again, "retry_seconds", None) == getattr(error, "retry_seconds", None)


@pytest.mark.parametrize(
    "code", ["day_budget", "month_budget", "invoice_budget", "never_answered", "uploads_paused", "no_paid_calls"]
)
def test_clients_are_told_kindly_that_the_budget_is_used_up(code: str) -> None:
    problem = problem_of(BudgetExhaustedError(code, "The table smart-invoice-prod has no cent left."))

    assert (problem.code, problem.retryable) == (code, code not in {"invoice_budget", "never_answered"})
    assert "smart-invoice-prod" not in problem.message


def test_a_used_up_budget_is_429_with_when_to_ask_again() -> None:
    error = BudgetExhaustedError("uploads_paused", "", 60)

    response = error_response(status_of(error), problem_of(error), error.retry_seconds)

    assert (response.status_code, response.headers["Retry-After"]) == (429, "60")


def test_without_a_known_time_it_is_some_seconds() -> None:
    assert error_response(503, problem_of(UnavailableError("s3", ""))).headers["Retry-After"] == "5"
