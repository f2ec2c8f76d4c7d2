"""Logs: one JSON object a line, with the ids of request and invoice, and never a word of a document."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from chalicelib.alerting import call_operator
from chalicelib.pipeline.health import HealthReport

SERVICE = "smart-invoice"  # the name of the app too: so Chalice's own lines go through the same logger

_MAX_FRAMES = 12
_log = logging.getLogger(f"{SERVICE}.health")


class DiscreetFormatter(LambdaPowertoolsFormatter):
    """Powertools' JSON, but of an exception only its kind and its way: its message may quote a document."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's own name
        """The innermost frames, outermost first, and the kind."""
        kind, _, trace = ei
        return " > ".join([*_frames(trace)[-_MAX_FRAMES:], kind.__name__ if kind else "unknown"])


def configure(level: str) -> None:
    """Send the lines of the app, the pipeline and Chalice to standard output."""
    Logger(
        service=SERVICE, level=level, logger_formatter=DiscreetFormatter(serialize_stacktrace=False), stream=sys.stdout
    )


@contextmanager
def request(request_id: str, client: str | None = None) -> Iterator[None]:
    """Within the `with` block, and in this thread, every line has `request_id`, and `client` if there is one.

    What leaves it may call an operator.
    """
    with _named(request_id, client):
        try:
            yield
        except Exception as error:  # raised again: Lambda notes it in a shape that no alarm can tell from others
            call_operator(error)
            raise


def health(report: HealthReport) -> dict[str, Any]:
    """Log the daily report, as ERROR when something does not answer, and give it as what the Lambda returns."""
    facts = report.model_dump()
    _log.log(logging.INFO if report.is_healthy else logging.ERROR, "Checked health", extra=facts)
    return facts | {"healthy": report.is_healthy}


@contextmanager
def _named(request_id: str, client: str | None) -> Iterator[None]:
    formatter = logging.getLogger(SERVICE).handlers[0].formatter
    if not isinstance(formatter, DiscreetFormatter):
        yield
        return
    keys = {"request_id": request_id} | ({"client": client} if client else {})
    formatter.thread_safe_append_keys(**keys)
    try:
        yield
    finally:
        formatter.thread_safe_remove_keys(list(keys))


def _frames(trace: TracebackType | None) -> list[str]:
    """`file:line function` of each frame, without folders."""
    found = []
    while trace is not None:
        code = trace.tb_frame.f_code
        found.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return found
