"""Builders: each makes a valid thing, and takes only what the test is about.

>>> an_invoice(total="20.00").text(FieldName.TOTAL), an_invoice(total=None).text(FieldName.TOTAL)
('20.00', None)
"""

import hashlib
import itertools
import struct
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from ulid import ULID

from chalicelib.domain.charge import Charge, ChargeState
from chalicelib.domain.client_token import ClientToken
from chalicelib.domain.document import MediaType, Page, ReadDocument, Word
from chalicelib.domain.finding import Decision, Finding
from chalicelib.domain.geometry import Box
from chalicelib.domain.invoice import DocumentType, FieldName, Invoice, LineItem, TaxLine, Value
from chalicelib.domain.record import InvoiceRecord, Outcome, Problem, Status, StoredDocument
from chalicelib.domain.source import Source
from chalicelib.domain.usage import Usage
from chalicelib.settings import Settings

A_MOMENT = datetime(2026, 11, 23, 9, 14, 5, tzinfo=UTC)

_A_FIELD_SET: Mapping[str, str] = {
    FieldName.INVOICE_NUMBER: "RE-2026-0417",
    FieldName.ISSUE_DATE: "2026-11-20",
    FieldName.CURRENCY: "EUR",
    FieldName.SUPPLIER_NAME: "Halden & Moor GmbH",
    FieldName.SUBTOTAL: "100.00",
    FieldName.TAX: "19.00",
    FieldName.TOTAL: "119.00",
}
_numbers = itertools.count(1)


class SetClock:
    """A clock that stands where it was set, until a test moves it. Its ids are new, and sort by its time."""

    def __init__(self, at: datetime = A_MOMENT) -> None:
        self._now = at

    def now(self) -> datetime:
        """The moment it was set to."""
        return self._now

    def new_id(self) -> str:
        """A new id of 26 characters."""
        milliseconds = int(self._now.timestamp() * 1000)
        return str(ULID.from_bytes(milliseconds.to_bytes(6) + next(_numbers).to_bytes(10)))

    def advance(self, **by: float) -> None:
        """Move on, by `seconds=`, `hours=`, … as `timedelta` takes them."""
        self._now += timedelta(**by)


def a_clock(at: datetime = A_MOMENT) -> SetClock:
    """A clock that stands at `at`."""
    return SetClock(at)


def an_id() -> str:
    """An invoice id that no other call gives."""
    return a_clock().new_id()


def some_settings(data_dir: Path, **given: Any) -> Settings:
    """Settings of the embedded stack in `data_dir`."""
    return Settings(
        **{"stage": "local", "adapters": "local.family:EmbeddedAdapters", "data_dir": str(data_dir), **given}
    )


def a_token(client: str = "an-erp", **given: Any) -> ClientToken:
    """What is kept of a token that is valid for good; another name has another hash."""
    digest = hashlib.sha256(client.encode()).hexdigest()
    return ClientToken(**{"sha256": digest, "client": client, "created_at": A_MOMENT, **given})


def a_document(text: str = "Invoice RE-2026-0417 Total 119.00 EUR") -> bytes:
    """A valid PDF of one page (A4) with one printed line; another text is another document."""
    shown = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)").encode("cp1252")
    content = b"BT /F1 12 Tf 72 770 Td (%s) Tj ET" % shown
    return _pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )


def an_image(width: int = 40, height: int = 30) -> bytes:
    """A valid PNG: a white rectangle in grey scale."""
    pixels = zlib.compress((b"\x00" + b"\xff" * width) * height)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def a_word(text: str = "Invoice", **given: Any) -> Word:
    """A word in the upper left of its page."""
    return Word(**{"text": text, "box": Box(0.1, 0.1, 0.02 * len(text), 0.015), **given})


def a_page(words: Sequence[Word | str] = ("Invoice",), **given: Any) -> Page:
    """A page (A4) of words; those given as text stand below each other."""
    placed = (
        word if isinstance(word, Word) else a_word(word, box=Box(0.1, 0.1 + 0.02 * row, 0.015 * len(word), 0.015))
        for row, word in enumerate(words)
    )
    return Page(**{"number": 1, "width": 595.0, "height": 842.0, "words": tuple(placed), **given})


def a_read_document(**given: Any) -> ReadDocument:
    """A PDF of one page with a text layer."""
    return ReadDocument(**{"media_type": MediaType.PDF, "page_count": 1, "pages": (a_page(),), **given})


