"""One file → the records it would have in the table, without any table."""

import hashlib
import os
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from ulid import ULID

from chalicelib.bootstrap import Services
from chalicelib.domain.record import InvoiceRecord, Problem, Status, StoredDocument
from chalicelib.domain.transitions import announced, completed, failed, part, rejected
from chalicelib.domain.upload import safe_filename
from chalicelib.errors import RejectedError, SmartInvoiceError
from chalicelib.pipeline.interpret import Interpretation
from chalicelib.pipeline.problems import CRASHED, problem_of
from chalicelib.settings import Settings
from local.family import EmbeddedAdapters

Records = tuple[InvoiceRecord, ...]


def file_reader() -> Callable[[Path], Records]:
    """A function that reads one file after the other in this process; it never raises for what is in a file."""
    settings = Settings.from_environment(os.environ)
    interpret = Services(settings, EmbeddedAdapters(settings)).interpret_for_free

    def read(path: Path) -> Records:
        return records_of(path, interpret)

    return read


def crashed_record(path: Path) -> InvoiceRecord:
    """The record of a file whose reading took its process down."""
    return failed(_record(path, b""), CRASHED, datetime.now(UTC))


def crashed_records(path: Path) -> Records:
    """The same, where several are expected."""
    return (crashed_record(path),)


def records_of(path: Path, interpret: Callable[[bytes], Interpretation]) -> Records:
    """A record for each invoice in one file, mostly one; of a file that could not be read, one with the problem."""
    try:
        content = path.read_bytes()
    except OSError as error:
        return (failed(_record(path, b""), _unreadable(error), datetime.now(UTC)),)
    return _interpreted(_record(path, content), content, interpret)


def record_of(path: Path, interpret: Callable[[bytes], Interpretation]) -> InvoiceRecord:
    """The record of the first invoice in one file."""
    return records_of(path, interpret)[0]


def _interpreted(record: InvoiceRecord, content: bytes, interpret: Callable[[bytes], Interpretation]) -> Records:
    try:
        outcome, read, pages, others = interpret(content)
    except RejectedError as error:
        return (rejected(record, problem_of(error), datetime.now(UTC)),)
    except Exception as error:  # noqa: BLE001 - one bad file must not keep the others from being read; its JSON says why
        return (failed(record, _failure(error), datetime.now(UTC)),)
    facts = {"media_type": read.media_type, "pages": read.page_count, "page_range": pages}
    document, now = record.document.model_copy(update=facts), datetime.now(UTC)
    first = completed(announced(record, 1 + len(others)), document, outcome, now)
    further = (
        part(first, number, document.model_copy(update={"page_range": other.pages}), other.outcome, now)
        for number, other in enumerate(others, start=2)
    )
    return (first, *further)


def _record(path: Path, content: bytes) -> InvoiceRecord:
    """A record whose id is made from the content, so that reading a file again gives the same id."""
    digest = hashlib.sha256(content)
    document = StoredDocument(
        key=path.name, filename=safe_filename(path.name), sha256=digest.hexdigest(), byte_count=len(content)
    )
    invoice_id = str(ULID.from_bytes(digest.digest()[:16]))
    return InvoiceRecord(
        invoice_id=invoice_id, status=Status.PROCESSING, document=document, received_at=datetime.now(UTC)
    )


def _failure(error: Exception) -> Problem:
    """The problem of an error that is not the document's fault; of a bug also where it is."""
    problem = problem_of(error)
    if isinstance(error, SmartInvoiceError):
        return problem
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{type(error).__name__} in {Path(frame.filename).name}, line {frame.lineno}"
    message = f"This file could not be read because of a mistake in the program ({place}). Please report it."
    return problem.model_copy(update={"message": message, "retryable": False})


def _unreadable(error: OSError) -> Problem:
    why = error.strerror or type(error).__name__
    return Problem(code="unreadable", message=f"The file could not be opened: {why}. Please check its permissions.")
