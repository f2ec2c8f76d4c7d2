"""From pages to an invoice: one fact of the extraction at a time."""

from decimal import Decimal

from chalicelib.domain.document import MediaType, ReadDocument
from chalicelib.domain.invoice import DocumentType, FieldName, Invoice
from chalicelib.domain.source import Source
from chalicelib.extraction.extract import extract
from tests.pages import a_page, a_read_document

ENGLISH = """
    Northwind Paper Ltd                          INVOICE
    12 Mill Lane
    Leeds LS1 4AB

    Bill to:                          Invoice no:   INV-2026-0042
    Brook & Field plc                 Date:         7 March 2026
    4 Quay Street                     Due date:     6 April 2026
    Bristol BS1 5TY                   PO number:    PO-7781

    Description            Qty    Unit price      Amount
    A4 paper, box           10         12.50      125.00
    Envelopes C5             4          6.25       25.00

                                     Subtotal    £150.00
                                      VAT 20%     £30.00
                                        Total    £180.00

    VAT no GB980780684        IBAN GB33 BUKB 2020 1555 5555 55
"""


def texts(invoice: Invoice) -> dict[str, str]:
    return {name.value: value.value for name, value in invoice.fields.items()}


def test_the_header_of_an_english_invoice() -> None:
    invoice = extract(a_read_document(ENGLISH))

    expected = {
        "supplier_name": "Northwind Paper Ltd",
        "buyer_name": "Brook & Field plc",
        "invoice_number": "INV-2026-0042",
        "issue_date": "2026-03-07",
        "due_date": "2026-04-06",
        "purchase_order": "PO-7781",
        "currency": "GBP",
        "subtotal": "150.00",
        "tax": "30.00",
        "total": "180.00",
        "supplier_tax_id": "GB980780684",
        "iban": "GB33BUKB20201555555555",
    }
    assert expected.items() <= texts(invoice).items()
    assert invoice.document_type is DocumentType.INVOICE


def test_every_value_says_where_it_stands() -> None:
    total = extract(a_read_document(ENGLISH)).fields[FieldName.TOTAL]

    assert (total.page, total.text) == (1, "£180.00")
    assert total.box is not None
    assert total.box.left > 0.3


def test_the_lines_of_a_table() -> None:
    lines = extract(a_read_document(ENGLISH)).line_items

    assert [(line.description, str(line.quantity), str(line.unit_price), str(line.amount)) for line in lines] == [
        ("A4 paper, box", "10", "12.50", "125.00"),
        ("Envelopes C5", "4", "6.25", "25.00"),
    ]


def test_decimal_commas_and_german_labels() -> None:
    invoice = extract(
        a_read_document("""
            Halden & Moor GmbH                     Rechnung
            Rechnungsnummer   R-17     Rechnungsdatum   05.03.2026   Zahlbar bis   04.04.2026
            Nettobetrag                   1.221,60 EUR
            zzgl. 19 % MwSt                 232,10 EUR
            Gesamtbetrag                  1.453,70 EUR
        """)
    )

    assert texts(invoice)["subtotal"] == "1221.60"
    assert texts(invoice)["tax"] == "232.10"
    assert texts(invoice)["total"] == "1453.70"
    assert texts(invoice)["due_date"] == "2026-04-04"


def test_several_rates_are_summed() -> None:
    invoice = extract(
        a_read_document("""
            Rechnung Nr. 4711 vom 05.03.2026
            MwSt-Satz        Netto        MwSt       Brutto
            19%             100,00       19,00       119,00
            7%               50,00        3,50        53,50
            Gesamtbetrag                             172,50 EUR
        """)
    )

    assert texts(invoice)["subtotal"] == "150.00"
    assert texts(invoice)["tax"] == "22.50"
    assert [str(line.rate) for line in invoice.taxes] == ["19", "7"]


def test_arithmetic_chooses_between_rival_labels() -> None:
    invoice = extract(
        a_read_document("""
            Invoice INV-9
            Total                          100.00
            VAT 20%                         20.00
            Total                          120.00
            Previous balance                50.00
            Total due                      170.00
        """)
    )

    assert (texts(invoice)["tax"], texts(invoice)["total"]) == ("20.00", "120.00")


def test_a_wrapped_description_belongs_to_its_line() -> None:
    invoice = extract(
        a_read_document("""
            Invoice INV-9
            Description            Qty    Unit price      Amount
            Consulting               2         50.00      100.00
            in March, on site
            Travel                   1         20.00       20.00
            Total                                         120.00
        """)
    )

    assert [line.description for line in invoice.line_items] == ["Consulting in March, on site", "Travel"]


def test_a_table_goes_on_over_pages() -> None:
    page = """
        Invoice INV-9
        Description            Qty    Unit price      Amount
        {0}                      2         50.00      100.00
    """
    invoice = extract(
        a_read_document(page.format("Milling") + "        Carried forward   100.00\n", page.format("Turning"))
    )

    assert [line.description for line in invoice.line_items] == ["Milling", "Turning"]


