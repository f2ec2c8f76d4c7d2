"""Several invoices in one file: split where it is sure, never where it is one, and flagged in between."""

from dataclasses import replace

import pytest

from chalicelib.domain.document import MediaType, PageRange, ReadDocument
from chalicelib.domain.invoice import FieldName
from chalicelib.domain.source import Source
from chalicelib.extraction.splitting import Part, parts_of
from tests.builders import an_invoice
from tests.bundles import DELIVERY_NOTE, TERMS, an_invoice_page
from tests.pages import a_page, a_read_document

ONE, TWO, THREE = (
    an_invoice_page("INV-2026-0042"),
    an_invoice_page("INV-2026-0043", day="9 March 2026", net=200),
    an_invoice_page("INV-2026-0051", day="16 March 2026", net=320),
)
CARRIED = """
    Northwind Paper Ltd                          INVOICE
    Invoice no:   INV-2026-0042                  Invoice date: 7 March 2026

    Description            Qty    Unit price      Amount
    A4 paper, box           10         12.50      125.00
                                 Carried forward  125.00
"""


def ranges_of(*pages: str) -> list[tuple[int, int] | None]:
    """The pages of each invoice that was found."""
    parts = parts_of(a_read_document(*pages))
    assert len(parts) == 1 or not any(part.may_be_several for part in parts)
    return [(part.pages.first, part.pages.last) if part.pages else None for part in parts]


def the_only_part(*pages: str) -> Part:
    (part,) = parts_of(a_read_document(*pages))
    return part


def is_one_invoice(*pages: str) -> bool:
    """Whether the pages are one invoice, and nobody doubts it."""
    parts = parts_of(a_read_document(*pages))
    return len(parts) == 1 and not parts[0].may_be_several and parts[0].pages is None


def test_invoices_that_are_whole_are_told_apart() -> None:
    assert ranges_of(ONE, TWO, THREE) == [(1, 1), (2, 2), (3, 3)]


def test_each_has_its_own_values_with_their_pages_in_the_file() -> None:
    first, second = parts_of(a_read_document(ONE, TWO))
    total = second.invoice.fields[FieldName.TOTAL]

    assert (first.invoice.text(FieldName.INVOICE_NUMBER), first.invoice.text(FieldName.TOTAL)) == (
        "INV-2026-0042", "180.00",
    )  # fmt: skip
    assert (total.value, total.page) == ("240.00", 2)
    assert [line.page for line in second.invoice.line_items] == [2]


def test_what_follows_an_invoice_belongs_to_it() -> None:
    assert ranges_of(ONE, TERMS, TWO, DELIVERY_NOTE, TERMS) == [(1, 2), (3, 5)]


def test_a_cover_letter_belongs_to_the_first() -> None:
    letter = "Dear Sir or Madam,\n\nplease find our invoices enclosed.\n\nKind regards"

    assert ranges_of(letter, ONE, TWO) == [(1, 2), (3, 3)]


def test_invoices_of_several_pages_are_told_apart_by_their_page_numbers_too() -> None:
    pages = [
        an_invoice_page("INV-2026-0042", mark="Page 1 of 2"),
        "    Page 2 of 2\n" + TERMS,
        an_invoice_page("INV-2026-0043", day="9 March 2026", net=200, mark="Page 1 of 1"),
    ]

    assert ranges_of(*pages) == [(1, 2), (3, 3)]


def test_a_credit_note_may_name_the_invoice_it_credits() -> None:
    credit = an_invoice_page(
        "CN-2026-0007", day="20 March 2026", net=50, title="CREDIT NOTE", label="Credit note no:",
        more="Original invoice no: INV-2026-0042",
    )  # fmt: skip

    assert ranges_of(ONE, credit) == [(1, 1), (2, 2)]


@pytest.mark.parametrize(
    "others",
    [
        pytest.param([TERMS], id="terms"),
        pytest.param([DELIVERY_NOTE], id="a delivery note with its own number and date"),
        pytest.param([DELIVERY_NOTE, DELIVERY_NOTE.replace("20117", "20118"), TERMS], id="delivery notes and terms"),
        pytest.param([ONE], id="a copy of itself"),
        pytest.param([ONE.replace("INVOICE", "INVOICE - COPY")], id="a marked copy of itself"),
        pytest.param(
            ["Payment slip\n\nPayee  Northwind Paper Ltd\nReference  INV-2026-0042\nAmount  £180.00"], id="payment slip"
        ),
        pytest.param(["\n"], id="an empty page"),
    ],
)
def test_an_invoice_and_what_is_sent_with_it_is_one(others: list[str]) -> None:
    assert is_one_invoice(ONE, *others)


def test_an_invoice_over_many_pages_with_repeated_headers_is_one() -> None:
    assert is_one_invoice(CARRIED, CARRIED.replace("Carried", "Brought"), ONE)


def test_pages_that_say_they_go_on_begin_nothing() -> None:
    pages = [an_invoice_page("INV-2026-0042", mark="Page 1 of 2"), an_invoice_page("ORD-2041", mark="Page 2 of 2")]

    assert is_one_invoice(*pages)


@pytest.mark.parametrize(
    "pages",
    [
        pytest.param([ONE, an_invoice_page("", day="9 March 2026", net=200)], id="the second has no number"),
        pytest.param([ONE, TWO.replace("A4 paper, box", "see INV-2026-0042")], id="the second speaks of the first"),
        pytest.param([an_invoice_page("INV-2026-0042", mark="Page 1 of 2"), TWO], id="the first lacks its second page"),
        pytest.param([ONE, TWO, an_invoice_page("", day="16 March 2026", net=320)], id="the third has no number"),
    ],
)
def test_what_may_be_several_and_is_not_sure_stays_one_and_is_flagged(pages: list[str]) -> None:
    assert the_only_part(*pages).may_be_several
    assert the_only_part(*pages).pages is None


def test_a_file_with_pages_that_were_not_read_is_not_split() -> None:
    read = replace(a_read_document(ONE, TWO), page_count=3)

    (part,) = parts_of(read)

    assert part.may_be_several


def test_pictures_are_told_apart_as_well() -> None:
    pages = tuple(a_page(text, number, Source.OCR) for number, text in enumerate((ONE, TWO), start=1))
    first, second = parts_of(ReadDocument(MediaType.TIFF, 2, pages, ocr_pages=(1, 2)))

    assert (first.pages, second.pages) == (PageRange(first=1, last=1), PageRange(first=2, last=2))
    assert (first.read.ocr_pages, second.read.ocr_pages) == ((1,), (2,))


def test_a_pdf_with_an_einvoice_inside_is_one_invoice_whatever_its_pages_say() -> None:
    read = replace(a_read_document(ONE, TWO), einvoice=an_invoice())

    (part,) = parts_of(read)

    assert (part.read, part.may_be_several) == (read, False)


def test_several_invoices_in_an_xml_are_parts_without_pages() -> None:
    one, two = an_invoice(invoice_number="1"), an_invoice(invoice_number="2")
    parts = parts_of(ReadDocument(MediaType.XML, 1, einvoice=one, more_einvoices=(two,)))

    assert [(part.invoice, part.pages) for part in parts] == [(one, None), (two, None)]
    assert parts[1].read.more_einvoices == ()
