"""The documents of a storm, none like the other, and what must become of each."""

import io
import random
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from bench.load import XML
from bench.paid import a_picture
from chalicelib.domain.document import MediaType, Page, Word
from chalicelib.domain.geometry import Box

_A4 = (595.0, 842.0)  # points
_CHARACTER, _LINE, _HEIGHT = 0.007, 0.02, 0.012  # of a page that OCR reads
_TERMS = "Terms of payment\nPlease pay within thirty days, quoting the number of the invoice."


class Kind(StrEnum):
    """What sort of document it is. `asking` is a scan about which a model is asked, `pages` one of two pages.

    `doomed` is a scan whose answer never arrives, though it is billed; `refused` one that OCR can make nothing of.
    """

    PDF = "pdf"
    XML = "xml"
    SCAN = "scan"
    ASKING = "asking"
    PAGES = "pages"
    DOOMED = "doomed"
    REFUSED = "refused"
    ENCRYPTED = "encrypted"
    TRUNCATED = "truncated"
    TEXT = "text"


class Truth(NamedTuple):
    """How a document must end: its status, the code of why not, its decision, and what must have been read."""

    status: str
    code: str = ""
    decision: str = ""
    number: str = ""
    total: str = ""


class Paper(NamedTuple):
    """One document, as a client sends it: in the request, or by a form (`by_form`); perhaps bytes that others send."""

    name: str
    kind: Kind
    content: bytes
    media_type: MediaType
    truth: Truth
    by_form: bool
    pages: tuple[str, ...] = ()  # what stands on them, for the fake OCR

    @property
    def sha256(self) -> str:
        """The hash of its bytes."""
        return sha256(self.content).hexdigest()


_SHARES = {  # of a hundred; the rest are PDFs
    Kind.XML: 20, Kind.SCAN: 25, Kind.ASKING: 6, Kind.PAGES: 4, Kind.DOOMED: 1, Kind.REFUSED: 1, Kind.ENCRYPTED: 2,
    Kind.TRUNCATED: 2, Kind.TEXT: 2,
}  # fmt: skip
_COPIES = 8  # of a hundred documents are sent by somebody else, too
_BY_FORM = 0.35


def papers(count: int, seed: int) -> list[Paper]:
    """So many documents in an order of chance, the same for the same seed."""
    dice = random.Random(seed)  # noqa: S311 - weather, no secret
    copies = count * _COPIES // 100
    originals = [
        paper(number, kind, by_form=dice.random() < _BY_FORM)
        for number, kind in enumerate(_kinds(count - copies), start=1)
    ]
    readable = [one for one in originals if one.truth.status == "completed"]
    again = [
        one._replace(name=f"again-{one.name}", by_form=dice.random() < _BY_FORM)
        for one in dice.sample(readable, copies)
    ]
    found = [*originals, *again]
    dice.shuffle(found)
    return found


def paper(number: int, kind: Kind, *, by_form: bool) -> Paper:
    """One document; of each number there is one."""
    content, media_type, pages = _MAKERS[kind](number)
    return Paper(
        f"storm-{number:05}.{_ENDINGS[media_type]}", kind, content, media_type, _truth(number, kind), by_form, pages
    )


def page_of(text: str, number: int) -> Page:
    """A page as OCR sees it: every character has its place."""
    words = tuple(
        Word(match[0], Box(match.start() * _CHARACTER, row * _LINE, len(match[0]) * _CHARACTER, _HEIGHT))
        for row, line in enumerate(text.splitlines(), start=1)
        for match in re.finditer(r"\S+", line)
    )
    return Page(number, 298, 421, words)