def test_the_buyer_is_never_the_supplier() -> None:
    invoice = extract(
        a_read_document("""
            Invoice to:
            Brook & Field plc
            4 Quay Street

            Invoice INV-9
            Total  £120.00

            Northwind Paper Ltd, 12 Mill Lane, Leeds
        """)
    )

    assert texts(invoice)["buyer_name"] == "Brook & Field plc"
    assert texts(invoice)["supplier_name"] == "Northwind Paper Ltd"


def test_a_currency_is_never_assumed() -> None:
    invoice = extract(a_read_document("Invoice INV-9\nTotal  120.00"))

    assert FieldName.CURRENCY not in invoice.fields


def test_a_dollar_of_an_unnamed_country_stays_unsure() -> None:
    here = extract(a_read_document("Invoice INV-9\nTotal  $120.00\nSydney, Australia"))
    nowhere = extract(a_read_document("Invoice INV-9\nTotal  $120.00"))

    assert here.fields[FieldName.CURRENCY].value == "AUD"
    assert nowhere.fields[FieldName.CURRENCY].confidence < 0.85


def test_a_credit_note_is_told_by_its_title() -> None:
    assert extract(a_read_document("CREDIT NOTE\nTotal £5.00")).document_type is DocumentType.CREDIT_NOTE


def test_a_letter_is_no_invoice() -> None:
    invoice = extract(a_read_document("Dear all,\nwe meet on 7 March 2026 at noon.\nKind regards"))

    assert invoice.document_type is DocumentType.OTHER
    assert FieldName.TOTAL not in invoice.fields


def test_an_order_date_is_not_the_issue_date() -> None:
    invoice = extract(a_read_document("Invoice INV-9\nOrder date: 1 March 2026\nInvoice date: 7 March 2026"))

    assert texts(invoice)["issue_date"] == "2026-03-07"


def test_a_page_without_words_gives_an_empty_invoice() -> None:
    assert extract(a_read_document("")).fields == {}


def test_the_number_of_another_invoice_is_not_this_ones_wherever_it_stands() -> None:
    page = """
        Harbour Hotel Ltd                                  Invoice

        Invoice number: RC-2041         Original invoice number: RD-1177
        Date: 7 March 2026

        Night           1          100.00
                 Total   GBP       100.00

        Please quote:   Invoice number  RD-1177
    """

    assert texts(extract(a_read_document(page)))["invoice_number"] == "RC-2041"


def test_a_bracket_in_a_name_is_closed_on_the_next_line() -> None:
    page = """
        Marram & Mash Kitchen (West
        Pier)
        4 Quay Street
        Bristol BS1 5TY

        Soup              6.50
        Total    GBP      6.50
    """

    assert texts(extract(a_read_document(page)))["supplier_name"] == "Marram & Mash Kitchen (West Pier)"


def test_allowances_and_charges_are_those_that_explain_the_net() -> None:
    page = """
        Northwind Paper Ltd                      Invoice INV-7
        Date: 7 March 2026

        Description            Qty    Unit price      Amount
        A4 paper, box           10         12.50      125.00

                               Subtotal        £125.00
                               Discount         -£6.25
                               Discount         -£6.25
                         Total discount        -£12.50
                          Other charges          £5.80
                                    Net        £118.30
                                VAT 20%         £23.66
                                  Total        £141.96
    """

    found = texts(extract(a_read_document(page)))

    assert (found["discount"], found["charges"]) == ("12.50", "5.80")
    assert found["subtotal"] == "118.30"


def test_a_weakly_labelled_discount_that_the_sums_ask_for_is_named() -> None:
    invoice = extract(
        a_read_document("""
            Hollow Oak Heating Ltd                 INVOICE
            Invoice No: H-118          Invoice date: 14 March 2026

            Description                Qty     Price     Amount
            Boiler service             2          90        180
            Radiator                   1         220        220

                                        Subtotal        400
                                        Discount         10
                                        VAT 20%       78.00
                                        Balance due  £468.00
        """)
    )

    assert texts(invoice)["discount"] == "10"


def test_a_count_far_below_the_total_is_not_its_net() -> None:
    invoice = extract(
        a_read_document("""
            Hollow Oak Heating Ltd                 INVOICE
            Invoice No: H-118          Invoice date: 14 March 2026

            Description                Qty     Price     Amount
            Boiler service             1       90.00      90.00

            Total quantity  1
                                        Total   £90.00
        """)
    )

    assert texts(invoice)["total"] == "90.00"
    assert texts(invoice).get("subtotal") != "1"


def test_a_discount_without_a_known_label_is_found_by_the_sum_of_the_lines() -> None:
    invoice = extract(
        a_read_document("""
            Halden & Moor GmbH                     Rechnung
            Rechnungsnummer   R-17     Rechnungsdatum   05.03.2026

            Pos   Bezeichnung          Menge     Preis      Betrag
            1     Kantholz             2         60,00      120,00
            2     Schrauben            4         10,00       40,00

                                Zwischensumme               160,00
                                Treuebonus                  -16,00
                                Nettobetrag                 144,00
                                USt 19 %                     27,36
                                Gesamtbetrag            171,36 EUR
        """)
    )

    assert abs(Decimal(texts(invoice)["discount"])) == 16


