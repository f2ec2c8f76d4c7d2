"""Records as rows of the table, and back. The layout is that of docs/adr/0004-one-table-and-its-indexes.md."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from chalicelib.adapters.aws import resources
from chalicelib.adapters.listing import listed_status, position, supplier_of, timestamp
from chalicelib.adapters.recording import parsed
from chalicelib.domain.record import InvoiceRecord, Outcome, Status

Row = dict[str, Any]  # attribute name → {"S": text} or {"N": digits}, as DynamoDB's wire has them

INVOICE_KIND = "invoice"
INVOICE_ID = "invoice_id"
REVISION = "revision"

_RECORD = "record"
_OUTCOME = "outcome"
_OUTCOME_KEY = "outcome_key"
_ROW = "RECORD"
_POINTER = "FIRST"


class StoredRow(NamedTuple):
    """A row as it was read: all but the outcome, and the outcome as JSON or as the key of an object that holds it."""

    record: InvoiceRecord
    outcome: str | None
    outcome_key: str | None

    def complete(self, outcome: str | bytes | None) -> InvoiceRecord:
        """The record with its outcome (JSON)."""
        if outcome is None:
            return self.record
        return self.record.model_copy(update={"outcome": parsed(Outcome, outcome)})


def invoice_key(invoice_id: str) -> Row:
    """The key of an invoice's row."""
    return {resources.PARTITION: {"S": f"INVOICE#{invoice_id}"}, resources.SORT: {"S": _ROW}}


def content_key(sha256: str) -> Row:
    """The key of the row that says which invoice was first with this content."""
    return {resources.PARTITION: {"S": f"SHA256#{sha256}"}, resources.SORT: {"S": _POINTER}}


def pointer(sha256: str, invoice_id: str) -> Row:
    """The row that says which invoice was first with this content."""
    return {**content_key(sha256), INVOICE_ID: {"S": invoice_id}}


def to_row(record: InvoiceRecord, outcome_key: str | None = None) -> Row:
    """The row of a record; its outcome is left out when an object under `outcome_key` holds it.

    Without `kind`, an erased one is in no index of all invoices; without `status`, in no other either.
    """
    texts: dict[str, str | None] = {
        INVOICE_ID: record.invoice_id,
        resources.KIND: None if record.status is Status.ERASED else INVOICE_KIND,
        resources.POSITION: position(record),
        resources.STATUS: listed_status(record),
        resources.DECISION: record.outcome.decision if record.outcome else None,
        resources.SUPPLIER: supplier_of(record),
        resources.PROCESSED_AT: timestamp(record.processed_at) if record.processed_at else None,
        _RECORD: record.model_dump_json(exclude={"outcome"}),
        _OUTCOME: outcome_json(record) if outcome_key is None else None,
        _OUTCOME_KEY: outcome_key,
    }
    row: Row = {name: {"S": text} for name, text in texts.items() if text is not None}
    return {**invoice_key(record.invoice_id), **row, REVISION: {"N": str(record.revision)}}


def from_row(row: Mapping[str, Any]) -> StoredRow:
    """What a row holds."""
    texts = {name: value.get("S") for name, value in row.items()}
    record = parsed(InvoiceRecord, texts.get(_RECORD) or "")
    return StoredRow(record, texts.get(_OUTCOME), texts.get(_OUTCOME_KEY))


def outcome_json(record: InvoiceRecord) -> str | None:
    """The outcome as it is stored, with every amount as text; `None` when there is none yet."""
    return record.outcome.model_dump_json() if record.outcome else None
