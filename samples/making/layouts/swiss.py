"""Switzerland: the buyer's address on the right, a quiet grid, apostrophes in the amounts, a payment part below."""

from samples.making.bill import Bill
from samples.making.sheet import Ink, Sheet
from samples.making.tables import Column, Pairs, Ruling, draw_pairs, draw_table

_SLATE = "#37474f"
_SMALL = Ink(8, colour="#555555")
_COLUMNS = (
    Column("Beschreibung", 20, 80),
    Column("Anzahl", 100, 18, "right"),
    Column("Einheit", 118, 16),
    Column("Ansatz", 134, 26, "right"),
    Column("Betrag CHF", 160, 30, "right"),
)


def swiss(bill: Bill) -> bytes:
    """The bill as a PDF of one page."""
    sheet = Sheet(f"Rechnung {bill.number}")
    _letterhead(sheet, bill)
    if bill.buyer:
        sheet.block(118, 52, (bill.buyer.name, *bill.buyer.address), Ink(10), 5)
    _meta(sheet, bill)
    y = draw_table(sheet, 118, _COLUMNS, _rows(bill), Ruling(head_rule=_SLATE, row_rule="#cfd8dc", pad=1.9))
    _totals(sheet, bill, y + 8)
    _payment_part(sheet, bill)
    return sheet.pdf()


def _letterhead(sheet: Sheet, bill: Bill) -> None:
    sheet.polygon(((20, 30), (29, 14), (34, 23), (37, 18), (44, 30)), _SLATE)
    sheet.text(20, 37, bill.supplier.name, Ink(13, bold=True, colour=_SLATE))
    lines = (*bill.supplier.address, str(bill.supplier.phone), str(bill.supplier.email), str(bill.supplier.website))
    sheet.block(20, 42, lines, _SMALL, 4)
    sheet.text(20, 63, str(bill.supplier.tax_id), _SMALL)


def _meta(sheet: Sheet, bill: Bill) -> None:
    day = bill.notation.date
    sheet.text(20, 84, f"Rechnung {bill.number}", Ink(15, bold=True))
    pairs = (
        ("Datum", day(bill.issued)),
        ("Zahlbar bis", day(bill.due) if bill.due else None),
        ("Kundennummer", bill.customer_number),
        ("Ihre Bestellung", bill.purchase_order),
    )
    draw_pairs(sheet, 92, pairs, Pairs(20, 52, 5.2, Ink(9, colour="#555555"), Ink(9)))


def _rows(bill: Bill) -> list[tuple[str, ...]]:
    shown = bill.notation
    return [
        (
            line.description,
            shown.number(line.quantity),
            line.unit or "",
            shown.amount(line.unit_price),
            shown.amount(bill.amount_of(line)),
        )
        for line in bill.lines
    ]


def _totals(sheet: Sheet, bill: Bill, y: float) -> None:
    shown = bill.notation
    pairs = [("Zwischentotal", f"CHF {shown.amount(bill.subtotal)}")]
    pairs += [(f"MWST {shown.number(tax.rate)} %", f"CHF {shown.amount(tax.amount)}") for tax in bill.taxes]
    y = draw_pairs(sheet, y, pairs, Pairs(120, 188.1, 5.6, value=Ink(align="right")))
    sheet.rule(120, 190, y - 3.4, _SLATE, 0.8)
    bold = Ink(11, bold=True)
    total = [("Total inkl. MWST", f"CHF {shown.amount(bill.total)}")]
    draw_pairs(sheet, y + 2, total, Pairs(120, 188.1, 0, bold, bold._replace(align="right")))


def _payment_part(sheet: Sheet, bill: Bill) -> None:
    if not bill.bank:
        return
    sheet.rule(0, 210, 232, "#999999", 0.4)
    sheet.text(20, 242, "Zahlungsangaben", Ink(11, bold=True))
    pairs = (
        ("Konto", bill.bank.iban),
        ("Zahlbar an", f"{bill.supplier.name}, {', '.join(bill.supplier.address)}"),
        ("Bank", f"{bill.bank.name}, BIC {bill.bank.bic}"),
        ("Konditionen", bill.terms),
    )
    draw_pairs(sheet, 249, pairs, Pairs(20, 52, 5.4, Ink(8.5, bold=True), Ink(9)))
