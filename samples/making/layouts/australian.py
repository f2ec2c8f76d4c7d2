"""Australia: a tradesman's tax invoice, plain as a word processor makes it; it is what gets scanned."""

from samples.making.bill import Bill
from samples.making.notation import plain
from samples.making.sheet import Ink, Sheet
from samples.making.tables import Column, Pairs, Ruling, draw_pairs, draw_table

_COLUMNS = (
    Column("Description", 20, 88),
    Column("Qty", 108, 18, "right"),
    Column("Unit price", 126, 30, "right"),
    Column("Amount", 156, 34, "right"),
)


def australian(bill: Bill) -> bytes:
    """The bill as a PDF of one page."""
    sheet = Sheet(f"Tax invoice {bill.number}")
    sheet.text(20, 28, bill.supplier.name, Ink(18, bold=True))
    lines = (
        *bill.supplier.address,
        f"Phone {bill.supplier.phone}",
        str(bill.supplier.email),
        f"ABN {bill.supplier.tax_id}",
    )
    sheet.block(20, 36, lines, Ink(10), 5)
    sheet.text(190, 28, "TAX INVOICE", Ink(16, bold=True, align="right"))
    _meta(sheet, bill)
    if bill.buyer:
        sheet.text(20, 74, "Bill to:", Ink(10, bold=True))
        sheet.block(20, 80, (bill.buyer.name, *bill.buyer.address), Ink(10), 5)
    y = draw_table(sheet, 106, _COLUMNS, _rows(bill), Ruling(grid="#1a1a1a", row_rule="#888888", size=10, pad=2))
    _totals(sheet, bill, y + 9)
    _foot(sheet, bill)
    return sheet.pdf()


def _meta(sheet: Sheet, bill: Bill) -> None:
    day = bill.notation.date
    pairs = (
        ("Invoice No:", bill.number),
        ("Invoice Date:", day(bill.issued)),
        ("Due Date:", day(bill.due) if bill.due else None),
        ("Your Order:", bill.purchase_order),
    )
    draw_pairs(sheet, 40, pairs, Pairs(132, 190, 6, Ink(10, bold=True), Ink(10, align="right")))


def _rows(bill: Bill) -> list[tuple[str, ...]]:
    money = bill.notation.amount
    return [
        (line.description, plain(line.quantity), f"${money(line.unit_price)}", f"${money(bill.amount_of(line))}")
        for line in bill.lines
    ]


def _totals(sheet: Sheet, bill: Bill, y: float) -> None:
    money = bill.notation.amount
    pairs = [("Subtotal", f"${money(bill.subtotal)}")]
    pairs += [(f"GST {plain(tax.rate)}%", f"${money(tax.amount)}") for tax in bill.taxes]
    y = draw_pairs(sheet, y, pairs, Pairs(130, 188, 6.4, Ink(10), Ink(10, align="right")))
    sheet.rule(130, 190, y - 4)
    bold = Ink(12, bold=True)
    total = [("TOTAL AUD", f"${money(bill.total)}")]
    draw_pairs(sheet, y + 2, total, Pairs(130, 188, 0, bold, bold._replace(align="right")))


def _foot(sheet: Sheet, bill: Bill) -> None:
    lines = (
        "Direct deposit: Zamia Mutual, BSB 000-999, Account 4815 1623",
        f"Please quote {bill.number} with your payment.",
        "All amounts are in Australian dollars (AUD).",
    )
    sheet.text(20, 236, "Payment", Ink(10, bold=True))
    sheet.block(20, 242, lines, Ink(10), 5.4)
