"""The sums that no label names, found among all printed amounts by what the others and a printed rate say of them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from chalicelib.domain.invoice import FieldName, LineItem
from chalicelib.extraction.amounts import Amount, Figures
from chalicelib.extraction.sums import Choice, Sums, sum_of
from chalicelib.extraction.tax_rows import TaxRow, is_rate

_PROVEN = 0.6
_CENT = Decimal("0.01")


def completed(sums: Sums, figures: Figures, rates: set[Decimal], rows: Sequence[TaxRow]) -> Sums:
    """The same sums, with those that were missing where exactly one reading of the page fits.

    `rates` are the printed percentages, `rows` the rows of the tax breakdown. Nothing is computed that is not printed.
    """
    money = [amount for amount in figures.all_amounts() if amount.looks_like_money and amount.value]
    if not sums.adds_up and (proven := _from_rows(rows, money)) and _agree(sums.total, proven.total):
        return proven
    if sums.total and not (sums.net and sums.tax):
        return _with_parts(sums, sums.total, money, rates)
    if sums.net and sums.tax and not sums.total:
        return _with_total(sums, sums.net, sums.tax, money)
    return sums if sums.total else _around_tax(sums, money, rates)


def unnamed_discount(lines: Sequence[LineItem], chosen: Mapping[FieldName, Choice], figures: Figures) -> Choice | None:
    """What was taken off between the lines and the net where no label names it; `None` where that is not sure.

    The lines' sum has to be printed, so that no line is missing, and so has what is lacking to the net (BR-CO-13).
    """
    net = chosen.get(FieldName.SUBTOTAL)
    amounts = [line.amount for line in lines if line.amount is not None]
    added = sum(amounts, Decimal(0))
    if not net or len(amounts) < 2 or len(amounts) < len(lines) or added * net.value <= 0:
        return None
    money = [amount for amount in figures.all_amounts() if amount.looks_like_money]
    if added == net.value or not _printed(money, added):
        return None
    for more in _added_to(chosen):
        off = abs(added) + more - abs(net.value)
        if 0 < off < abs(added) and (found := _printed(money, off) or _printed(money, -off)):
            return _choice(found)
    return None


def _added_to(chosen: Mapping[FieldName, Choice]) -> list[Decimal]:
    """What may have been added to the lines besides: nothing, shipping, charges, or both."""
    parts = [abs(chosen[name].value) for name in (FieldName.SHIPPING, FieldName.CHARGES) if name in chosen]
    return [Decimal(0), *parts, *([sum(parts, Decimal(0))] if len(parts) > 1 else [])]


def _agree(one: Choice | None, other: Choice | None) -> bool:
    return one is None or other is None or one.value == other.value


def _with_parts(sums: Sums, total: Choice, money: Sequence[Amount], rates: set[Decimal]) -> Sums:
    net, tax = sums.net, sums.tax
    if net and net.value != total.value:
        found = _printed(money, total.value - net.value)
        if found and any(is_rate(net.value, rate, found.value) for rate in rates):
            return Sums(net, _choice(found), total, adds_up=True)
    if tax and tax.value and (found := _printed(money, total.value - tax.value)):
        return Sums(_choice(found), tax, total, adds_up=True)
    if not net and not tax:
        return _pair(total, money, rates) or sums
    return sums


def _with_total(sums: Sums, net: Choice, tax: Choice, money: Sequence[Amount]) -> Sums:
    found = _printed(money, net.value + tax.value) if tax.value else None
    return Sums(net, tax, _choice(found), adds_up=True) if found else sums


def _pair(total: Choice, money: Sequence[Amount], rates: set[Decimal]) -> Sums | None:
    """A net and a tax that a printed rate and the total ask for."""
    by_value = {amount.value: amount for amount in money}
    for rate in rates:
        net = (total.value / (1 + rate / 100)).quantize(_CENT)
        for base in (net, net - _CENT, net + _CENT):
            if base in by_value and (tax := by_value.get(total.value - base)):
                return Sums(_choice(by_value[base]), _choice(tax), total, adds_up=True)
    return None


def _from_rows(rows: Sequence[TaxRow], money: Sequence[Amount]) -> Sums | None:
    """The bases and taxes of the breakdown, where their sum is printed."""
    based = [row for row in rows if row.base]
    net = sum_of([row.base for row in based if row.base], _PROVEN)
    tax = sum_of([row.tax for row in based], _PROVEN)
    found = _printed(money, net.value + tax.value)
    return Sums(net, tax, _choice(found), adds_up=True) if found and tax.value and net.value else None


def _around_tax(sums: Sums, money: Sequence[Amount], rates: set[Decimal]) -> Sums:
    """A tax alone: two amounts that differ by it, of which it is a printed rate."""
    tax = sums.tax
    if not tax or not tax.value:
        return sums
    values = {amount.value for amount in money}
    fitting = {
        base for base in values if base + tax.value in values and any(is_rate(base, rate, tax.value) for rate in rates)
    }
    if len(fitting) != 1:
        return sums
    (base,) = fitting
    net, total = _printed(money, base), _printed(money, base + tax.value)
    return Sums(_choice(net), tax, _choice(total), adds_up=True) if net and total else sums


def _printed(money: Sequence[Amount], value: Decimal) -> Amount | None:
    """The last place where an amount is printed."""
    return next((amount for amount in reversed(money) if amount.value == value), None)


def _choice(amount: Amount) -> Choice:
    return Choice((amount,), amount.value, _PROVEN)
