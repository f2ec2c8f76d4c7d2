"""Lists as queries of the table's indexes: one partition, by time, filtered by what its index does not sort."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.adapters.aws import resources, rows
from chalicelib.adapters.listing import resume_after, supplier_key, timestamp
from chalicelib.domain.record import PROCESSED, Status
from chalicelib.ports import InvoiceQuery

_BEFORE_ALL, _AFTER_ALL = "0", ":"  # the first digit, and the character behind the last
_ENTRIES_LOOKED_AT = 500  # at a time, where most may be filtered out


class Partition(NamedTuple):
    """One partition of an index: all rows whose attribute has this value."""

    of: resources.Index
    value: str


def listing(query: InvoiceQuery) -> Mapping[str, Any] | None:
    """The `Query` (without table) that lists the keys of the rows asked for; `None` when there cannot be any.

    Raise `RejectedError("bad_cursor", …)` for a cursor that is not ours.
    """
    after = resume_after(query)
    first = timestamp(query.since) if query.since else _BEFORE_ALL
    last = timestamp(query.until) if query.until else _AFTER_ALL  # no position equals a mere time: `until` is exclusive
    if first > last:
        return None
    partition, filters = _split(query)
    request = _request(partition, "#sort BETWEEN :first AND :last", {":first": first, ":last": last})
    _add_filters(request, filters)
    request |= {
        "ScanIndexForward": query.oldest_first,
        "ProjectionExpression": ", ".join((resources.PARTITION, resources.SORT)),
        "Limit": _ENTRIES_LOOKED_AT if filters else query.limit + 1,
    }
    if after is not None:
        request["ExclusiveStartKey"] = _start_key(partition, after)
    return request


def processed_since(since: datetime) -> Mapping[str, Any]:
    """The `Query` (without table) that counts the rows with a final status since then."""
    partition = Partition(resources.BY_PROCESSING, rows.INVOICE_KIND)
    request = _request(partition, "#sort >= :since", {":since": timestamp(since)})
    final = {f":status{number}": status for number, status in enumerate(sorted(PROCESSED))}
    request["FilterExpression"] = f"#status IN ({', '.join(final)})"
    request["ExpressionAttributeNames"]["#status"] = resources.STATUS
    request["ExpressionAttributeValues"] |= _texts(final)
    request["Select"] = "COUNT"
    return request


def _split(query: InvoiceQuery) -> tuple[Partition, dict[str, str]]:
    """The partition that is likely to be the smallest, and what is left to filter by.

    Most invoices are completed, so that status is the last to choose by.
    """
    asked = {
        resources.SUPPLIER: supplier_key(query.supplier) or " " if query.supplier is not None else None,
        resources.STATUS: query.status,
        resources.DECISION: query.decision,
    }
    given = {name: str(value) for name, value in asked.items() if value is not None}
    by_status = [resources.BY_STATUS, resources.BY_DECISION]
    order = [resources.BY_SUPPLIER, *(reversed(by_status) if query.status is Status.COMPLETED else by_status)]
    for index in order:
        if index.partition in given:
            return Partition(index, given.pop(index.partition)), given
    return Partition(resources.BY_TIME, rows.INVOICE_KIND), given


def _request(partition: Partition, sort_condition: str, values: Mapping[str, str]) -> dict[str, Any]:
    """A query of one partition, with a condition on its sort key."""
    return {
        "IndexName": partition.of.name,
        "KeyConditionExpression": f"#partition = :partition AND {sort_condition}",
        "ExpressionAttributeNames": {"#partition": partition.of.partition, "#sort": partition.of.sort},
        "ExpressionAttributeValues": _texts({":partition": partition.value, **values}),
    }


def _add_filters(request: dict[str, Any], filters: Mapping[str, str]) -> None:
    if not filters:
        return
    request["FilterExpression"] = " AND ".join(f"#{name} = :{name}" for name in filters)
    request["ExpressionAttributeNames"] |= {f"#{name}": name for name in filters}
    request["ExpressionAttributeValues"] |= _texts({f":{name}": value for name, value in filters.items()})


def _start_key(partition: Partition, after: str) -> Mapping[str, Any]:
    """The full key of the row at a position, as the index knows it."""
    invoice_id = after.partition("#")[2]
    place = {partition.of.partition: partition.value, partition.of.sort: after}
    return {**rows.invoice_key(invoice_id), **_texts(place)}


def _texts(values: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {name: {"S": str(value)} for name, value in values.items()}
