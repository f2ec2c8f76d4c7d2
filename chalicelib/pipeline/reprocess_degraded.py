"""Read again what came out worse than it could have, because a paid reader was not to be had at the time."""

import logging
from collections.abc import Callable, Iterator
from typing import NamedTuple

from chalicelib.costs.ladder import Permissions
from chalicelib.domain.finding import Decision
from chalicelib.domain.job import Job
from chalicelib.domain.record import InvoiceRecord, Outcome
from chalicelib.domain.transitions import completed
from chalicelib.domain.upload import ref_of
from chalicelib.errors import SmartInvoiceError
from chalicelib.pipeline.erase import RemoveRemains
from chalicelib.pipeline.interpret import Interpret
from chalicelib.pipeline.paying import Purse
from chalicelib.ports import Clock, DocumentStore, InvoiceQuery, InvoiceStore

log = logging.getLogger("smart-invoice.reprocess")

_PAGE = 50


class Improved(NamedTuple):
    """How many degraded invoices were read again, and how many of them are not degraded any more."""

    read: int
    whole: int


class ReprocessDegraded:
    """Read degraded invoices that wait for a person once more, while paid readers may be asked."""

    def __init__(
        self,
        documents: DocumentStore,
        invoices: InvoiceStore,
        interpret: Interpret,
        purse_of: Callable[[Job], Purse],
        permissions: Callable[[], Permissions],
        clock: Clock,
    ) -> None:
        self._documents = documents
        self._invoices = invoices
        self._interpret = interpret
        self._purse_of = purse_of
        self._permissions = permissions
        self._clock = clock
        self._remains = RemoveRemains(documents, invoices)

    def __call__(self, most: int = 100) -> Improved:
        """Read at most `most` invoices again; none while no model may be asked.

        An invoice keeps the outcome it has when reading it again fails, or when somebody changed it meanwhile.
        """
        read = whole = 0
        for record in self._degraded():
            if read == most or self._permissions().model is None:
                break
            read += 1
            whole += self._is_whole_now(record)
        return Improved(read, whole)

    def _is_whole_now(self, record: InvoiceRecord) -> bool:
        try:
            outcome = self._outcome(record)
            self._invoices.save(completed(record, record.document, outcome, self._clock.now()))
        except SmartInvoiceError as error:
            log.warning("Could not read again", extra={"invoice_id": record.invoice_id, "code": error.code})
            self._remains.if_erased(record)
            return False
        return not outcome.degraded

    def _outcome(self, record: InvoiceRecord) -> Outcome:
        purse = self._purse_of(Job(invoice_id=record.invoice_id, run=self._clock.new_id()))
        content = self._documents.get(ref_of(record.document))
        outcome = self._interpret(content, purse).outcome
        return outcome.model_copy(update={"charges": purse.all_charges()})

    def _degraded(self) -> Iterator[InvoiceRecord]:
        """Those that stand for themselves: which words of a file with several are whose is not asked again."""
        query = InvoiceQuery(decision=Decision.NEEDS_REVIEW, limit=_PAGE)
        while True:
            page = self._invoices.page(query)
            for record in page.records:
                if record.outcome and record.outcome.degraded and record.parts == 1 and record.part_of is None:
                    yield record
            if page.cursor is None:
                return
            query = query.model_copy(update={"cursor": page.cursor})
