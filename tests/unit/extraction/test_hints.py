"""What paid readers say meets the rules: it strengthens, fills, and never decides about money alone."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.document import ReadDocument
from chalicelib.domain.finding import Decision, Finding
from chalicelib.domain.geometry import Box
from chalicelib.domain.hint import NEVER_FROM_A_MODEL, Hint, HintedLine, Hints
from chalicelib.domain.invoice import DocumentType, FieldName, Invoice
from chalicelib.domain.source import Source
from chalicelib.extraction.extract import extract, read_out
from chalicelib.extraction.splitting import parts_of
from chalicelib.validation.decision import decide
from tests.pages import a_read_document
from tests.strategies import boxes

LABELLED = a_read_document("""
    Northwind Paper Ltd                          INVOICE
    12 Mill Lane
    Leeds LS1 4AB

    Invoice no:   INV-2026-0042        Date:         03/07/2026
                                       Due date:     06/15/2026
    Subtotal    £150.00
    VAT 20%     £30.00
    Total       £180.00
    IBAN GB77 BARC 2020 1530 0934 59
""")
_FAR_DOWN = "\n" * 25  # where the rules look for no names
BARE = a_read_document(f"""
    7781-Q          04/11/2026
    1                    100.00 EUR
    2                     19.00 EUR
    3                    119.00 EUR
    {_FAR_DOWN}
    Plumbus Works
""")


def textract(field: FieldName, text: str, confidence: float = 0.99, box: Box | None = None) -> Hint:
    return Hint(field, text, Source.TEXTRACT, confidence, 1, box)


def model(field: FieldName, text: str) -> Hint:
    return Hint(field, text, Source.MODEL, 0.8)


def heard(read: ReadDocument, *hints: Hint) -> Invoice:
    return extract(read, Hints(fields=hints))


def remarks(read: ReadDocument, *hints: Hint) -> tuple[Finding, ...]:
    (part,) = parts_of(read, Hints(fields=hints))
    return part.findings


# --- any paid reader ------------------------------------------------------------------------------------------------


def test_without_hints_all_is_as_before() -> None:
    assert extract(LABELLED, Hints()) == extract(LABELLED)


def test_textract_alone_may_fill_what_the_rules_do_not_find() -> None:
    assert FieldName.INVOICE_NUMBER not in extract(BARE).fields

    number = heard(BARE, textract(FieldName.INVOICE_NUMBER, "7781-Q")).fields[FieldName.INVOICE_NUMBER]

    assert (number.value, number.source, number.page) == ("7781-Q", Source.TEXTRACT, 1)
    assert number.confidence >= 0.85


def test_a_supplier_that_only_textract_sees_is_given_from_95_per_cent_on() -> None:
    def confidence(sure: float) -> float:
        return (
            heard(BARE, textract(FieldName.SUPPLIER_NAME, "Plumbus Works", sure))
            .fields[FieldName.SUPPLIER_NAME]
            .confidence
        )

    assert confidence(0.85) < confidence(0.95)
    assert confidence(0.95) >= 0.8


def test_a_hint_that_agrees_strengthens_what_the_rules_found_and_leaves_its_evidence() -> None:
    alone = extract(LABELLED).fields[FieldName.SUPPLIER_NAME]

    agreed = heard(LABELLED, textract(FieldName.SUPPLIER_NAME, "NORTHWIND PAPER LTD")).fields[FieldName.SUPPLIER_NAME]

    assert agreed.confidence >= alone.confidence
    assert (agreed.value, agreed.source, agreed.box) == (alone.value, Source.TEXT, alone.box)


@pytest.mark.parametrize("source", [Source.TEXTRACT, Source.MODEL])
@pytest.mark.parametrize(
    ("field", "text"),
    [
        (FieldName.SUPPLIER_NAME, "Crowbar Holdings Ltd"),
        (FieldName.INVOICE_NUMBER, "XX-666"),
        (FieldName.DUE_DATE, "1 April 2027"),
        (FieldName.IBAN, "DE87200500001234567890"),
        (FieldName.TOTAL, "9,480.00"),
    ],
)
def test_what_is_not_printed_is_dropped(source: Source, field: FieldName, text: str) -> None:
    assert heard(BARE, Hint(field, text, source, 1.0)) == extract(BARE)


def test_dates_are_read_in_the_order_of_the_document() -> None:
    issued = heard(LABELLED, textract(FieldName.DELIVERY_DATE, "03/07/2026")).fields[FieldName.DELIVERY_DATE]

    assert issued.value == "2026-03-07"


def test_an_iban_with_wrong_check_digits_is_no_hint() -> None:
    read = a_read_document("Invoice 17\nKonto  DE58 1001 0010 0000 1234 56")
    alone = extract(read)

    assert heard(read, textract(FieldName.IBAN, "DE58 1001 0010 0000 1234 56")) == alone


def test_an_amount_that_textract_names_labels_the_printed_figure() -> None:
    sums = (
        textract(FieldName.SUBTOTAL, "100.00"), textract(FieldName.TAX, "19.00"), textract(FieldName.TOTAL, "119.00"),
    )  # fmt: skip

    invoice = heard(BARE, *sums)

    assert [invoice.text(name) for name in (FieldName.SUBTOTAL, FieldName.TAX, FieldName.TOTAL)] == [
        "100.00", "19.00", "119.00",
    ]  # fmt: skip
    assert invoice.fields[FieldName.TOTAL].source is Source.TEXTRACT
    assert invoice.fields[FieldName.TOTAL].box is not None


def test_the_box_of_a_hint_tells_which_of_two_equal_texts_is_meant() -> None:
    read = a_read_document("A-17   Zed\n\n\nA-17   Wuxi")

    hint = textract(FieldName.INVOICE_NUMBER, "A-17", box=Box(0.0, 0.078, 0.03, 0.015))

    box = heard(read, hint).fields[FieldName.INVOICE_NUMBER].box

    assert box is not None
    assert box.top == pytest.approx(0.08)


def test_a_text_of_several_lines_is_found_in_its_box() -> None:
    read = a_read_document("""
        Zed Ltd            Wuxi Ltd
        1 Mill Lane        2 Quay Street
        Leeds              Bristol
    """)
    hint = textract(FieldName.SUPPLIER_ADDRESS, "2 Quay Street\nBristol", box=Box(0.13, 0.035, 0.1, 0.045))

    address = heard(read, hint).fields[FieldName.SUPPLIER_ADDRESS]

    assert (address.value, address.text) == ("2 Quay Street Bristol", "2 Quay Street + Bristol")


def test_a_currency_that_is_not_printed_is_only_suggested() -> None:
    read = a_read_document("Invoice no. 17\nTotal   119.00")

    invoice = extract(read, Hints(currency="USD"))

    assert FieldName.CURRENCY not in invoice.fields
    assert invoice.suggestions[FieldName.CURRENCY].value == "USD"


def test_without_a_title_the_kind_of_document_may_be_a_readers() -> None:
    read = a_read_document("Total   119.00 EUR")

    assert extract(read).document_type is DocumentType.RECEIPT
    assert extract(read, Hints(document_type=DocumentType.INVOICE)).document_type is DocumentType.INVOICE


# --- lines ----------------------------------------------------------------------------------------------------------

_LINES = a_read_document("""
    Invoice no. 17
    Net          100,00 EUR
    VAT 19%       19,00 EUR
    Total        119,00 EUR
    Zed           90,00
    Wuxi          10,00
