"""What happens with an invoice: booked without a person, shown to one, or sent back."""

from collections.abc import Iterable, Iterator

from chalicelib.domain.finding import Decision, Finding, Severity
from chalicelib.domain.hint import GUARDED_FIELDS
from chalicelib.domain.invoice import DocumentType, FieldName, Invoice, Value
from chalicelib.domain.source import PICTURED, Source

_PAYABLE = frozenset({DocumentType.INVOICE, DocumentType.CREDIT_NOTE, DocumentType.RECEIPT})
_SURE = 0.85
_SURE_OF_PICTURED_NAME = 0.9  # one misread letter, and nothing else on the page would tell
_LIKELY = 0.7
_MUST_BE_SURE = (
    FieldName.SUPPLIER_NAME, FieldName.INVOICE_NUMBER, FieldName.ISSUE_DATE,
    FieldName.DUE_DATE, FieldName.CURRENCY, FieldName.SUBTOTAL, FieldName.TAX, FieldName.TOTAL, FieldName.IBAN,
)  # fmt: skip
NOT_LOOKED_AT = "no_ocr"  # the code of the finding that nobody has read the pages
_CONFIRMING = frozenset({"totals_add_up", "lines_add_up", "due_fits"})


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
    if total and total.source is not Source.EINVOICE and not _CONFIRMING & set(total.checks):
        yield "total_not_confirmed"


def _unsure(invoice: Invoice) -> Iterator[str]:
    for name in _MUST_BE_SURE:
        value = invoice.fields.get(name)
        if value and value.confidence < _threshold(name, value):
            yield f"unsure_{name.value}"
    for name in sorted(GUARDED_FIELDS & invoice.fields.keys()):
        if invoice.fields[name].source is Source.MODEL:  # money, bank and supplier: never without a person
            yield f"unsure_{name.value}"
    tax_id = invoice.fields.get(FieldName.SUPPLIER_TAX_ID)
    if tax_id and tax_id.confidence < _LIKELY:
        yield "unsure_supplier_tax_id"


def _threshold(name: FieldName, value: Value) -> float:
    pictured_name = name is FieldName.SUPPLIER_NAME and value.source in PICTURED
    return _SURE_OF_PICTURED_NAME if pictured_name else _SURE
