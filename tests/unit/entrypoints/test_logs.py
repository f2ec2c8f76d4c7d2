"""The log tells what happened, never what a document says."""

import json
import logging

import pytest

from chalicelib.entrypoints.logs import DiscreetFormatter, health
from chalicelib.pipeline.health import HealthReport


def a_line(message: str = "Request failed", error: Exception | None = None, **extra: object) -> dict[str, object]:
    """One formatted line."""
    information = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("smart-invoice", logging.ERROR, __file__, 1, message, (), information)
    record.__dict__.update(extra)
    text = DiscreetFormatter(serialize_stacktrace=False).format(record)
    assert "\n" not in text
    return dict(json.loads(text))


def an_error_that_quotes(text: str) -> Exception:
    """An error as it is after it was raised."""
    try:
        int(text)
    except ValueError as error:
        return error
    raise AssertionError(text)


def test_an_error_is_logged_by_its_kind_and_place_without_its_message() -> None:
    line = a_line(error=an_error_that_quotes("IBAN DE89370400440532013000"))

    assert "DE89370400440532013000" not in json.dumps(line)
    assert line["exception_name"] == "ValueError"
    assert "test_logs.py" in str(line["exception"])


def test_a_line_break_in_a_fact_does_not_start_a_new_line() -> None:
    assert a_line(invoice_id='x\n{"level":"ERROR"}')["invoice_id"] == 'x\n{"level":"ERROR"}'


@pytest.mark.parametrize(("table", "level"), [("ok", "INFO"), ("access_denied", "ERROR")])
def test_a_daily_check_that_found_something_is_an_error(
    table: str, level: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "smart-invoice"):
        returned = health(HealthReport(bucket="ok", table=table, dead_letter_queue="ok", parking_queue="ok"))

    assert [record.levelname for record in caplog.records] == [level]
    assert returned["healthy"] is (table == "ok")
