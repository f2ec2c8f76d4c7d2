"""A till receipt: a narrow strip of thermal paper, prices with VAT, paid by card."""

from datetime import time

from reportlab.lib.units import mm

from samples.making.bill import Bill
from samples.making.notation import plain
from samples.making.sheet import MONO, Ink, Sheet
from samples.making.tables import Pairs, draw_pairs

WIDTH, HEIGHT = 80, 152  # millimetres
_SOLD_AT = time(13, 42)
_TEXT = Ink(9.5)
_CENTRE = Ink(9.5, align="centre")
_LETTERS = "ZAB"  # how the till marks the rates, from the lowest


def till(bill: Bill) -> bytes:
    """The receipt as a PDF of one narrow page."""
    sheet = Sheet(f"Receipt {bill.number}", MONO, (WIDTH * mm, HEIGHT * mm))
    y = _head(sheet, bill)
    y = _lines(sheet, bill, y + 4)
    y = _total(sheet, bill, y + 1)
    y = _taxes(sheet, bill, y + 2)
    sheet.block(WIDTH / 2, y + 4, ("Thank you for shopping local", "Please keep this receipt"), _CENTRE, 4.6)
    return sheet.pdf()


def _head(sheet: Sheet, bill: Bill) -> float:
    seller = bill.supplier
    sheet.text(WIDTH / 2, 11, seller.name, Ink(12, bold=True, align="centre"))
    lines = (*seller.address, f"Tel {seller.phone}", f"VAT No. {seller.tax_id}")
    y = sheet.block(WIDTH / 2, 17, lines, _CENTRE, 4.6)
    sheet.text(6, y + 4, f"{bill.notation.date(bill.issued)} {_SOLD_AT:%H:%M}", _TEXT)
    sheet.text(WIDTH - 6, y + 4, "Till 2", _TEXT._replace(align="right"))
    sheet.text(6, y + 8.6, f"Receipt No. {bill.number}", _TEXT)
    _dashes(sheet, y + 12)
    return y + 13


def _lines(sheet: Sheet, bill: Bill, y: float) -> float:
    rates = [tax.rate for tax in bill.taxes]
    for line in bill.lines:
        amount = f"{bill.notation.amount(bill.amount_of(line))} {_LETTERS[rates.index(line.tax_rate)]}"
        sheet.text(6, y, line.description, _TEXT)
        if line.quantity != 1:
            y += 4.6
            sheet.text(10, y, f"{plain(line.quantity)} x {bill.notation.amount(line.unit_price)}", _TEXT)
        sheet.text(WIDTH - 6, y, amount, _TEXT._replace(align="right"))
        y += 4.8
    _dashes(sheet, y - 1)
    return y + 4


def _total(sheet: Sheet, bill: Bill, y: float) -> float:
    bold = Ink(13, bold=True)
    total = f"£{bill.notation.amount(bill.total)}"
    draw_pairs(sheet, y, [("TOTAL", total)], Pairs(6, WIDTH - 6, 6, bold, bold._replace(align="right")))
    pairs = [("DEBIT CARD", total), ("CARD NO. ********0000", "APPROVED")]
    y = draw_pairs(sheet, y + 6.4, pairs, Pairs(6, WIDTH - 6, 4.8, _TEXT, _TEXT._replace(align="right")))
    _dashes(sheet, y - 1)
    return y + 3


def _taxes(sheet: Sheet, bill: Bill, y: float) -> float:
    money = bill.notation.amount
    right = _TEXT._replace(align="right")
    rows = [("VAT", "Net", "VAT")]
    rows += [
        (f"{letter} {plain(tax.rate)}%", money(tax.base), money(tax.amount))
        for letter, tax in zip(_LETTERS, bill.taxes, strict=False)
    ]
    rows += [("Total", money(bill.subtotal), money(bill.tax))]
    for rate, net, tax_amount in rows:
        sheet.text(6, y, rate, _TEXT)
        sheet.text(50, y, net, right)
        sheet.text(WIDTH - 6, y, tax_amount, right)
        y += 4.6
    _dashes(sheet, y - 1)
    return y + 2


def _dashes(sheet: Sheet, y: float) -> None:
    sheet.text(WIDTH / 2, y, "-" * 32, _CENTRE)
