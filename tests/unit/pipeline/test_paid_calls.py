"""What the log says of paid calls: alarms count these lines, and the runbook looks for them."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.question import ModelAnswer
from chalicelib.domain.usage import Usage
from chalicelib.errors import PendingError, RejectedError, SmartInvoiceError, UnavailableError
from tests.paid import Till

LOGGER = "smart-invoice.paying"


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    """Purses and a provider."""
    made = Till(tmp_path)
    yield made
    made.adapters.close()


def told(caplog: pytest.LogCaptureFixture, beginning: str) -> list[dict[str, Any]]:
    """The facts of the lines that begin so."""
    return [vars(line) for line in caplog.records if line.getMessage().startswith(beginning)]


def test_an_answer_is_told_with_its_time_its_price_and_what_it_used(
    till: Till, caplog: pytest.LogCaptureFixture
) -> None:
    def answer(_: float) -> ModelAnswer:
        till.clock.advance(seconds=2.5)
        return ModelAnswer({}, Usage.of("textract", "DetectDocumentText", pages=3), "r-7")

    with caplog.at_level(logging.INFO, LOGGER):
        till.purse().buy(till.order(call=answer))

    (line,) = told(caplog, "Paid for an answer")
    assert (line["service"], line["milliseconds"], line["micro_usd"], line["pages"]) == ("textract", 2500, 4500, 3)


def test_an_answer_that_was_kept_is_not_told_again(till: Till, caplog: pytest.LogCaptureFixture) -> None:
    till.purse().buy(till.order())

    with caplog.at_level(logging.INFO, LOGGER):
        till.purse().buy(till.order())

    assert told(caplog, "Paid for an answer") == []


def test_a_reader_that_does_not_answer_is_told_in_the_runbooks_word(
    till: Till, caplog: pytest.LogCaptureFixture
) -> None:
    till.provider.then(UnavailableError("textract_unavailable", "busy"))

    with caplog.at_level(logging.INFO, LOGGER), pytest.raises(UnavailableError):
        till.purse().buy(till.order())

    (line,) = told(caplog, "TextractError")
    assert (line["service"], line["code"], line["invoice_id"]) == ("textract", "textract_unavailable", till.invoice_id)


@pytest.mark.parametrize("error", [PendingError("textract_pending", "not yet"), RejectedError("damaged", "no")])
def test_what_is_not_the_readers_fault_is_not_counted_against_it(
    till: Till, caplog: pytest.LogCaptureFixture, error: SmartInvoiceError
) -> None:
    till.provider.then(error)

    with caplog.at_level(logging.INFO, LOGGER), pytest.raises(type(error)):
        till.purse().buy(till.order())

    assert told(caplog, "TextractError") == []
