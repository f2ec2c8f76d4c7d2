"""Ireland, a credit note: a band of colour, two columns of parties, what is credited and against which invoice."""

from samples.making.bill import Bill, Party
from samples.making.notation import plain
from samples.making.sheet import Ink, Sheet
from samples.making.tables import Column, Pairs, Ruling, draw_pairs, draw_table

_TEAL = "#0f5e63"
_LABEL = Ink(8, colour="#5c6b6c")
_COLUMNS = (
    Column("Description", 20, 92),
    Column("Quantity", 112, 20, "right"),
    Column("Unit price", 132, 26, "right"),
    Column("Amount (EUR)", 158, 32, "right"),
)


def irish_credit_note(bill: Bill) -> bytes:
    """The credit note as a PDF of one page; its amounts are positive."""
    sheet = Sheet(f"Credit note {bill.number}")
    sheet.fill((0, 0, 210, 26), _TEAL)
    sheet.text(20, 16, "CREDIT NOTE", Ink(20, bold=True, colour="#ffffff"))
    sheet.text(190, 15, bill.supplier.name, Ink(11, bold=True, align="right", colour="#ffffff"))
    _party(sheet, 20, "From", bill.supplier)
    if bill.buyer:
        _party(sheet, 84, "Credit to", bill.buyer)
    _meta(sheet, bill)
    y = draw_table(sheet, 92, _COLUMNS, _rows(bill), Ruling(head_fill="#dcebec", head_rule=None, row_rule="#c3d6d7"))
    _totals(sheet, bill, y + 8)
    sheet.text(20, y + 8, f"Goods returned or damaged, charged on invoice {bill.preceding}.", Ink(9))
    _foot(sheet, bill)
    return sheet.pdf()


def _party(sheet: Sheet, x: float, title: str, party: Party) -> None:
    sheet.text(x, 38, title, _LABEL)
    sheet.text(x, 43, party.name, Ink(9.5, bold=True))
    y = sheet.block(x, 48, party.address, Ink(9), 4.6)
    sheet.text(x, y + 1, f"VAT No: {party.tax_id}", Ink(9))


def _meta(sheet: Sheet, bill: Bill) -> None:
    pairs = (
        ("Credit note no.", bill.number),
        ("Date", bill.notation.date(bill.issued)),
        ("Original invoice", bill.preceding),
        ("Account", bill.customer_number),
    )
    draw_pairs(sheet, 43, pairs, Pairs(146, 190, 5.4, _LABEL, Ink(9, bold=True, align="right")))


def _rows(bill: Bill) -> list[tuple[str, ...]]:
    money = bill.notation.amount
    return [
        (line.description, plain(line.quantity), money(line.unit_price), money(bill.amount_of(line)))
        for line in bill.lines
    ]


def _totals(sheet: Sheet, bill: Bill, y: float) -> None:
    money = bill.notation.amount
    pairs = [("Net", f"€{money(bill.subtotal)}")]
    pairs += [(f"VAT {plain(tax.rate)}%", f"€{money(tax.amount)}") for tax in bill.taxes]
    y = draw_pairs(sheet, y, pairs, Pairs(136, 188.4, 5.6, value=Ink(align="right")))
    sheet.rule(134, 190, y - 3.4, _TEAL, 1)
    bold = Ink(11, bold=True, colour=_TEAL)
    credit = [("Total credit", f"€{money(bill.total)}")]
    draw_pairs(sheet, y + 2, credit, Pairs(136, 188.4, 0, bold, bold._replace(align="right")))


def _foot(sheet: Sheet, bill: Bill) -> None:
    sheet.rule(20, 190, 266, "#c3d6d7")
    grey = Ink(8, colour="#5c6b6c")
    seller = bill.supplier
    sheet.text(20, 271, f"Refunded to your account or set against your next invoice. Queries: {seller.email}", grey)
    sheet.text(20, 275.4, f"{seller.name}. Registered in Ireland no. {seller.registration}. Tel. {seller.phone}", grey)
    if bill.bank:
        sheet.text(20, 279.8, f"{bill.bank.name}  IBAN {bill.bank.iban}  BIC {bill.bank.bic}", grey)
