"""Sums that must hold: EN 16931's BR-CO-10 to BR-CO-17, as far as what they need was found."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import product

from chalicelib.domain.finding import Finding, Severity
from chalicelib.domain.invoice import FieldName, Invoice, TaxLine
from chalicelib.domain.source import Source
from chalicelib.validation.checking import ROUNDING, Circumstances, Passed, amounts, or_zero

_SUMS = (FieldName.SUBTOTAL, FieldName.TAX, FieldName.TOTAL)
_ADDED = (FieldName.SHIPPING, FieldName.CHARGES, FieldName.TIP, FieldName.ROUNDING)


def totals_add_up(invoice: Invoice, _: Circumstances) -> Iterator[Finding | Passed]:
    """Net plus tax is the total (BR-CO-15); shipping, charges, tip, rounding and discount may stand between them.

    Where no tax is printed, the net is the total.
    """
    found = amounts(invoice, FieldName.SUBTOTAL, FieldName.TOTAL)
    if found is None:
        return
    net, total = found
    tax = invoice.amount(FieldName.TAX)
    difference = total - net - (tax or Decimal(0))
    if any(abs(difference - gap) <= ROUNDING for gap in (Decimal(0), *_gaps(invoice), *_charges_beside(invoice))):
        yield Passed(check="totals_add_up", fields=_SUMS)
        return
    yield Finding(
        code="totals_mismatch",
        message=f"{net} net and {tax or 0} tax are {net + (tax or 0)}, but the total is {total}.",
        fields=tuple(name.value for name in _SUMS),
    )


def _gaps(invoice: Invoice) -> Iterator[Decimal]:
    """What may lie between net plus tax and the total."""
    values = [amount for name in _ADDED if (amount := invoice.amount(name))]
    discount = abs(invoice.amount(FieldName.DISCOUNT) or Decimal(0))
    for chosen in product((0, 1), repeat=len(values)):
        added = sum((value for take, value in zip(chosen, values, strict=True) if take), Decimal(0))
        yield from (added, added - discount, added + discount)  # on a credit note it is given back


def _charges_beside(invoice: Invoice) -> Iterator[Decimal]:
    """The charges that are not in the net, where the lines show that the others are (stamp duty beside a fund's)."""
    lines = [line.amount for line in invoice.line_items if line.amount is not None]
    found = amounts(invoice, FieldName.SUBTOTAL, FieldName.CHARGES)
    if lines and found is not None:
        net, charges = found
        inside = net - sum(lines, Decimal(0))
        if 0 < inside < charges:
            yield charges - inside


def lines_add_up(invoice: Invoice, _: Circumstances) -> Iterator[Finding | Passed]:
    """The lines' amounts are the net (BR-CO-10, 13), or the total where prices include the tax."""
    lines = [line.amount for line in invoice.line_items if line.amount is not None]
    targets = {name: amount for name in (FieldName.SUBTOTAL, FieldName.TOTAL) if (amount := invoice.amount(name))}
    if not lines or not targets:
        return
    total = sum(lines, Decimal(0))
    tolerance = max(ROUNDING, Decimal("0.005") * len(lines))
    for name, target in targets.items():
        if any(abs(total + gap - target) <= tolerance for gap in _line_gaps(invoice)):
            yield Passed(check="lines_add_up", fields=(name,))
            return
    yield Finding(
        code="lines_mismatch",
        message=f"The {len(lines)} lines add up to {total}, which is neither the net nor the total.",
        fields=("line_items", *(name.value for name in targets)),
    )


def _line_gaps(invoice: Invoice) -> Iterator[Decimal]:
    yield Decimal(0)
    yield from _gaps(invoice)
    discount = abs(invoice.amount(FieldName.DISCOUNT) or Decimal(0))
    yield or_zero(invoice, FieldName.CHARGES, FieldName.SHIPPING) - discount
    total, net = or_zero(invoice, FieldName.TOTAL), or_zero(invoice, FieldName.SUBTOTAL)
    for beside in _charges_beside(invoice):
        if abs(total - net - or_zero(invoice, FieldName.TAX) - beside) <= ROUNDING:
            yield or_zero(invoice, FieldName.CHARGES) - beside


def taxes_add_up(invoice: Invoice, _: Circumstances) -> Iterator[Finding | Passed]:
    """The tax is the sum of the taxes by rate (BR-CO-14)."""
    tax = invoice.amount(FieldName.TAX)
    parts = [line.amount for line in invoice.taxes if line.amount is not None]
    if tax is None or len(parts) != len(invoice.taxes) or not parts:
        return
    total = sum(parts, Decimal(0))
    if abs(total - tax) <= ROUNDING * len(parts):
        yield Passed(check="taxes_add_up", fields=(FieldName.TAX,))
        return
    yield Finding(
        code="taxes_mismatch",
        message=f"The taxes by rate add up to {total}, but the tax is {tax}.",
        fields=("tax", "taxes"),
    )


def tax_rates_fit(invoice: Invoice, _: Circumstances) -> Iterator[Finding | Passed]:
    """Each rate times its base is its tax (BR-CO-17)."""
    complete = [line for line in invoice.taxes if None not in (line.rate, line.base, line.amount)]
    wrong = [line for line in complete if not _rate_fits(line)]
    for line in wrong:
        yield Finding(
            code="tax_rate_mismatch",
            message=f"{line.rate} % of {line.base} is not {line.amount}.",
            severity=Severity.WARNING,
            fields=("taxes",),
        )
    if complete and not wrong:
        yield Passed(check="tax_rates_fit", fields=(FieldName.TAX,))


def _rate_fits(line: TaxLine) -> bool:
    rate, base, amount = line.rate or Decimal(0), line.base or Decimal(0), line.amount or Decimal(0)
    return abs(base * rate / 100 - amount) <= max(ROUNDING, abs(base) * Decimal("0.0005"))


def due_fits(invoice: Invoice, _: Circumstances) -> Iterator[Finding | Passed]:
    """What is due is the total less what was paid, plus rounding (BR-CO-16) and what was owed before.

    Less may be due for reasons of its own; that a page asks for more than the total, somebody has to explain.
    """
    found = amounts(invoice, FieldName.TOTAL, FieldName.AMOUNT_DUE)
    if found is None:
        return
    total, due = found
    paid = abs(invoice.amount(FieldName.AMOUNT_PAID) or Decimal(0))
    prior = invoice.amount(FieldName.PRIOR_BALANCE) or Decimal(0)
    rounding = invoice.amount(FieldName.ROUNDING) or Decimal(0)
    nothing = Decimal(0)
    if any(
        abs(total - taken + owed + rounded - due) <= ROUNDING
        for taken, owed, rounded in product((nothing, paid), (nothing, prior), (nothing, rounding))
    ):
        yield Passed(check="due_fits", fields=(FieldName.TOTAL, FieldName.AMOUNT_DUE))
        return
    yield Finding(
        code="due_mismatch",
        message=f"{total} less {paid} paid is {total - paid}, but {due} is said to be due.",
        severity=_severity_of_due(invoice, total, due),
        fields=("total", "amount_paid", "amount_due"),
    )


def _severity_of_due(invoice: Invoice, total: Decimal, due: Decimal) -> Severity:
    is_printed = invoice.fields[FieldName.AMOUNT_DUE].source is not Source.EINVOICE
    return Severity.ERROR if is_printed and abs(due) > abs(total) else Severity.WARNING


def line_amounts_fit(invoice: Invoice, _: Circumstances) -> Iterator[Finding | Passed]:
    """Quantity times unit price is the line's amount; discounts make it less, so this is only a warning."""
    for number, line in enumerate(invoice.line_items):
        if line.quantity is None or line.unit_price is None or line.amount is None:
            continue
        expected = line.quantity * line.unit_price
        if abs(expected - line.amount) > max(ROUNDING, abs(expected) * Decimal("0.005")):
            yield Finding(
                code="line_amount_mismatch",
                message=f"{line.quantity} × {line.unit_price} is {expected:.2f}, but the line says {line.amount}.",
                severity=Severity.WARNING,
                fields=(f"line_items.{number}.amount",),
            )
