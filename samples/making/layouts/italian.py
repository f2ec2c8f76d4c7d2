"""Italy: courtesy address («Spett.le»), a ruled box of references, a summary of VAT, due dates below."""

from decimal import Decimal

from samples.making.bill import Bill
from samples.making.notation import Notation
from samples.making.sheet import SERIF, Ink, Sheet
from samples.making.tables import Column, Pairs, Ruling, draw_grid, draw_pairs, draw_table

_LABEL = Ink(8, colour="#555555")
_COLUMNS = (
    Column("Descrizione", 15, 92),
    Column("Q.tà", 107, 20, "right"),
    Column("Prezzo unit.", 127, 26, "right"),
    Column("IVA %", 153, 14, "right"),
    Column("Importo", 167, 28, "right"),
)
_SUMMARY = (
    Column("Aliquota", 15, 24, "right"),
    Column("Imponibile", 39, 32, "right"),
    Column("Imposta", 71, 32, "right"),
)
_REFERENCES = (
    Column("Fattura n.", 15, 45),
    Column("Data", 60, 45),
    Column("Vs. ordine", 105, 45),
    Column("Scadenza", 150, 45),
)


def italian(bill: Bill) -> bytes:
    """The bill as a PDF of one page."""
    sheet = Sheet(f"Fattura {bill.number}", SERIF)
    _letterhead(sheet, bill)
    _buyer(sheet, bill)
    _references(sheet, bill)
    ruling = Ruling(head_fill="#e9e4d8", grid="#6e675a", size=9.5)
    y = draw_table(sheet, 100, _COLUMNS, _rows(bill), ruling)
    _totals(sheet, bill, max(y + 12, 170))
    _payment(sheet, bill)
    return sheet.pdf()


def _letterhead(sheet: Sheet, bill: Bill) -> None:
    sheet.text(105, 20, bill.supplier.name, Ink(18, bold=True, align="centre"))
    centre = Ink(8.5, align="centre", colour="#444444")
    lines = (
        f"{' – '.join(bill.supplier.address)} – Tel. {bill.supplier.phone}",
        f"P.IVA {bill.supplier.tax_id} – REA {bill.supplier.registration}",
        f"{bill.supplier.email} – {bill.supplier.website}",
    )
    sheet.block(105, 26, lines, centre, 4.2)
    sheet.rule(15, 195, 38, "#6e675a", 1)


def _buyer(sheet: Sheet, bill: Bill) -> None:
    if bill.buyer:
        sheet.text(115, 50, "Spett.le", Ink(9.5))
        lines = (*bill.buyer.address, f"P.IVA {bill.buyer.tax_id}")
        sheet.text(115, 55.5, bill.buyer.name, Ink(11, bold=True))
        sheet.block(115, 61, lines, Ink(10), 5)


def _references(sheet: Sheet, bill: Bill) -> None:
    day = bill.notation.date
    values = (bill.number, day(bill.issued), bill.purchase_order or "", day(bill.due) if bill.due else "")
    sheet.text(15, 72, "FATTURA", Ink(16, bold=True))
    draw_grid(sheet, (80, 93), _REFERENCES, "#6e675a")
    for column, value in zip(_REFERENCES, values, strict=True):
        sheet.text(column.x + 2, 84.4, column.title, _LABEL)
        sheet.text(column.x + 2, 90.4, value, Ink(10.5))


def _rows(bill: Bill) -> list[tuple[str, ...]]:
    shown = bill.notation
    return [
        (
            line.description,
            shown.number(line.quantity),
            _price(shown, line.unit_price),
            shown.number(line.tax_rate),
            shown.amount(bill.amount_of(line)),
        )
        for line in bill.lines
    ]


def _price(shown: Notation, price: Decimal) -> str:
    """Prices below one euro stand with all their decimals."""
    return shown.amount(price) if price >= 1 else shown.number(price)


def _totals(sheet: Sheet, bill: Bill, y: float) -> None:
    shown = bill.notation
    rows = [(f"{shown.number(tax.rate)} %", shown.amount(tax.base), shown.amount(tax.amount)) for tax in bill.taxes]
    sheet.text(15, y - 2, "Riepilogo IVA", Ink(9, bold=True))
    draw_table(sheet, y, _SUMMARY, rows, Ruling(head_fill="#e9e4d8", grid="#6e675a"))
    pairs = (
        ("Totale imponibile", f"€ {shown.amount(bill.subtotal)}"),
        ("Totale IVA", f"€ {shown.amount(bill.tax)}"),
    )
    below = draw_pairs(sheet, y + 3, pairs, Pairs(125, 193, 6, Ink(10), Ink(10, align="right")))
    bold = Ink(12, bold=True)
    sheet.rule(125, 195, below - 3.6)
    place = Pairs(125, 193, 0, bold, bold._replace(align="right"))
    draw_pairs(sheet, below + 2, [("Totale fattura", f"€ {shown.amount(bill.total)}")], place)


def _payment(sheet: Sheet, bill: Bill) -> None:
    pairs = [("Modalità di pagamento:", bill.terms)]
    if bill.bank:
        pairs += [("Banca d’appoggio:", bill.bank.name), ("IBAN:", bill.bank.iban), ("BIC/SWIFT:", bill.bank.bic)]
    draw_pairs(sheet, 248, pairs, Pairs(15, 55, 5, Ink(9), Ink(9.5)))
    notice = "Contributo CONAI assolto ove dovuto. Copia di cortesia priva di valore fiscale."
    sheet.text(105, 284, notice, Ink(8, align="centre", colour="#666666"))
