"""Germany, a small trader: serif letters, tax letters in the lines, a breakdown by rate, a plain footer."""

from samples.making.bill import Bill
from samples.making.sheet import SERIF, Ink, Sheet
from samples.making.tables import Column, Pairs, Ruling, draw_pairs, draw_table

_BROWN = "#5a3d1e"
_SMALL = Ink(8.5, align="centre", colour="#555555")
_COLUMNS = (
    Column("Menge", 22, 18, "right"),
    Column("Einh.", 40, 14),
    Column("Artikel", 54, 72),
    Column("USt.", 126, 16, "right"),
    Column("Preis", 142, 22, "right"),
    Column("Betrag", 164, 26, "right"),
)
_BREAKDOWN = (
    Column("Steuersatz", 22, 26, "right"),
    Column("Netto", 48, 26, "right"),
    Column("USt.", 74, 24, "right"),
)


def delicatessen(bill: Bill) -> bytes:
    """The bill as a PDF of one page."""
    sheet = Sheet(f"Rechnung {bill.number}", SERIF)
    _letterhead(sheet, bill)
    if bill.buyer:
        sheet.block(22, 60, (bill.buyer.name, *bill.buyer.address), Ink(11), 5.2)
    _meta(sheet, bill)
    y = draw_table(sheet, 104, _COLUMNS, _rows(bill), Ruling(head_rule=_BROWN, row_rule="#d9cfc2", size=10))
    _totals(sheet, bill, y + 8)
    _foot(sheet, bill)
    return sheet.pdf()


def _letterhead(sheet: Sheet, bill: Bill) -> None:
    sheet.text(105, 24, bill.supplier.name, Ink(20, bold=True, align="centre", colour=_BROWN))
    sheet.text(105, 31, " · ".join(bill.supplier.address), _SMALL)
    sheet.text(105, 35.6, f"Telefon {bill.supplier.phone} · {bill.supplier.email}", _SMALL)
    sheet.rule(60, 150, 40, _BROWN, 0.8)


def _meta(sheet: Sheet, bill: Bill) -> None:
    day = bill.notation.date
    sheet.text(22, 96, "RECHNUNG", Ink(15, bold=True, colour=_BROWN))
    pairs = (
        ("Rechnungs-Nr.", bill.number),
        ("Datum", day(bill.issued)),
        ("Lieferung am", day(bill.delivered) if bill.delivered else None),
        ("Kunden-Nr.", bill.customer_number),
    )
    draw_pairs(sheet, 60, pairs, Pairs(134, 190, 5.6, Ink(10), Ink(10, align="right")))


def _rows(bill: Bill) -> list[tuple[str, ...]]:
    shown = bill.notation
    return [
        (
            shown.number(line.quantity),
            line.unit or "",
            line.description,
            f"{shown.number(line.tax_rate)} %",
            shown.amount(line.unit_price),
            shown.amount(bill.amount_of(line)),
        )
        for line in bill.lines
    ]


def _totals(sheet: Sheet, bill: Bill, y: float) -> None:
    shown = bill.notation
    rows = [(f"{shown.number(tax.rate)} %", shown.amount(tax.base), shown.amount(tax.amount)) for tax in bill.taxes]
    rows += [("Summe", shown.amount(bill.subtotal), shown.amount(bill.tax))]
    draw_table(sheet, y - 4, _BREAKDOWN, rows, Ruling(head_rule="#d9cfc2", size=9))
    pairs = [("Summe netto", f"{shown.amount(bill.subtotal)} EUR")]
    pairs += [(f"+ {shown.number(tax.rate)} % USt.", f"{shown.amount(tax.amount)} EUR") for tax in bill.taxes]
    y = draw_pairs(sheet, y, pairs, Pairs(130, 188.4, 5.6, Ink(10), Ink(10, align="right")))
    bold = Ink(12, bold=True)
    sheet.rule(128, 190, y - 3.6, _BROWN, 0.8)
    place = Pairs(130, 188.4, 0, bold, bold._replace(align="right"))
    draw_pairs(sheet, y + 2, [("Gesamtbetrag", f"{shown.amount(bill.total)} EUR")], place)


def _foot(sheet: Sheet, bill: Bill) -> None:
    sheet.rule(22, 190, 264, "#d9cfc2", 0.6)
    if bill.due and bill.bank:
        due = f"Bitte überweisen Sie den Betrag bis zum {bill.notation.date(bill.due)}."
        sheet.text(105, 269, due, _SMALL._replace(size=9.5, colour="#1a1a1a"))
        sheet.text(105, 275, f"{bill.bank.name} · IBAN {bill.bank.iban}", _SMALL)
    sheet.text(105, 279.6, f"USt-IdNr. {bill.supplier.tax_id}", _SMALL)