def test_a_domain_of_the_names_words_in_any_order_speaks_for_the_name() -> None:
    page = """
        Harrow Glazing & Frames                 INVOICE
        12 Mill Lane, Norwich
        {}
        Invoice No: H-118          Invoice date: 14 March 2026

                                        Total   £90.00
    """
    own = extract(a_read_document(page.format("www.glazingharrow.example")))
    none = extract(a_read_document(page.format("Telephone 01234 567890")))

    assert own.fields[FieldName.SUPPLIER_NAME].confidence > none.fields[FieldName.SUPPLIER_NAME].confidence


def test_a_name_with_and_without_its_legal_form_is_one_name() -> None:
    page = """
        Harrow Glazing Ltd                 INVOICE
        Invoice No: H-118          Invoice date: 14 March 2026

                                        Total   £90.00

        Supplier: {}
    """
    same = extract(a_read_document(page.format("Harrow Glazing")))
    other = extract(a_read_document(page.format("Pell Frames")))

    assert same.fields[FieldName.SUPPLIER_NAME].confidence > other.fields[FieldName.SUPPLIER_NAME].confidence


def test_a_row_of_a_price_does_not_end_the_table() -> None:
    invoice = extract(
        a_read_document("""
            Halden & Moor GmbH                     Rechnung
            Rechnungsnummer   R-17     Rechnungsdatum   05.03.2026

            Pos   Bezeichnung          Menge     Preis      Betrag
            1     Kantholz             2         60,00      120,00
                  Bruttopreis: 66,6667  Nachlass: 6,6667   Rabatt
            2     Schrauben            4         10,00       40,00

                                Nettobetrag                 160,00
                                USt 19 %                     30,40
                                Gesamtbetrag            190,40 EUR
        """)
    )

    assert [str(line.amount) for line in invoice.line_items] == ["120.00", "40.00"]


def test_two_different_order_numbers_leave_the_order_open() -> None:
    page = """
        Northwind Paper Ltd                      Invoice INV-7
        Date: 7 March 2026
        Purchase order: PO-7781
        Your order number: {}

                                Total        £141.96
    """
    one = extract(a_read_document(page.format("PO-7781")))
    two = extract(a_read_document(page.format("PO-9912")))

    assert two.fields[FieldName.PURCHASE_ORDER].confidence < 0.7 < one.fields[FieldName.PURCHASE_ORDER].confidence


def test_lines_on_a_picture_that_exceed_every_sum_are_no_lines() -> None:
    text = """
        Halden Stores Ltd                      Receipt
        Date: 7 March 2026

        Description            Qty         Amount
        Paper                  1       9556100.12
        Pens                   2            10.00

                             Total         £30.00
    """
    read = ReadDocument(MediaType.PNG, 1, (a_page(text, source=Source.OCR),))

    assert extract(read).line_items == ()


def test_a_pictured_name_with_a_digit_between_its_letters_is_doubted() -> None:
    def name_on_a_picture(name: str) -> float:
        page = a_page(f"{name}\n12 Mill Lane, Norwich\n\nDate: 7 March 2026\n\nTotal   £30.00", source=Source.OCR)
        invoice = extract(ReadDocument(MediaType.PNG, 1, (page,)))
        return invoice.fields[FieldName.SUPPLIER_NAME].confidence

    assert name_on_a_picture("Hal0 Stores Ltd") < 0.5 < name_on_a_picture("Halo Stores Ltd")


def test_an_address_may_end_in_a_country_without_postcodes() -> None:
    invoice = extract(
        a_read_document("""
        Halden Hosting AG - Uferweg 40 - 12345 Musterstadt


        Brook Field Ltd.
        93B Harbour Road
        Kowloon
        Hong Kong

        Rechnung Nr. 30064443            Datum 07.05.2026

        Grundgebühr                           100,00
        Gesamtbetrag EUR                      100,00

        Halden Hosting AG   Tel. 0123 456789
        Uferweg 40
        12345 Musterstadt
        """)
    )

    assert texts(invoice)["supplier_name"] == "Halden Hosting AG"
    assert texts(invoice)["buyer_name"] == "Brook Field Ltd."


def test_a_buyer_who_is_labelled_once_competes_nowhere_for_the_supplier() -> None:
    page = """
        Verkäufer
        Halden Handel

        Käufer
        Name: Brook Feld GmbH

        Rechnung Nr. 4711                Datum 07.05.2026

        Lieferung an Brook Feld
        {once_more}
        Gesamtbetrag EUR                      100,00
        """
    alone, twice = (
        extract(a_read_document(page.format(once_more=text))).fields[FieldName.SUPPLIER_NAME]
        for text in ("", "Brook Feld GmbH")
    )

    assert (twice.value, twice.confidence) == (alone.value, alone.confidence) == ("Halden Handel", alone.confidence)
