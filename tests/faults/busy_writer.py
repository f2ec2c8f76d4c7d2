"""A program that takes documents in and says which, until it is killed: `python -m tests.faults.busy_writer DATA_DIR`.

It prints an invoice's id only after its row, its bytes and its event were acknowledged, as the API does.
"""

import itertools
import sys
import threading
from pathlib import Path

from chalicelib.domain.document import MediaType
from chalicelib.domain.record import Status
from local.family import EmbeddedAdapters
from tests.builders import a_hash, a_record, a_stored_document, some_settings


def content_of(invoice_id: str) -> bytes:
    """The bytes of an invoice's document."""
    return invoice_id.encode() * 500


def take_in(family: EmbeddedAdapters) -> str:
    """Register and store one document."""
    invoice_id = family.clock().new_id()
    document = a_stored_document(key=f"uploads/{invoice_id}.pdf", sha256=a_hash(invoice_id))
    record = family.invoices().register(a_record(invoice_id=invoice_id, document=document))
    family.documents().put(document.key, content_of(invoice_id), MediaType.PDF)
    family.invoices().save(record.model_copy(update={"status": Status.PROCESSING}))
    return invoice_id


def work(family: EmbeddedAdapters, output: threading.Lock) -> None:
    """Take documents in for ever."""
    for _ in itertools.count():
        invoice_id = take_in(family)
        with output:
            print(invoice_id, flush=True)  # noqa: T201 - the acknowledgement


if __name__ == "__main__":
    adapters = EmbeddedAdapters(some_settings(Path(sys.argv[1])))
    lock = threading.Lock()
    threads = [threading.Thread(target=work, args=(adapters, lock)) for _ in range(2)]
    for thread in threads:
        thread.start()