def a_value(value: str = "119.00", **given: Any) -> Value:
    """A value read from the text layer."""
    return Value(**{"value": value, "confidence": 0.99, "source": Source.TEXT, "text": value, "page": 1, **given})


def a_line_item(**given: Any) -> LineItem:
    """Two pieces of something at 50.00."""
    return LineItem(
        **{"description": "Oak board", "quantity": Decimal(2), "unit_price": Decimal("50.00"),
           "amount": Decimal("100.00"), "tax_rate": Decimal(19), "page": 1, **given}
    )  # fmt: skip


def a_tax_line(**given: Any) -> TaxLine:
    """19 % of 100.00."""
    return TaxLine(
        **{"rate": Decimal(19), "category": "S", "base": Decimal("100.00"), "amount": Decimal("19.00"), **given}
    )


def an_invoice(
    *,
    document_type: DocumentType = DocumentType.INVOICE,
    taxes: Sequence[TaxLine] | None = None,
    line_items: Sequence[LineItem] | None = None,
    **fields: str | Value | None,
) -> Invoice:
    """An invoice over 119.00 EUR that adds up. Fields are given by name, as text or value; `None` leaves one out."""
    chosen: Mapping[str, str | Value | None] = {**_A_FIELD_SET, **fields}
    return Invoice(
        document_type=document_type,
        fields={
            FieldName(name): value if isinstance(value, Value) else a_value(value)
            for name, value in chosen.items()
            if value is not None
        },
        taxes=tuple([a_tax_line()] if taxes is None else taxes),
        line_items=tuple([a_line_item()] if line_items is None else line_items),
    )


def a_finding(code: str = "totals_mismatch", **given: Any) -> Finding:
    """A finding about the total."""
    return Finding(**{"code": code, "message": "expected 119.00, found 120.00", "fields": ("total",), **given})


def an_outcome(supplier: str | None = "Halden & Moor GmbH", **given: Any) -> Outcome:
    """The outcome of an invoice that was approved by itself."""
    return Outcome(
        **{"invoice": an_invoice(supplier_name=supplier), "decision": Decision.AUTO_APPROVE, "sources": (Source.TEXT,),
           "charges": (a_charge(),), "timings_ms": {"read": 12}, **given}
    )  # fmt: skip


def a_charge(**given: Any) -> Charge:
    """One page that Textract read the words of, paid."""
    return Charge(
        **{"invoice_id": "01K9Q0000000000000000000AA", "charge_id": "ocr-1-1", "step": "ocr",
           "usage": Usage.of("textract", "DetectDocumentText", pages=1), "usd": Decimal("0.0015"),
           "state": ChargeState.SETTLED, "day": A_MOMENT.date(), "at": A_MOMENT, "price_version": "2026-10", **given}
    )  # fmt: skip


def a_problem(code: str = "encrypted", **given: Any) -> Problem:
    """Why a document was rejected."""
    return Problem(**{"code": code, "message": "Please send it without a password.", **given})


def a_hash(of: object = None) -> str:
    """A SHA-256, always the same of the same thing, and a new one of nothing."""
    return hashlib.sha256(repr(next(_numbers) if of is None else of).encode()).hexdigest()


def a_stored_document(**given: Any) -> StoredDocument:
    """The facts about a PDF whose content no other document has."""
    return StoredDocument(
        **{"key": f"uploads/2026/11/23/{an_id()}/invoice.pdf", "filename": "invoice.pdf", "sha256": a_hash(),
           "media_type": MediaType.PDF, "byte_count": 48_211, **given}
    )  # fmt: skip


def a_record(**given: Any) -> InvoiceRecord:
    """The record of a document that was received and not yet looked at."""
    return InvoiceRecord(
        **{"invoice_id": an_id(), "status": Status.RECEIVED, "document": a_stored_document(), "received_at": A_MOMENT,
           **given}
    )  # fmt: skip


def a_completed_record(**given: Any) -> InvoiceRecord:
    """The record of an invoice that was read and approved, a second after it came."""
    return a_record(
        **{
            "status": Status.COMPLETED,
            "outcome": an_outcome(),
            "processed_at": A_MOMENT + timedelta(seconds=1),
            **given,
        }
    )


def _pdf(*objects: bytes) -> bytes:
    """A PDF file of these objects, the first of which is its catalogue."""
    file, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    entries = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return file + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (size, entries, size, len(file))
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    """A PNG chunk with its length and checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
