"""From bytes to a decision: which reader is asked, and what follows where none can read the pages."""

from pathlib import Path

import pytest

from chalicelib.domain.document import MediaType, Page, ReadDocument, TextLayer
from chalicelib.domain.finding import Decision
from chalicelib.domain.record import Outcome
from chalicelib.pipeline.interpret import free_interpretation
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
