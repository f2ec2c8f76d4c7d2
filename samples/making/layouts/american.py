"""United States: a large title, bill-to, a strip of terms, a dark table head, payments and a balance due."""

from decimal import Decimal

from reportlab.lib.pagesizes import LETTER

from samples.making.bill import Bill
from samples.making.notation import plain
from samples.making.sheet import Ink, Sheet
from samples.making.tables import Column, Pairs, Ruling, draw_pairs, draw_table

_NAVY = "#14365c"
_COLUMNS = (
    Column("Item", 18, 28),
    Column("Description", 46, 76),
    Column("Qty", 122, 16, "right"),
    Column("Rate", 138, 28, "right"),
    Column("Amount", 166, 32, "right"),
)
_STRIP = (
    Column("P.O. Number", 18, 45, "centre"),
    Column("Terms", 63, 45, "centre"),
    Column("Due Date", 108, 45, "centre"),
    Column("Ship Via", 153, 45, "centre"),
)


def american(bill: Bill) -> bytes:
    """The bill as a PDF of one page, on US Letter."""
    sheet = Sheet(f"Invoice {bill.number}", size=LETTER)
    _letterhead(sheet, bill)
    _parties(sheet, bill)
    due = bill.notation.date(bill.due) if bill.due else ""
    strip = [(bill.purchase_order or "", bill.terms or "", due, "Our truck")]
    dark = Ruling(head_fill=_NAVY, head_ink="#ffffff", head_rule=None, grid="#9aa7b5", size=9)
    draw_table(sheet, 92, _STRIP, strip, dark)
    y = draw_table(sheet, 112, _COLUMNS, _rows(bill), dark._replace(stripe="#eef2f6"))
    _totals(sheet, bill, y + 8)
    _foot(sheet, bill)
    return sheet.pdf()


def _letterhead(sheet: Sheet, bill: Bill) -> None:
    sheet.text(18, 24, bill.supplier.name, Ink(15, bold=True, colour=_NAVY))
    lines = (*bill.supplier.address, f"Phone: {bill.supplier.phone}", str(bill.supplier.email))
    sheet.block(18, 30, lines, Ink(9), 4.4)
    sheet.text(198, 28, "INVOICE", Ink(28, bold=True, align="right", colour="#9db3cc"))
    pairs = (("Invoice #", bill.number), ("Date", bill.notation.date(bill.issued)))
    draw_pairs(sheet, 38, pairs, Pairs(150, 198, 5.4, Ink(9.5, bold=True), Ink(9.5, align="right")))


def _parties(sheet: Sheet, bill: Bill) -> None:
    for left, title in ((18, "Bill To"), (110, "Ship To")):
        sheet.text(left, 62, title, Ink(9.5, bold=True, colour=_NAVY))
        sheet.rule(left, left + 80, 63.6, "#9aa7b5", 0.5)
        if bill.buyer:
            sheet.block(left, 69, (bill.buyer.name, *bill.buyer.address), Ink(9.5), 4.8)


def _rows(bill: Bill) -> list[tuple[str, ...]]:
    money = bill.notation.amount
    return [
        (
            line.product_code or "",
            line.description,
            plain(line.quantity),
            money(line.unit_price),
            money(bill.amount_of(line)),
        )
        for line in bill.lines
    ]


def _totals(sheet: Sheet, bill: Bill, y: float) -> None:
    money = bill.notation.amount
    paid = bill.paid or Decimal(0)
    pairs = [("Subtotal", money(bill.subtotal))]
    pairs += [(f"Sales tax ({plain(tax.rate)}%)", money(tax.amount)) for tax in bill.taxes]
    pairs += [("Total", f"${money(bill.total)}"), ("Deposit received", f"-{money(paid)}")]
    y = draw_pairs(sheet, y, pairs, Pairs(138, 196.4, 5.6, Ink(9.5), Ink(9.5, align="right")))
    sheet.fill((134, y - 3.4, 64, 9), _NAVY)
    white = Ink(11, bold=True, colour="#ffffff")
    balance = [("Balance due", f"${money(bill.total - paid)}")]
    draw_pairs(sheet, y + 2.6, balance, Pairs(138, 196.4, 0, white, white._replace(align="right")))


def _foot(sheet: Sheet, bill: Bill) -> None:
    lines = (
        f"Please make checks payable to {bill.supplier.name} All amounts in USD.",
        "A finance charge of 1.5% per month applies to past-due balances. Thank you for your business!",
    )
    sheet.rule(18, 198, 256, "#9aa7b5", 0.5)
    sheet.block(108, 261.5, lines, Ink(8.5, align="centre", colour="#555555"), 4.4)
