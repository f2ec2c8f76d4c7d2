"""Spain: letterhead on the right, a fully gridded table, a strip of totals with the labels above the values."""

from samples.making.bill import Bill
from samples.making.sheet import Ink, Sheet
from samples.making.tables import Column, Pairs, Ruling, draw_grid, draw_pairs, draw_table

_RED = "#a3231f"
_COLUMNS = (
    Column("Ref.", 16, 20),
    Column("Concepto", 36, 88),
    Column("Cantidad", 124, 20, "right"),
    Column("Precio", 144, 22, "right"),
    Column("Importe", 166, 28, "right"),
)
_TOTALS = (
    Column("Base imponible", 54, 38),
    Column("% IVA", 92, 22),
    Column("Cuota IVA", 114, 36),
    Column("TOTAL FACTURA", 150, 44),
)


def spanish(bill: Bill) -> bytes:
    """The bill as a PDF of one page."""
    sheet = Sheet(f"Factura {bill.number}")
    _letterhead(sheet, bill)
    _meta(sheet, bill)
    _buyer(sheet, bill)
    y = draw_table(sheet, 98, _COLUMNS, _rows(bill), Ruling(head_fill="#f3dedd", grid="#777777", row_rule="#bbbbbb"))
    _totals(sheet, bill, y + 10)
    _payment(sheet, bill, y + 40)
    return sheet.pdf()


def _letterhead(sheet: Sheet, bill: Bill) -> None:
    right = Ink(8.5, align="right")
    sheet.text(194, 22, bill.supplier.name, Ink(15, bold=True, align="right", colour=_RED))
    lines = (
        *bill.supplier.address,
        f"CIF: {bill.supplier.tax_id}",
        f"Tel. {bill.supplier.phone}",
        str(bill.supplier.email),
    )
    sheet.block(194, 28, lines, right, 4.2)
    sheet.disc(26, 28, 10, _RED)
    sheet.disc(26, 28, 6, "#ffffff")
    sheet.text(26, 30, "TQ", Ink(12, bold=True, align="centre", colour=_RED))


def _meta(sheet: Sheet, bill: Bill) -> None:
    day = bill.notation.date
    pairs = (
        ("Nº factura:", bill.number),
        ("Fecha:", day(bill.issued)),
        ("Vencimiento:", day(bill.due) if bill.due else None),
        ("Cliente:", bill.customer_number),
    )
    sheet.text(16, 58, "FACTURA", Ink(16, bold=True))
    draw_pairs(sheet, 66, pairs, Pairs(16, 44, 5.4, Ink(9, bold=True), Ink(9)))


def _buyer(sheet: Sheet, bill: Bill) -> None:
    if bill.buyer:
        sheet.frame((104, 58, 90, 28), "#777777")
        lines = (*bill.buyer.address, f"CIF: {bill.buyer.tax_id}")
        sheet.text(108, 65, bill.buyer.name, Ink(10, bold=True))
        sheet.block(108, 70.5, lines, Ink(9), 4.8)


def _rows(bill: Bill) -> list[tuple[str, ...]]:
    shown = bill.notation
    return [
        (
            line.product_code or "",
            line.description,
            shown.number(line.quantity),
            shown.amount(line.unit_price),
            shown.amount(bill.amount_of(line)),
        )
        for line in bill.lines
    ]


def _totals(sheet: Sheet, bill: Bill, y: float) -> None:
    shown = bill.notation
    tax = bill.taxes[0]
    values = (
        f"{shown.amount(tax.base)} €",
        f"{shown.number(tax.rate)} %",
        f"{shown.amount(tax.amount)} €",
        f"{shown.amount(bill.total)} €",
    )
    sheet.fill((54, y, 140, 7), "#f3dedd")
    draw_grid(sheet, (y, y + 16), _TOTALS, "#777777")
    for column, value in zip(_TOTALS, values, strict=True):
        middle = column.x + column.width / 2
        sheet.text(middle, y + 4.8, column.title, Ink(8.5, bold=True, align="centre"))
        sheet.text(middle, y + 12.6, value, Ink(11 if column is _TOTALS[-1] else 10, column is _TOTALS[-1], "centre"))


def _payment(sheet: Sheet, bill: Bill, y: float) -> None:
    pairs = [("Forma de pago:", bill.terms)]
    if bill.bank:
        pairs += [("Entidad:", bill.bank.name), ("IBAN:", bill.bank.iban), ("BIC:", bill.bank.bic)]
    draw_pairs(sheet, y, pairs, Pairs(16, 44, 5, Ink(9, bold=True), Ink(9)))
    notice = "Inscrita en el Registro Mercantil de Valdehormiga, tomo 99, folio 41, hoja ZZ-9904."
    sheet.text(105, 284, notice, Ink(7, align="centre", colour="#666666"))
