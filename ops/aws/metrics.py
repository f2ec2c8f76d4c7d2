"""What CloudWatch counted of a stage."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ops.aws.account import Account
from ops.names import APP
from ops.watch.figures import Span, Traffic

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

_MINUTE = 60
_READING = "inference"


class Watched(NamedTuple):
    """What of a stage is looked at: names of its functions by handler, the API's stage, and the queues of failures."""

    functions: Mapping[str, str]
    api_stage: str
    queues: Sequence[str]


class _Metric(NamedTuple):
    namespace: str
    name: str
    dimensions: Mapping[str, str]


def traffic(account: Account, watched: Watched, span: Span) -> Traffic:
    """The figures of a span. CloudWatch knows them after some minutes: the last ones are too low at first."""
    pages = account.metrics.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries(watched, span), StartTime=span.start, EndTime=span.end
    )
    return traffic_of(result for page in pages for result in page["MetricDataResults"])


def queries(watched: Watched, span: Span) -> "list[MetricDataQueryTypeDef]":
    """One query a metric, each with an id that says which figure it counts for."""
    return [
        {
            "Id": f"{figure}_{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": metric.namespace,
                    "MetricName": metric.name,
                    "Dimensions": [{"Name": name, "Value": text} for name, text in metric.dimensions.items()],
                },
                "Period": _MINUTE if statistic == "Sum" else _MINUTE * max(span.minutes, 1),
                "Stat": statistic,
            },
        }
        for number, (figure, statistic, metric) in enumerate(_wanted(watched))
    ]


def traffic_of(results: Iterable[Any]) -> Traffic:
    """Add up the answers of CloudWatch (`MetricDataResults`).

    A percentile over the whole span may come as two, when CloudWatch cuts it at a full hour: the higher one counts.
    """
    values: dict[str, list[float]] = {}
    for result in results:
        values.setdefault(result["Id"].rpartition("_")[0], []).extend(result["Values"])
    return Traffic(
        requests=_sum(values, "requests"),
        failed_requests=_sum(values, "failed_requests"),
        runs=_sum(values, "runs"),
        failed_runs=_sum(values, "failed_runs"),
        api_p95_ms=max(values.get("api_p95_ms", ()), default=None),
        reading_p95_ms=max(values.get("reading_p95_ms", ()), default=None),
        dead_letters=_sum(values, "dead_letters"),
    )


def _sum(values: Mapping[str, Sequence[float]], figure: str) -> int:
    return round(sum(values.get(figure, ())))


def _wanted(watched: Watched) -> Iterator[tuple[str, str, _Metric]]:
    """Figure, statistic and metric."""
    api = {"ApiName": APP, "Stage": watched.api_stage}
    yield "requests", "Sum", _Metric("AWS/ApiGateway", "Count", api)
    yield "failed_requests", "Sum", _Metric("AWS/ApiGateway", "5XXError", api)
    yield "api_p95_ms", "p95", _Metric("AWS/ApiGateway", "Latency", api)
    for name in watched.functions.values():
        yield "runs", "Sum", _Metric("AWS/Lambda", "Invocations", {"FunctionName": name})
        yield "failed_runs", "Sum", _Metric("AWS/Lambda", "Errors", {"FunctionName": name})
    yield "reading_p95_ms", "p95", _Metric("AWS/Lambda", "Duration", {"FunctionName": watched.functions[_READING]})
    for queue in watched.queues:
        yield "dead_letters", "Sum", _Metric("AWS/SQS", "NumberOfMessagesSent", {"QueueName": queue})
