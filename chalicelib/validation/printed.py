"""An e-invoice and its printed page must say the same: the XML is the invoice, the page is what people see."""

from collections.abc import Iterator

from chalicelib.domain.finding import Finding
from chalicelib.domain.invoice import FieldName, Invoice
from chalicelib.domain.wording import folded

_COMPARED_AMOUNTS = (FieldName.TOTAL, FieldName.AMOUNT_DUE)


def printed_agrees(embedded: Invoice, printed: Invoice, amounts_on_pages: frozenset[str]) -> Iterator[Finding]:
    """Findings where the printed total or number contradicts the embedded one.

    `amounts_on_pages` are all printed amounts, as plain decimals: a total that is printed anywhere is no contradiction.
    """
    for name in _COMPARED_AMOUNTS:
        exact, read = embedded.amount(name), printed.amount(name)
        if exact is None or read is None or exact == read or _is_printed(exact, amounts_on_pages):
            continue
        yield Finding(
            code="printed_total_differs",
            message=f"The embedded e-invoice says {exact}, but {read} is printed. Ask the supplier which is right.",
            fields=(name.value,),
        )
        return
    number, read_number = embedded.text(FieldName.INVOICE_NUMBER), printed.text(FieldName.INVOICE_NUMBER)
    sure = printed.fields.get(FieldName.INVOICE_NUMBER)
    if number and read_number and sure and sure.confidence > 0.9 and folded(number) != folded(read_number):
        yield Finding(
            code="printed_number_differs",
            message="The number of the embedded e-invoice is not the one that is printed.",
            fields=("invoice_number",),
        )


def _is_printed(amount: object, amounts_on_pages: frozenset[str]) -> bool:
    return str(amount).lstrip("-") in amounts_on_pages
