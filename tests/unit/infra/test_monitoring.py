"""`infra/monitoring.yaml`: what the runbook names rings, at its thresholds, and says what to do."""

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.domain.finding import Decision
from chalicelib.pipeline.sweep import Swept
from local.http_server import PROJECT
from ops.grants import GRANTS, function_name
from tests.templates import ACCOUNT, Template

OWN = "SmartInvoice/prod"
TOPIC = f"arn:aws:sns:eu-central-1:{ACCOUNT}:smart-invoice-prod-"
ALARMS = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
COMMANDS = {"deploy", "deploys", "rollback", "smoke", "watch"}

# The runbook's figures: alarm → statistic, threshold, seconds, and whom it calls.
OF_THE_RUNBOOK = {
    "upload-duration": ("p95", 5_000, 300, "warning"),
    "inference-duration": ("p95", 60_000, 300, "warning"),
    "api-latency": ("p95", 2_000, 300, "warning"),
    "textract-duration": ("p95", 30_000, 300, None),
    "bedrock-duration": ("p95", 10_000, 300, None),
    "parked": ("Maximum", 0, 300, "critical"),
    "dead-letters": ("Maximum", 10, 300, "warning"),
    "dead-letters-old": ("Maximum", 3_600, 300, "warning"),
    "events-late": ("Maximum", 3_600_000, 300, "warning"),
    "timed-out": ("Sum", 0, 300, "warning"),
}
NAMED_BY_THE_RUNBOOK = set(OF_THE_RUNBOOK) | {
    "api-errors",
    "attempts",
    "bedrock-cost",
    "bedrock-errors",
    "budget-level",
    "error-budget",
    "error-rate",
    "events-dropped",
    "invocations",
    "operator-needed",
    "paid-readers",
    "service-down",
    "storage-growth",
    "table-errors",
    "table-throttled",
    "textract-cost",
    "textract-errors",
    "throttled",
    "unhealthy",
}


@pytest.fixture(scope="module")
def monitoring() -> Template:
    """The template as most people deploy it."""
    return Template("monitoring", Stage="prod")


@pytest.fixture(scope="module")
def data() -> Template:
    """The template with the filters."""
    return Template("data", Stage="prod")


@pytest.fixture(scope="module")
def alarms(monitoring: Template) -> dict[str, dict[str, Any]]:
    """All alarms, by name without the stage's beginning."""
    found = [one for kind in ALARMS for one in monitoring.of_type(kind).values()]
    return {one["AlarmName"].removeprefix("smart-invoice-prod-"): one for one in found}


