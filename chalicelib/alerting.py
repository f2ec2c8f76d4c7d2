"""Calling an operator: the one line of the log that an alarm counts.

It has the level CRITICAL, which nothing else has: in CloudWatch, the metric filter is `{ $.level = "CRITICAL" }`. Its
`code` says what is the matter: docs/how-to/read-an-error.md.
"""

import logging

from chalicelib.errors import ConfigurationError

log = logging.getLogger("smart-invoice.alerting")


def call_operator(error: Exception, **facts: str | int | None) -> None:
    """Call an operator if nobody else can help: for every `ConfigurationError`, and for nothing else.

    `facts` are ids and codes, never anything of a document. Called more than once for one error, it is one alarm.
    """
    if isinstance(error, ConfigurationError):
        log.critical("Operator needed", extra={"code": error.code, **facts})
