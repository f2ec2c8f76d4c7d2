"""Reserve, call, settle: the only way to a paid reader. What was paid for once is kept, and never paid for again."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Generic, Protocol, TypeVar

from pydantic import TypeAdapter, ValidationError

from chalicelib.costs.prices import PriceBook
from chalicelib.domain.charge import Charge, ChargeState
from chalicelib.domain.job import Job
from chalicelib.domain.usage import Usage
from chalicelib.errors import (
    NEVER_ANSWERED,
    BudgetExhaustedError,
    ConfigurationError,
    ConflictError,
    PendingError,
    RejectedError,
    UnavailableError,
    UncertainError,
)
from chalicelib.pipeline.paid_calls import log_answer, log_failure
from chalicelib.pipeline.switches import Switches
from chalicelib.ports import Checkpoints, Clock, Ledger
from chalicelib.settings import Settings

log = logging.getLogger("smart-invoice.paying")

_MOST_UNSEEN = 2
_LEAST_SECONDS = 1.0  # with less there is no use in asking


class Billed(Protocol):
    """An answer that says what it used."""

    @property
    def usage(self) -> Usage:
        """What was used, and is billed."""

    @property
    def request_id(self) -> str | None:
        """The provider's id of the request."""


Answer = TypeVar("Answer", bound=Billed)


@dataclass(frozen=True, slots=True)
class Order(Generic[Answer]):
    """One call that costs money.

    `provider` is whose circuit breaker counts: a service, or one model of it. `name` is the same whenever the same is
    asked of the same document: letters, digits and dashes. `estimate` is the most it will use. `call` takes the seconds
    that it may last. `kind` is the type of the answer.
    """

    provider: str
    step: str
    name: str
    estimate: Usage
    call: Callable[[float], Answer]
    kind: type[Answer]
    max_seconds: float


class FreePurse:
    """Has no money: pays for nothing, and buys what is free. `charges` are what was used so far."""

    def __init__(self, job: Job, clock: Clock, settings: Settings) -> None:
        self._job = job
        self._clock = clock
        self._settings = settings
        self.charges: list[Charge] = []

    @property
    def is_of_another_reading(self) -> bool:
        """Whether the document was read to its end before."""
        return self._job.is_another

    def buy(self, order: Order[Answer]) -> Answer:
        """The answer to an order that is free; `BudgetExhaustedError` for any other."""
        charge = self._priced(order)
        if charge.usd > 0:
            raise BudgetExhaustedError("no_paid_calls", "Nothing can be paid for here.")
        return self._free(order, charge)

    def has(self, order: Order[Answer]) -> bool:  # noqa: ARG002 - what costs nothing is not kept
        """Whether this was bought or ordered before, so that nothing more has to be paid for it."""
        return False

    def is_free(self, usage: Usage) -> bool:
        """Whether such usage costs nothing; `ConfigurationError` when it has no price."""
        return self._charge("", "", usage).usd == 0

    def _free(self, order: Order[Answer], charge: Charge) -> Answer:
        answer = order.call(self._seconds(order))
        self.charges.append(charge.model_copy(update={"state": ChargeState.SETTLED, "usage": answer.usage}))
        return answer

    def _priced(self, order: Order[Answer]) -> Charge:
        number = 1 + sum(charge.step == order.step for charge in self.charges)
        return self._charge(order.step, f"{order.step}-{self._job.run}-{number}", order.estimate)

    def _charge(self, step: str, charge_id: str, usage: Usage) -> Charge:
        now = self._clock.now()
        price = PriceBook.load().price_of(usage, self._settings.price_region, now.date())
        return Charge(
            invoice_id=self._job.invoice_id, charge_id=charge_id, step=step, usage=usage, usd=price.usd,
            state=ChargeState.RESERVED, day=now.date(), at=now, price_version=price.version,
        )  # fmt: skip

    def _seconds(self, order: Order[Answer]) -> float:
        """How long the call may last: its own limit, or what is left of the invocation."""
        left = self._job.seconds_left(self._clock.now()) - self._settings.reserve_seconds
        if left < _LEAST_SECONDS:
            raise UnavailableError("no_time_left", "This invocation ends too soon for another call; try again.")
        return min(order.max_seconds, left)


