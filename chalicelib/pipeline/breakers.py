"""The circuit breakers of all providers, as all processes share them."""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

from chalicelib.costs.breaker import CLOSED, Breaker, Policy, after_failure, after_success, kind_of, probing
from chalicelib.errors import SmartInvoiceError, UnavailableError
from chalicelib.pipeline.remembering import Remembered, SharedFacts
from chalicelib.ports import Clock
from chalicelib.settings import Settings

log = logging.getLogger("smart-invoice.switches")

BREAKER = "breaker#"  # the name of a fact, before that of the provider


class Breakers:
    """One for each process: it remembers what it read for a few seconds."""

    def __init__(self, facts: SharedFacts, clock: Clock, settings: Settings) -> None:
        self._facts = facts
        self._clock = clock
        self._policy = Policy(failures=settings.breaker_failures, seconds=settings.breaker_seconds)
        self._lock = threading.RLock()
        self._remembered: dict[str, Remembered[Breaker]] = defaultdict(lambda: Remembered(settings.switch_seconds))

    def allow(self, provider: str) -> None:
        """Return if the provider may be called; else `UnavailableError("breaker_open", …)`.

        When an open breaker is due, exactly one caller gets through, in whatever process.
        """
        now = self._clock.now()
        with self._lock:
            breaker = self._remembered[provider].at(now, lambda _: _breaker_in(self._facts.text(BREAKER + provider)))
        if breaker.is_closed or (breaker.is_due(now) and self._may_probe(provider, now)):
            return
        raise UnavailableError(
            "breaker_open", f"{provider} is left alone until {breaker.until} because of {breaker.reason}."
        )

    def succeeded(self, provider: str) -> None:
        """The provider answered. What cannot be written down is logged: the answer is worth more."""
        with self._lock:
            last = self._remembered[provider].last
        if last != CLOSED:
            self._note(provider, after_success)

    def failed(self, provider: str, error: Exception) -> None:
        """The provider did not answer, or refused. An error that says nothing of it changes nothing."""
        kind, now = kind_of(error), self._clock.now()
        if kind is None:
            return
        code = getattr(error, "code", type(error).__name__)
        self._note(provider, lambda breaker: after_failure(breaker, kind, code, now, self._policy))

    def _may_probe(self, provider: str, now: datetime) -> bool:
        """Whether this caller is the one that tries, or the breaker is closed by now."""

        def taken(breaker: Breaker) -> Breaker:
            return probing(breaker, now, self._policy) if breaker.is_due(now) else breaker

        before, after = self._change(provider, taken)
        return after.is_closed or before != after

    def _note(self, provider: str, change: Callable[[Breaker], Breaker]) -> None:
        try:
            self._change(provider, change)
        except SmartInvoiceError as error:
            log.warning("Could not move a breaker", extra={"provider": provider, "code": error.code})

    def _change(self, provider: str, change: Callable[[Breaker], Breaker]) -> tuple[Breaker, Breaker]:
        """Change what is stored of a breaker, and return it as it was before and is after."""

        def changed(text: str) -> str:
            before = _breaker_in(text)
            after = change(before)
            return text if after == before else after.model_dump_json()

        before, after = map(_breaker_in, self._facts.change(BREAKER + provider, changed))
        if before.state is not after.state:
            log.warning("Breaker moved", extra=_facts_of(provider, before, after))
        with self._lock:
            self._remembered[provider].put(after, self._clock.now())
        return before, after


def _breaker_in(text: str) -> Breaker:
    return Breaker.from_json(text) if text else CLOSED


def _facts_of(provider: str, before: Breaker, after: Breaker) -> dict[str, str]:
    return {
        "provider": provider,
        "before": before.state,
        "after": after.state,
        "code": after.reason,
        "until": str(after.until or ""),
    }
