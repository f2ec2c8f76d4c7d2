"""Read again what came out worse than it could have, because a paid reader was not to be had at the time."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from chalicelib.alerting import call_operator
from chalicelib.costs.ladder import Permissions
from chalicelib.domain.job import Job
from chalicelib.domain.record import InvoiceRecord, Outcome
from chalicelib.domain.transitions import completed, part_id, reclaimed, unclaimed
from chalicelib.domain.upload import ref_of
from chalicelib.errors import ConflictError
from chalicelib.pipeline.asking import FOR_GOOD
from chalicelib.pipeline.bounded import has_time
from chalicelib.pipeline.degraded import Degraded
from chalicelib.pipeline.erase import RemoveRemains
from chalicelib.pipeline.interpret import Interpret, Interpretation
from chalicelib.pipeline.keep_parts import KeepParts
from chalicelib.pipeline.paying import Purse
from chalicelib.pipeline.problems import problem_of
from chalicelib.ports import Clock, DocumentStore, InvoiceStore
from chalicelib.validation.improvement import is_better

log = logging.getLogger("smart-invoice.reprocess")


class Improved(NamedTuple):
    """How many degraded invoices were read again, and how many of them are not degraded any more."""

    read: int
    whole: int


class ReadAgain:
    """Read a finished document once more, and keep what is better.

    Who does it holds a claim on its row, as everybody does; but the row keeps its status and its outcome meanwhile.
    """

    def __init__(
        self,
        documents: DocumentStore,
        invoices: InvoiceStore,
        interpret: Interpret,
        purse_of: Callable[[Job], Purse],
        clock: Clock,
    ) -> None:
        self._documents = documents
        self._invoices = invoices
        self._interpret = interpret
        self._purse_of = purse_of
        self._clock = clock
        self._remains = RemoveRemains(documents, invoices)
        self._keep_parts = KeepParts(invoices, clock, self._remains.if_lost)

    def __call__(self, record: InvoiceRecord, deadline: datetime | None = None) -> InvoiceRecord:
        """The record as it is stored then. It is as before when nothing was gained, or when this raises.

        Raises `ConflictError` when somebody else has changed it, and whatever reading a document raises. Of one that
        was erased meanwhile nothing stays.
        """
        run = self._clock.new_id()
        mine = self._invoices.save(reclaimed(record, run, self._clock.now()))
        purse = self._purse_of(Job(invoice_id=mine.invoice_id, run=run, deadline=deadline, is_another=True))
        try:
            return self._improved(mine, self._interpret(self._documents.get(ref_of(mine.document)), purse), purse)
        except ConflictError:
            self._remains.if_lost(mine)
            raise
        except Exception:  # raised again: whatever stopped it, the claim must not stay
            self._let_go(mine)
            raise

    def _improved(self, mine: InvoiceRecord, found: Interpretation, purse: Purse) -> InvoiceRecord:
        """The record with its new outcome, if that is better; further invoices that showed up have theirs."""
        charges = purse.all_charges()
        if not is_better([found.outcome, *(other.outcome for other in found.others)], self._outcomes(mine)):
            return self._invoices.save(unclaimed(mine, charges, _for_good(found.outcome.degraded)))
        facts = {"pages": found.read.page_count, "page_range": found.pages}
        document = mine.document.model_copy(update=facts)
        announced = self._keep_parts(mine, document, found.others)
        outcome = found.outcome.model_copy(update={"charges": charges})
        return self._invoices.save(completed(announced, document, outcome, self._clock.now()))

    def _outcomes(self, mine: InvoiceRecord) -> list[Outcome]:
        """What all invoices of the document are at present."""
        ids = [part_id(mine.invoice_id, number) for number in range(2, mine.parts + 1)]
        records = [mine, *filter(None, map(self._invoices.load, ids))]
        return [record.outcome for record in records if record.outcome is not None]

    def _let_go(self, mine: InvoiceRecord) -> None:
        """Give the claim back, of the row as it is by now; what somebody has erased meanwhile is tidied up."""
        stored = self._invoices.load(mine.invoice_id)
        if stored is None or stored.claim != mine.claim:
            self._remains.if_lost(mine)
            return
        try:
            self._invoices.save(unclaimed(stored))
        except ConflictError:
            self._remains.if_lost(mine)


class ReprocessDegraded:
    """Read degraded invoices that wait for a person once more, while paid readers may be asked."""

    def __init__(
        self, degraded: Degraded, read_again: ReadAgain, permissions: Callable[[], Permissions], clock: Clock
    ) -> None:
        self._degraded = degraded
        self._read_again = read_again
        self._permissions = permissions
        self._clock = clock

    def __call__(self, most: int = 100, deadline: datetime | None = None) -> Improved:
        """Read at most `most` invoices again; none while no model may be asked, or shortly before `deadline`.

        An invoice keeps the outcome it has when reading it again fails, when somebody changed it meanwhile, and when
        nothing is gained.
        """
        read = whole = 0
        for record in self._degraded:
            if read == most or not has_time(self._clock, deadline) or self._permissions().model is None:
                break
            self._degraded.begin(record)
            read += 1
            whole += self._is_whole_now(record, deadline)
        return Improved(read, whole)

    def _is_whole_now(self, record: InvoiceRecord, deadline: datetime | None) -> bool:
        try:
            after = self._read_again(record, deadline)
        except Exception as error:  # whatever is the matter with one, the others can be read
            call_operator(error, invoice_id=record.invoice_id)
            code = problem_of(error).code
            log.warning("Could not read again", extra={"invoice_id": record.invoice_id, "code": code}, exc_info=error)
            return False
        return after.outcome is not None and not after.outcome.degraded


def _for_good(reasons: tuple[str, ...]) -> tuple[str, ...] | None:
    """The reasons, if no further reading will change them, so that none is begun; otherwise `None`."""
    return reasons if reasons and set(reasons) <= FOR_GOOD else None
