"""A program that reads one document with several invoices: `python -m tests.faults.splitting_worker DATA_DIR KEY KILL`.

It kills itself, as a power cut would, right after write number KILL to the table (0: never).
"""

import os
import signal
import sys
from pathlib import Path

from chalicelib.bootstrap import Services
from chalicelib.domain.document import DocumentRef
from chalicelib.domain.record import InvoiceRecord
from local.family import EmbeddedAdapters
from local.invoices import SqliteInvoiceStore
from tests.builders import some_settings


class DoomedStore(SqliteInvoiceStore):
    """The embedded table, until its last write."""

    writes_left = 0

    def register(self, record: InvoiceRecord) -> InvoiceRecord:
        """Store a new record."""
        return self._counted(super().register(record))

    def save(self, record: InvoiceRecord) -> InvoiceRecord:
        """Replace a record."""
        return self._counted(super().save(record))

    def _counted(self, written: InvoiceRecord) -> InvoiceRecord:
        DoomedStore.writes_left -= 1
        if DoomedStore.writes_left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return written


class DoomedAdapters(EmbeddedAdapters):
    """The embedded adapters with that table."""

    def invoices(self) -> DoomedStore:
        """The table."""
        return DoomedStore(self._database())


if __name__ == "__main__":
    settings = some_settings(Path(sys.argv[1]))
    adapters = DoomedAdapters(settings)
    DoomedStore.writes_left = int(sys.argv[3])
    Services(settings, adapters).process(DocumentRef(key=sys.argv[2]), "the same delivery")
