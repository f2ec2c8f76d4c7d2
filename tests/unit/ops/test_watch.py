"""When a deployment may stay: numbers in, a decision out."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import boto3
import pytest
from botocore.validate import ParamValidator

from chalicelib.domain.charge import ChargeState
from ops.aws.account import Account
from ops.aws.metrics import Watched, queries, traffic, traffic_of
from ops.command import OpsError
from ops.deploy.record import Deployment, Package, State
from ops.watch.command import conclusion, plan_of
from ops.watch.figures import Costs, Figures, Span, Traffic, costs_in
from ops.watch.verdict import Decision, Verdict, verdict
from ops.watch.watching import Plan, World, watch
from tests.builders import a_charge
from tests.families import moto

_NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
_HALF_AN_HOUR = Span(_NOON, _NOON + timedelta(minutes=30))
_WATCHED = Watched(
    functions={"api_handler": "smart-invoice-dev", "inference": "smart-invoice-dev-inference"},
    api_stage="dev",
    queues=("smart-invoice-dev-inference-dlq", "smart-invoice-dev-inference-parking"),
)


def figures(usd: str = "0.40", documents: int = 100, **given: Any) -> Figures:
    """A quiet half an hour, but for what a test is about."""
    quiet: dict[str, Any] = {
        "requests": 1000, "failed_requests": 0, "runs": 1300, "failed_runs": 0,
        "api_p95_ms": 400.0, "reading_p95_ms": 9_000.0, "dead_letters": 0,
    }  # fmt: skip
    return Figures(Traffic(**{**quiet, **given}), Costs(documents, Decimal(usd)))


NOTHING = Figures()
LITTLE = figures(usd="0.01", documents=2, requests=9, runs=11)
ROLL_BACK, FINE, TOO_LITTLE = Decision.ROLL_BACK, Decision.FINE, Decision.TOO_LITTLE


@pytest.mark.parametrize(
    ("before", "after", "expected", "reason"),
    [
        # as before
        (figures(), figures(), FINE, "1000 requests and 100 documents"),
        (figures(), figures(failed_requests=2, failed_runs=2), FINE, "as before"),
        (figures(), figures(failed_requests=10, failed_runs=13), FINE, "as before"),  # one in a hundred
        (NOTHING, figures(), FINE, "too little before to compare with"),
        # little traffic is never fine, and two errors of nine are no proof either
        (figures(), NOTHING, TOO_LITTLE, "0 requests are too few to judge by; 20 are needed."),
        (figures(), LITTLE, TOO_LITTLE, "2 documents are too few to judge by; 5 are needed."),
        (figures(), LITTLE._replace(costs=figures().costs), TOO_LITTLE, "9 requests are too few"),
        (NOTHING, NOTHING, TOO_LITTLE, "0 requests"),
        (figures(), figures(documents=4, usd="9"), TOO_LITTLE, "4 documents"),
        (figures(), figures(documents=0, usd="0", requests=9, failed_requests=2), TOO_LITTLE, "9 requests"),
        # but what is plainly bad is so with little traffic, too
        (figures(), figures(documents=0, usd="0", requests=9, failed_requests=3), ROLL_BACK, "3 of 9 requests were"),
        # errors
        (figures(), figures(failed_requests=11), ROLL_BACK, "11 of 1000 requests were answered with 5xx (1.1%"),
        (figures(), figures(failed_runs=14), ROLL_BACK, "14 of 1300 runs of functions failed (1.1%; before, 0"),
        (figures(failed_runs=50), figures(failed_runs=100), FINE, "as before"),
        (figures(failed_runs=50), figures(failed_runs=101), ROLL_BACK, "before, 50 of 1300"),
        (NOTHING, figures(failed_runs=14), ROLL_BACK, "14 of 1300"),
        # times: beyond the goal, and half as long again as before
        (figures(), figures(api_p95_ms=1_999.0), FINE, "as before"),
        (figures(), figures(api_p95_ms=2_001.0), ROLL_BACK, "the API longer than 2,001 ms (the goal is 2,000"),
        (figures(api_p95_ms=1_900.0), figures(api_p95_ms=2_800.0), FINE, "as before"),
        (NOTHING, figures(api_p95_ms=2_001.0), ROLL_BACK, "the API"),
        (figures(), figures(api_p95_ms=None, reading_p95_ms=None), FINE, "as before"),
        (figures(), figures(reading_p95_ms=61_000.0), ROLL_BACK, "reading longer than 61,000 ms"),
        (figures(), figures(requests=19, api_p95_ms=9_000.0), TOO_LITTLE, "19 requests"),
        # dead letters
        (figures(), figures(dead_letters=2), FINE, "as before"),
        (figures(), figures(dead_letters=3), ROLL_BACK, "3 dead letters came (before, 0)."),
        (figures(dead_letters=5), figures(dead_letters=8), FINE, "as before"),
        (figures(dead_letters=5), figures(dead_letters=11), ROLL_BACK, "11 dead letters came (before, 5)."),
        # costs
        (figures(), figures(usd="0.60"), FINE, "as before"),
        (figures(), figures(usd="0.61"), ROLL_BACK, "A document costs $0.0061 (before, $0.0040)."),
        (figures(usd="0.01"), figures(usd="0.20"), FINE, "as before"),  # a fifth of a cent more, of nearly nothing
        (figures(usd="0.01"), figures(usd="0.22"), ROLL_BACK, "before, $0.0001"),
        (NOTHING, figures(usd="5.00"), FINE, "too little before"),
        (NOTHING, figures(usd="5.01"), ROLL_BACK, "nothing is known of before"),
        (figures(usd="40"), figures(usd="50"), FINE, "as before"),
    ],
)  # fmt: skip
def test_the_decision_follows_from_the_figures(
    before: Figures, after: Figures, expected: Decision, reason: str
) -> None:
    found = verdict(before, after)

    assert found.decision is expected
    assert reason in " ".join(found.reasons)


def test_all_that_is_bad_is_told() -> None:
    found = verdict(figures(), figures(failed_requests=50, failed_runs=60, dead_letters=9, usd="3"))

    assert len(found.reasons) == 4


class ATime:
    """A world in which time passes only by waiting, and figures come as planned."""

    def __init__(self, now: datetime, of: Callable[[Span], Figures]) -> None:
        self.now = now
        self.said: list[str] = []
        self.asked: list[Span] = []
        self._of = of

    @property
    def world(self) -> World:
        """It."""
        return World(self._figures, lambda: self.now, self._wait, self.said.append)

    def _figures(self, span: Span) -> Figures:
        self.asked.append(span)
        return self._of(span)

    def _wait(self, pause: timedelta) -> None:
        assert pause > timedelta(0)
        self.now += pause


def a_plan(minutes: int = 30) -> Plan:
    """A deployment of three minutes that was done at noon and ten seconds."""
    return Plan(_NOON - timedelta(minutes=3), _NOON + timedelta(seconds=10), minutes)


def test_a_deployment_is_watched_to_the_end_against_as_much_time_before_it_began() -> None:
    time = ATime(_NOON + timedelta(seconds=30), lambda _: figures())

    found = watch(a_plan(), time.world)

    assert found.decision is FINE
    assert time.asked[0] == Span(_NOON - timedelta(minutes=33), _NOON - timedelta(minutes=3))
    assert time.asked[-1] == Span(_NOON + timedelta(minutes=1), _NOON + timedelta(minutes=31))
    assert time.now == _NOON + timedelta(minutes=31)
    assert len(time.said) == 2 + 32
    assert {len(line) for line in time.said} == {80}


def test_what_is_plainly_bad_ends_the_watch_at_once() -> None:
    def bad_from_the_fifth_minute(span: Span) -> Figures:
        return figures(failed_requests=300 if span.start > _NOON and span.minutes > 4 else 0)

    time = ATime(_NOON, bad_from_the_fifth_minute)

    found = watch(a_plan(), time.world)

    assert found.decision is ROLL_BACK
    assert time.now == _NOON + timedelta(minutes=6)


def test_a_deployment_of_long_ago_is_judged_by_the_same_length_after_it() -> None:
    time = ATime(_NOON + timedelta(days=2), lambda _: figures())

    assert watch(a_plan(), time.world).decision is FINE
    assert time.asked[1:] == [Span(_NOON + timedelta(minutes=1), _NOON + timedelta(minutes=31))]


def test_a_time_without_requests_ends_as_not_enough() -> None:
    time = ATime(_NOON, lambda span: figures() if span.start < _NOON else NOTHING)

    assert watch(a_plan(), time.world).decision is TOO_LITTLE


def a_deployment(minute: int, sha256: str, state: State = State.PASSED, **given: Any) -> Deployment:
    """A deployment of that minute after eleven."""
    at = _NOON.replace(hour=11, minute=minute)
    package = Package(source=sha256, sha256=sha256, size=1, python="python3.12", architecture="x86_64")
    name = f"{at:%Y%m%d-%H%M%S}-{sha256}"
    fixed: dict[str, Any] = {"kind": "deploy", "build": name, "stage": "dev", "account": "1", "region": "r", "who": "w"}
    times = {"started_at": at, "finished_at": at + timedelta(minutes=3)}
    return Deployment(**{**fixed, **times, "id": name, "state": state, "package": package, "inputs": {}, **given})


HISTORY = (a_deployment(30, "cc"), a_deployment(20, "bb", State.FAILED), a_deployment(10, "aa"))


def test_the_way_back_is_the_last_build_that_passed_before() -> None:
    told = conclusion(Verdict(ROLL_BACK, ("Because.",)), "dev", HISTORY)

    assert told.splitlines() == [
        "Roll back.",
        "  Because.",
        "  python -m ops rollback --stage dev --to 20261124-111000-aa",
    ]


def test_where_there_is_no_way_back_that_is_told() -> None:
    told = conclusion(Verdict(ROLL_BACK, ("Because.",)), "dev", HISTORY[:1])

    assert "There is no earlier build that passed" in told


def test_the_last_deployment_is_what_is_watched() -> None:
    assert plan_of(HISTORY, None, 30, "dev") == Plan(
        _NOON.replace(hour=11, minute=30), _NOON.replace(hour=11, minute=33), 30
    )
    assert plan_of(HISTORY, _NOON, 30, "dev") == Plan(_NOON, _NOON, 30)
    with pytest.raises(OpsError, match="--since"):
        plan_of((), None, 30, "dev")


def test_costs_are_those_of_charges_made_within_the_span() -> None:
    moments = {"a": -1, "b": 0, "c": 29, "d": 30}
    charges = [
        a_charge(invoice_id=name, at=_NOON + timedelta(minutes=minute), usd=Decimal("0.01"), state=ChargeState.SETTLED)
        for name, minute in moments.items()
    ]
    released = a_charge(invoice_id="e", at=_NOON, usd=Decimal("0.01"), state=ChargeState.RELEASED)

    assert costs_in(_HALF_AN_HOUR, [*charges, charges[1], released]) == Costs(2, Decimal("0.03"))


def test_a_span_over_midnight_touches_two_days() -> None:
    night = _NOON.replace(hour=23, minute=50)

    assert [day.day for day in Span(night, night + timedelta(minutes=30)).days()] == [24, 25]


@pytest.fixture
def account() -> Iterator[Account]:
    """An account without anything."""
    with moto():
        yield Account()


def count(account: Account, namespace: str, name: str, value: float, at: datetime, **dimensions: str) -> None:
    """Let CloudWatch count something."""
    account.metrics.put_metric_data(
        Namespace=namespace,
        MetricData=[
            {
                "MetricName": name,
                "Dimensions": [{"Name": key, "Value": text} for key, text in dimensions.items()],
                "Timestamp": at,
                "Value": value,
            }
        ],
    )


def test_what_cloudwatch_counted_within_the_span_is_added_up_over_functions_and_queues(account: Account) -> None:
    api = {"ApiName": "smart-invoice", "Stage": "dev"}
    for minute in (-1, 0, 5, 29, 30):  # three of them within
        at = _NOON + timedelta(minutes=minute)
        count(account, "AWS/ApiGateway", "Count", 40, at, **api)
        count(account, "AWS/ApiGateway", "5XXError", 2, at, **api)
        count(account, "AWS/ApiGateway", "Count", 1000, at, **{**api, "Stage": "prod"})
        count(account, "AWS/Lambda", "Invocations", 40, at, FunctionName="smart-invoice-dev")
        count(account, "AWS/Lambda", "Invocations", 10, at, FunctionName="smart-invoice-dev-inference")
        count(account, "AWS/Lambda", "Errors", 1, at, FunctionName="smart-invoice-dev-inference")
        count(account, "AWS/SQS", "NumberOfMessagesSent", 1, at, QueueName="smart-invoice-dev-inference-dlq")
        count(account, "AWS/SQS", "NumberOfMessagesSent", 2, at, QueueName="smart-invoice-dev-inference-parking")

    found = traffic(account, _WATCHED, _HALF_AN_HOUR)

    assert found._replace(api_p95_ms=None, reading_p95_ms=None) == Traffic(
        requests=120, failed_requests=6, runs=150, failed_runs=3, dead_letters=9
    )


def test_where_nothing_was_counted_there_are_zeros_and_no_times(account: Account) -> None:
    found = traffic(account, _WATCHED, _HALF_AN_HOUR)

    assert found._replace(api_p95_ms=None, reading_p95_ms=None) == Traffic()


def test_percentiles_are_asked_for_over_the_whole_span_as_cloudwatch_takes_them() -> None:
    """moto knows no percentiles: the question is held against botocore's model of CloudWatch, and answered here."""
    asked = queries(_WATCHED, _HALF_AN_HOUR)
    client = boto3.client("cloudwatch", region_name="eu-central-1")
    shape = client.meta.service_model.operation_model("GetMetricData").input_shape
    assert shape is not None
    times = {one["Id"].rpartition("_")[0]: one["MetricStat"] for one in asked if one["MetricStat"]["Stat"] == "p95"}

    report = ParamValidator().validate(
        {"MetricDataQueries": asked, "StartTime": _HALF_AN_HOUR.start, "EndTime": _HALF_AN_HOUR.end}, shape
    )

    assert not report.has_errors(), report.generate_report()
    assert {name: (stat["Metric"]["MetricName"], stat["Period"]) for name, stat in times.items()} == {
        "api_p95_ms": ("Latency", 1800),
        "reading_p95_ms": ("Duration", 1800),
    }
    answered = [{"Id": one["Id"], "Values": [1234.5, 900.0]} for one in asked if one["MetricStat"]["Stat"] == "p95"]
    assert traffic_of(answered) == Traffic(api_p95_ms=1234.5, reading_p95_ms=1234.5)


def test_ids_of_queries_are_such_as_cloudwatch_takes() -> None:
    ids = [one["Id"] for one in queries(_WATCHED, _HALF_AN_HOUR)]

    assert len(set(ids)) == len(ids)
    assert all(name[0].islower() and name.replace("_", "").isalnum() for name in ids)
