"""The page that explains a reading: whole, safe, and with everything on it."""

import re
from html.parser import HTMLParser

from chalicelib.domain.invoice import FieldName
from chalicelib.extraction.extract import read_out
from local.evaluation.drawing import marks_of, overlay
from local.evaluation.evidence import rivals_of
from local.evaluation.explanation_page import Explanation, explanation_page
from local.evaluation.scoring import Judgement, Verdict
from tests.builders import (
    a_completed_record,
    a_finding,
    a_line_item,
    a_problem,
    a_record,
    a_value,
    an_invoice,
    an_outcome,
)
from tests.pages import a_read_document

_HOSTILE = """<script>alert("1")</script><img src=x onerror=alert(1)>"""
_PAGE = """
    Invoice no. HM-204                        Invoice date 14 March 2025
    Description                 Quantity      Price          Amount
    Oak board                   2             50.00          100.00
    Total                                                GBP 120.00
"""


class Elements(HTMLParser):
    """Counts the elements of a page, and keeps its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: dict[str, str] = {}
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note one element."""
        self.names.append(tag)
        self.attributes |= {name: value or "" for name, value in attrs}

    def handle_data(self, data: str) -> None:
        """Note some text."""
        self.text += data


def an_explanation(**given: object) -> Explanation:
    """The explanation of a page."""
    read = a_read_document(_PAGE)
    extraction = read_out(read.pages)
    rivals = rivals_of(extraction)
    invoice = extraction.invoice
    what = Explanation(
        name="a.pdf",
        record=a_completed_record(outcome=an_outcome(invoice=invoice, findings=(a_finding(),))),
        read=read,
        rivals=rivals,
        marks=marks_of(invoice, rivals, extraction, read.pages),
        pictures={1: b"jpeg"},
        languages=extraction.languages,
        judgements={},
    )
    return what._replace(**given)  # type: ignore[arg-type] # a test's own words


def test_it_shows_values_rivals_findings_and_the_decision() -> None:
    text = Elements(explanation_page(an_explanation())).text

    for expected in ("HM-204", "2025-03-14", "120.00", "Candidates", "totals_mismatch", "auto_approve", "milliseconds"):
        assert expected in text


def test_boxes_lie_over_the_picture_in_layers() -> None:
    page = explanation_page(an_explanation())

    for layer in ("values", "candidates", "labels", "columns"):
        assert re.search(rf'<g class="{layer}"><rect', page), layer
    assert "data:image/jpeg;base64," in page


def test_it_needs_nothing_from_elsewhere_and_runs_nothing() -> None:
    page = explanation_page(an_explanation())
    elements = Elements(page)

    assert not {"script", "link", "iframe", "object"} & set(elements.names)
    assert not re.search(r"https?://", page)
    assert not [name for name in elements.attributes if name.startswith("on")]
    assert "default-src 'none'" in page


def test_what_a_document_says_is_never_markup() -> None:
    hostile = a_value(_HOSTILE, text=_HOSTILE)
    invoice = an_invoice(supplier_name=hostile, line_items=[a_line_item(description=_HOSTILE)])
    record = a_completed_record(
        outcome=an_outcome(invoice=invoice, findings=(a_finding(message=_HOSTILE),), reasons=(_HOSTILE,))
    )
    judgement = Judgement("supplier_name", Verdict.WRONG, _HOSTILE, _HOSTILE)

    page = explanation_page(
        an_explanation(name=_HOSTILE, record=record, judgements={"supplier_name": judgement}, languages=(_HOSTILE,))
    )

    assert "<script" not in page
    assert "<img src=x" not in page
    assert page.count("&lt;script&gt;") >= 6


def test_titles_of_boxes_are_escaped_too() -> None:
    read = a_read_document(_PAGE)
    extraction = read_out(read.pages)
    marks = marks_of(an_invoice(total=a_value(_HOSTILE, box=(0, 0, 1, 1))), {}, extraction, read.pages)

    assert "<script" not in overlay(read.pages[0], marks)


def test_the_truth_stands_beside_the_values_and_missing_ones_are_shown() -> None:
    judgements = {
        "total": Judgement("total", Verdict.WRONG, "130.00", "120.00"),
        "due_date": Judgement("due_date", Verdict.MISSING, "2025-04-01", None),
    }

    text = Elements(explanation_page(an_explanation(judgements=judgements))).text

    assert "wrong 130.00" in text
    assert "missing 2025-04-01" in text


def test_a_document_that_could_not_be_read_says_why() -> None:
    page = explanation_page(Explanation("a.pdf", a_record(problem=a_problem()), None, {}, (), {}, (), {}))

    assert "encrypted: Please send it without a password." in Elements(page).text


def test_fields_have_colours_of_their_own() -> None:
    from local.evaluation.drawing import colour_of

    assert len({colour_of(name) for name in FieldName}) == len(FieldName)
