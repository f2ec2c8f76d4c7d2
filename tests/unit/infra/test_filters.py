"""What the filters of `infra/data.yaml` count, on lines that the app really wrote.

No emulator tries a filter, so their syntax is tried here: `{ $.a = "x*" && $.b = "y" }`, a phrase, a word.
"""

import json
import logging
import re
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from chalicelib.entrypoints.logs import DiscreetFormatter, health
from chalicelib.errors import UnavailableError
from chalicelib.pipeline.health import HealthReport
from tests.builders import a_clock, a_document
from tests.paid import Till
from tests.templates import Template
from tests.timed import timed_api

_TERM = re.compile(r'\$\.(\w+) = "([^"]*)"')


@pytest.fixture(autouse=True)
def _everything_is_written(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "smart-invoice")


def matches(pattern: str, line: str) -> bool:
    """Whether a line is found by a filter pattern."""
    if not pattern.startswith("{"):
        return pattern.strip('"') in line
    terms = _TERM.findall(pattern)
    assert pattern == f"{{ {' && '.join(f'$.{field} = {json.dumps(value)}' for field, value in terms)} }}"
    try:
        facts = json.loads(line)
    except ValueError:
        return False
    return all(_equals(str(facts.get(field)), value) for field, value in terms)


def _equals(text: str, value: str) -> bool:
    return text.startswith(value[:-1]) if value.endswith("*") else text == value


def counted(*lines: str) -> Counter[str]:
    """What these lines come to, by metric, if they are all of one function."""
    sums: Counter[str] = Counter()
    filters = Template("data", Stage="prod").of_type("AWS::Logs::MetricFilter").values()
    seen = {one["MetricTransformations"][0]["MetricName"]: one for one in filters}
    for name, one in seen.items():
        value = one["MetricTransformations"][0]["MetricValue"]
        for line in lines:
            if matches(one["FilterPattern"], line):
                amount = json.loads(line).get(value.removeprefix("$."), 0) if value.startswith("$") else int(value)
                assert type(amount) is int, "CloudWatch takes numbers only"
                sums[name] += amount
    return +sums


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged, as it is written."""
    return [DiscreetFormatter(serialize_stacktrace=False).format(record) for record in caplog.records]


def test_a_document_that_is_read_is_counted_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with timed_api(tmp_path, a_clock()) as api:
        api.uploaded(a_document("Invoice"))
        api.deliver_events()

    assert counted(*lines(caplog)) == {"Attempts": 1, "DocumentsCompleted": 1, "DocumentsForReview": 1}


def test_a_document_that_fails_is_counted_once_and_its_attempts_too(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with timed_api(tmp_path, a_clock(), max_attempts=2) as api:
        api.reader.trouble = RuntimeError("no luck")
        api.uploaded(a_document("Invoice"))
        for _ in range(2):
            with suppress(RuntimeError):
                api.deliver_events()
            api.clock.advance(hours=1)

    assert counted(*lines(caplog)) == {"Attempts": 2, "DocumentsFailed": 1}


def test_a_lost_event_is_counted_by_the_sweep(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with timed_api(tmp_path, a_clock()) as api:
        api.uploaded(a_document("Invoice"))
        api.lose_events()
        api.clock.advance(hours=1)
        api.swept()

    assert counted(*lines(caplog))["LostEvents"] == 1
    assert counted(*lines(caplog))["DocumentsCompleted"] == 1


def test_what_is_paid_is_counted_in_time_and_money(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    till = Till(tmp_path)
    till.provider.then(UnavailableError("textract_unavailable", "busy"))
    with suppress(UnavailableError):
        till.purse().buy(till.order())
    till.purse().buy(till.order())
    till.adapters.close()

    assert counted(*lines(caplog)) == {"TextractErrors": 1, "TextractMicroUsd": 1500}


@pytest.mark.parametrize(("table", "healthy"), [("ok", 1), ("access_denied", 0)])
def test_only_a_good_daily_check_is_counted(table: str, healthy: int, caplog: pytest.LogCaptureFixture) -> None:
    health(HealthReport(bucket="ok", table=table, dead_letter_queue="ok", parking_queue="ok"))

    assert counted(*lines(caplog))["HealthyChecks"] == healthy


def test_what_lambda_itself_writes_is_counted() -> None:
    timed_out = "2026-11-24T10:00:00.000Z 6f1c Task timed out after 300.00 seconds"
    cold = "INIT_START Runtime Version: python:3.13.v30\tRuntime Version ARN: arn:aws:lambda:eu-central-1::runtime:0"

    assert counted(timed_out, cold, "START RequestId: 6f1c Version: $LATEST") == {"TimedOut": 1, "ColdStarts": 1}


def test_a_call_for_an_operator_is_counted() -> None:
    called = json.dumps({"level": "CRITICAL", "message": "Operator needed", "code": "unpriced"})

    assert counted(called) == {"OperatorNeeded": 1}
