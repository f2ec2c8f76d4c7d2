"""India: everything in boxes; GSTINs, HSN codes, central and state tax, lakhs and crores, the amount in words."""

from decimal import Decimal

from samples.making.bill import Bill, Party
from samples.making.notation import plain
from samples.making.sheet import DEJAVU, Ink, Sheet
from samples.making.tables import Column, Pairs, Ruling, draw_pairs, draw_table

_LABEL = Ink(7, colour="#555555")
_TEXT = Ink(8)
_COLUMNS = (
    Column("Sl", 15, 9),
    Column("Description of Goods", 24, 68),
    Column("HSN/SAC", 92, 21),
    Column("Qty", 113, 14, "right"),
    Column("Unit", 127, 12),
    Column("Rate", 139, 24, "right"),
    Column("Amount", 163, 32, "right"),
)
_UP_TO_NINETEEN = """
Zero One Two Three Four Five Six Seven Eight Nine
Ten Eleven Twelve Thirteen Fourteen Fifteen Sixteen Seventeen Eighteen Nineteen
"""
_FROM_TWENTY = "Twenty Thirty Forty Fifty Sixty Seventy Eighty Ninety"
_SCALES = ((10_000_000, "Crore"), (100_000, "Lakh"), (1_000, "Thousand"), (100, "Hundred"))


def indian(bill: Bill) -> bytes:
    """The bill as a PDF of one page."""
    sheet = Sheet(f"Tax invoice {bill.number}", DEJAVU)
    sheet.text(105, 16, "TAX INVOICE", Ink(13, bold=True, align="centre"))
    sheet.frame((15, 20, 180, 250))
    _party(sheet, 20, "Supplier", bill.supplier)
    if bill.buyer:
        _party(sheet, 52, "Buyer (Bill to)", bill.buyer)
    _meta(sheet, bill)
    y = draw_table(sheet, 84, _COLUMNS, _rows(bill), Ruling(head_fill="#eeeeee", grid="#1a1a1a", size=8))
    y = _totals(sheet, bill, y + 7)
    _words(sheet, bill, y)
    _declaration(sheet, bill)
    return sheet.pdf()


def in_words(number: int) -> str:
    """A number as Indian invoices spell it.

    >>> in_words(1234567)
    'Twelve Lakh Thirty Four Thousand Five Hundred Sixty Seven'
    """
    for scale, name in _SCALES:
        if number >= scale:
            above, rest = divmod(number, scale)
            return f"{in_words(above)} {name}" + (f" {in_words(rest)}" if rest else "")
    ones, tens = _UP_TO_NINETEEN.split(), _FROM_TWENTY.split()
    if number < len(ones):
        return ones[number]
    ten, rest = divmod(number, 10)
    return tens[ten - 2] + (f" {ones[rest]}" if rest else "")


def _party(sheet: Sheet, top: float, title: str, party: Party) -> None:
    sheet.frame((15, top, 100, 32))
    sheet.text(18, top + 4.5, title, _LABEL)
    sheet.text(18, top + 9.5, party.name, Ink(9.5, bold=True))
    y = sheet.block(18, top + 14.5, party.address, _TEXT, 4.2)
    pairs = (("GSTIN/UIN:", party.tax_id), ("E-Mail:", party.email))
    draw_pairs(sheet, y, pairs, Pairs(18, 38, 4.2, _TEXT, _TEXT))


def _meta(sheet: Sheet, bill: Bill) -> None:
    day = bill.notation.date
    cells = (
        ("Invoice No.", bill.number),
        ("Dated", day(bill.issued)),
        ("Buyer’s Order No.", bill.purchase_order),
        ("Due Date", day(bill.due) if bill.due else None),
        ("Terms of Payment", bill.terms),
        ("Place of Supply", "Karnataka (29)"),
    )
    for number, (label, value) in enumerate(cells):
        left, top = 115 + number % 2 * 42, 20 + number // 2 * 21.33
        sheet.frame((left, top, 42 if number % 2 == 0 else 38, 21.33))
        sheet.text(left + 2, top + 5, label, _LABEL)
        sheet.text(left + 2, top + 11.5, value or "", Ink(8.5, bold=True))


def _rows(bill: Bill) -> list[tuple[str, ...]]:
    money = bill.notation.amount
    return [
        (
            str(position),
            line.description,
            line.product_code or "",
            plain(line.quantity),
            line.unit or "",
            money(line.unit_price),
            money(bill.amount_of(line)),
        )
        for position, line in enumerate(bill.lines, 1)
    ]


def _totals(sheet: Sheet, bill: Bill, y: float) -> float:
    money = bill.notation.amount
    taxes = zip(("CGST", "SGST"), bill.taxes, strict=True)
    pairs = [("Taxable Value", f"₹ {money(bill.subtotal)}")]
    pairs += [(f"{name} @ {plain(tax.rate)}%", f"₹ {money(tax.amount)}") for name, tax in taxes]
    y = draw_pairs(sheet, y, pairs, Pairs(125, 193.4, 5.4, Ink(8.5), Ink(8.5, align="right")))
    sheet.rule(115, 195, y - 3)
    bold = Ink(10, bold=True)
    total = [("Grand Total", f"₹ {money(bill.total)}")]
    y = draw_pairs(sheet, y + 2.6, total, Pairs(125, 193.4, 6, bold, bold._replace(align="right")))
    sheet.rule(15, 195, y - 3)
    return y + 2


def _words(sheet: Sheet, bill: Bill, y: float) -> None:
    rupees, paise = divmod(bill.total, Decimal(1))
    words = f"INR {in_words(int(rupees))}" + (f" and {in_words(int(paise * 100))} Paise" if paise else "") + " Only"
    sheet.text(18, y + 1, "Amount Chargeable (in words)", _LABEL)
    sheet.text(18, y + 6, words, Ink(8.5, bold=True))


def _declaration(sheet: Sheet, bill: Bill) -> None:
    sheet.rule(15, 195, 244)
    lines = (
        "Declaration: We declare that this invoice shows the actual price of the goods",
        "described and that all particulars are true and correct.",
        f"Phone: {bill.supplier.phone}",
    )
    sheet.block(18, 250, lines, _LABEL, 4)
    sheet.text(192, 250, f"for {bill.supplier.name}", Ink(8, bold=True, align="right"))
    sheet.text(192, 267, "Authorised Signatory", Ink(8, align="right"))
    sheet.text(105, 275, "This is a computer generated invoice", _LABEL._replace(align="centre"))
