"""A program that erases or processes: `python -m tests.faults.erasing_worker DATA_DIR erase|process WHAT KILL`.

WHAT is an id to erase, or a reference (JSON) to process. It kills itself, as a power cut would, right after step number
KILL that changes bucket or table (0: never).
"""

import os
import signal
import sys
from pathlib import Path

from chalicelib.adapters.clock import SystemClock
from chalicelib.bootstrap import Services
from chalicelib.domain.document import DocumentRef
from chalicelib.domain.record import InvoiceRecord
from local.documents import FolderDocumentStore
from local.family import EmbeddedAdapters
from local.invoices import SqliteInvoiceStore
from local.presigned import Presigner
from tests.builders import some_settings


class Fate:
    """How many steps are left."""

    steps = 0

    @classmethod
    def step(cls) -> None:
        """One more is done; the last one ends the process."""
        cls.steps -= 1
        if cls.steps == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class DoomedStore(SqliteInvoiceStore):
    """The embedded table, until the last step."""

    def register(self, record: InvoiceRecord) -> InvoiceRecord:
        """Store a new record."""
        registered = super().register(record)
        Fate.step()
        return registered

    def release(self, record: InvoiceRecord, sha256: str | None) -> InvoiceRecord:
        """Replace a record, as every save does."""
        saved = super().release(record, sha256)
        Fate.step()
        return saved


class DoomedDocuments(FolderDocumentStore):
    """The embedded bucket, until the last step."""

    def delete(self, ref: DocumentRef) -> None:
        """Remove a document."""
        super().delete(ref)
        Fate.step()

    def delete_folder(self, folder: str) -> None:
        """Remove a folder."""
        super().delete_folder(folder)
        Fate.step()


class DoomedAdapters(EmbeddedAdapters):
    """The embedded adapters with both."""

    def invoices(self) -> DoomedStore:
        """The table."""
        return DoomedStore(self._database())

    def documents(self) -> DoomedDocuments:
        """The bucket."""
        presigner = Presigner(b"x" * 32, self._settings.bucket_url)
        return DoomedDocuments(self._settings, self._database(), self.events(), presigner, SystemClock())

    def ocr(self) -> None:
        """There is none: it loads for seconds."""
        return


if __name__ == "__main__":
    settings = some_settings(Path(sys.argv[1]))
    services = Services(settings, DoomedAdapters(settings))
    Fate.steps = int(sys.argv[4])
    if sys.argv[2] == "erase":
        services.erase(sys.argv[3])
    else:
        services.process(DocumentRef.model_validate_json(sys.argv[3]), "the same delivery")
