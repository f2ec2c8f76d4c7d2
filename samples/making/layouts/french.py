"""France: seller and buyer in boxes side by side, a strip of labels above values, legal notices below."""

from samples.making.bill import Bill, Party
from samples.making.sheet import DEJAVU, Ink, Sheet
from samples.making.tables import Column, Pairs, Ruling, draw_grid, draw_pairs, draw_table

_WINE = "#6b1f36"
_LABEL = Ink(7, colour="#666666")
_SMALL = Ink(6.8, align="centre", colour="#555555")
_LATE_PAYMENT = (
    "En cas de retard de paiement : pénalités au taux de 3 fois le taux d’intérêt légal et indemnité forfaitaire "
    "de recouvrement de 40 €."
)
_COLUMNS = (
    Column("Désignation", 15, 84),
    Column("Quantité", 99, 20, "right"),
    Column("Prix unitaire HT", 119, 28, "right"),
    Column("TVA", 147, 16, "right"),
    Column("Montant HT", 163, 32, "right"),
)
_STRIP = (
    Column("Facture n°", 15, 36),
    Column("Date de facture", 51, 36),
    Column("Date d’échéance", 87, 36),
    Column("Votre commande", 123, 36),
    Column("Règlement", 159, 36),
)


def french(bill: Bill) -> bytes:
    """The bill as a PDF of one page, with narrow no-break spaces in its numbers."""
    sheet = Sheet(f"Facture {bill.number}", DEJAVU)
    sheet.text(15, 24, bill.supplier.name, Ink(16, bold=True, colour=_WINE))
    sheet.text(15, 30, "Tapisserie d’ameublement – Sièges – Décoration", Ink(8, colour="#666666"))
    sheet.text(195, 25, "FACTURE", Ink(20, align="right", colour=_WINE))
    _party(sheet, (15, 38), "Émetteur", bill.supplier)
    if bill.buyer:
        _party(sheet, (107, 38), "Facturé à", bill.buyer)
    _strip(sheet, bill)
    y = draw_table(
        sheet, 102, _COLUMNS, _rows(bill), Ruling(head_fill=_WINE, head_ink="#ffffff", size=8, row_rule="#d8c3ca")
    )
    _totals(sheet, bill, y + 8)
    _foot(sheet, bill)
    return sheet.pdf()


def _party(sheet: Sheet, corner: tuple[float, float], title: str, party: Party) -> None:
    left, top = corner
    sheet.frame((left, top, 88, 36), "#b89aa4")
    sheet.text(left + 3, top + 5, title, _LABEL)
    y = sheet.block(left + 3, top + 10.5, (party.name,), Ink(9, bold=True))
    y = sheet.block(left + 3, y, party.address, Ink(8.5), 4.2)
    details = (
        ("SIRET :", party.registration),
        ("N° TVA :", party.tax_id),
        ("Courriel :", party.email),
    )
    draw_pairs(sheet, y, details, Pairs(left + 3, left + 20, 4, Ink(7.5), Ink(7.5)))


def _strip(sheet: Sheet, bill: Bill) -> None:
    day = bill.notation.date
    values = (
        bill.number,
        day(bill.issued),
        day(bill.due) if bill.due else "",
        bill.purchase_order or "",
        "Virement 30 jours",
    )
    draw_grid(sheet, (80, 92), _STRIP, "#b89aa4")
    for column, value in zip(_STRIP, values, strict=True):
        sheet.text(column.x + 2, 84, column.title, _LABEL)
        sheet.text(column.x + 2, 89.4, value, Ink(8.5, bold=True))


def _rows(bill: Bill) -> list[tuple[str, ...]]:
    shown = bill.notation
    return [
        (
            line.description,
            shown.number(line.quantity),
            f"{shown.amount(line.unit_price)} €",
            f"{shown.number(line.tax_rate)} %",
            f"{shown.amount(bill.amount_of(line))} €",
        )
        for line in bill.lines
    ]


def _totals(sheet: Sheet, bill: Bill, y: float) -> None:
    shown = bill.notation
    pairs = [("Total HT", f"{shown.amount(bill.subtotal)} €")]
    pairs += [(f"TVA {shown.number(tax.rate)} %", f"{shown.amount(tax.amount)} €") for tax in bill.taxes]
    y = draw_pairs(sheet, y, pairs, Pairs(133, 193.4, 5.6, value=Ink(align="right")))
    sheet.fill((130, y - 4, 65, 8), _WINE)
    white = Ink(10, bold=True, colour="#ffffff")
    total = [("Total TTC", f"{shown.amount(bill.total)} €")]
    draw_pairs(sheet, y + 1.4, total, Pairs(133, 193.4, 0, white, white._replace(align="right")))
    if bill.bank:
        sheet.text(15, y - 11.2, "Coordonnées bancaires", Ink(8, bold=True))
        lines = (bill.bank.name, f"IBAN : {bill.bank.iban}", f"BIC : {bill.bank.bic}")
        sheet.block(15, y - 6.4, lines, Ink(8), 4.2)


def _foot(sheet: Sheet, bill: Bill) -> None:
    seller = bill.supplier
    contact = (seller.name, ", ".join(seller.address), f"Tél. {seller.phone}", str(seller.website))
    notices = (
        f"Conditions de paiement : {bill.terms}. Pas d’escompte pour règlement anticipé.",
        _LATE_PAYMENT,
        " – ".join(contact),
    )
    sheet.rule(15, 195, 272, "#b89aa4", 0.4)
    sheet.block(105, 276, notices, _SMALL, 3.8)
