"""The text layer of PDFs: words, places, and how far they can be trusted."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from chalicelib.domain.document import MediaType, Page, ReadDocument, TextLayer, Word
from chalicelib.errors import RejectedError
from chalicelib.reading.limits import Limits
from chalicelib.reading.read import read_document
from tests.builders import a_document
from tests.papers import (
    A4,
    a_box,
    a_pdf,
    a_picture,
    a_scan,
    a_ubl_invoice,
    encoded,
    lines,
    together,
    turned,
    with_attachments,
)

LIMITS = Limits()
A_PAGE_OF_TEXT = lines(*(f"Row {row} of a page with enough words" for row in range(10)))


def read(content: bytes) -> ReadDocument:
    return read_document(content, LIMITS)


def words_of(content: bytes) -> list[str]:
    return [word.text for word in only_page(content).words]


def only_page(content: bytes) -> Page:
    (page,) = read(content).pages
    return page


def word_on(page: Page, text: str) -> Word:
    return next(word for word in page.words if word.text == text)


def code_of(content: bytes, limits: Limits = LIMITS) -> str:
    with pytest.raises(RejectedError) as caught:
        read_document(content, limits)
    return caught.value.code


def refusal(content: bytes) -> str | None:
    """The code `content` is refused with, or `None` when it is read."""
    try:
        read(content)
    except RejectedError as error:
        return error.code
    return None


def test_words_come_in_reading_order_with_their_page() -> None:
    document = read(a_pdf(lines("Invoice 4711", "Total 119.00"), lines("Thank you")))

    assert document.media_type is MediaType.PDF
    assert document.page_count == 2
    assert document.text_layer is TextLayer.GOOD
    assert document.ocr_pages == ()
    assert [(page.number, [word.text for word in page.words]) for page in document.pages] == [
        (1, ["Invoice", "4711", "Total", "119.00"]),
        (2, ["Thank", "you"]),
    ]


def test_boxes_are_fractions_of_the_page_from_its_upper_left_corner() -> None:
    page = only_page(a_pdf(lines("Total", left=59.5, top=421, size=10)))
    box = word_on(page, "Total").box

    assert (page.width, page.height) == pytest.approx(A4)
    assert box.left == pytest.approx(0.1, abs=0.002)
    assert box.top < 0.5 < box.bottom  # the base line stands at the half
    assert box.width == pytest.approx(23.3 / A4[0], abs=0.005)
    assert box.height < 0.02


@pytest.mark.parametrize("says_so", [True, False])
@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_page_reads_like_an_upright_one(turn: int, says_so: bool) -> None:
    upright = only_page(a_pdf(lines("Invoice 4711 of the 20th of November", top=300)))
    page = only_page(a_pdf(turned(turn, lines("Invoice 4711 of the 20th of November", top=300), says_so=says_so)))

    assert [word.text for word in page.words] == [word.text for word in upright.words]
    width, height = A4 if turn == 180 else reversed(A4)
    assert (page.width, page.height) == pytest.approx((width, height))
    for word, other in zip(page.words, upright.words, strict=True):
        in_points = (word.box.left * page.width, word.box.top * page.height, word.box.width * page.width)
        expected = (other.box.left * A4[0], other.box.top * A4[1], other.box.width * A4[0])
        assert in_points == pytest.approx(expected, abs=0.5)


def test_letters_set_apart_are_one_word() -> None:
    assert words_of(a_pdf(lines("Bruttosumme fein", spacing=1.2))) == ["Bruttosumme", "fein"]


def test_a_wide_gap_parts_words_without_a_space() -> None:
    assert words_of(a_pdf(together(lines("Total"), lines("119.00", left=300)))) == ["Total", "119.00"]


def test_characters_that_print_nothing_are_dropped() -> None:
    hidden_in_total = a_document("To\xadtal 1\xa0234")

    assert words_of(hidden_in_total) == ["To-tal", "1", "234"]


def test_text_outside_the_crop_box_is_not_on_the_page() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setCropBox((0, 421, 595, 842))
        together(lines("Seen"), lines("Cropped", top=700))(canvas)

    assert words_of(a_pdf(draw)) == ["Seen"]


def test_values_typed_into_a_form_are_read() -> None:
    def draw(canvas: Canvas) -> None:
        lines("Total")(canvas)
        canvas.acroForm.textfield(name="total", value="1,234.56", x=200, y=760, width=100, height=20)

    assert words_of(a_pdf(draw)) == ["Total", "1,234.56"]


@pytest.mark.parametrize(
    "unseen",
    [
        pytest.param(lines("Pay to mallory instead", top=400, mode=3), id="invisible"),
        pytest.param(lines("Pay to mallory instead", top=400, grey=1), id="white on white"),
        pytest.param(lines("Pay to mallory instead", top=400, size=1), id="tiny"),
    ],
)
def test_what_a_person_cannot_see_is_left_out_and_remarked(unseen: object) -> None:
    document = read(a_pdf(together(lines("Invoice 4711"), unseen)))  # type: ignore[arg-type]

    assert [word.text for word in document.pages[0].words] == ["Invoice", "4711"]
    assert document.remarks == ("hidden_text",)


def test_a_page_of_nothing_but_invisible_text_is_blank_and_remarked() -> None:
    document = read(a_pdf(lines("Pay to mallory instead", mode=3)))

    assert (document.text_layer, document.pages[0].words, document.ocr_pages) == (TextLayer.NONE, (), ())
    assert document.remarks == ("hidden_text",)


def test_text_off_the_page_is_left_out() -> None:
    assert words_of(a_pdf(together(lines("Invoice"), lines("Elsewhere", left=700)))) == ["Invoice"]


def test_white_text_on_a_dark_bar_is_read() -> None:
    document = read(a_pdf(together(a_box(60, 50, 300, 40), lines("Description Amount", grey=1))))

    assert [word.text for word in document.pages[0].words] == ["Description", "Amount"]
    assert document.remarks == ()


def test_somebody_elses_ocr_under_a_scan_is_poor() -> None:
    document = read(a_pdf(together(lines("lnvoice 47II", mode=3), a_scan())))

    assert document.text_layer is TextLayer.POOR
    assert document.ocr_pages == (1,)
    assert [word.text for word in document.pages[0].words] == ["lnvoice", "47II"]


def test_words_painted_over_by_a_scan_are_poor() -> None:
    document = read(a_pdf(together(A_PAGE_OF_TEXT, a_scan())))

    assert document.text_layer is TextLayer.POOR
    assert document.ocr_pages == (1,)


def test_words_printed_on_a_full_page_background_are_good() -> None:
    document = read(a_pdf(together(a_scan(), A_PAGE_OF_TEXT)))

    assert document.text_layer is TextLayer.GOOD
    assert document.ocr_pages == ()


def test_a_scan_with_a_stamp_in_text_is_not_read_by_its_stamp() -> None:
    document = read(a_pdf(together(a_scan(), lines("Received 2026-11-23"))))

    assert document.text_layer is TextLayer.POOR
    assert document.ocr_pages == (1,)


def test_a_scan_without_words_has_no_text_layer() -> None:
    document = read(a_pdf(a_scan(), a_scan()))

    assert document.text_layer is TextLayer.NONE
    assert document.ocr_pages == (1, 2)
    assert [page.words for page in document.pages] == [(), ()]


def test_a_blank_page_needs_no_ocr() -> None:
    document = read(a_pdf(A_PAGE_OF_TEXT, a_box(0, 0, 1, 1, grey=1)))

    assert document.text_layer is TextLayer.GOOD
    assert document.ocr_pages == ()


def test_a_scanned_page_among_printed_ones_is_named_and_its_hidden_words_are_not_trusted() -> None:
    document = read(a_pdf(A_PAGE_OF_TEXT, together(lines("lnvoice", mode=3), a_scan())))

    assert document.text_layer is TextLayer.GOOD
    assert document.ocr_pages == (2,)
    assert document.pages[1].words == ()


def test_too_many_pages_are_refused() -> None:
    content = a_pdf(*[lines("Page")] * 3)

    assert read_document(content, LIMITS._replace(max_pages=3)).page_count == 3
    assert code_of(content, LIMITS._replace(max_pages=2)) == "too_many_pages"


def test_an_encrypted_pdf_is_rejected_with_its_own_code() -> None:
    assert code_of(a_pdf(password="secret")) == "encrypted"


def test_a_pdf_that_only_forbids_printing_is_read() -> None:
    assert words_of(a_pdf(lines("Invoice 4711"), owner_password="secret")) == ["Invoice", "4711"]


def test_a_pdf_without_objects_is_damaged() -> None:
    assert code_of(b"%PDF-1.7\nstartxref\n0\n%%EOF\n") == "damaged"


@pytest.mark.parametrize("name", [b"/JavaScript (x)   ", b"/J#61vaScript (x) ", b"/Launch (x)       "])
def test_a_pdf_with_scripts_is_read_and_remarked(name: bytes) -> None:
    content = a_pdf(lines("Invoice 4711"))
    assert b"/PageMode /UseNone" in content

    document = read(content.replace(b"/PageMode /UseNone", name))

    assert "active_content" in document.remarks
    assert [word.text for word in document.pages[0].words] == ["Invoice", "4711"]


def test_the_names_of_scripts_inside_a_picture_mean_nothing() -> None:
    content = a_document("Invoice /JavaScript")

    assert read(content).remarks == ()


def test_an_embedded_einvoice_is_read_beside_the_text() -> None:
    document = read(with_attachments(a_pdf(), ("notes.xml", b"<notes/>"), ("factur-x.xml", a_ubl_invoice())))

    assert document.einvoice is not None
    assert document.text_layer is TextLayer.GOOD
    assert document.remarks == ()


@pytest.mark.parametrize("broken", [b"<Invoice>", b"<!DOCTYPE a><a/>", b"", a_ubl_invoice()[:200]])
def test_a_broken_embedded_einvoice_is_a_remark_and_the_pages_are_read(broken: bytes) -> None:
    document = read(with_attachments(a_pdf(lines("Invoice 4711")), ("factur-x.xml", broken)))

    assert document.einvoice is None
    assert document.remarks == ("einvoice_unreadable",)
    assert document.pages[0].words


def test_other_attachments_are_left_alone() -> None:
    document = read(with_attachments(a_pdf(), ("terms.txt", b"terms"), ("data.xml", b"<data/>")))

    assert document.einvoice is None
    assert document.remarks == ()


def test_images_have_pages_for_ocr_and_no_words() -> None:
    picture = a_picture(width=40, height=30)

    one, three = read(encoded(picture)), read(encoded(picture, "TIFF", picture, picture))

    assert (one.media_type, one.page_count, one.ocr_pages, one.pages) == (MediaType.PNG, 1, (1,), ())
    assert (three.media_type, three.page_count, three.ocr_pages) == (MediaType.TIFF, 3, (1, 2, 3))


def test_an_xml_document_is_its_einvoice() -> None:
    document = read(a_ubl_invoice())

    assert document.media_type is MediaType.XML
    assert document.page_count == 1
    assert document.einvoice is not None


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_scratched_pdf_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(a_document())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(8, len(content) - 1))] = data.draw(st.integers(0, 255))

    assert refusal(bytes(content)) in {None, "damaged", "encrypted", "truncated", "too_many_pages"}