def metrics_of(alarm: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Namespace, name and dimensions of every metric that an alarm looks at."""
    simple = [alarm] if "MetricName" in alarm else []
    for metric in [*simple, *(one["MetricStat"]["Metric"] for one in alarm.get("Metrics", ()) if "MetricStat" in one)]:
        dimensions = {one["Name"]: one["Value"] for one in metric.get("Dimensions", ())}
        yield metric["Namespace"], metric["MetricName"], dimensions


def called(alarm: dict[str, Any]) -> list[str]:
    """The topics that an alarm calls, without their beginning."""
    return [topic.removeprefix(TOPIC) for topic in alarm.get("AlarmActions", ())]


def counted(data: Template) -> dict[str, list[dict[str, Any]]]:
    """The filters by the metric that they make."""
    made: dict[str, list[dict[str, Any]]] = {}
    for one in data.of_type("AWS::Logs::MetricFilter").values():
        (metric,) = one["MetricTransformations"]
        assert metric["MetricNamespace"] == OWN
        made.setdefault(metric["MetricName"], []).append(one)
    return made


def evaluated(alarm: dict[str, Any], **values: float) -> float:
    """What an alarm's expressions come to, for these values of its metrics; 0 for those without data."""
    names: dict[str, Any] = {one["Id"]: values.get(one["Id"], 0) for one in alarm["Metrics"] if "MetricStat" in one}
    names |= {"IF": lambda condition, yes, no: yes if condition else no, "FILL": lambda value, _: value}
    expressions = {one["Id"]: one["Expression"] for one in alarm["Metrics"] if "Expression" in one}
    for name, expression in reversed(expressions.items()):  # each is made of those below it
        names[name] = eval(re.sub(r"\b(AND|OR)\b", lambda word: word[0].lower(), expression), {}, names)
    (shown,) = [one["Id"] for one in alarm["Metrics"] if one["ReturnData"]]
    return float(names[shown])


# What there is


def test_every_alarm_that_the_runbook_needs_is_there(alarms: dict[str, dict[str, Any]]) -> None:
    assert set(alarms) >= NAMED_BY_THE_RUNBOOK


@pytest.mark.parametrize("name", OF_THE_RUNBOOK)
def test_an_alarm_has_the_runbooks_threshold(alarms: dict[str, dict[str, Any]], name: str) -> None:
    alarm, (statistic, threshold, seconds, whom) = alarms[name], OF_THE_RUNBOOK[name]

    assert alarm.get("Statistic", alarm.get("ExtendedStatistic")) == statistic
    assert (alarm["Threshold"], alarm["Period"]) == (threshold, seconds)
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    assert called(alarm) == ([whom] if whom else [])


@pytest.mark.parametrize(
    ("completed", "failed", "rings"),
    [
        (0, 0, False),  # nothing to do
        (100, 5, False),  # 4.8 %
        (94, 6, True),
        (18, 1, False),  # 5.3 %, and one document
        (0, 2, False),
        (0, 3, True),  # few, and all of them
        (2, 3, True),
        (3, 3, False),
        (19, 1, False),  # exactly 5 %
    ],
)
def test_the_error_rate_counts_documents_and_waits_for_enough_of_them(
    alarms: dict[str, dict[str, Any]], completed: int, failed: int, rings: bool
) -> None:
    alarm = alarms["error-rate"]

    assert (evaluated(alarm, c=completed, f=failed) > alarm["Threshold"]) is rings


@pytest.mark.parametrize(
    ("failed", "answered", "rings"), [(0, 0, False), (11, 0, True), (10, 0, False), (1, 19, False), (2, 19, True)]
)
def test_a_paid_reader_rings_when_it_fails_often_or_to_a_large_part(
    alarms: dict[str, dict[str, Any]], failed: int, answered: int, rings: bool
) -> None:
    for name in ("textract-errors", "bedrock-errors"):
        assert (evaluated(alarms[name], e=failed, a=answered) >= alarms[name]["Threshold"]) is rings


def test_a_retry_loop_rings(alarms: dict[str, dict[str, Any]]) -> None:
    loop = alarms["attempts"]

    assert evaluated(loop, a=61, c=30, f=10) > loop["Threshold"]
    assert evaluated(loop, a=59, c=30, f=10) < loop["Threshold"]
    assert evaluated(loop, a=50, c=5) < loop["Threshold"]


# Whom it calls


def test_no_alarm_calls_nobody(alarms: dict[str, dict[str, Any]]) -> None:
    rules = {name: one["AlarmRule"] for name, one in alarms.items() if "AlarmRule" in one}
    for name, alarm in alarms.items():
        gathered = [rule for rule in rules.values() if f'ALARM("smart-invoice-prod-{name}")' in rule]
        assert len(called(alarm)) + len(gathered) == 1, name
    assert all(called(alarms[name]) for name in rules)


def test_a_gathering_alarm_names_alarms_that_are_there(alarms: dict[str, dict[str, Any]]) -> None:
    for alarm in alarms.values():
        for name in re.findall(r'"([^"]+)"', alarm.get("AlarmRule", "")):
            assert name.removeprefix("smart-invoice-prod-") in alarms


def test_who_was_called_for_something_critical_is_told_when_it_is_over(alarms: dict[str, dict[str, Any]]) -> None:
    critical = [alarm for alarm in alarms.values() if called(alarm) == ["critical"]]

    assert len(critical) == 4
    assert all(alarm["OKActions"] == alarm["AlarmActions"] for alarm in critical)


def test_warnings_about_paid_readers_are_silent_while_the_service_is_down(alarms: dict[str, dict[str, Any]]) -> None:
    assert alarms["paid-readers"]["ActionsSuppressor"] == "ServiceDown.Arn"


# What it says


def test_every_alarm_says_what_to_do(alarms: dict[str, dict[str, Any]]) -> None:
    for name, alarm in alarms.items():
        text = alarm["AlarmDescription"]
        assert len(text) <= 1024
        assert re.search(r"Runbook, [A-Z]|docs/how-to/", text), name
        assert "${" not in text
        assert set(re.findall(r"python -m ops (\w+)", text)) <= COMMANDS
        for page in re.findall(r"docs/[\w/-]+\.md", text):
            assert (PROJECT / page).exists(), page


def test_what_missing_data_means_is_said_for_every_alarm(alarms: dict[str, dict[str, Any]]) -> None:
    said = {name: one["TreatMissingData"] for name, one in alarms.items() if "AlarmRule" not in one}

    assert {name for name, meaning in said.items() if meaning == "breaching"} == {"unhealthy", "sweep-stands-still"}
    assert set(said.values()) == {"breaching", "notBreaching"}


def test_a_daily_check_that_never_runs_is_noticed_after_26_hours(alarms: dict[str, dict[str, Any]]) -> None:
    alarm = alarms["unhealthy"]

    assert alarm["Period"] * alarm["EvaluationPeriods"] == 26 * 3600
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (1, "LessThanThreshold")


# What it looks at


def test_it_looks_only_at_what_is_there(alarms: dict[str, dict[str, Any]], data: Template) -> None:
    functions = {function_name(function, "prod") for function in GRANTS}
    queues = {queue["QueueName"] for queue in data.of_type("AWS::SQS::Queue").values()}
    there = {
        "FunctionName": functions,
        "QueueName": queues,
        "TableName": {data["Table"]["TableName"]},
        "BucketName": {data["Bucket"]["BucketName"]},
        "ApiName": {"smart-invoice"},
        "Stage": {"prod"},
    }
    for alarm in alarms.values():
        for _, _, dimensions in metrics_of(alarm):
            for name in set(dimensions) & set(there):
                assert dimensions[name] in there[name]


def test_the_apis_figures_are_those_of_its_own_stage(alarms: dict[str, dict[str, Any]]) -> None:
    """Chalice calls the API of every stage the same: only the name of API Gateway's stage tells them apart."""
    config = json.loads((PROJECT / ".chalice" / "config.json").read_text(encoding="utf-8"))

    for stage in ("dev", "staging", "prod"):
        assert config["stages"][stage]["api_gateway_stage"] == stage
    for name in ("api-errors", "api-latency"):
        ((_, _, dimensions),) = metrics_of(alarms[name])
        assert dimensions == {"ApiName": "smart-invoice", "Stage": "prod"}


def test_every_figure_of_our_own_is_counted_and_none_in_vain(
    alarms: dict[str, dict[str, Any]], monitoring: Template, data: Template
) -> None:
    looked_at = {name for one in alarms.values() for space, name, _ in metrics_of(one) if space == OWN}
    shown = set(re.findall(r'"(\w+)"', monitoring["Dashboard"]["DashboardBody"]))

    assert looked_at <= set(counted(data))
    assert set(counted(data)) <= looked_at | shown


def test_a_share_is_known_from_the_first_document_on(data: Template) -> None:
    """What was never counted has no figure, and 100 % of failures would be a share of nothing."""
    for name in ("DocumentsCompleted", "DocumentsFailed", "Attempts", "TextractErrors", "BedrockErrors"):
        zero = {one["LogGroupName"] for one in counted(data)[name] if _counts_zero(one)}
        assert zero == {"InferenceLogs", "ReprocessLogs"}, name  # the sweep always writes: it would always cost


def _counts_zero(one: dict[str, Any]) -> bool:
    return bool(one["MetricTransformations"][0].get("DefaultValue") == 0)


def test_filters_of_one_log_group_are_made_one_after_the_other(data: Template) -> None:
    """CloudWatch Logs takes one change of a group at a time."""
    filters = {name: one for name, one in data.resources.items() if one["Type"] == "AWS::Logs::MetricFilter"}
    groups = {name: one["Properties"]["LogGroupName"] for name, one in filters.items()}
    for group in set(groups.values()):
        waiting = [filters[name].get("DependsOn") for name, of in groups.items() if of == group]
        assert waiting.count(None) == 1
        assert len(set(waiting)) == len(waiting)
        assert {groups[before] for before in waiting if before} <= {group}


def test_whatever_works_on_documents_is_counted_wherever_it_runs(data: Template) -> None:
    for name, filters in counted(data).items():
        if name.startswith(("Documents", "Textract", "Bedrock", "Attempts")):
            groups = {one["LogGroupName"] for one in filters}
            assert groups == {"InferenceLogs", "ReprocessLogs", "SweepLogs"}, name
        assert len({one["FilterPattern"] for one in filters}) == 1
    assert len(counted(data)["OperatorNeeded"]) == len(GRANTS)


def test_the_filters_look_for_lines_that_the_app_writes(data: Template) -> None:
    written = messages()
    exact = {text for text in re.findall(r'\$\.message = "([^"]+)"', all_patterns(data)) if not text.endswith("*")}

    assert len(exact) >= 8
    assert exact <= written
    assert "%sError: %s" in written  # TextractError*, BedrockError*


def test_the_filters_read_facts_that_the_lines_have(data: Template) -> None:
    values = {one["MetricTransformations"][0]["MetricValue"] for made in counted(data).values() for one in made}
    paid = {"milliseconds", "micro_usd", "input_tokens", "output_tokens"}  # tests/unit/pipeline/test_paid_calls.py

    assert {value.removeprefix("$.") for value in values if value.startswith("$")} - paid <= set(Swept._fields)
    assert set(re.findall(r'\$\.decision = "(\w+)"', all_patterns(data))) <= set(Decision)


def messages() -> set[str]:
    """What `log.info`, `log.error`, … are given in `chalicelib/`."""
    levels = {"info", "warning", "error", "critical", "log", "exception"}
    calls = [
        node
        for path in PROJECT.glob("chalicelib/**/*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in levels
    ]
    given = [argument for call in calls for argument in call.args if isinstance(argument, ast.Constant)]
    return {argument.value for argument in given if isinstance(argument.value, str)}


def all_patterns(data: Template) -> str:
    """The patterns of all filters, one a line."""
    return "\n".join(one["FilterPattern"] for made in counted(data).values() for one in made)


# Dashboard and budget


def test_the_dashboard_is_valid_and_shows_alarms_that_are_there(
    monitoring: Template, alarms: dict[str, dict[str, Any]], data: Template
) -> None:
    widgets = json.loads(monitoring["Dashboard"]["DashboardBody"])["widgets"]
    shown = [name for one in widgets for name in one["properties"].get("alarms", ())]

    assert len(widgets) == 13
    assert {name.partition(":alarm:smart-invoice-prod-")[2] for name in shown} <= set(alarms)
    for widget in widgets:
        for row in widget["properties"].get("metrics", ()):
            if row[0] == OWN:
                assert row[1] in counted(data)


def test_a_budget_warns_before_it_is_used_up(monitoring: Template) -> None:
    notices = monitoring["Budget"]["NotificationsWithSubscribers"]

    assert [
        (one["Notification"]["NotificationType"], one["Notification"]["Threshold"], called_by(one)) for one in notices
    ] == [
        ("ACTUAL", 50, "warning"),
        ("ACTUAL", 80, "warning"),
        ("FORECASTED", 100, "warning"),
        ("ACTUAL", 100, "critical"),
    ]
    assert monitoring["Budget"]["Budget"]["BudgetLimit"] == {"Amount": 100, "Unit": "USD"}
    assert "Budget" not in Template("monitoring", Stage="prod", MonthlyBudgetUsd="0").resources


def called_by(notice: dict[str, Any]) -> str:
    """The topic that a notice of the budget goes to."""
    (subscriber,) = notice["Subscribers"]
    return str(subscriber["Address"]).removeprefix(TOPIC)
