"""Read again what came out worse than it could have, because a paid reader was not to be had at the time."""

import logging
from collections.abc import Callable, Iterator
from typing import NamedTuple

from chalicelib.costs.ladder import Permissions
from chalicelib.domain.finding import Decision
from chalicelib.domain.job import Job
from chalicelib.domain.record import InvoiceRecord
from chalicelib.domain.transitions import completed
from chalicelib.domain.upload import ref_of
from chalicelib.pipeline.erase import RemoveRemains
from chalicelib.pipeline.interpret import Interpret
from chalicelib.pipeline.keep_parts import KeepParts
from chalicelib.pipeline.paying import Purse
from chalicelib.pipeline.problems import problem_of
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
        self._keep_parts = KeepParts(invoices, clock)
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
            after = self._read_again(record)
        except Exception as error:  # whatever is the matter with one, the others can be read
            code = problem_of(error).code
            log.warning("Could not read again", extra={"invoice_id": record.invoice_id, "code": code}, exc_info=error)
            return False
        return after.outcome is not None and not after.outcome.degraded

    def _read_again(self, record: InvoiceRecord) -> InvoiceRecord:
        """The record as it is stored then; of one that was erased meanwhile nothing stays."""
        try:
            return self._improved(record)
        except Exception:  # raised again: whatever stopped it, an erasure may have been first
            self._remains.if_lost(record)
            raise

    def _improved(self, record: InvoiceRecord) -> InvoiceRecord:
        """The record with its new outcome, as it is stored; further invoices that showed up have theirs."""
        purse = self._purse_of(Job(invoice_id=record.invoice_id, run=self._clock.new_id()))
        content = self._documents.get(ref_of(record.document))
        found = self._interpret(content, purse)
        outcome = found.outcome.model_copy(update={"charges": purse.all_charges()})
        facts = {"pages": found.read.page_count, "page_range": found.pages}
        document = record.document.model_copy(update=facts)
        mine = self._keep_parts(record, document, found.others)
        return self._invoices.save(completed(mine, document, outcome, self._clock.now()))

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
