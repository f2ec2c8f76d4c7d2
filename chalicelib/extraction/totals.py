"""Which amount is the net, the tax and the total: the reading of the labels that the arithmetic agrees with.

Every combination of the likeliest candidates is weighed: how sure their labels are, and how many of the equations
of EN 16931 (BR-CO-13 to BR-CO-16) they satisfy. Nothing is computed that is not printed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations, product

from chalicelib.domain.invoice import FieldName, TaxLine
from chalicelib.extraction.amount_labels import LabelledAmount
from chalicelib.extraction.amount_meanings import LabelReader
from chalicelib.extraction.amounts import Amount, Figures
from chalicelib.extraction.layout import Sheet
from chalicelib.extraction.missing_sums import completed
from chalicelib.extraction.sums import Choice, Sums, sum_of
from chalicelib.extraction.tax_rows import ROUNDING, TaxRow, find_tax_rows, is_rate

_CANDIDATES = 7
_LEAST = 0.12  # a label of less says nothing
_LONG_NUMBER = 1_000_000
_COIN = Decimal("0.05")  # the smallest coin, where sums are rounded
_TRIVIAL = 0.5  # no tax, and the total is the net: any amount that is printed twice would do
_EQUATION = 2.5
_RATE = 0.8
_ADJUSTMENTS = ("shipping", "charges", "tip", "rounding", "discount")


@dataclass(frozen=True)
class Totals:
    """The amounts of the invoice as they were read. `adds_up` tells that net and tax give the total."""

    chosen: dict[FieldName, Choice] = field(default_factory=dict)
    taxes: tuple[TaxLine, ...] = ()
    adds_up: bool = False


def read_totals(sheet: Sheet, figures: Figures, labelled: Sequence[LabelledAmount], reader: LabelReader) -> Totals:
    """Choose the amounts of one invoice among everything that is printed."""
    rows = find_tax_rows(sheet, figures, labelled, reader)
    candidates = _candidates(list(_without_bases(labelled, rows)), figures)
    taxes = _tax_candidates(candidates.get("tax", []), rows, candidates.get("tax_part", []))
    rates = _rates(figures)
    if len(bases := [row.base for row in rows if row.base]) > 1:
        candidates.setdefault("subtotal", []).insert(0, sum_of(bases, 0.7))
    net, tax, total, adds_up = completed(_best(candidates, taxes, rates, rows), figures, rates, rows)
    chosen = {
        name: choice
        for name, choice in ((FieldName.SUBTOTAL, net), (FieldName.TAX, tax), (FieldName.TOTAL, total))
        if choice
    }
    chosen |= _others(candidates, total) | _gap_closed(candidates, net, tax, total) | _reconciled(candidates, net)
    return Totals(chosen, tuple(_fitting_taxes(rows, net, tax)), adds_up)


def _without_bases(labelled: Iterable[LabelledAmount], rows: Sequence[TaxRow]) -> Iterable[LabelledAmount]:
    """In a row `VAT 7 %  44.86  3.14  48.00` only one of the amounts is the tax."""
    taxes = {row.tax.row: row.tax for row in rows if row.base}
    for item in labelled:
        tax = taxes.get(item.amount.row)
        if tax is None or item.amount is tax or item.in_column or item.label.concept not in {"tax", "total"}:
            yield item


def _candidates(labelled: Sequence[LabelledAmount], figures: Figures) -> dict[str, list[Choice]]:
    """By concept, one choice a value, the best labelled first."""
    seen: dict[tuple[str, Decimal], Choice] = {}
    in_cents = _is_in_cents(figures)
    last_row = max((amount.row for amount in figures.all_amounts()), default=1) or 1
    for item in labelled:
        strength = item.label.strength * _plausibility(item.amount, last_row, in_cents=in_cents)
        key = (item.label.concept, item.amount.value)
        earlier = seen.get(key)
        if earlier:
            strength = min(0.99, max(strength, earlier.strength) + 0.05)
            best = earlier.amounts if earlier.strength >= strength - 0.05 else (item.amount,)
            seen[key] = Choice(best, item.amount.value, strength)
        else:
            seen[key] = Choice((item.amount,), item.amount.value, strength)
    by_concept: dict[str, list[Choice]] = {}
    for (concept, _), choice in seen.items():
        by_concept.setdefault(concept, []).append(choice)
    for choices in by_concept.values():
        choices.sort(key=lambda choice: -choice.strength)
    return by_concept


def _is_in_cents(figures: Figures) -> bool:
    """Whether the document prints its amounts with two decimals."""
    amounts = [amount for amount in figures.all_amounts() if not amount.is_percent]
    return sum(amount.decimals == 2 for amount in amounts) >= max(3, len(amounts) // 4)


def _plausibility(amount: Amount, last_row: int, *, in_cents: bool) -> float:
    """Money has decimals or a currency; sums stand towards the end."""
    looks = 1.0 if amount.looks_like_money else 0.2 if in_cents else 0.55
    if not amount.looks_like_money and abs(amount.value) >= _LONG_NUMBER:
        looks = 0.1  # a number of a card, a terminal, a ticket
    return looks * (0.9 + 0.1 * amount.row / last_row)


def _rates(figures: Figures) -> set[Decimal]:
    return {amount.value for amount in figures.all_amounts() if amount.is_percent and 0 < amount.value < 50}


# --- taxes ----------------------------------------------------------------------------------------------------------


def _tax_candidates(labelled: Sequence[Choice], rows: Sequence[TaxRow], parts: Sequence[Choice]) -> list[Choice]:
    choices = list(labelled[:_CANDIDATES])
    if rows:
        choices.append(sum_of([row.tax for row in rows], 0.8))
    if 0 < len(based := [row for row in rows if row.base]) < len(rows):
        choices.append(sum_of([row.tax for row in based], 0.8))
    if len(parts) > 1:
        choices.append(sum_of([part.amounts[0] for part in parts], 0.7))
    if len(parts) == 1:  # CGST and SGST of one value
        choices.append(sum_of([parts[0].amounts[0]] * 2, 0.5))
        choices.append(parts[0])
    if 2 <= len(labelled) <= 4:
        choices.append(sum_of([choice.amounts[0] for choice in labelled], 0.5))
    return choices


def _fitting_taxes(rows: Sequence[TaxRow], net: Choice | None, tax: Choice | None) -> list[TaxLine]:
    """The breakdown, as far as it adds up to the tax; a single rate without a base is on the net."""
    lines = [row.line for row in rows]
    if tax and sum((line.amount or Decimal(0) for line in lines), Decimal(0)) != tax.value:
        lines = [line for line in lines if line.amount == tax.value][:1]
    if len(lines) == 1 and lines[0].base is None and net and _is_rate_of(lines[0], net.value):
        return [lines[0].model_copy(update={"base": net.value})]
    return lines


def _is_rate_of(line: TaxLine, net: Decimal) -> bool:
    return line.rate is not None and line.amount is not None and is_rate(net, line.rate, line.amount)


# --- the search -----------------------------------------------------------------------------------------------------


def _best(
    candidates: dict[str, list[Choice]], taxes: Sequence[Choice], rates: set[Decimal], rows: Sequence[TaxRow]
) -> Sums:
    totals = _total_candidates(candidates)
    named = [*candidates.get("subtotal", [])[:_CANDIDATES], *candidates.get("tax_base", [])[:2]]
    nets: list[Choice | None] = [None, *(choice for choice in named if choice.value)]
    adjustments = [choice for name in _ADJUSTMENTS for choice in candidates.get(name, [])[:2] if choice.value]
    settled = _settled(candidates)
    rounded = _rounded(candidates)
    called_total = {
        choice.value for name in ("total", "amount_due", "amount_paid") for choice in candidates.get(name, [])
    }
    net_only = [c.amounts[0] for c in candidates.get("subtotal", []) if c.value not in called_total]
    closing = _closing(adjustments)
    best: tuple[float, Sums] = (0.0, Sums(None, None, None))
    for total, net, tax in product([None, *totals], nets, [None, *taxes]):
        score, adds_up = _score(total, net, tax, closing, rates)
        if total and total.value in settled:
            score += 1.0
        if total and total.value in rounded:
            score += 0.7
        if total and total.amounts[0] in net_only and not (adds_up and tax and tax.value):
            score -= 1.0
        if net and tax:
            score += _breakdown(net.value, tax.value, rows)
        if score > best[0]:
            best = (score, Sums(net, tax, total, adds_up))
    return best[1]


def _breakdown(net: Decimal, tax: Decimal, rows: Sequence[TaxRow]) -> float:
    """Net and tax are those of all rates together; those of one rate among several are a part."""
    lines = [row.line for row in rows if row.line.base is not None and row.line.amount is not None]
    if len(lines) < 2:
        return 0.0
    if net == sum(line.base or Decimal(0) for line in lines) and tax == sum(
        line.amount or Decimal(0) for line in lines
    ):
        return _RATE + 0.4
    return -1.2 if any((line.base, line.amount) == (net, tax) for line in lines) else 0.0


def _total_candidates(candidates: dict[str, list[Choice]]) -> list[Choice]:
    """What is called total; what is due, which is the total where nothing was paid before."""
    totals = candidates.get("total", [])[:_CANDIDATES]
    carried = candidates.get("prior_balance") or candidates.get("amount_paid")
    weight = 0.5 if carried else 0.85
    due = [Choice(c.amounts, c.value, c.strength * weight) for c in candidates.get("amount_due", [])[:4]]
    paid = [Choice(c.amounts, c.value, c.strength * 0.3) for c in candidates.get("amount_paid", [])[:3]]
    gross = [Choice(c.amounts, c.value, c.strength * 0.3) for c in candidates.get("subtotal", [])[:3]]
    known = {choice.value for choice in totals}
    extra = [choice for choice in (*due, *paid, *gross) if choice.value not in known]
    return [choice for choice in (*totals, *extra) if choice.value != 0 and choice.strength > _LEAST] or totals


def _settled(candidates: dict[str, list[Choice]]) -> set[Decimal]:
    """What was given minus the change: on a till receipt that is the total."""
    paid = [choice.value for choice in candidates.get("amount_paid", [])[:5]]
    change = [choice.value for choice in candidates.get("change", [])[:3]]
    return {given - back for given, back in product(paid, change)} - {Decimal(0)}


def _rounded(candidates: dict[str, list[Choice]]) -> set[Decimal]:
    """Sums that are another sum and the printed rounding: what is really to be paid in coins."""
    roundings = [choice.value for choice in candidates.get("rounding", [])[:2] if 0 < abs(choice.value) < 1]
    sums = {choice.value for name in ("total", "subtotal", "amount_due") for choice in candidates.get(name, [])}
    pairs = {(value, value + sign * rounding) for value, rounding, sign in product(sums, roundings, (1, -1))}
    return {after for before, after in pairs if after in sums and after % _COIN == 0 and before % _COIN != 0}


def _score(
    total: Choice | None,
    net: Choice | None,
    tax: Choice | None,
    closing: Sequence[tuple[Decimal, float]],
    rates: set[Decimal],
) -> tuple[float, bool]:
    score = sum((1.0 if choice is total else 0.8) * choice.strength for choice in (total, net, tax) if choice)
    if not (total and net and tax):
        if total and net and not tax and total.value == net.value:
            score += 0.3
        return score - _penalty(total, net, tax), False
    if net.value == 0 or abs(tax.value) > abs(total.value) / 2 or abs(net.value) > abs(total.value) + abs(tax.value):
        return score - 2, False
    difference = total.value - net.value - tax.value
    if tax.value == 0:
        return (score + _TRIVIAL, True) if abs(difference) <= ROUNDING else (score - 0.7, False)
    bonus = _EQUATION if abs(difference) <= ROUNDING else _adjusted(difference, closing)
    if not bonus:
        return score - 0.7, False
    if any(is_rate(net.value, rate, tax.value) for rate in rates):
        bonus += _RATE
    return score + bonus, True


def _penalty(total: Choice | None, net: Choice | None, tax: Choice | None) -> float:
    """A net above the total or below half of it, or a tax of more than half, is not what it seems."""
    if not total:
        return 0.3
    if net and (abs(net.value) > abs(total.value) + ROUNDING or 2 * abs(net.value) < abs(total.value)):
        return 1.0
    if tax and abs(tax.value) > abs(total.value) / 2:
        return 1.0
    return 0.0


def _closing(adjustments: Sequence[Choice]) -> list[tuple[Decimal, float]]:
    """What one or two of shipping, charges, tip, rounding and discounts add or take off, and what that is worth."""
    values = [choice.value for choice in adjustments if choice.value]
    single = [sign * value for value in values for sign in (1, -1)]
    pairs = [
        one + sign * other for first, other in combinations(values, 2) for one in (first, -first) for sign in (1, -1)
    ]
    return [*((value, _EQUATION - 0.5) for value in single), *((value, _EQUATION - 1) for value in pairs)]


def _adjusted(difference: Decimal, closing: Sequence[tuple[Decimal, float]]) -> float:
    """What it is worth that adjustments close the gap between net plus tax and the total."""
    low, high = difference - ROUNDING, difference + ROUNDING
    return next((worth for value, worth in closing if low <= value <= high), 0.0)


def _gap_closed(
    candidates: dict[str, list[Choice]], net: Choice | None, tax: Choice | None, total: Choice | None
) -> dict[FieldName, Choice]:
    """What alone lies between net plus tax and the total, however weak its label is: the sum proves it."""
    if not (net and tax and total) or not tax.value:
        return {}
    gap = abs(total.value - net.value - tax.value)
    for concept in _ADJUSTMENTS:
        for choice in candidates.get(concept, [])[:2]:
            if choice.value and gap > ROUNDING and abs(gap - abs(choice.value)) <= ROUNDING:
                return {_OTHER_FIELDS[concept]: choice}
    return {}


_DEPTH = 12  # a table of allowances names many


def _reconciled(candidates: dict[str, list[Choice]], net: Choice | None) -> dict[FieldName, Choice]:
    """The allowances and charges between the lines' sum and the net (BR-CO-13), where just these explain it."""
    if not net:
        return {}
    sums = [choice for choice in candidates.get("subtotal", []) if choice.value not in {net.value, 0}]
    less = [None, *((FieldName.DISCOUNT, choice) for choice in candidates.get("discount", [])[:_DEPTH])]
    more = [None, *((FieldName.CHARGES, choice) for choice in candidates.get("charges", [])[:_DEPTH])]
    more += [(FieldName.SHIPPING, choice) for choice in candidates.get("shipping", [])[:_DEPTH]]
    for gross, taken, added in product(sums, less, more):
        off = (abs(taken[1].value) if taken else Decimal(0)).copy_sign(gross.value)  # a credit note gives it back
        on = added[1].value if added else Decimal(0)
        if (off or on) and gross.value - off + on == net.value:
            return {name: choice for name, choice in filter(None, (taken, added)) if choice.value}
    return {}


_PARTS = frozenset({"discount", "shipping", "tip", "charges", "rounding"})
_OTHER_FIELDS = {
    "amount_due": FieldName.AMOUNT_DUE,
    "amount_paid": FieldName.AMOUNT_PAID,
    "prior_balance": FieldName.PRIOR_BALANCE,
    "discount": FieldName.DISCOUNT,
    "shipping": FieldName.SHIPPING,
    "tip": FieldName.TIP,
    "charges": FieldName.CHARGES,
    "rounding": FieldName.ROUNDING,
}


def _others(candidates: dict[str, list[Choice]], total: Choice | None) -> dict[FieldName, Choice]:
    """What else is named and is not nothing; what is added or taken off is less than the total."""
    found = {}
    for concept, name in _OTHER_FIELDS.items():
        choice = next(iter(candidates.get(concept, [])), None)
        if choice is None or choice.strength < 0.5 or not choice.value:
            continue
        if concept in _PARTS and total and abs(choice.value) >= abs(total.value):
            continue
        found[name] = choice
    return found
