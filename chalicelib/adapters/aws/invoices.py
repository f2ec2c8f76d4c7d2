"""The table of invoices in DynamoDB."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.aws import queries, rows
from chalicelib.adapters.aws.clients import AwsClients
from chalicelib.adapters.aws.failures import translated
from chalicelib.adapters.aws.objects import S3Objects
from chalicelib.adapters.aws.resources import PARTITION
from chalicelib.adapters.aws.transactions import SERVICE, TRIES, Transactions, pause
from chalicelib.adapters.listing import matches, page_of
from chalicelib.domain.document import DocumentRef
from chalicelib.domain.record import InvoiceRecord
from chalicelib.errors import ConflictError, NotFoundError, UnavailableError
from chalicelib.ports import InvoicePage, InvoiceQuery
from chalicelib.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

MAX_OUTCOME_BYTES = 300_000  # a row may have 400 KB, with its names and all else

_BATCH = 100


class DynamoInvoiceStore:
    """Invoices as rows of one table.

    Every write is a transaction: the row and the pointer from its content come together, and a request that botocore
    repeats because the answer was lost is recognised by its token instead of failing its own condition.
    """

    def __init__(self, settings: Settings, clients: AwsClients) -> None:
        self._table = settings.table_name
        self._client = clients.dynamodb
        self._transactions = Transactions(clients.dynamodb)
        self._objects = S3Objects(settings, clients)

    def register(self, record: InvoiceRecord) -> InvoiceRecord:
        """Store a new record, or return the one that was first registered with the same `document.sha256`.

        `ConflictError` when another document already has this `invoice_id`.
        """
        try:
            self._transactions.write([self._new(self._row(record)), *self._claims(record)])
        except ConflictError:
            first = self.holder(claimed) if (claimed := _claimed_hash(record)) else None
            if first is None:
                raise ConflictError("invoice_exists", f"There already is an invoice {record.invoice_id}.") from None
            return first
        return record

    def load(self, invoice_id: str) -> InvoiceRecord | None:
        """The record as of now, or `None`."""
        row = self._get(rows.invoice_key(invoice_id))
        return self._record(row) if row else None

    def save(self, record: InvoiceRecord) -> InvoiceRecord:
        """Replace the record that has the same revision, and return it with the next one."""
        saved = record.model_copy(update={"revision": record.revision + 1})
        claims = () if self._is_held(_claimed_hash(record)) else self._claims(record)
        try:
            self._replace(self._revised(self._row(saved), record.revision), claims)
        except ConflictError:
            raise self._lost(record) from None
        return saved

    def holder(self, sha256: str) -> InvoiceRecord | None:
        """The record that was first registered with this content, or `None`."""
        row = self._get(rows.content_key(sha256))
        return self.load(str(row[rows.INVOICE_ID]["S"])) if row else None

    def page(self, query: InvoiceQuery) -> InvoicePage:
        """A page of records, newest first; `RejectedError("bad_cursor", …)` for a cursor that is not ours.

        The indexes follow the table within moments. So a row is looked at as it is now, and left out when it no
        longer belongs here.
        """
        wanted = query.limit + 1
        listed = self._listed(query)
        found: list[InvoiceRecord] = []
        while len(found) < wanted and (keys := list(islice(listed, min(_BATCH, wanted - len(found))))):
            found += [record for record in self._load_all(keys) if matches(query, record)]
        return page_of(query, found)

    def count_processed(self, since: datetime) -> int:
        """How many invoices reached a final status at `since` or later, as far as the index has heard."""
        return sum(answer["Count"] for answer in self._answers(queries.processed_since(since)))

    def check(self) -> None:
        """Return if the table answers; raise otherwise."""
        self._get(rows.invoice_key("check"))

    def _listed(self, query: InvoiceQuery) -> Iterator[rows.Row]:
        """The keys of the rows of a list, newest first, as far as they are asked for."""
        request = queries.listing(query)
        if request is None:
            return
        for answer in self._answers(request):
            yield from answer["Items"]

    def _answers(self, request: Mapping[str, Any]) -> Iterator[Any]:
        """The answers to a query, page by page."""
        following: Mapping[str, Any] = {}
        while True:
            with translated(SERVICE):
                answer = self._client().query(TableName=self._table, **{**request, **following})
            yield answer
            if "LastEvaluatedKey" not in answer:
                return
            following = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def _load_all(self, keys: Sequence[rows.Row]) -> list[InvoiceRecord]:
        """The records under these keys (at most 100), in their order; those that are gone are left out."""
        found: dict[str, InvoiceRecord] = {}
        waiting: Mapping[str, Any] = {self._table: {"Keys": list(keys), "ConsistentRead": True}}
        for attempt in range(1, TRIES + 1):
            with translated(SERVICE):
                answer = self._client().batch_get_item(RequestItems=waiting)
            for row in answer["Responses"].get(self._table, []):
                found[str(row[PARTITION]["S"])] = self._record(row)
            waiting = answer.get("UnprocessedKeys", {})
            if not waiting:
                return [found[name] for key in keys if (name := str(key[PARTITION]["S"])) in found]
            pause(attempt)
        raise UnavailableError("dynamodb_unavailable", "The table is too busy to list invoices now; try again.")

    def _get(self, key: rows.Row) -> rows.Row | None:
        with translated(SERVICE):
            answer = self._client().get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return answer.get("Item")

    def _is_held(self, sha256: str | None) -> bool:
        return sha256 is not None and self._get(rows.content_key(sha256)) is not None

    def _record(self, row: Mapping[str, Any]) -> InvoiceRecord:
        """The record of a row, with its outcome from wherever it is."""
        stored = rows.from_row(row)
        if stored.outcome_key is None:
            return stored.complete(stored.outcome)
        return stored.complete(self._objects.get(DocumentRef(key=stored.outcome_key)))

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
        sha256 = _claimed_hash(record)
        return [self._new(rows.pointer(sha256, record.invoice_id))] if sha256 else []

    def _new(self, row: rows.Row) -> "TransactWriteItemTypeDef":
        """Put a row that must not exist yet."""
        return {"Put": {"TableName": self._table, "Item": row, "ConditionExpression": "attribute_not_exists(pk)"}}

    def _revised(self, row: rows.Row, revision: int) -> "TransactWriteItemTypeDef":
        """Put a row in place of its `revision`."""
        return {
            "Put": {
                "TableName": self._table,
                "Item": row,
                "ConditionExpression": "revision = :revision",
                "ExpressionAttributeValues": {":revision": {"N": str(revision)}},
            }
        }

    def _replace(self, row: "TransactWriteItemTypeDef", claims: Sequence["TransactWriteItemTypeDef"]) -> None:
        """Write a row and its claims, or the row alone when another was first with the content after all."""
        try:
            self._transactions.write([row, *claims])
        except ConflictError:
            if not claims:
                raise
            self._transactions.write([row])

    def _lost(self, record: InvoiceRecord) -> NotFoundError | ConflictError:
        """Why a save replaced nothing."""
        stored = self.load(record.invoice_id)
        if stored is None:
            return NotFoundError("invoice_not_found", f"There is no invoice {record.invoice_id}.")
        return ConflictError(
            "invoice_changed",
            f"Invoice {record.invoice_id} was changed meanwhile (revision {stored.revision}, not {record.revision}); "
            "read it again.",
        )


def _claimed_hash(record: InvoiceRecord) -> str | None:
    """The content that a record is the first with; not one that is only a part, or that has yet to arrive."""
    return record.document.sha256 if record.part_of is None else None
