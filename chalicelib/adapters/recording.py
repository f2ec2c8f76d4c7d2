"""What every family of adapters agrees on about rows of other versions of this program."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from chalicelib.domain.record import SCHEMA_VERSION, InvoiceRecord
from chalicelib.errors import UnavailableError

Stored = TypeVar("Stored", bound=BaseModel)


def parsed(kind: type[Stored], text: str | bytes) -> Stored:
    """What was stored as JSON; fields that this version does not know are kept in it.

    `UnavailableError("newer_record", …)` when this version can make nothing of it: a newer one wrote it, and will be
    asked when the event comes again. What is wrong with it stays in the chained exception: it may quote a document.
    """
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        raise UnavailableError("newer_record", "A row cannot be read: a newer version of this app wrote it.") from error


def revised(record: InvoiceRecord) -> InvoiceRecord:
    """The record as a save stores it: with the next revision, and in the schema of this version.

    `UnavailableError("newer_record", …)` when it has a newer schema: what this version would make of it may be wrong.
    """
    if record.schema_version > SCHEMA_VERSION:
        raise UnavailableError(
            "newer_record",
            f"Invoice {record.invoice_id} has the schema {record.schema_version}, and this version of the app knows "
            f"{SCHEMA_VERSION}: it is left to the newer one.",
        )
    return record.model_copy(update={"revision": record.revision + 1, "schema_version": SCHEMA_VERSION})
