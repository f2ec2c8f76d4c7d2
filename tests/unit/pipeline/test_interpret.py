"""From bytes to a decision: which reader is asked, and what follows where none can read the pages."""

from pathlib import Path

import pytest

from chalicelib.domain.document import MediaType, Page, ReadDocument, TextLayer
from chalicelib.domain.finding import Decision
from chalicelib.domain.hint import Hint, Hints
from chalicelib.domain.invoice import FieldName
from chalicelib.domain.record import Outcome
from chalicelib.domain.source import Source
from chalicelib.domain.usage import Usage
from chalicelib.pipeline.interpret import free_interpretation
from chalicelib.ports import Depth, OcrReading
from tests.builders import a_clock, some_settings
from tests.pages import a_page

AN_INVOICE = """
    Halden & Moor GmbH
    Invoice no. RE-1          Invoice date 2026-11-02

    Subtotal                        100.00 EUR
    VAT 19 %                         19.00 EUR
    Total                           119.00 EUR
"""


class WhatWasRead:
    """A `DocumentReader` that knows one document."""

    def __init__(self, document: ReadDocument) -> None:
        self._document = document

    def read(self, content: bytes) -> ReadDocument:
        return self._document


def interpreted_without_ocr(document: ReadDocument, data_dir: Path) -> Outcome:
    interpret = free_interpretation(WhatWasRead(document), None, a_clock(), some_settings(data_dir))
    return interpret(b"bytes").outcome


@pytest.mark.parametrize("pages", [(), (Page(1, 595, 842, ()),)], ids=["an image", "a scanned PDF"])
def test_what_nobody_could_look_at_goes_to_a_person(pages: tuple[Page, ...], tmp_path: Path) -> None:
    scan = ReadDocument(MediaType.PNG, 1, pages, ocr_pages=(1,))

    outcome = interpreted_without_ocr(scan, tmp_path)

    assert outcome.decision is Decision.NEEDS_REVIEW
    assert "no_ocr" in outcome.reasons


def test_a_hidden_layer_alone_is_not_enough_for_approval(tmp_path: Path) -> None:
    sandwich = ReadDocument(MediaType.PDF, 1, (a_page(AN_INVOICE),), TextLayer.POOR, ocr_pages=(1,))

    outcome = interpreted_without_ocr(sandwich, tmp_path)

    assert outcome.decision is Decision.NEEDS_REVIEW
    assert "no_ocr" in outcome.reasons


def test_words_of_a_pdf_need_no_ocr(tmp_path: Path) -> None:
    printed = ReadDocument(MediaType.PDF, 1, (a_page(AN_INVOICE),), TextLayer.GOOD)

    assert "no_ocr" not in interpreted_without_ocr(printed, tmp_path).reasons


def test_pages_that_were_read_and_say_nothing_of_an_invoice_are_rejected(tmp_path: Path) -> None:
    letter = ReadDocument(MediaType.PDF, 1, (a_page("Dear Ms Ashdown, we met on Tuesday."),), TextLayer.GOOD)

    outcome = interpreted_without_ocr(letter, tmp_path)

    assert (outcome.decision, outcome.reasons) == (Decision.REJECTED, ("not_an_invoice",))


TWO_INVOICES = (
    """
    Fernlea Joinery Ltd
    Invoice
    Invoice no. ST-00017       Invoice date 2026-11-02

    Total                                120.00 EUR
    """,
    """
    Marlowe Glass
    Invoice
    Invoice no. MG-4711        Invoice date 2026-10-12

    Total                                360.00 EUR
    """,
)


class SeesSuppliers:
    """An engine that costs nothing, and knows the supplier on the second page."""

    depths = frozenset({Depth.WORDS, Depth.FIELDS})

    def __init__(self) -> None:
        self.asked: list[Depth] = []

    def estimate(self, pages: int, depth: Depth = Depth.WORDS) -> Usage:
        return Usage.of("rapidocr", pages=pages)

    def read_pages(self, content, media_type, numbers, depth=Depth.WORDS, seconds=None) -> OcrReading:  # type: ignore[no-untyped-def]  # as the port says
        self.asked.append(depth)
        pages = tuple(a_page(TWO_INVOICES[number - 1], source=Source.OCR)._replace(number=number) for number in numbers)
        said = Hints(fields=(Hint(FieldName.SUPPLIER_NAME, "Marlowe Glass", Source.TEXTRACT, 0.99, 2),))
        return OcrReading(pages, self.estimate(len(pages)), said if depth is Depth.FIELDS else Hints())


def test_an_invoice_that_only_hints_tell_apart_is_not_lost(tmp_path: Path) -> None:
    engine = SeesSuppliers()
    scan = ReadDocument(MediaType.PDF, 2, (), ocr_pages=(1, 2))

    found = free_interpretation(WhatWasRead(scan), engine, a_clock(), some_settings(tmp_path))(b"bytes")

    assert engine.asked == [Depth.WORDS, Depth.FIELDS]
    assert found.outcome.decision is Decision.NEEDS_REVIEW
    assert "may_hold_several_invoices" in found.outcome.reasons