""")


def lines(source: Source, *amounts: str) -> Hints:
    return Hints(lines=tuple(HintedLine(source, 0.9, 1, description="Thing", amount=amount) for amount in amounts))


@pytest.mark.parametrize("source", [Source.TEXTRACT, Source.MODEL])
def test_hinted_lines_are_used_where_the_rules_have_none_and_these_add_up(source: Source) -> None:
    assert extract(_LINES).line_items == ()

    items = extract(_LINES, lines(source, "90,00", "10,00")).line_items

    assert [line.amount for line in items] == [Decimal("90.00"), Decimal("10.00")]


@pytest.mark.parametrize("amounts", [("90,00",), ("60,00", "40,00"), ("90,00", "10,00", "")])
def test_hinted_lines_that_do_not_add_up_or_are_not_printed_are_dropped(amounts: tuple[str, ...]) -> None:
    assert extract(_LINES, lines(Source.TEXTRACT, *amounts)).line_items == ()


def test_a_models_lines_do_not_make_a_total_sure() -> None:
    read = a_read_document("Invoice no. 17\nTotal 119,00 EUR\nZed 90,00\nWuxi 29,00")

    total = extract(read, lines(Source.MODEL, "90,00", "29,00")).fields[FieldName.TOTAL]

    assert total.confidence < 0.85


# --- a language model -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "text"),
    [(FieldName.SUPPLIER_NAME, "Plumbus Works"), (FieldName.TOTAL, "119.00")],
)
def test_supplier_and_total_that_only_a_model_sees_are_suggestions(field: FieldName, text: str) -> None:
    assert field in NEVER_FROM_A_MODEL

    invoice = heard(BARE, model(field, text))

    assert field not in invoice.fields
    assert invoice.suggestions[field].source is Source.MODEL


def test_an_iban_that_only_a_model_sees_is_a_suggestion() -> None:
    read = a_read_document("Invoice no. 17\nkonto:de59 1001 0010 0000 1234 56")
    assert FieldName.IBAN not in extract(read).fields

    invoice = heard(read, model(FieldName.IBAN, "de59 1001 0010 0000 1234 56"))

    assert FieldName.IBAN not in invoice.fields
    assert invoice.suggestions[FieldName.IBAN].value == "DE59100100100000123456"


@pytest.mark.parametrize(
    ("field", "text"),
    [(FieldName.SUPPLIER_NAME, "Mill Lane"), (FieldName.TOTAL, "150.00"), (FieldName.CURRENCY, "INV")],
)
def test_where_a_model_says_otherwise_the_rules_value_stays_and_a_person_looks(field: FieldName, text: str) -> None:
    alone = extract(LABELLED).fields[field]
    hint = model(field, text)

    invoice = heard(LABELLED, hint)

    assert invoice.text(field) == alone.value
    if field is not FieldName.CURRENCY:  # which no word of the page names: the hint is dropped
        assert invoice.fields[field].confidence < 0.85
        assert [one.code for one in remarks(LABELLED, hint)] == ["model_disagrees"]
        assert decide(invoice, remarks(LABELLED, hint))[0] is Decision.NEEDS_REVIEW


def test_a_model_that_agrees_takes_away_doubt() -> None:
    read = a_read_document("Zed Werkzeuge\nInvoice no. 17\nTotal 119.00 EUR")
    alone = extract(read).fields[FieldName.SUPPLIER_NAME]

    agreed = heard(read, model(FieldName.SUPPLIER_NAME, "Zed Werkzeuge")).fields[FieldName.SUPPLIER_NAME]

    assert alone.confidence < agreed.confidence
    assert agreed.source is Source.TEXT


def test_a_number_or_date_that_only_a_model_sees_may_be_given() -> None:
    number = heard(BARE, model(FieldName.INVOICE_NUMBER, "7781-Q")).fields[FieldName.INVOICE_NUMBER]

    assert (number.source, number.confidence >= 0.8) == (Source.MODEL, True)


def test_money_that_only_a_model_named_never_passes_without_a_person() -> None:
    invoice = heard(BARE, model(FieldName.SUBTOTAL, "100.00"))

    assert invoice.fields[FieldName.SUBTOTAL].source is Source.MODEL
    assert "unsure_subtotal" in decide(invoice.model_copy(update={"document_type": DocumentType.INVOICE}), ())[1]


_hints = st.builds(
    Hint,
    field=st.sampled_from(FieldName),
    text=st.text(max_size=30)
    | st.sampled_from(["Total", "£180.00", "30.00", "INV-2026-0042", "03/07/2026", "Leeds", "1e9"]),
    source=st.sampled_from([Source.TEXTRACT, Source.MODEL]),
    confidence=st.floats(),
    page=st.none() | st.integers(-1, 3),
    box=st.none() | boxes,
)
_lines_of_hints = st.builds(
    HintedLine, source=st.sampled_from([Source.TEXTRACT, Source.MODEL]), confidence=st.floats(),
    amount=st.none() | st.text(max_size=12), quantity=st.none() | st.text(max_size=12),
)  # fmt: skip


@given(st.lists(_hints, max_size=6), st.lists(_lines_of_hints, max_size=3))
def test_whatever_is_hinted_is_weighed_without_an_error(hints: list[Hint], items: list[HintedLine]) -> None:
    (part,) = parts_of(LABELLED, Hints(fields=tuple(hints), lines=tuple(items)))

    given_by_model = {name for name, value in part.invoice.fields.items() if value.source is Source.MODEL}
    assert not given_by_model & NEVER_FROM_A_MODEL


# --- several invoices, several values -------------------------------------------------------------------------------


def test_each_invoice_of_a_document_hears_only_about_its_own_pages() -> None:
    def page(number: int) -> str:
        return f"""
            Halden & Moor GmbH                    Rechnung
            Rechnungsnummer  R-{number}17     Rechnungsdatum  0{number}.03.2026
            Netto          {number}00,00 EUR
            19 % MwSt       {19 * number},00 EUR
            Gesamtbetrag   {119 * number},00 EUR
            Order Q-{number}
        """

    hints = Hints(fields=tuple(
        Hint(FieldName.PURCHASE_ORDER, f"Q-{number}", Source.TEXTRACT, 0.99, number) for number in (1, 2)
    ))  # fmt: skip

    parts = parts_of(a_read_document(page(1), page(2)), hints)

    assert [part.invoice.text(FieldName.PURCHASE_ORDER) for part in parts] == ["Q-1", "Q-2"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ("IBAN DE87 2005 0000 1234 5678 90", "several_ibans"),
        ("Total       £940.00", "several_totals"),
        ("Total €150.00   €30.00   €180.00", "several_currencies"),
        ("Crowbar Holdings Ltd", "several_suppliers"),
    ],
)
def test_a_second_bank_total_currency_or_supplier_is_a_reason_to_look(more: str, code: str) -> None:
    text = "\n".join(row.text.replace(" | ", "     ") for row in read_out(LABELLED.pages).sheet.rows)
    place = text if code != "several_suppliers" else text.split("\n", 1)[1]
    read = a_read_document(f"{more}\n{text}" if place != text else f"{text}\n{more}")

    out = read_out(read.pages)

    assert code in [finding.code for finding in out.findings]
    assert decide(out.invoice, out.findings)[0] is Decision.NEEDS_REVIEW
