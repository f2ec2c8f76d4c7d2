"""What happens with an invoice: booked without a person, shown to one, or sent back."""

from collections.abc import Iterable, Iterator

from chalicelib.domain.finding import Decision, Finding, Severity
from chalicelib.domain.hint import GUARDED_FIELDS
from chalicelib.domain.invoice import CONFIRMS_TOTAL, DocumentType, FieldName, Invoice
from chalicelib.domain.source import Source

_PAYABLE = frozenset({DocumentType.INVOICE, DocumentType.CREDIT_NOTE, DocumentType.RECEIPT})
_SURE = 0.85
_LIKELY = 0.7
_MUST_BE_SURE = (
    FieldName.SUPPLIER_NAME, FieldName.INVOICE_NUMBER, FieldName.ISSUE_DATE,
    FieldName.DUE_DATE, FieldName.CURRENCY, FieldName.SUBTOTAL, FieldName.TAX, FieldName.TOTAL, FieldName.IBAN,
)  # fmt: skip
_MUST_BE_LIKELY = (FieldName.SUPPLIER_TAX_ID, FieldName.PURCHASE_ORDER)
NOT_LOOKED_AT = "no_ocr"  # the code of the finding that nobody has read the pages


def decide(invoice: Invoice, findings: Iterable[Finding]) -> tuple[Decision, tuple[str, ...]]:
    """The decision and its reasons: stable codes, none for `auto_approve`."""
    remarks = tuple(findings)
    if is_no_invoice(invoice) and all(finding.code != NOT_LOOKED_AT for finding in remarks):
        return Decision.REJECTED, ("not_an_invoice",)
    reasons = tuple(dict.fromkeys(_reasons(invoice, remarks)))
    return (Decision.NEEDS_REVIEW, reasons) if reasons else (Decision.AUTO_APPROVE, ())


def is_no_invoice(invoice: Invoice) -> bool:
    """Whether nothing of an invoice was found: neither its title nor a total."""
    return invoice.document_type is DocumentType.OTHER and not {FieldName.TOTAL, FieldName.AMOUNT_DUE} & set(
        invoice.fields
    )


def _reasons(invoice: Invoice, findings: Iterable[Finding]) -> Iterator[str]:
    if invoice.document_type not in _PAYABLE:
        yield f"document_type_{invoice.document_type.value}"
    for finding in findings:
        if finding.severity is Severity.ERROR:
            yield finding.code
    yield from _unsure(invoice)
    total = invoice.fields.get(FieldName.TOTAL)
    if total and total.source is not Source.EINVOICE and not CONFIRMS_TOTAL & set(total.checks):
        yield "total_not_confirmed"


def _unsure(invoice: Invoice) -> Iterator[str]:
    for names, least in ((_MUST_BE_SURE, _SURE), (_MUST_BE_LIKELY, _LIKELY)):
        for name in names:
            value = invoice.fields.get(name)
            if value and value.confidence < least:
                yield f"unsure_{name.value}"
    for name in sorted(GUARDED_FIELDS & invoice.fields.keys()):
        if invoice.fields[name].source is Source.MODEL:  # money, bank and supplier: never without a person
            yield f"unsure_{name.value}"
