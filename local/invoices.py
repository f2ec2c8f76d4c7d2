"""The embedded table of invoices."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from itertools import islice

from chalicelib.adapters.listing import (
    listed_status,
    page_of,
    position,
    resume_after,
    supplier_key,
    supplier_of,
    timestamp,
)
from chalicelib.adapters.recording import lost, lost_parts, parsed, readable, revised
from chalicelib.domain.content import content_to_hold
from chalicelib.domain.record import PROCESSED, InvoiceRecord, Status
from chalicelib.errors import ConflictError
from chalicelib.ports import InvoicePage, InvoiceQuery
from local.database import Database

_INSERT = (
    "INSERT INTO invoices (position, status, decision, supplier, processed_at, revision, record, invoice_id) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_UPDATE = (
    "UPDATE invoices SET position = ?, status = ?, decision = ?, supplier = ?, processed_at = ?, revision = ?, "
    "record = ? WHERE invoice_id = ? AND revision = ?"
)
_RELEASE = "DELETE FROM contents WHERE sha256 = ? AND invoice_id = ?"
_HOLDER = "SELECT record FROM contents JOIN invoices USING (invoice_id) WHERE sha256 = ?"


class SqliteInvoiceStore:
    """Invoices as rows: the record as JSON, and beside it the columns that lists are made by."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def register(self, record: InvoiceRecord) -> InvoiceRecord:
        """Store a new record, or return the one that was first registered with the same `document.sha256`.

        `ConflictError` when another document already has this `invoice_id`.
        """
        with self._database.writing() as connection:
            first = _holder(connection, content_to_hold(record))
            if first is not None:
                return first
            _insert(connection, record)
            _hold(connection, record)
            return record

    def load(self, invoice_id: str) -> InvoiceRecord | None:
        """The record, or `None`."""
        with self._database.reading() as connection:
            return _load(connection, invoice_id)

    def load_without_outcome(self, invoice_id: str) -> InvoiceRecord | None:
        """The record without its outcome, or `None`."""
        record = self.load(invoice_id)
        return record.model_copy(update={"outcome": None}) if record is not None else None

    def save(self, record: InvoiceRecord) -> InvoiceRecord:
        """Replace the record that has the same revision, and return it with the next one."""
        return self.release(record, None)

    def save_part(self, part: InvoiceRecord, first: InvoiceRecord, *, is_new: bool) -> InvoiceRecord:
        """Store a further invoice of the document whose own record is `first`, if that has its revision still."""
        saved = part if is_new else revised(part)
        with self._database.writing() as connection:
            now = _load(connection, first.invoice_id)
            if now is None or now.revision != first.revision:
                raise lost_parts(first)
            if is_new:
                _insert(connection, part)
            elif not connection.execute(_UPDATE, (*_row(saved), part.revision)).rowcount:
                raise lost_parts(first)
        return saved

    def release(self, record: InvoiceRecord, sha256: str | None, parts: Sequence[InvoiceRecord] = ()) -> InvoiceRecord:
        """Save as `save` does, `parts` as well, and let go of the content `sha256`, if it was held: all, or nothing."""
        saved = revised(record)
        with self._database.writing() as connection:
            if not connection.execute(_UPDATE, (*_row(saved), record.revision)).rowcount:
                raise lost(_load(connection, record.invoice_id), record)
            for part in parts:
                if not connection.execute(_UPDATE, (*_row(revised(part)), part.revision)).rowcount:
                    raise lost_parts(record)
            connection.execute(_RELEASE, (sha256, record.invoice_id))
            if content_to_hold(saved) != sha256:
                _hold(connection, saved)
        return saved

    def holder(self, sha256: str) -> InvoiceRecord | None:
        """The record that was first registered with this content, or `None`."""
        with self._database.reading() as connection:
            return _holder(connection, sha256)

    def page(self, query: InvoiceQuery) -> InvoicePage:
        """A page of records by time; `RejectedError("bad_cursor", …)` for a cursor that is not ours.

        Rows are taken until the page is full: those that cannot be read count for nothing.
        """
        conditions = list(_conditions(query))
        where = " AND ".join(condition for condition, _ in conditions) or "true"
        order = "ASC" if query.oldest_first else "DESC"
        select = f"SELECT invoice_id, record FROM invoices WHERE {where} ORDER BY position {order}"  # noqa: S608 - our words
        values = [value for _, value in conditions]
        with self._database.reading() as connection, closing(connection.execute(select, values)) as rows:
            return page_of(query, list(islice(readable(rows, _parsed), query.limit + 1)))

    def count_processed(self, since: datetime) -> int:
        """How many invoices reached a final status at `since` or later."""
        marks = ", ".join("?" * len(PROCESSED))
        select = f"SELECT count(*) FROM invoices WHERE processed_at >= ? AND status IN ({marks})"  # noqa: S608 - question marks
        with self._database.reading() as connection:
            (count,) = connection.execute(select, (timestamp(since), *PROCESSED)).fetchone()
        return int(count)

    def check(self) -> None:
        """Return if the table answers; raise otherwise."""
        self.load("")


def _conditions(query: InvoiceQuery) -> Iterator[tuple[str, str]]:
    """What the query asks for, as SQL conditions and their values."""
    after = resume_after(query)
    if query.status is None:
        yield "status NOT IN (?, '')", Status.ERASED
    else:
        yield "status = ?", query.status
    if query.decision is not None:
        yield "decision = ?", query.decision
    if query.supplier is not None:
        yield "supplier = ?", supplier_key(query.supplier)
    if query.since is not None:
        yield "position >= ?", timestamp(query.since)
    if query.until is not None:
        yield "position < ?", timestamp(query.until)
    if after is not None:
        yield "position > ?" if query.oldest_first else "position < ?", after


def _row(record: InvoiceRecord) -> tuple[str | int | None, ...]:
    """The values of a row, in the order of `_INSERT` and `_UPDATE`."""
    return (
        position(record),
        listed_status(record) or "",
        record.outcome.decision if record.outcome else None,
        supplier_of(record),
        timestamp(record.processed_at) if record.processed_at else None,
        record.revision,
        record.model_dump_json(),
        record.invoice_id,
    )


def _insert(connection: sqlite3.Connection, record: InvoiceRecord) -> None:
    try:
        connection.execute(_INSERT, _row(record))
    except sqlite3.IntegrityError:
        raise ConflictError("invoice_exists", f"There already is an invoice {record.invoice_id}.") from None


def _hold(connection: sqlite3.Connection, record: InvoiceRecord) -> None:
    """Note who was first with this content, if the record may be."""
    sha256 = content_to_hold(record)
    if sha256 is not None:
        connection.execute(
            "INSERT OR IGNORE INTO contents (sha256, invoice_id) VALUES (?, ?)", (sha256, record.invoice_id)
        )


def _load(connection: sqlite3.Connection, invoice_id: str) -> InvoiceRecord | None:
    row = connection.execute("SELECT record FROM invoices WHERE invoice_id = ?", (invoice_id,)).fetchone()
    return _record(row) if row else None


def _holder(connection: sqlite3.Connection, sha256: str | None) -> InvoiceRecord | None:
    row = connection.execute(_HOLDER, (sha256,)).fetchone() if sha256 else None
    return _record(row) if row else None


def _record(row: tuple[str]) -> InvoiceRecord:
    return _parsed(row[0])


def _parsed(text: str) -> InvoiceRecord:
    return parsed(InvoiceRecord, text)
