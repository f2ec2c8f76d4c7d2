"""Austria: a long list over two pages, its head repeated, its sum carried over."""

from collections.abc import Sequence
from decimal import Decimal

from samples.making.bill import Bill, Line
from samples.making.sheet import Ink, Sheet
from samples.making.tables import Column, Pairs, Ruling, draw_head, draw_pairs, draw_row

_RED = "#8f1d1d"
_SMALL = Ink(7.5, colour="#555555")
_RULING = Ruling(head_fill="#efe6e6", row_rule="#dddddd", pad=1.0, size=8.5)
_FIRST_PAGE_LINES = 29
_COLUMNS = (
    Column("Pos", 16, 12, "right"),
    Column("Art.-Nr.", 28, 18),
    Column("Artikelbezeichnung", 46, 72),
    Column("Menge", 118, 18, "right"),
    Column("Einheit", 136, 16),
    Column("E-Preis", 152, 18, "right"),
    Column("Betrag EUR", 170, 24, "right"),
)


def austrian(bill: Bill) -> bytes:
    """The bill as a PDF of two pages, the totals on the second."""
    sheet = Sheet(f"Rechnung {bill.number}")
    first, rest = bill.lines[:_FIRST_PAGE_LINES], bill.lines[_FIRST_PAGE_LINES:]
    carried = sum((bill.amount_of(line) for line in first), Decimal(0))
    _first_page(sheet, bill, first, carried)
    sheet.next_page()
    _second_page(sheet, bill, rest, carried)
    return sheet.pdf()


def _first_page(sheet: Sheet, bill: Bill, lines: Sequence[Line], carried: Decimal) -> None:
    _letterhead(sheet, bill)
    if bill.buyer:
        sheet.block(16, 46, (bill.buyer.name, *bill.buyer.address), Ink(10), 4.8)
    _meta(sheet, bill)
    sheet.text(16, 84, "RECHNUNG", Ink(15, bold=True, colour=_RED))
    y = _lines(sheet, 90, bill, lines, 1)
    _carry(sheet, y, "Übertrag", bill.notation.amount(carried))
    _foot(sheet, bill, 1)


def _second_page(sheet: Sheet, bill: Bill, lines: Sequence[Line], carried: Decimal) -> None:
    sheet.text(16, 20, bill.supplier.name, Ink(10, bold=True, colour=_RED))
    sheet.text(194, 20, f"Rechnung {bill.number} vom {bill.notation.date(bill.issued)}", Ink(9, align="right"))
    head = draw_head(sheet, 26, _COLUMNS, _RULING)
    y = _carry(sheet, head, "Übertrag von Seite 1", bill.notation.amount(carried))
    y = _lines(sheet, y, bill, lines, len(bill.lines) - len(lines) + 1, head=False)
    y = _totals(sheet, bill, y + 8)
    _payment(sheet, bill, y + 10)
    _foot(sheet, bill, 2)


def _letterhead(sheet: Sheet, bill: Bill) -> None:
    sheet.polygon(((16, 30), (24, 16), (32, 30)), _RED)
    sheet.polygon(((26, 30), (31, 21), (36, 30)), "#c98b8b")
    sheet.text(40, 23, bill.supplier.name, Ink(16, bold=True, colour=_RED))
    sheet.text(
        40, 29, f"{', '.join(bill.supplier.address)}  ·  {bill.supplier.phone}  ·  {bill.supplier.email}", _SMALL
    )


def _meta(sheet: Sheet, bill: Bill) -> None:
    day = bill.notation.date
    pairs = (
        ("Rechnungs-Nr.", bill.number),
        ("Rechnungsdatum", day(bill.issued)),
        ("Leistungszeitraum", f"{day(bill.period[0])} – {day(bill.period[1])}" if bill.period else None),
        ("Kunden-Nr.", bill.customer_number),
        ("Bestellung", bill.purchase_order),
        ("UID-Nr.", bill.supplier.tax_id),
    )
    draw_pairs(sheet, 46, pairs, Pairs(112, 144, 5, Ink(8.5, colour="#555555"), Ink(8.5)))


def _lines(sheet: Sheet, y: float, bill: Bill, lines: Sequence[Line], first: int, *, head: bool = True) -> float:
    if head:
        y = draw_head(sheet, y, _COLUMNS, _RULING)
    for position, line in enumerate(lines, first):
        y = draw_row(sheet, y, _COLUMNS, _cells(bill, line, position), _RULING)
    return y


def _cells(bill: Bill, line: Line, position: int) -> tuple[str, ...]:
    shown = bill.notation
    return (
        str(position),
        line.product_code or "",
        line.description,
        shown.number(line.quantity),
        line.unit or "",
        shown.amount(line.unit_price),
        shown.amount(bill.amount_of(line)),
    )


def _carry(sheet: Sheet, y: float, label: str, amount: str) -> float:
    bold = Ink(8.5, bold=True)
    place = Pairs(47, 193, 0, bold, bold._replace(align="right"))
    draw_pairs(sheet, y + 4.4, [(label, amount)], place)
    sheet.rule(16, 194, y + 6, _RED, 0.8)
    return y + 6


def _totals(sheet: Sheet, bill: Bill, y: float) -> float:
    shown = bill.notation
    pairs = [("Nettosumme", shown.amount(bill.subtotal))]
    pairs += [
        (f"{shown.number(tax.rate)} % MwSt. von {shown.amount(tax.base)}", shown.amount(tax.amount))
        for tax in bill.taxes
    ]
    y = draw_pairs(sheet, y, pairs, Pairs(118, 193, 5.4, value=Ink(align="right")))
    sheet.rule(118, 194, y - 3.4, _RED, 0.8)
    bold = Ink(11, bold=True)
    gross = [("Bruttobetrag EUR", shown.amount(bill.total))]
    return draw_pairs(sheet, y + 2, gross, Pairs(118, 193, 6, bold, bold._replace(align="right")))


def _payment(sheet: Sheet, bill: Bill, y: float) -> None:
    pairs = [("Zahlungsbedingungen:", bill.terms), ("Fällig am:", bill.notation.date(bill.due) if bill.due else None)]
    if bill.bank:
        pairs += [("Bankverbindung:", bill.bank.name), ("IBAN:", bill.bank.iban), ("BIC:", bill.bank.bic)]
    draw_pairs(sheet, y, pairs, Pairs(16, 56, 5))


def _foot(sheet: Sheet, bill: Bill, page: int) -> None:
    sheet.rule(16, 194, 280, _RED, 0.4)
    seller = bill.supplier
    sheet.text(16, 284, f"{seller.name} · Firmenbuch {seller.registration} · {seller.website}", _SMALL)
    sheet.text(194, 284, f"Seite {page} von 2", _SMALL._replace(align="right"))
