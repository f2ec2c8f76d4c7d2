"""A record as the invoice document: the one shape that the API returns and `extract` writes.

Values are strings. What was not found is absent, never empty, zero or `null`.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal

from pydantic import BaseModel

from chalicelib.domain.charge import Charge
from chalicelib.domain.geometry import Box
from chalicelib.domain.invoice import FieldName, Invoice, Value
from chalicelib.domain.record import InvoiceRecord, Outcome, Problem, StoredDocument
from chalicelib.domain.transitions import part_id

JsonValue = str | int | float | bool | list["JsonValue"] | dict[str, "JsonValue"]
JsonObject = dict[str, JsonValue]

HEADLINE = (
    FieldName.SUPPLIER_NAME,
    FieldName.INVOICE_NUMBER,
    FieldName.ISSUE_DATE,
    FieldName.DUE_DATE,
    FieldName.CURRENCY,
    FieldName.TOTAL,
)


def invoice_document(record: InvoiceRecord, charges: Iterable[Charge] = ()) -> JsonObject:
    """The whole invoice document of a record. Of one that could not be read: the decision, the error, and any cost.

    `charges` are what is known of the cost of one that failed, whose record says nothing of it.
    """
    whole = _head(record)
    booked = list(charges)
    if record.outcome:
        whole |= _unread(record.outcome) if record.problem else _result(record.outcome)
    if booked:
        whole["cost"] = _cost(booked)
    return whole | _times(record)


def invoice_summary(record: InvoiceRecord) -> JsonObject:
    """The same document for lists: without lines, taxes and findings, and of the fields only the headline."""
    whole = _head(record)
    if record.outcome:
        whole |= _decided(record.outcome) | ({} if record.problem else _read(record.outcome.invoice, HEADLINE))
    return whole | _times(record)


def plain(number: Decimal) -> str:
    """A number without exponent, just as precise.

    >>> plain(Decimal("1E+3")), plain(Decimal("12.10"))
    ('1000', '12.10')
    """
    return format(number, "f")


def _head(record: InvoiceRecord) -> JsonObject:
    head: JsonObject = {"invoice_id": record.invoice_id, "status": record.status.value}
    if record.part_of:
        head["part_of"] = record.part_of
    if record.parts > 1:
        head["further_invoices"] = [part_id(record.invoice_id, number) for number in range(2, record.parts + 1)]
    if record.problem:
        head["error"] = _error(record.problem)
    return head | {"document": _document(record.document)}


def _error(problem: Problem) -> JsonObject:
    return {"code": problem.code, "message": problem.message, "retryable": problem.retryable}


def _document(document: StoredDocument) -> JsonObject:
    return _present(
        sha256=document.sha256,
        filename=document.filename,
        media_type=document.media_type.value if document.media_type else None,
        pages=document.pages,
        page_range=_object(document.page_range) if document.page_range else None,
        bytes=document.byte_count,
    )


def _result(outcome: Outcome) -> JsonObject:
    timings: JsonObject = dict(outcome.timings_ms)
    rest: JsonObject = {
        "findings": [_object(finding) for finding in outcome.findings],
        "cost": _cost(outcome.charges),
        "timings_ms": timings,
    }
    if outcome.degraded:
        rest["degraded"] = list(outcome.degraded)
    return _decided(outcome) | _read(outcome.invoice, FieldName) | _tables(outcome.invoice) | rest


def _unread(outcome: Outcome) -> JsonObject:
    cost: JsonObject = {"cost": _cost(outcome.charges)} if outcome.charges else {}
    return _decided(outcome) | cost


def _decided(outcome: Outcome) -> JsonObject:
    return {"decision": outcome.decision.value, "reasons": list(outcome.reasons)}


def _read(invoice: Invoice, names: Iterable[FieldName]) -> JsonObject:
    wanted = list(names)
    read: JsonObject = {"document_type": invoice.document_type.value, "fields": _values(invoice.fields, wanted)}
    suggestions = _values(invoice.suggestions, wanted)
    return read | ({"suggestions": suggestions} if suggestions else {})


def _values(values: Mapping[FieldName, Value], names: Iterable[FieldName]) -> JsonObject:
    return {name.value: _value(values[name]) for name in names if name in values}


def _tables(invoice: Invoice) -> JsonObject:
    return {
        "taxes": [_object(line) for line in invoice.taxes],
        "line_items": [_object(item) for item in invoice.line_items],
    }


def _value(value: Value) -> JsonObject:
    return _present(
        value=value.value,
        confidence=round(value.confidence, 4),
        source=value.source.value,
        page=value.page,
        box=_box(value.box) if value.box else None,
        text=value.text or None,
        checks=list(value.checks),
    )


def _box(box: Box) -> JsonObject:
    return {name: round(fraction, 5) for name, fraction in zip(box._fields, box, strict=True)}


def _cost(charges: Iterable[Charge]) -> JsonObject:
    """US dollars in all, and what they were paid for."""
    booked = list(charges)
    return {
        "usd": plain(sum((charge.usd for charge in booked), Decimal(0))),
        "usage": [_charge(charge) for charge in booked],
    }


def _charge(charge: Charge) -> JsonObject:
    units: JsonObject = {unit.value: plain(count) for unit, count in charge.usage.quantities.items()}
    return _present(
        service=charge.usage.service,
        operation=charge.usage.operation or None,
        step=charge.step,
        units=units,
        usd=plain(charge.usd),
        state=charge.state.value,
    )


def _times(record: InvoiceRecord) -> JsonObject:
    return _present(
        received_at=_timestamp(record.received_at),
        processed_at=_timestamp(record.processed_at) if record.processed_at else None,
    )


def _timestamp(moment: datetime) -> str:
    """UTC, to the second, of fixed width: such texts sort by time."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _object(model: BaseModel) -> JsonObject:
    """A flat model: decimals as plain strings, enums as their values, what is absent left out."""
    return {name: _json(value) for name, value in model if value is not None}


def _json(value: object) -> JsonValue:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, tuple):
        return [_json(item) for item in value]
    return value if isinstance(value, bool | int | float) else str(value)


def _present(**facts: JsonValue | None) -> JsonObject:
    return {name: fact for name, fact in facts.items() if fact is not None}
