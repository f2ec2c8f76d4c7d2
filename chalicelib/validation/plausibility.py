"""Identifiers, dates, parties and evidence: what must be so on any invoice."""

import re
from collections.abc import Iterator
from datetime import timedelta

from stdnum import iban as stdnum_iban
from stdnum.eu import vat as eu_vat
from stdnum.util import get_cc_module

from chalicelib.domain.document import ReadDocument
from chalicelib.domain.finding import Finding, Severity
from chalicelib.domain.invoice import AMOUNT_FIELDS, DocumentType, FieldName, Invoice
from chalicelib.domain.source import Source
from chalicelib.domain.wording import folded
from chalicelib.validation.checking import Circumstances, Passed

_ITALIAN_TAX_CODE = re.compile(r"[A-Z]{6}[0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z]")
_PRINTED = frozenset({Source.TEXT, Source.OCR, Source.TEXTRACT, Source.MODEL})
_EU = frozenset(
    {
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "EL",
        "ES",
        "FI",
        "FR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
    }
    | {"NL", "PL", "PT", "RO", "SE", "SI", "SK", "XI"}
)


def iban_is_valid(invoice: Invoice, _: Circumstances) -> Iterator[Finding | Passed]:
    """The IBAN's check digits are right (ISO 13616, mod 97).

    In an e-invoice a wrong one is only remarked, as by XRechnung's BR-DE-19: nothing was misread, and banks refuse it.
    """
    iban = invoice.fields.get(FieldName.IBAN)
    if iban is None:
        return
    if stdnum_iban.is_valid(iban.value, check_country=False):
        yield Passed(check="iban_is_valid", fields=(FieldName.IBAN,))
    elif iban.source is Source.EINVOICE:
        yield _iban_finding("The e-invoice names an IBAN with wrong check digits; banks refuse it.", Severity.WARNING)
    else:
        yield _iban_finding("The check digits of the IBAN are wrong; do not pay to it unread.", Severity.ERROR)


def _is_exact(invoice: Invoice, name: FieldName) -> bool:
    """Whether an e-invoice says it, so that it was not misread."""
    value = invoice.fields.get(name)
    return value is not None and value.source is Source.EINVOICE


def _iban_finding(message: str, severity: Severity) -> Finding:
    return Finding(code="iban_invalid", message=message, severity=severity, fields=("iban",))


def vat_ids_are_valid(invoice: Invoice, _: Circumstances) -> Iterator[Finding | Passed]:
    """VAT ids begin with their country and have right check digits (BR-CO-09)."""
    for name in (FieldName.SUPPLIER_TAX_ID, FieldName.BUYER_TAX_ID):
        number = invoice.text(name)
        if number is None or not _has_country(number):
            continue
        if is_vat_id(number):
            yield Passed(check="vat_id_is_valid", fields=(name,))
        else:
            yield Finding(
                code="vat_id_invalid",
                message=f"The check digits of the {name.value.replace('_', ' ')} are wrong.",
                severity=Severity.WARNING,
                fields=(name.value,),
            )


def _has_country(number: str) -> bool:
    """Whether it begins with a country, and not as a person's tax code in Italy, whose letters may look like one."""
    return (number[:2] in _EU or number[:2] == "GB") and not _ITALIAN_TAX_CODE.fullmatch(number)


def is_vat_id(number: str) -> bool:
    """Whether the check digits of a VAT id with its country's prefix are right."""
    if number[:2] in {"GB", "XI"}:
        return bool(get_cc_module("gb", "vat").is_valid(number[2:]))
    return bool(eu_vat.is_valid(number))


def dates_are_in_order(invoice: Invoice, at: Circumstances) -> Iterator[Finding | Passed]:
    """Issued not in the future, due not before it was issued, and periods begin before they end.

    In an e-invoice nothing was misread: what fell due before (it was paid in advance) is only remarked.
    """
    issued, due = invoice.date(FieldName.ISSUE_DATE), invoice.date(FieldName.DUE_DATE)
    start, end = invoice.date(FieldName.PERIOD_START), invoice.date(FieldName.PERIOD_END)
    if issued and issued > at.today + timedelta(days=1):
        yield Finding(
            code="issued_in_future", message=f"It is dated {issued}, which is yet to come.", fields=("issue_date",)
        )
    if issued and due and due < issued:
        yield Finding(
            code="due_before_issue", message=f"It falls due on {due}, before it was issued on {issued}.",
            severity=Severity.WARNING if _is_exact(invoice, FieldName.DUE_DATE) else Severity.ERROR,
            fields=("issue_date", "due_date"),
        )  # fmt: skip
    elif issued and due:
        yield Passed(check="due_after_issue", fields=(FieldName.ISSUE_DATE, FieldName.DUE_DATE))
    if start and end and end < start:
        yield Finding(code="period_reversed", message=f"The period ends on {end}, before it begins on {start}.",
                      fields=("period_start", "period_end"))  # fmt: skip


def supplier_is_not_the_buyer(invoice: Invoice, _: Circumstances) -> Iterator[Finding | Passed]:
    """Nobody invoices himself: the same name on both sides means that one of them was misread."""
    supplier, buyer = invoice.text(FieldName.SUPPLIER_NAME), invoice.text(FieldName.BUYER_NAME)
    if supplier and buyer and folded(supplier) == folded(buyer):
        yield Finding(
            code="supplier_is_buyer", message="Supplier and buyer have the same name.",
            fields=("supplier_name", "buyer_name"),
        )  # fmt: skip


def currency_was_seen(invoice: Invoice, _: Circumstances) -> Iterator[Finding | Passed]:
    """An amount without a currency is no amount of money; a currency is never assumed."""
    if invoice.text(FieldName.CURRENCY) is None and any(name in invoice.fields for name in AMOUNT_FIELDS):
        yield Finding(
            code="missing_currency", message="No currency is printed beside the amounts.", fields=("currency",)
        )


def values_are_grounded(invoice: Invoice, at: Circumstances) -> Iterator[Finding | Passed]:
    """Every value that was read from a page stands on that page."""
    pages = {page.number: _words_of(at.read, page.number) for page in at.read.pages}
    grounded = []
    for name, value in invoice.fields.items():
        if value.source not in _PRINTED or value.page is None:
            continue
        if _stands_in(value.text, pages.get(value.page, "")):
            grounded.append(name)
        else:
            yield Finding(
                code="not_grounded", message=f"The {name.value.replace('_', ' ')} does not stand on page {value.page}.",
                fields=(name.value,),
            )  # fmt: skip
    if grounded:
        yield Passed(check="grounded", fields=tuple(grounded))


def _words_of(read: ReadDocument, number: int) -> str:
    return "".join(folded("".join(word.text for word in page.words)) for page in read.pages if page.number == number)


def _stands_in(text: str, words: str) -> bool:
    page = words.replace(" ", "")
    return all(folded(part).replace(" ", "") in page for part in text.split(" + "))


def required_values_are_there(invoice: Invoice, _: Circumstances) -> Iterator[Finding | Passed]:
    """What nobody can book without: supplier, date, total; and the number, except on a receipt."""
    required = [FieldName.SUPPLIER_NAME, FieldName.ISSUE_DATE, FieldName.TOTAL]
    if invoice.document_type is not DocumentType.RECEIPT:
        required.append(FieldName.INVOICE_NUMBER)
    for name in required:
        if name not in invoice.fields:
            yield Finding(
                code=f"missing_{name.value}",
                message=f"No {name.value.replace('_', ' ')} was found.",
                fields=(name.value,),
            )
