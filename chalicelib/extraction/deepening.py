"""When it may help to let an OCR engine say what it takes the words to mean."""

from collections.abc import Iterable

from chalicelib.domain.document import ReadDocument
from chalicelib.domain.finding import Finding
from chalicelib.domain.invoice import CONFIRMS_TOTAL, FieldName, Invoice
from chalicelib.extraction.language import languages_of
from chalicelib.extraction.layout import lay_out

# What nobody can book without, and such an engine knows by sight; the rest a model finds for less.
_MISSING = frozenset(
    {f"missing_{name.value}" for name in (FieldName.SUPPLIER_NAME, FieldName.ISSUE_DATE, FieldName.TOTAL)}
)


def may_need_fields(read: ReadDocument, invoice: Invoice, findings: Iterable[Finding]) -> bool:
    """Whether a supplier, date or total is missing, or nothing confirms the total, on an English document.

    AnalyzeExpense speaks English only (https://docs.aws.amazon.com/textract/latest/dg/limits-document.html).
    """
    if languages_of(lay_out(read.pages))[0] != "en":
        return False
    total = invoice.fields.get(FieldName.TOTAL)
    unconfirmed = total is not None and not CONFIRMS_TOTAL & set(total.checks)
    return unconfirmed or any(finding.code in _MISSING for finding in findings)
