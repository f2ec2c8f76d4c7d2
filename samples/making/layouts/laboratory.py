"""Germany, the visual half of a Factur-X: modern, airy, the letterhead in a column on the left."""

from samples.making.bill import Bill
from samples.making.sheet import DEJAVU, Ink, Sheet
from samples.making.tables import Column, Pairs, Ruling, draw_pairs, draw_table

_VIOLET = "#4a3b8f"
_GREY = Ink(7.2, colour="#5f5f6b")
_COLUMNS = (
    Column("Artikel", 20, 20),
    Column("Bezeichnung", 40, 62),
    Column("Menge", 102, 16, "right"),
    Column("Einh.", 118, 13),
    Column("Einzelpreis", 131, 23, "right"),
    Column("USt.", 154, 14, "right"),
    Column("Betrag", 168, 26, "right"),
)


def laboratory(bill: Bill) -> bytes:
    """The bill as a PDF of one page, without any XML."""
    return laboratory_sheet(bill).pdf()


def laboratory_sheet(bill: Bill) -> Sheet:
    """The bill drawn on a sheet that is not finished yet, so that an XML can be attached."""
    sheet = Sheet(f"Rechnung {bill.number}", DEJAVU)
    _letterhead(sheet, bill)
    _meta(sheet, bill)
    y = draw_table(sheet, 112, _COLUMNS, _rows(bill), Ruling(head_rule=_VIOLET, row_rule="#dcd9ec", size=8, pad=1.8))
    _totals(sheet, bill, y + 8)
    _foot(sheet, bill)
    return sheet


def _letterhead(sheet: Sheet, bill: Bill) -> None:
    sheet.fill((0, 0, 8, 297), _VIOLET)
    sheet.disc(27, 24, 6, _VIOLET)
    sheet.disc(36, 24, 3.5, "#a79bdc")
    sheet.text(44, 26.5, bill.supplier.name, Ink(14, bold=True, colour=_VIOLET))
    if bill.buyer:
        lines = (*bill.buyer.address, f"USt-IdNr. {bill.buyer.tax_id}")
        sheet.text(20, 52, "Rechnung an", _GREY)
        sheet.text(20, 58, bill.buyer.name, Ink(9.5, bold=True))
        sheet.block(20, 63, lines, Ink(9), 4.8)


def _meta(sheet: Sheet, bill: Bill) -> None:
    day = bill.notation.date
    sheet.text(20, 100, "Rechnung", Ink(17, colour=_VIOLET))
    pairs = (
        ("Rechnungsnummer", bill.number),
        ("Rechnungsdatum", day(bill.issued)),
        ("Leistungsdatum", day(bill.delivered) if bill.delivered else None),
        ("Fällig am", day(bill.due) if bill.due else None),
        ("Bestellnummer", bill.purchase_order),
        ("Kundennummer", bill.customer_number),
    )
    draw_pairs(sheet, 58, pairs, Pairs(124, 194, 5.4, Ink(8, colour="#5f5f6b"), Ink(8.5, align="right")))


def _rows(bill: Bill) -> list[tuple[str, ...]]:
    shown = bill.notation
    return [
        (
            line.product_code or "",
            line.description,
            shown.number(line.quantity),
            line.unit or "",
            shown.amount(line.unit_price),
            f"{shown.number(line.tax_rate)} %",
            shown.amount(bill.amount_of(line)),
        )
        for line in bill.lines
    ]


def _totals(sheet: Sheet, bill: Bill, y: float) -> None:
    shown = bill.notation
    pairs = []
    if bill.discount:
        pairs += [
            ("Summe Positionen", f"{shown.amount(bill.lines_total)} €"),
            ("Rabatt", f"-{shown.amount(bill.discount)} €"),
        ]
    pairs += [("Nettosumme", f"{shown.amount(bill.subtotal)} €")]
    pairs += [
        (f"USt. {shown.number(tax.rate)} % auf {shown.amount(tax.base)} €", f"{shown.amount(tax.amount)} €")
        for tax in bill.taxes
    ]
    y = draw_pairs(sheet, y, pairs, Pairs(112, 192.2, 5.6, Ink(8.5), Ink(8.5, align="right")))
    sheet.rule(112, 194, y - 3.4, _VIOLET, 1)
    bold = Ink(10.5, bold=True, colour=_VIOLET)
    gross = [("Gesamtbetrag", f"{shown.amount(bill.total)} €")]
    draw_pairs(sheet, y + 2, gross, Pairs(112, 192.2, 0, bold, bold._replace(align="right")))
    sheet.text(20, y + 14, f"{bill.terms}. Verwendungszweck: {bill.payment_reference}", Ink(8.5))


def _foot(sheet: Sheet, bill: Bill) -> None:
    seller = bill.supplier
    sheet.rule(20, 194, 268, "#dcd9ec")
    sheet.block(20, 272.6, (seller.name, *seller.address), _GREY, 3.6)
    sheet.block(78, 272.6, (f"Tel. {seller.phone}", str(seller.email), str(seller.website)), _GREY, 3.6)
    if bill.bank:
        lines = (bill.bank.name, f"IBAN {bill.bank.iban}", f"BIC {bill.bank.bic}")
        sheet.block(136, 272.6, lines, _GREY, 3.6)
    sheet.text(20, 284.4, f"USt-IdNr. {seller.tax_id} · {seller.registration}", _GREY)
