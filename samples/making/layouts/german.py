"""Germany, after DIN 5008: window address, information block on the right, running text, an unruled table."""

from samples.making.bill import Bill
from samples.making.sheet import Ink, Sheet
from samples.making.tables import Column, Pairs, Ruling, draw_pairs, draw_table

_BLUE = "#20406b"
_SMALL = Ink(7.5, colour="#444444")
_COLUMNS = (
    Column("Pos.", 24, 12),
    Column("Bezeichnung", 36, 76),
    Column("Menge", 112, 18, "right"),
    Column("Einheit", 130, 16),
    Column("Einzelpreis", 146, 22, "right"),
    Column("Gesamt EUR", 168, 24, "right"),
)


def german(bill: Bill) -> bytes:
    """The bill as a PDF of one page."""
    sheet = Sheet(f"Rechnung {bill.number}")
    _letterhead(sheet, bill)
    _address(sheet, bill)
    _information(sheet, bill)
    sheet.text(25, 104, f"Rechnung Nr. {bill.number}", Ink(13, bold=True))
    sheet.text(25, 112, "Sehr geehrte Damen und Herren,")
    sheet.text(25, 117.5, "für unsere Lieferungen und Leistungen berechnen wir Ihnen wie folgt:")
    y = draw_table(sheet, 124, _COLUMNS, _rows(bill), Ruling(pad=1.5))
    y = _totals(sheet, bill, y + 7)
    _closing(sheet, bill, y + 10)
    _foot(sheet, bill)
    return sheet.pdf()


def _letterhead(sheet: Sheet, bill: Bill) -> None:
    for step in range(3):
        sheet.fill((168 + step * 8, 14 + step * 2, 6, 14 - step * 2), _BLUE)
    sheet.text(164, 26, bill.supplier.name, Ink(15, bold=True, align="right", colour=_BLUE))


def _address(sheet: Sheet, bill: Bill) -> None:
    sheet.text(25, 49, " · ".join((bill.supplier.name, *bill.supplier.address)), _SMALL._replace(size=6.5))
    sheet.rule(25, 105, 50.4, "#888888", 0.3)
    if bill.buyer:
        sheet.block(25, 57, (bill.buyer.name, *bill.buyer.address), Ink(10), 4.8)


def _information(sheet: Sheet, bill: Bill) -> None:
    day = bill.notation.date
    pairs = (
        ("Rechnungsnummer:", bill.number),
        ("Rechnungsdatum:", day(bill.issued)),
        ("Lieferdatum:", day(bill.delivered) if bill.delivered else None),
        ("Kundennummer:", bill.customer_number),
        ("Ihre Bestellung:", bill.purchase_order),
        ("Telefon:", bill.supplier.phone),
        ("E-Mail:", bill.supplier.email),
    )
    draw_pairs(sheet, 54, pairs, Pairs(116, 145, 5, Ink(8.5, colour="#444444"), Ink(8.5)))


def _rows(bill: Bill) -> list[tuple[str, ...]]:
    shown = bill.notation
    return [
        (
            str(position),
            line.description,
            shown.number(line.quantity),
            line.unit or "",
            shown.amount(line.unit_price),
            shown.amount(bill.amount_of(line)),
        )
        for position, line in enumerate(bill.lines, 1)
    ]


def _totals(sheet: Sheet, bill: Bill, y: float) -> float:
    shown = bill.notation
    sheet.rule(24, 192, y - 6, "#1a1a1a", 0.8)
    pairs = [("Nettobetrag", f"{shown.amount(bill.subtotal)} €")]
    pairs += [(f"zzgl. {shown.number(tax.rate)} % USt.", f"{shown.amount(tax.amount)} €") for tax in bill.taxes]
    y = draw_pairs(sheet, y, pairs, Pairs(130, 190.4, 5.4, value=Ink(align="right")))
    sheet.rule(130, 192, y - 3.4)
    bold = Ink(10.5, bold=True)
    place = Pairs(130, 190.4, 6, bold, bold._replace(align="right"))
    y = draw_pairs(sheet, y + 1.6, [("Rechnungsbetrag", f"{shown.amount(bill.total)} €")], place)
    sheet.rule(130, 192, y - 4)
    sheet.rule(130, 192, y - 3.4)
    return y


def _closing(sheet: Sheet, bill: Bill, y: float) -> None:
    if bill.due:
        sheet.text(25, y, f"Zahlbar bis {bill.notation.date(bill.due)} ohne Abzug auf das unten genannte Konto.")
    sheet.text(25, y + 6, "Wir danken für Ihren Auftrag.")


def _foot(sheet: Sheet, bill: Bill) -> None:
    sheet.rule(25, 192, 268, _BLUE)
    sheet.block(25, 272.5, (bill.supplier.name, *bill.supplier.address), _SMALL, 3.5)
    sheet.block(
        78,
        272.5,
        (f"Amtsgericht Neuerlach, {bill.supplier.registration}", f"USt-IdNr. {bill.supplier.tax_id}"),
        _SMALL,
        3.5,
    )
    if bill.bank:
        lines = (bill.bank.name, f"IBAN {bill.bank.iban}", f"BIC {bill.bank.bic}")
        sheet.block(132, 272.5, lines, _SMALL, 3.5)
    sheet.text(78, 279.5, str(bill.supplier.website), _SMALL)