class Purse(FreePurse):
    """Pays for one run over one document. `charges` are what this run booked so far."""

    def __init__(
        self, job: Job, ledger: Ledger, checkpoints: Checkpoints, switches: Switches, clock: Clock, settings: Settings
    ) -> None:
        super().__init__(job, clock, settings)
        self._ledger = ledger
        self._checkpoints = checkpoints
        self._switches = switches

    def buy(self, order: Order[Answer]) -> Answer:
        """The answer, paid for now or kept from an earlier attempt.

        Raises `BudgetExhaustedError` when it would cost more than is left, `UnavailableError` when the provider does
        not answer, is left alone for a while (`breaker_open`) or there is no time (`no_time_left`),
        `ConfigurationError` when it refuses or has no price, `RejectedError` when it cannot make anything of the
        document.
        """
        charge = self._priced(order)
        if charge.usd == 0:
            return self._free(order, charge)
        kept = self._kept(order)
        if kept is not None:
            before, answer = kept
            if answer is not None:
                return self._again(before, answer)
            if before.state is ChargeState.RESERVED:
                return self._call(order, before, is_ordered=True)
            self._refuse_a_third(order)
        self._seconds(order)
        self._switches.allow(order.provider)
        log.info("Decided to pay", extra=_facts(charge))
        self._reserve(charge)
        return self._call(order, charge)

    def has(self, order: Order[Answer]) -> bool:
        """Whether this was bought or ordered before, so that nothing more has to be paid for it."""
        kept = self._kept(order)
        return kept is not None and (kept[1] is not None or kept[0].state is ChargeState.RESERVED)

    def all_charges(self) -> tuple[Charge, ...]:
        """What the invoice has cost in all runs so far, with what was free in this one.

        What the ledger did not settle because it did not answer stands as this run knows it: `sweep` settles by that.
        """
        try:
            booked = self._ledger.charges_of(self._job.invoice_id)
        except UnavailableError:  # the ledger still knows them; the invoice is worth more than its bill
            return tuple(self.charges)
        own = {charge.charge_id: charge for charge in self.charges}
        known = {charge.charge_id: charge for charge in booked if charge.state is not ChargeState.RESERVED}
        return tuple({**{charge.charge_id: charge for charge in booked}, **own, **known}.values())

    def share(self, step: str, usage: Usage) -> None:
        """Book an estimated share of what all documents together cost; where it has no price, nothing."""
        if not self._has_price(usage):
            return
        charge = self._charge(step, f"{step}-{self._job.run}-{usage.service}", usage)
        shared = charge.model_copy(update={"state": ChargeState.SHARED})
        self.charges.append(shared)
        try:
            self._ledger.share(shared)
        except (UnavailableError, ConflictError):  # an estimate is not worth a failed document
            log.warning("Could not book a share", extra=_facts(shared))

    def _refuse_a_third(self, order: Order[Answer]) -> None:
        """What was perhaps billed twice, and never seen, is not bought again: it would go on until the limit."""
        unseen = [
            charge
            for charge in self._ledger.charges_of(self._job.invoice_id)
            if charge.step == order.step and charge.state is ChargeState.UNKNOWN
        ]
        if len(unseen) >= _MOST_UNSEEN:
            raise BudgetExhaustedError(NEVER_ANSWERED, "This was paid for twice, and no answer was ever seen.")

    def _reserve(self, charge: Charge) -> None:
        try:
            self._ledger.reserve(charge, self._switches.limits)
        except BudgetExhaustedError as error:
            self._switches.ran_out(error)
            raise

    def _has_price(self, usage: Usage) -> bool:
        try:
            self.is_free(usage)
        except ConfigurationError:
            log.warning("There is no price", extra={"service": usage.service, "operation": usage.operation})
            return False
        return True

    def _call(self, order: Order[Answer], charge: Charge, *, is_ordered: bool = False) -> Answer:
        """Call while holding the reservation, keep the answer, and settle; what others are told of it comes last.

        `is_ordered`: an earlier run ordered it, and it is billed even where it cannot be fetched now: so the
        reservation stays.
        """
        provider, began = order.provider, self._clock.now()
        try:
            answer = order.call(self._seconds(order))
        except PendingError:
            self._keep(order, charge, None)
            raise
        except RejectedError:
            self._end(charge, ChargeState.RELEASED)
            if is_ordered:
                self._keep(order, _released(charge), None)
            self._switches.succeeded(provider)
            raise
        except (UnavailableError, ConfigurationError) as error:
            log_failure(charge, error)
            unseen = isinstance(error, UncertainError)
            if not is_ordered:
                self._end(charge, ChargeState.UNKNOWN if unseen else ChargeState.RELEASED)
            if unseen and not is_ordered:
                self._keep(order, charge.model_copy(update={"state": ChargeState.UNKNOWN}), None)
            self._switches.failed(provider, error)
            raise
        except Exception:
            self._end(charge, ChargeState.UNKNOWN)  # whatever it was, it may have been billed
            raise
        took = self._clock.now() - began
        settled = self._settled(charge, answer)
        self._keep(order, settled, answer)
        self._settle(settled)
        self._switches.succeeded(provider)
        log_answer(settled, took)
        return answer

    def _again(self, charge: Charge, answer: Answer) -> Answer:
        """An answer that was paid for before. Its charge is settled if a crash came before that."""
        log.info("Used a kept answer", extra=_facts(charge))
        self._settle(charge)
        return answer

    def _end(self, charge: Charge, state: ChargeState) -> None:
        is_free = state is ChargeState.RELEASED
        self._settle(_released(charge) if is_free else charge.model_copy(update={"state": state}))

    def _settle(self, charge: Charge) -> None:
        """Settle; what fails here stays reserved in full, and is settled from the row by the sweeper."""
        self.charges.append(charge)
        try:
            with suppress(ConflictError):  # the sweeper was faster, and has counted it in full
                self._ledger.settle(charge)
        except UnavailableError:
            log.warning("Could not settle a charge", extra=_facts(charge))

    def _settled(self, charge: Charge, answer: Answer) -> Charge:
        """The charge at the price of what was really used."""
        used = self._charge(charge.step, charge.charge_id, answer.usage)
        return used.model_copy(
            update={
                "state": ChargeState.SETTLED,
                "day": charge.day,
                "at": charge.at,
                "request_id": answer.request_id,
            }
        )

    def _keep(self, order: Order[Answer], charge: Charge, answer: Answer | None) -> None:
        content = _adapter(order.kind).dump_json((charge, answer))
        try:
            self._checkpoints.save(self._job.invoice_id, order.name, content)
        except UnavailableError:  # the answer is here: it is worth more than its copy
            log.warning("Could not keep an answer", extra=_facts(charge))

    def _kept(self, order: Order[Answer]) -> tuple[Charge, Answer | None] | None:
        content = self._checkpoints.load(self._job.invoice_id, order.name)
        if content is None:
            return None
        try:
            return _adapter(order.kind).validate_json(content)
        except ValidationError:  # kept by another version of this program: better bought anew than failed for ever
            log.warning("Could not read a kept answer", extra={"invoice_id": self._job.invoice_id, "step": order.step})
            return None


@cache  # making one takes as long as reading a page by rules
def _adapter(kind: type[Answer]) -> TypeAdapter[tuple[Charge, Answer | None]]:
    return TypeAdapter(tuple[Charge, kind | None])  # type: ignore[valid-type]  # a type that is known at run time


def _released(charge: Charge) -> Charge:
    """The charge of what was not done, and is not billed."""
    nothing = Usage.of(charge.usage.service, charge.usage.operation)
    return charge.model_copy(update={"state": ChargeState.RELEASED, "usd": Decimal(0), "usage": nothing})


def _facts(charge: Charge) -> dict[str, str]:
    """What the log says of a charge: nothing of the document."""
    return {
        "invoice_id": charge.invoice_id,
        "charge_id": charge.charge_id,
        "service": charge.usage.service,
        "operation": charge.usage.operation,
        "usd": format(charge.usd, "f"),
        "state": charge.state,
    }
