"""United Kingdom: letterhead with a mark on the left, a meta table on the right, ruled lines, bank details below."""

from samples.making.bill import Bill
from samples.making.notation import plain
from samples.making.sheet import Ink, Sheet
from samples.making.tables import Column, Pairs, Ruling, draw_pairs, draw_table

_GREEN = "#1f4d3a"
_GREY = Ink(8.5, colour="#555555")
_RIGHT = Ink(9, align="right")
_COLUMNS = (
    Column("Code", 18, 20),
    Column("Description", 38, 76),
    Column("Qty", 114, 14, "right"),
    Column("Unit price", 128, 22, "right"),
    Column("VAT", 150, 16, "right"),
    Column("Amount", 166, 26, "right"),
)


def british(bill: Bill) -> bytes:
    """The bill as a PDF of one page."""
    sheet = Sheet(f"Invoice {bill.number}")
    _letterhead(sheet, bill)
    _parties_and_meta(sheet, bill)
    y = draw_table(sheet, 112, _COLUMNS, _rows(bill), Ruling(head_fill="#e6eeea", row_rule="#b9c4be"))
    _totals(sheet, bill, y + 8)
    _foot(sheet, bill)
    return sheet.pdf()


def _letterhead(sheet: Sheet, bill: Bill) -> None:
    sheet.polygon(((18, 34), (27, 16), (30, 22), (24, 34)), _GREEN)
    sheet.text(34, 25, bill.supplier.name, Ink(17, bold=True, colour=_GREEN))
    sheet.text(34, 31, ", ".join(bill.supplier.address), _GREY)
    contact = f"{bill.supplier.phone}  |  {bill.supplier.email}  |  {bill.supplier.website}"
    sheet.text(34, 35.5, contact, _GREY)
    sheet.rule(18, 192, 41, _GREEN, 1.2)


def _parties_and_meta(sheet: Sheet, bill: Bill) -> None:
    sheet.text(18, 56, "INVOICE", Ink(20, bold=True))
    sheet.text(18, 68, "Invoice to", Ink(8.5, bold=True, colour=_GREEN))
    if bill.buyer:
        sheet.block(18, 73, (bill.buyer.name, *bill.buyer.address), Ink(10), 4.8)
    day = bill.notation.date
    pairs = (
        ("Invoice number", bill.number),
        ("Invoice date", day(bill.issued)),
        ("Payment due", day(bill.due) if bill.due else None),
        ("Your order no.", bill.purchase_order),
        ("Customer account", bill.customer_number),
        ("Terms", bill.terms),
    )
    draw_pairs(sheet, 68, pairs, Pairs(122, 192, 5.6, Ink(9, colour="#555555"), Ink(9, bold=True, align="right")))


def _rows(bill: Bill) -> list[tuple[str, ...]]:
    money = bill.notation.amount
    return [
        (
            line.product_code or "",
            line.description,
            plain(line.quantity),
            money(line.unit_price),
            f"{plain(line.tax_rate)}%",
            money(bill.amount_of(line)),
        )
        for line in bill.lines
    ]


def _totals(sheet: Sheet, bill: Bill, y: float) -> None:
    money = bill.notation.amount
    pairs = [("Net total", f"£{money(bill.subtotal)}")]
    pairs += [(f"VAT @ {plain(tax.rate)}%", f"£{money(tax.amount)}") for tax in bill.taxes]
    y = draw_pairs(sheet, y, pairs, Pairs(140, 190.4, 5.6, value=_RIGHT))
    sheet.fill((136, y - 3.6, 56, 9), "#e6eeea")
    bold = Ink(11, bold=True)
    draw_pairs(
        sheet, y + 2.4, [("Total", f"£{money(bill.total)}")], Pairs(140, 190.4, 0, bold, bold._replace(align="right"))
    )


def _foot(sheet: Sheet, bill: Bill) -> None:
    sheet.rule(18, 192, 258, _GREEN)
    sheet.text(18, 263, "How to pay", Ink(8.5, bold=True, colour=_GREEN))
    if bill.bank:
        lines = (f"{bill.bank.name}, {bill.supplier.name}", f"IBAN {bill.bank.iban}", f"BIC {bill.bank.bic}")
        sheet.block(18, 267.5, lines, _GREY, 4)
    sheet.block(
        122,
        267.5,
        (f"VAT Reg No. {bill.supplier.tax_id}", f"Registered in England no. {bill.supplier.registration}"),
        _GREY,
        4,
    )
