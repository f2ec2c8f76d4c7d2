"""Invented pages of invoices, as they follow each other in one file."""

from collections.abc import Sequence

from reportlab.pdfgen.canvas import Canvas

from tests.papers import A4, Drawing, a_pdf

TERMS = """
    GENERAL TERMS AND CONDITIONS

    1. All deliveries are subject to these terms. Goods stay ours until they are paid for.
    2. Invoices are due within 30 days of the invoice date, without any deduction.
    3. Complaints about an invoice are to be made in writing within 14 days.
"""
DELIVERY_NOTE = """
    Northwind Paper Ltd                          DELIVERY NOTE
    12 Mill Lane, Leeds LS1 4AB

    Delivery note no: DN-20117                   Date: 5 March 2026

    Description            Qty
    A4 paper, box           10
    Envelopes C5             4

    Received in good order: ______________________
"""


def an_invoice_page(
    number: str = "INV-2026-0042", *, day: str = "7 March 2026", supplier: str = "Northwind Paper Ltd",
    net: int = 150, title: str = "INVOICE", more: str = "", mark: str = "", label: str = "Invoice no:",
) -> str:  # fmt: skip
    """A whole invoice on one page, with VAT of 20 %; without a number if that is empty."""
    named = f"{label}   {number}" if number else ""
    return f"""
    {mark}
    {supplier:<45}{title}
    12 Mill Lane
    Leeds LS1 4AB

    Bill to:                          {named}
    Brook & Field plc                 Invoice date: {day}
    4 Quay Street
    Bristol BS1 5TY

    Description            Qty    Unit price      Amount
    A4 paper, box            1  {net:>12}.00  {net:>9}.00
    {more}

                                     Subtotal  £{net:>7}.00
                                      VAT 20%  £{net // 5:>7}.00
                                        Total  £{net + net // 5:>7}.00

    VAT no GB980780684        IBAN GB33 BUKB 2020 1555 5555 55
"""


def a_pdf_of(pages: Sequence[str]) -> bytes:
    """A PDF with a page for each text, set as it is typed."""
    return a_pdf(*(_typed(page) for page in pages))


def _typed(text: str) -> Drawing:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Courier", 9)
        for row, line in enumerate(text.strip("\n").splitlines()):
            canvas.drawString(30, A4[1] - 60 - 14 * row, line)

    return draw
