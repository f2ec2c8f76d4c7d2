"""Run all checks on one stage, and leave nothing behind."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import NamedTuple

from chalicelib.bootstrap import Services
from chalicelib.errors import SmartInvoiceError
from ops.smoke.api import ApiClient
from ops.smoke.checks import Checks, Depths, FailedError, Pace, SkippedError
from ops.smoke.invoice import synthetic_invoice

_TOKEN_LIFETIME = timedelta(hours=1)  # should removing it fail
_WIDTH = 14


class Check(NamedTuple):
    """How a check came out: what it saw, or why it failed (`is_good` is False) or was skipped (`None`)."""

    name: str
    is_good: bool | None
    detail: str
    seconds: float

    def line(self) -> str:
        """For people."""
        mark = {True: "ok", False: "FAILED", None: "skipped"}[self.is_good]
        return f"{mark:8}{self.name:{_WIDTH}} {self.seconds:6.1f} s  {self.detail}"


class Report(NamedTuple):
    """How all came out."""

    checks: tuple[Check, ...]

    @property
    def is_good(self) -> bool:
        """Whether none failed. Those that were skipped because another failed do not matter then."""
        return all(check.is_good is not False for check in self.checks)

    def problem(self) -> str | None:
        """What failed, in one sentence each; `None` when nothing did."""
        return " ".join(f"{check.name}: {check.detail}" for check in self.checks if check.is_good is False) or None


def run_smoke(
    url: str,
    services: Services,
    token: str | None = None,
    *,
    say: Callable[[str], None] = print,
    pace: Pace | None = None,
) -> Report:
    """Send an invented e-invoice through the API at `url` to its result, and delete it.

    Without `token` a temporary one is made in the stage's table, and removed. Each check is said as soon as it is made.
    """
    with _token(services, token) as used:
        run = services.adapters.clock().new_id()
        invoice = synthetic_invoice(run, services.adapters.clock().now().date())
        checks = Checks(
            ApiClient(url, used),
            invoice,
            lambda: _depths(services),
            lambda text: say(f"{'…':8}{text}"),
            is_guarded=services.settings.auth,
            pace=pace or Pace(),
        )
        return Report(tuple(_made(checks, say)))


def _made(checks: Checks, say: Callable[[str], None]) -> Iterator[Check]:
    """Every check, and at the end what cleans up, whatever happened before."""
    try:
        for name, check in checks.all().items():
            made = _check(name, check)
            say(made.line())
            yield made
    finally:
        if checks.invoice_id is not None:
            say(_check("clean up", checks.delete).line())


def _check(name: str, check: Callable[[], str]) -> Check:
    began = time.monotonic()
    is_good: bool | None = False
    try:
        is_good, detail = True, check()
    except SkippedError as error:
        is_good, detail = None, str(error)
    except FailedError as error:
        detail = str(error)
    except SmartInvoiceError as error:  # of the queues
        detail = error.message
    return Check(name, is_good, detail, time.monotonic() - began)


@contextmanager
def _token(services: Services, given: str | None) -> Iterator[str | None]:
    """The token to use, one's own or a temporary one; none where none is needed."""
    if given is not None or not services.settings.auth:
        yield given
        return
    adapters = services.adapters
    token = services.add_token(f"smoke-{adapters.clock().new_id().lower()}", _TOKEN_LIFETIME)
    try:
        yield token.text
    finally:
        adapters.tokens().remove(token.kept.sha256)


def _depths(services: Services) -> Depths:
    adapters = services.adapters
    return Depths(adapters.dead_letters().depth(), adapters.parking().depth())
