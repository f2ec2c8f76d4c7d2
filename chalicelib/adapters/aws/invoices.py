"""The table of invoices in DynamoDB."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.aws import queries, rows
from chalicelib.adapters.aws.clients import AwsClients
from chalicelib.adapters.aws.objects import S3Objects
from chalicelib.adapters.aws.table import MAX_KEYS, Table
from chalicelib.adapters.listing import matches, page_of
from chalicelib.adapters.recording import OUTCOME_MISSING, lost, lost_parts, readable, revised
from chalicelib.domain.content import content_to_hold
from chalicelib.domain.document import DocumentRef
from chalicelib.domain.record import InvoiceRecord, Status
from chalicelib.errors import ConflictError, DefectError, NotFoundError
from chalicelib.ports import InvoicePage, InvoiceQuery
from chalicelib.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_TRIES = 2  # the second after whoever was first with the content has let go of it
MAX_OUTCOME_BYTES = 300_000  # a row may have 400 KB, with its names and all else


class DynamoInvoiceStore:
    """Invoices as rows of one table: the row and the pointer from its content come together."""

    def __init__(self, settings: Settings, clients: AwsClients) -> None:
        self._table = Table(settings, clients)
        self._objects = S3Objects(settings, clients)

    def register(self, record: InvoiceRecord) -> InvoiceRecord:
        """Store a new record, or return the one that was first registered with the same `document.sha256`.

        `ConflictError` when another document already has this `invoice_id`.
        """
        for _ in range(_TRIES):
            try:
                self._table.write([self._table.new(self._row(record)), *self._claims(record)])
            except ConflictError:
                first = self.holder(claimed) if (claimed := content_to_hold(record)) else None
                if first is not None:
                    return first
            else:
                return record
        raise ConflictError("invoice_exists", f"There already is an invoice {record.invoice_id}.")

    def load(self, invoice_id: str) -> InvoiceRecord | None:
        """The record as of now, or `None`."""
        row = self._table.get(rows.invoice_key(invoice_id))
        return self._record(row) if row else None

    def load_without_outcome(self, invoice_id: str) -> InvoiceRecord | None:
        """The record as of now without its outcome, or `None`."""
        row = self._table.get(rows.invoice_key(invoice_id))
        return rows.from_row(row).record if row else None

    def save(self, record: InvoiceRecord) -> InvoiceRecord:
        """Replace the record that has the same revision, and return it with the next one."""
        return self.release(record, None)

    def save_part(self, part: InvoiceRecord, first: InvoiceRecord, *, is_new: bool) -> InvoiceRecord:
        """Store a further invoice of the document whose own record is `first`, if that has its revision still."""
        saved = part if is_new else revised(part)
        row = self._row(saved)
        write = self._table.new(row) if is_new else self._table.revised(row, part.revision)
        try:
            self._table.write([write, self._table.unchanged(rows.invoice_key(first.invoice_id), first.revision)])
        except ConflictError:
            raise lost_parts(first) from None
        return saved

    def release(self, record: InvoiceRecord, sha256: str | None, parts: Sequence[InvoiceRecord] = ()) -> InvoiceRecord:
        """Save as `save` does, `parts` as well, and let go of the content `sha256`, if it was held: all, or nothing."""
        saved = revised(record)
        held = content_to_hold(record)
        claims = () if held == sha256 or self._is_held(held) else self._claims(record)
        saves = [self._table.revised(self._row(revised(one)), one.revision) for one in (record, *parts)]
        try:
            self._replace([*saves, *self._releases(record.invoice_id, sha256)], claims)
        except ConflictError:
            raise lost(self.load_without_outcome(record.invoice_id), record) from None
        return saved

    def holder(self, sha256: str) -> InvoiceRecord | None:
        """The record that was first registered with this content, or `None`."""
        row = self._table.get(rows.content_key(sha256))
        first = self.load(str(row[rows.INVOICE_ID]["S"])) if row else None
        return first if first is None or first.status is not Status.ERASED else None  # erased between the two reads

    def page(self, query: InvoiceQuery) -> InvoicePage:
        """A page of records by time; `RejectedError("bad_cursor", …)` for a cursor that is not ours.

        The indexes follow the table within moments. So a row is looked at as it is now, and left out when it no
        longer belongs here.
        """
        wanted = query.limit + 1
        listed = self._listed(query)
        found: list[InvoiceRecord] = []
        while len(found) < wanted and (keys := list(islice(listed, min(MAX_KEYS, wanted - len(found))))):
            read = readable(map(_with_id, self._table.get_all(keys)), self._record)
            found += [record for record in read if matches(query, record)]
        return page_of(query, found)

    def count_processed(self, since: datetime) -> int:
        """How many invoices reached a final status at `since` or later, as far as the index has heard."""
        return sum(answer["Count"] for answer in self._table.answers(queries.processed_since(since)))

    def check(self) -> None:
        """Return if the table answers; raise otherwise."""
        self._table.get(rows.invoice_key("check"))

    def _listed(self, query: InvoiceQuery) -> Iterator[rows.Row]:
        """The keys of the rows of a list, by time, as far as they are asked for."""
        request = queries.listing(query)
        if request is None:
            return
        for answer in self._table.answers(request):
            yield from answer["Items"]

    def _is_held(self, sha256: str | None) -> bool:
        return sha256 is not None and self._table.get(rows.content_key(sha256)) is not None

    def _record(self, row: Mapping[str, Any]) -> InvoiceRecord:
        """The record of a row, with its outcome from wherever it is; where that is gone, of the row as it is by now."""
        stored = rows.from_row(row)
        if stored.outcome_key is None:
            return stored.complete(stored.outcome)
        try:
            outcome = self._objects.get(DocumentRef(key=stored.outcome_key))
        except NotFoundError:
            return self._record(self._moved_on(row, stored.record.invoice_id))
        return stored.complete(outcome)

    def _moved_on(self, row: Mapping[str, Any], invoice_id: str) -> rows.Row:
        """The row after somebody has erased or changed it since it was read; its outcome went with that.

        `DefectError("outcome_missing", …)` when nobody has: no document is at fault, so it is no `NotFoundError`.
        """
        now = self._table.get(rows.invoice_key(invoice_id))
        if now is None or now[rows.REVISION] == row[rows.REVISION]:
            raise DefectError(OUTCOME_MISSING, f"The outcome of invoice {invoice_id} is not in the bucket any more.")
        return now

    def _row(self, record: InvoiceRecord) -> rows.Row:
        """The row of a record; an outcome too large for a row is stored as an object first.

        The object's key names its content: of two that save the same revision at once, the loser overwrites nothing.
        """
        outcome = (rows.outcome_json(record) or "").encode()
        if len(outcome) <= MAX_OUTCOME_BYTES:
            return rows.to_row(record)
        digest = hashlib.sha256(outcome).hexdigest()[:16]
        key = f"derived/{record.invoice_id}/outcome-{record.revision}-{digest}.json"
        self._objects.put(key, outcome, "application/json")
        return rows.to_row(record, key)

    def _claims(self, record: InvoiceRecord) -> Sequence["TransactWriteItemTypeDef"]:
        """The writes that make this record the first with its content: one, or none if it cannot be."""
        sha256 = content_to_hold(record)
        return [self._table.new(rows.pointer(sha256, record.invoice_id))] if sha256 else []

    def _releases(self, invoice_id: str, sha256: str | None) -> Sequence["TransactWriteItemTypeDef"]:
        """The writes that make this invoice no longer the first with a content: one, or none if it is not."""
        pointer = self._table.get(rows.content_key(sha256)) if sha256 else None
        if sha256 is None or pointer is None or pointer[rows.INVOICE_ID]["S"] != invoice_id:
            return []
        return [self._table.removed(rows.content_key(sha256), rows.INVOICE_ID, {"S": invoice_id})]

    def _replace(
        self, writes: Sequence["TransactWriteItemTypeDef"], claims: Sequence["TransactWriteItemTypeDef"]
    ) -> None:
        """Write a row and its claims, or without these when another was first with the content after all."""
        try:
            self._table.write([*writes, *claims])
        except ConflictError:
            if not claims:
                raise
            self._table.write(writes)


def _with_id(row: rows.Row) -> tuple[str, rows.Row]:
    return str(row[rows.INVOICE_ID]["S"]), row