def _kinds(count: int) -> list[Kind]:
    rare = [kind for kind, share in _SHARES.items() for _ in range(max(1, count * share // 100))]
    return [*rare, *[Kind.PDF] * (count - len(rare))]


def _truth(number: int, kind: Kind) -> Truth:
    codes = {Kind.REFUSED: "unreadable_for_ocr", Kind.TEXT: "not_a_document"}
    if kind in {Kind.REFUSED, Kind.ENCRYPTED, Kind.TRUNCATED, Kind.TEXT}:
        return Truth("rejected", codes.get(kind, kind.value), "rejected")
    if kind is Kind.DOOMED:
        return Truth("failed", "never_answered")
    decision = "needs_review" if kind is Kind.ASKING else "auto_approve"
    return Truth("completed", "", decision, _number(number), f"{_total(number):.2f}")


def _number(number: int) -> str:
    return f"ST-{number:05}"


def _net(number: int) -> Decimal:
    return Decimal(1000 + number) / 10


def _tax(number: int) -> Decimal:
    return (_net(number) * Decimal("0.2")).quantize(Decimal("0.01"))


def _total(number: int) -> Decimal:
    return _net(number) + _tax(number)


def _text(number: int, dated: str = "Invoice date 2026-11-02") -> str:
    net = _net(number)
    return f"""
Fernlea Joinery Ltd
Invoice
Invoice no. {_number(number)}       {dated}

Oak board          2      {net / 2:.2f}      {net:.2f}

Subtotal                             {net:.2f} EUR
VAT 20 %                             {_tax(number):.2f} EUR
Total                                {_total(number):.2f} EUR
"""


_Made = tuple[bytes, MediaType, tuple[str, ...]]


def _pdf(number: int) -> _Made:
    return _drawn(_text(number)), MediaType.PDF, ()


def _encrypted(number: int) -> _Made:
    return _drawn(_text(number), StandardEncryption("secret", ownerPassword="owner")), MediaType.PDF, ()


def _truncated(number: int) -> _Made:
    whole = _drawn(_text(number))
    return whole[: len(whole) * 2 // 3], MediaType.PDF, ()


def _plain(number: int) -> _Made:
    return _text(number).encode(), MediaType.PDF, ()


def _xml(number: int) -> _Made:
    written = XML.format(number=_number(number), total=f"{_total(number):.2f}")
    return written.encode(), MediaType.XML, ()


def _scan(number: int) -> _Made:
    return a_picture(number), MediaType.PNG, (_text(number),)


def _asking(number: int) -> _Made:
    return a_picture(number), MediaType.PNG, (_text(number, "2026-11-02   2026-12-09"),)


def _two_pages(number: int) -> _Made:
    first, second = (Image.open(io.BytesIO(a_picture(side))) for side in (number, -number))
    stream = io.BytesIO()
    first.save(stream, "TIFF", save_all=True, append_images=[second])
    return stream.getvalue(), MediaType.TIFF, (_text(number), _TERMS)


_MAKERS: dict[Kind, Callable[[int], _Made]] = {
    Kind.PDF: _pdf, Kind.XML: _xml, Kind.SCAN: _scan, Kind.ASKING: _asking, Kind.PAGES: _two_pages, Kind.DOOMED: _scan,
    Kind.REFUSED: _scan, Kind.ENCRYPTED: _encrypted, Kind.TRUNCATED: _truncated, Kind.TEXT: _plain,
}  # fmt: skip
_ENDINGS = {MediaType.PDF: "pdf", MediaType.XML: "xml", MediaType.PNG: "png", MediaType.TIFF: "tif"}


def _drawn(text: str, encryption: StandardEncryption | None = None) -> bytes:
    """A page with a text layer, every line as it is typed."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=_A4, encrypt=encryption, invariant=1)
    _draw_lines(canvas, text.splitlines())
    canvas.showPage()
    canvas.save()
    return stream.getvalue()


def _draw_lines(canvas: Canvas, lines: Sequence[str]) -> None:
    canvas.setFont("Courier", 11)
    for row, line in enumerate(lines):
        canvas.drawString(60, _A4[1] - 60 - 18 * row, line)
