"""What every family of adapters agrees on about rows of other versions of this program, and about lost saves."""

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from chalicelib.alerting import call_operator
from chalicelib.domain.record import SCHEMA_VERSION, InvoiceRecord
from chalicelib.errors import ConflictError, DefectError, NotFoundError, UnavailableError

log = logging.getLogger("smart-invoice.recording")

Stored = TypeVar("Stored", bound=BaseModel)
Row = TypeVar("Row")

NEWER_RECORD = "newer_record"
OUTCOME_MISSING = "outcome_missing"
_OF_ONE_ROW = frozenset({NEWER_RECORD, OUTCOME_MISSING})  # they say nothing of any other row, nor of a service


def parsed(kind: type[Stored], text: str | bytes) -> Stored:
    """What was stored as JSON; fields that this version does not know are kept in it.

    `UnavailableError("newer_record", …)` when this version can make nothing of it: a newer one wrote it, and will be
    asked when the event comes again. What is wrong with it stays in the chained exception: it may quote a document.
    """
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        raise UnavailableError(NEWER_RECORD, "A row cannot be read: a newer version of this app wrote it.") from error


def readable(rows: Iterable[tuple[str, Row]], read: Callable[[Row], InvoiceRecord]) -> Iterator[InvoiceRecord]:
    """The records of rows, given with their invoices' ids; one that cannot be read is logged and left out.

    Lists are for looking through, and one row must not keep all others from being found. Whoever asks for that very
    invoice is told. What is wrong with more than one row is raised.
    """
    for invoice_id, row in rows:
        try:
            record = read(row)
        except (UnavailableError, DefectError) as error:
            if error.code not in _OF_ONE_ROW:
                raise
            call_operator(error, invoice_id=invoice_id)
            log.warning("Left out a row that cannot be read", extra={"invoice_id": invoice_id, "code": error.code})
        else:
            yield record


def revised(record: InvoiceRecord) -> InvoiceRecord:
    """The record as a save stores it: with the next revision, and in the schema of this version.

    `UnavailableError("newer_record", …)` when it has a newer schema: what this version would make of it may be wrong.
    """
    if record.schema_version > SCHEMA_VERSION:
        raise UnavailableError(
            NEWER_RECORD,
            f"Invoice {record.invoice_id} has the schema {record.schema_version}, and this version of the app knows "
            f"{SCHEMA_VERSION}: it is left to the newer one.",
        )
    return record.model_copy(update={"revision": record.revision + 1, "schema_version": SCHEMA_VERSION})


def lost(stored: InvoiceRecord | None, record: InvoiceRecord) -> NotFoundError | ConflictError:
    """Why a save of `record` replaced nothing; `stored` is what is there now."""
    if stored is None:
        return NotFoundError("invoice_not_found", f"There is no invoice {record.invoice_id}.")
    if stored.revision == record.revision:
        return lost_parts(record)
    return ConflictError(
        "invoice_changed",
        f"Invoice {record.invoice_id} was changed meanwhile (revision {stored.revision}, not {record.revision}); "
        "read it again.",
    )


def lost_parts(first: InvoiceRecord) -> ConflictError:
    """Why further invoices of the document of `first` were not stored."""
    return ConflictError(
        "invoice_changed",
        f"Invoice {first.invoice_id}, or another of its document, was changed meanwhile; read it again.",
    )
