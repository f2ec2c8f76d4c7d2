"""What every family of adapters agrees on about lists: the keys, the order, the filters and the cursors."""

import base64
import hashlib
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime

from chalicelib.domain.invoice import FieldName
from chalicelib.domain.record import InvoiceRecord, Status
from chalicelib.errors import RejectedError
from chalicelib.ports import InvoicePage, InvoiceQuery

_SUPPLIER_CHARACTERS = 200  # an index key of DynamoDB holds 1,024 bytes
_DIGEST_BYTES = 12


def timestamp(moment: datetime) -> str:
    """A moment as UTC text of fixed width, so that the order of texts is the order of time.

    A moment without zone is taken to be UTC.

    >>> timestamp(datetime(2026, 11, 23, 9, 14, 5, tzinfo=UTC))
    '2026-11-23T09:14:05.000000Z'
    """
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def position(record: InvoiceRecord) -> str:
    """Where a record stands in every list: by the time it was received, then by its id."""
    return f"{timestamp(record.received_at)}#{record.invoice_id}"


def supplier_key(name: str) -> str:
    """A supplier's name as it is compared: without case, outer spaces and differences of Unicode's spelling.

    >>> supplier_key("  Müller & Söhne GMBH ") == supplier_key("müller & söhne gmbh")
    True
    """
    return unicodedata.normalize("NFC", name.strip().casefold())[:_SUPPLIER_CHARACTERS].strip()


def supplier_of(record: InvoiceRecord) -> str | None:
    """The key of the record's supplier, or `None` where none was found."""
    name = record.outcome.invoice.text(FieldName.SUPPLIER_NAME) if record.outcome else None
    return (supplier_key(name) or None) if name else None


def listed_status(record: InvoiceRecord) -> Status | None:
    """The status to list a record by; `None` for one that is in no list: it was erased, and nothing remains of it."""
    return None if record.status is Status.ERASED and record.remains is None else record.status


def matches(query: InvoiceQuery, record: InvoiceRecord) -> bool:
    """Whether a record belongs into the list that the query asks for (its cursor and limit aside)."""
    decision = record.outcome.decision if record.outcome else None
    received = timestamp(record.received_at)
    return (
        _is_listed(query, record)
        and query.decision in (None, decision)
        and (query.supplier is None or supplier_key(query.supplier) == supplier_of(record))
        and (query.since is None or received >= timestamp(query.since))
        and (query.until is None or received < timestamp(query.until))
    )


def page_of(query: InvoiceQuery, records: Sequence[InvoiceRecord]) -> InvoicePage:
    """A page of the first `query.limit` records; give one record more to say that the list goes on."""
    shown = tuple(records[: query.limit])
    more = len(records) > query.limit
    return InvoicePage(records=shown, cursor=_cursor(query, position(shown[-1])) if more else None)


def resume_after(query: InvoiceQuery) -> str | None:
    """The position the list goes on after, or `None` to begin at its beginning.

    Raise `RejectedError("bad_cursor", …)` for a cursor that was not made for this very list. The digest in it is no
    secret and need not be: a cursor grants nothing, it only has to be a place inside the list it came from.
    """
    if query.cursor is None:
        return None
    found = _decoded(query.cursor)
    if found is None or _cursor(query, found) != query.cursor:
        raise RejectedError(
            "bad_cursor", "This cursor does not belong to this list; start again without one, with the same filters."
        )
    return found


def _is_listed(query: InvoiceQuery, record: InvoiceRecord) -> bool:
    status = listed_status(record)
    return status is query.status or (query.status is None and record.status is not Status.ERASED)


def _cursor(query: InvoiceQuery, place: str) -> str:
    """The place and a digest of the list and the place, as URL-safe text."""
    usual = set() if query.oldest_first else {"oldest_first"}  # so that cursors from before there were two orders hold
    asked = query.model_dump_json(exclude={"cursor", "limit"} | usual)
    digest = hashlib.sha256(f"{asked}\n{place}".encode()).digest()[:_DIGEST_BYTES]
    return base64.urlsafe_b64encode(digest + place.encode()).decode().rstrip("=")


def _decoded(cursor: str) -> str | None:
    """The place in a cursor, or `None` when it is no cursor at all."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return raw[_DIGEST_BYTES:].decode()
    except ValueError:
        return None
