"""All checks that run by default, and running them."""

from chalicelib.domain.finding import Finding
from chalicelib.domain.invoice import FieldName, Invoice
from chalicelib.validation.arithmetic import (
    due_fits,
    line_amounts_fit,
    lines_add_up,
    tax_rates_fit,
    taxes_add_up,
    totals_add_up,
)
from chalicelib.validation.checking import Check, Circumstances, Passed
from chalicelib.validation.plausibility import (
    currency_was_seen,
    dates_are_in_order,
    iban_is_valid,
    required_values_are_there,
    supplier_is_not_the_buyer,
    values_are_grounded,
    vat_ids_are_valid,
)

CHECKS: tuple[Check, ...] = (
    required_values_are_there,
    currency_was_seen,
    totals_add_up,
    lines_add_up,
    taxes_add_up,
    tax_rates_fit,
    due_fits,
    line_amounts_fit,
    iban_is_valid,
    vat_ids_are_valid,
    dates_are_in_order,
    supplier_is_not_the_buyer,
    values_are_grounded,
)


def check(invoice: Invoice, circumstances: Circumstances) -> tuple[Invoice, tuple[Finding, ...]]:
    """Run every check; give back the invoice with the names of the checks each value passed, and the findings."""
    findings: list[Finding] = []
    passed: dict[FieldName, list[str]] = {}
    for run in CHECKS:
        for remark in run(invoice, circumstances):
            if isinstance(remark, Finding):
                findings.append(remark)
            else:
                _note(passed, remark)
    return _with_checks(invoice, passed), tuple(findings)


def _note(passed: dict[FieldName, list[str]], remark: Passed) -> None:
    for name in remark.fields:
        passed.setdefault(name, []).append(remark.check)


def _with_checks(invoice: Invoice, passed: dict[FieldName, list[str]]) -> Invoice:
    fields = {
        name: value.model_copy(update={"checks": (*value.checks, *passed[name])}) if name in passed else value
        for name, value in invoice.fields.items()
    }
    return invoice.model_copy(update={"fields": fields})
