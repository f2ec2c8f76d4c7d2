"""Hypothesis strategies: any valid thing there may be."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from hypothesis import strategies as st

from chalicelib.domain.charge import ChargeState
from chalicelib.domain.document import MediaType
from chalicelib.domain.finding import Decision, Finding, Severity
from chalicelib.domain.geometry import Box
from chalicelib.domain.invoice import AMOUNT_FIELDS, DocumentType, FieldName, Invoice, LineItem, TaxLine, Value
from chalicelib.domain.record import Claim, InvoiceRecord, Outcome, Problem, Remains, Status, StoredDocument
from chalicelib.domain.source import Source
from chalicelib.domain.usage import Unit, Usage
from tests.builders import a_charge, a_hash, an_id

_HALF_PAST_FIVE = timezone(timedelta(hours=5, minutes=30))

texts = st.text(max_size=40)


def _decimals(least: int, most: int, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(least, most, allow_nan=False, allow_infinity=False, places=places)


amounts = _decimals(-(10**9), 10**9, places=2) | _decimals(0, 1, places=9)
moments = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001 - the zone comes with the next argument
    max_value=datetime(2030, 1, 1),  # noqa: DTZ001 - as above
    timezones=st.sampled_from([UTC, _HALF_PAST_FIVE]),
)
fractions = st.floats(min_value=0, max_value=1)
boxes = st.builds(Box, fractions, fractions, fractions, fractions)


@st.composite
def values(draw: st.DrawFn, name: FieldName) -> Value:
    """A value of a field: an amount as a plain decimal, anything else as any text."""
    text = format(draw(amounts), "f") if name in AMOUNT_FIELDS else draw(st.text(min_size=1, max_size=40))
    return Value(
        value=text,
        confidence=draw(fractions),
        source=draw(st.sampled_from(Source)),
        text=draw(texts),
        page=draw(st.none() | st.integers(1, 100)),
        box=draw(st.none() | boxes),
        checks=tuple(draw(st.lists(texts, max_size=2))),
    )


@st.composite
def invoices(draw: st.DrawFn) -> Invoice:
    """An invoice with any of its fields, which need not make sense together."""
    names = draw(st.sets(st.sampled_from(FieldName), max_size=6))
    maybe = st.none() | amounts
    lines = st.builds(LineItem, description=st.none() | texts, quantity=maybe, unit_price=maybe, amount=maybe)
    return Invoice(
        document_type=draw(st.sampled_from(DocumentType)),
        fields={name: draw(values(name)) for name in sorted(names)},
        taxes=tuple(draw(st.lists(st.builds(TaxLine, rate=maybe, base=maybe, amount=maybe), max_size=2))),
        line_items=tuple(draw(st.lists(lines, max_size=3))),
    )


charges = st.builds(
    a_charge,
    charge_id=texts,
    usage=st.builds(Usage, service=texts, quantities=st.dictionaries(st.sampled_from(Unit), _decimals(0, 10**6, 6))),
    usd=_decimals(0, 100, places=12),
    state=st.sampled_from(ChargeState),
)
outcomes = st.builds(
    Outcome,
    invoice=invoices(),
    decision=st.sampled_from(Decision),
    reasons=st.lists(texts, max_size=2).map(tuple),
    findings=st.lists(
        st.builds(Finding, code=texts, message=texts, severity=st.sampled_from(Severity)), max_size=2
    ).map(tuple),
    sources=st.lists(st.sampled_from(Source), max_size=2).map(tuple),
    charges=st.lists(charges, max_size=2).map(tuple),
    timings_ms=st.dictionaries(texts, st.integers(0, 10**6), max_size=2),
)
stored_documents = st.builds(
    StoredDocument,
    key=st.text(min_size=1, max_size=40),
    filename=texts,
    sha256=st.none() | st.builds(a_hash),
    media_type=st.none() | st.sampled_from(MediaType),
    byte_count=st.none() | st.integers(0, 10**8),
    pages=st.none() | st.integers(0, 100),
    version_id=st.none() | texts,
    sequencer=st.none() | st.text("0123456789ABCDEF", min_size=1, max_size=20),
)
records = st.builds(
    InvoiceRecord,
    invoice_id=st.builds(an_id),
    status=st.sampled_from(Status),
    document=stored_documents,
    received_at=moments,
    processed_at=st.none() | moments,
    outcome=st.none() | outcomes,
    problem=st.none() | st.builds(Problem, code=texts, message=texts),
    claim=st.none() | st.builds(Claim, owner=texts, since=moments),
    attempts=st.integers(0, 5),
    erased_at=st.none() | moments,
    remains=st.none() | st.builds(Remains, key=texts, sha256=st.none() | st.builds(a_hash), parts=st.integers(1, 3)),
)
