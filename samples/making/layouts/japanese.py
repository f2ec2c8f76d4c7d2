"""Japan, for readers of English: a centred title, the buyer first and honoured, the total above the table."""

from samples.making.bill import Bill
from samples.making.notation import plain
from samples.making.sheet import Ink, Sheet
from samples.making.tables import Column, Pairs, Ruling, draw_pairs, draw_table

_INK = "#222222"
_COLUMNS = (
    Column("No.", 20, 12, "centre"),
    Column("Item", 32, 26),
    Column("Description", 58, 62),
    Column("Qty", 120, 16, "right"),
    Column("Unit price", 136, 24, "right"),
    Column("Amount", 160, 30, "right"),
)


def japanese(bill: Bill) -> bytes:
    """The bill as a PDF of one page, its amounts in whole yen."""
    sheet = Sheet(f"Invoice {bill.number}")
    sheet.text(105, 26, "INVOICE", Ink(20, align="centre"))
    sheet.rule(80, 130, 29, _INK, 0.6)
    sheet.rule(80, 130, 29.8, _INK, 0.3)
    _buyer(sheet, bill)
    _seller(sheet, bill)
    _grand_total(sheet, bill)
    y = draw_table(sheet, 112, _COLUMNS, _rows(bill), Ruling(head_fill="#e8e8e8", grid=_INK, row_rule="#888888"))
    _totals(sheet, bill, y + 7)
    _foot(sheet, bill)
    return sheet.pdf()


def _buyer(sheet: Sheet, bill: Bill) -> None:
    if bill.buyer:
        sheet.text(20, 46, f"Messrs. {bill.buyer.name}", Ink(12, bold=True))
        sheet.rule(20, 96, 48)
        sheet.block(20, 53.4, bill.buyer.address, Ink(9), 4.6)
    sheet.text(20, 80, "We request payment as follows.", Ink(9))


def _seller(sheet: Sheet, bill: Bill) -> None:
    day = bill.notation.date
    pairs = (
        ("Invoice No.", bill.number),
        ("Invoice date", day(bill.issued)),
        ("Payment due", day(bill.due) if bill.due else None),
        ("Order No.", bill.purchase_order),
    )
    y = draw_pairs(sheet, 44, pairs, Pairs(122, 150, 5.2, Ink(9), Ink(9)))
    sheet.text(122, y + 5, bill.supplier.name, Ink(11, bold=True))
    contact = (f"TEL {bill.supplier.phone}", str(bill.supplier.email), f"Registration No. {bill.supplier.tax_id}")
    sheet.block(122, y + 10, (*bill.supplier.address, *contact), Ink(8.5), 4.4)
    sheet.frame((178, y + 19, 14, 14), "#c62828", 1.2)
    sheet.block(185, y + 25.4, ("HOSHI", "GAWA"), Ink(8, bold=True, align="centre", colour="#c62828"), 4)


def _grand_total(sheet: Sheet, bill: Bill) -> None:
    sheet.fill((20, 92, 90, 12), "#e8e8e8")
    sheet.text(24, 99.6, "Total amount", Ink(10))
    sheet.text(106, 100, f"¥{bill.notation.amount(bill.total)}", Ink(15, bold=True, align="right"))


def _rows(bill: Bill) -> list[tuple[str, ...]]:
    money = bill.notation.amount
    return [
        (
            str(position),
            line.product_code or "",
            line.description,
            plain(line.quantity),
            money(line.unit_price),
            money(bill.amount_of(line)),
        )
        for position, line in enumerate(bill.lines, 1)
    ]


def _totals(sheet: Sheet, bill: Bill, y: float) -> None:
    money = bill.notation.amount
    pairs = [("Subtotal", f"¥{money(bill.subtotal)}")]
    pairs += [(f"Consumption tax ({plain(tax.rate)}%)", f"¥{money(tax.amount)}") for tax in bill.taxes]
    pairs += [("Total", f"¥{money(bill.total)}")]
    draw_pairs(sheet, y, pairs, Pairs(128, 188.4, 6, Ink(9.5), Ink(9.5, align="right")))


def _foot(sheet: Sheet, bill: Bill) -> None:
    lines = (
        "Bank transfer: Zuiun Bank, Kitayama Branch (099), Ordinary account 0004815",
        f"Account holder: {bill.supplier.name}  Transfer fees are to be borne by the payer.",
    )
    sheet.text(20, 240, "Remarks", Ink(9, bold=True))
    sheet.frame((20, 243, 170, 22), "#888888")
    sheet.block(24, 250, lines, Ink(9), 6)
