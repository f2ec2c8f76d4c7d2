"""Netherlands: little ink; the company in a column on the right, labels left of values, no rules."""

from samples.making.bill import Bill
from samples.making.sheet import Ink, Sheet
from samples.making.tables import Column, Pairs, Ruling, draw_pairs, draw_table

_ORANGE = "#d9541e"
_GREY = Ink(8, colour="#666666")
_COLUMNS = (
    Column("Aantal", 20, 18),
    Column("Omschrijving", 38, 78),
    Column("Prijs", 116, 24, "right"),
    Column("Btw", 140, 16, "right"),
    Column("Bedrag", 156, 30, "right"),
)


def dutch(bill: Bill) -> bytes:
    """The bill as a PDF of one page."""
    sheet = Sheet(f"Factuur {bill.number}")
    sheet.disc(172, 24, 8, _ORANGE)
    sheet.disc(182, 24, 4, "#2d2d2d")
    sheet.text(20, 32, "Factuur", Ink(26, colour=_ORANGE))
    _company(sheet, bill)
    if bill.buyer:
        sheet.block(20, 50, (bill.buyer.name, *bill.buyer.address), Ink(10), 5)
    _meta(sheet, bill)
    y = draw_table(sheet, 122, _COLUMNS, _rows(bill), Ruling(head_rule=_ORANGE, pad=1.9))
    _totals(sheet, bill, y + 8)
    _request(sheet, bill)
    return sheet.pdf()


def _company(sheet: Sheet, bill: Bill) -> None:
    seller = bill.supplier
    sheet.text(140, 44, seller.name, Ink(8.5, bold=True))
    y = sheet.block(140, 48.4, seller.address, _GREY, 4)
    y = sheet.block(140, y + 2, (str(seller.phone), str(seller.email), str(seller.website)), _GREY, 4)
    pairs = [("KvK", seller.registration), ("Btw-nr.", seller.tax_id)]
    if bill.bank:
        pairs += [("IBAN", bill.bank.iban), ("BIC", bill.bank.bic)]
    draw_pairs(sheet, y + 2, pairs, Pairs(140, 153, 4, _GREY, _GREY))


def _meta(sheet: Sheet, bill: Bill) -> None:
    day = bill.notation.date
    pairs = (
        ("Factuurnummer", bill.number),
        ("Factuurdatum", day(bill.issued)),
        ("Vervaldatum", day(bill.due) if bill.due else None),
        ("Debiteurnummer", bill.customer_number),
        ("Periode", f"{day(bill.period[0])} t/m {day(bill.period[1])}" if bill.period else None),
    )
    draw_pairs(sheet, 86, pairs, Pairs(20, 54, 5.4, Ink(9.5, colour="#666666"), Ink(9.5)))


def _rows(bill: Bill) -> list[tuple[str, ...]]:
    shown = bill.notation
    return [
        (
            shown.number(line.quantity),
            line.description,
            f"€ {shown.amount(line.unit_price)}",
            f"{shown.number(line.tax_rate)}%",
            f"€ {shown.amount(bill.amount_of(line))}",
        )
        for line in bill.lines
    ]


def _totals(sheet: Sheet, bill: Bill, y: float) -> None:
    shown = bill.notation
    pairs = [("Subtotaal excl. btw", f"€ {shown.amount(bill.subtotal)}")]
    pairs += [
        (f"{shown.number(tax.rate)}% btw over € {shown.amount(tax.base)}", f"€ {shown.amount(tax.amount)}")
        for tax in bill.taxes
    ]
    y = draw_pairs(sheet, y, pairs, Pairs(106, 184.4, 5.8, value=Ink(align="right")))
    sheet.rule(106, 186, y - 3.4, _ORANGE, 0.8)
    bold = Ink(11, bold=True)
    total = [("Totaal te betalen", f"€ {shown.amount(bill.total)}")]
    draw_pairs(sheet, y + 2, total, Pairs(106, 184.4, 0, bold, bold._replace(align="right")))


def _request(sheet: Sheet, bill: Bill) -> None:
    if not (bill.bank and bill.due):
        return
    lines = (
        f"{bill.terms}. Wij verzoeken u het bedrag vóór {bill.notation.date(bill.due)} over te maken",
        f"naar {bill.bank.iban} t.n.v. {bill.supplier.name} ({bill.bank.name}),",
        f"onder vermelding van {bill.payment_reference}.",
    )
    sheet.block(20, 262, lines, Ink(9, colour="#444444"), 4.8)
