"""What Lambda does with a function's role: logs, traces, taking messages from a queue, giving up into another one.

ministack does all four without asking. AWS asks, and says so in the Lambda developer guide ("Execution role", "Using
Lambda with Amazon SQS", "Capturing records of asynchronous invocations"); what is refused is silently not done.
"""

from collections.abc import Mapping
from typing import Any

from ministack.core import lambda_runtime
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch_logs, lambda_svc

from tests.e2e.emulator.journal import may

_POLLING = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
_TRACING = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")
_LOGGING = ("logs:CreateLogStream", "logs:PutLogEvents")


def install() -> None:
    """Ask from now on."""
    _before_logging()
    _before_polling()
    _before_giving_up()


def _before_logging() -> None:
    """And tracing, which happens at the same time and leaves nothing here but its line in the journal."""
    emit = lambda_svc._emit_lambda_logs

    def _emit_lambda_logs(func: Mapping[str, Any], *rest: Any, **named: Any) -> None:
        config = func.get("config") or func
        if config.get("TracingConfig", {}).get("Mode") == "Active":
            _may_all(config, _TRACING, "*")
        group = f"/aws/lambda/{config['FunctionName']}"
        needed = _LOGGING if group in cloudwatch_logs._log_groups else ("logs:CreateLogGroup", *_LOGGING)
        if _may_all(config, needed, f"arn:aws:logs:{get_region()}:{get_account_id()}:log-group:{group}:log-stream:x"):
            emit(func, *rest, **named)

    lambda_svc._emit_lambda_logs = _emit_lambda_logs


def _before_polling() -> None:
    concurrency = lambda_svc._sqs_esm_concurrency

    def _sqs_esm_concurrency(mapping: Mapping[str, Any], func: Any, config: Mapping[str, Any], queue: Any = None) -> Any:
        may_poll = _may_all(config, _POLLING, mapping["EventSourceArn"])
        return concurrency(mapping, func, config, queue) if may_poll else 0

    lambda_svc._sqs_esm_concurrency = _sqs_esm_concurrency


def _before_giving_up() -> None:
    route = lambda_svc._route_async_failure

    def _route_async_failure(target: str, function: str, *rest: Any) -> None:
        if _may_all(lambda_svc._functions.get(function)["config"], ("sqs:SendMessage",), target):
            route(target, function, *rest)

    lambda_svc._route_async_failure = _route_async_failure


def _may_all(config: Mapping[str, Any], actions: tuple[str, ...], resource: str) -> bool:
    """Whether the function's role may do all this; each is asked, so that each is in the journal."""
    key = lambda_runtime.execution_credentials(dict(config))["AWS_ACCESS_KEY_ID"]
    return all([may(key, action, resource) for action in actions])
