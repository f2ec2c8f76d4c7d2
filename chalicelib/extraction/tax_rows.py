"""The tax breakdown (BG-23): rows that hold a rate, its tax, and mostly its base."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import permutations

from chalicelib.domain.invoice import TaxLine
from chalicelib.extraction.amount_labels import LabelledAmount
from chalicelib.extraction.amount_meanings import LabelReader
from chalicelib.extraction.amounts import Amount, Figures
from chalicelib.extraction.layout import Row, Sheet

ROUNDING = Decimal("0.02")
_HIGHEST_BARE_RATE = 30  # without a per cent sign, a larger number is no rate
_TAXES = frozenset({"tax", "tax_part"})


@dataclass(frozen=True, slots=True, eq=False)
class TaxRow:
    """One row: the line it makes, and where its tax and its base are printed."""

    line: TaxLine
    tax: Amount
    base: Amount | None = None


def is_rate(base: Decimal, rate: Decimal, tax: Decimal) -> bool:
    """Whether `rate` per cent of `base` is `tax`, as it is rounded on invoices (BR-CO-17).

    >>> is_rate(Decimal("1221.60"), Decimal(19), Decimal("232.10"))
    True
    """
    if base == 0 or (tax == 0 and rate != 0):
        return False
    return abs(base * rate / 100 - tax) <= max(ROUNDING, abs(base) * Decimal("0.0002"))


def find_tax_rows(
    sheet: Sheet, figures: Figures, labelled: Sequence[LabelledAmount], reader: LabelReader
) -> list[TaxRow]:
    """Every row of the breakdown once, although it may be printed twice."""
    said = {id(item.amount): item.label.concept for item in labelled}
    found = [
        tax_row
        for row in sheet.rows
        if len(amounts := figures.amounts.get(row.index, [])) >= 2 and (tax_row := _tax_row(row, amounts, said, reader))
    ]
    return _without_repeats(found)


def _tax_row(row: Row, amounts: Sequence[Amount], said: dict[int, str], reader: LabelReader) -> TaxRow | None:
    label = reader.label_of([token for cell in row.cells for token in cell.tokens if token.text.isalpha()][:12])
    is_tax = (label is not None and label.concept in {"tax", "tax_base"}) or _proves_itself(amounts)
    speaks = any(len(token.text) > 2 and token.text.isalpha() for cell in row.cells for token in cell.tokens)
    if speaks and not is_tax and not any(said.get(id(amount)) in _TAXES for amount in amounts):
        return None
    rates = list(_rates(amounts, is_tax=is_tax))
    money = [amount for amount in amounts if not amount.is_percent]
    return _with_base(rates, money) or _alone(rates, money, said)


def _proves_itself(amounts: Sequence[Amount]) -> bool:
    """A rate, a base, its tax and their sum in one row need no words."""
    money = [amount.value for amount in amounts if not amount.is_percent]
    return any(
        is_rate(base, abs(rate.value), tax) and base + tax in money and tax != 0
        for rate in amounts
        if rate.is_percent
        for base, tax in permutations(money, 2)
    )


def _rates(amounts: Sequence[Amount], *, is_tax: bool) -> Iterator[Amount]:
    """The percentages; without any, small numbers in a row about tax (`19` under `Rate [%]`)."""
    printed = [amount for amount in amounts if amount.is_percent]
    if printed or not is_tax:
        yield from printed
        return
    yield from (amount for amount in amounts if 0 < amount.value <= _HIGHEST_BARE_RATE)


def _with_base(rates: Sequence[Amount], money: Sequence[Amount]) -> TaxRow | None:
    printed = [amount for amount in money if amount.looks_like_money] or money
    for rate in rates:
        for base, tax in permutations([amount for amount in printed if amount is not rate], 2):
            if is_rate(base.value, abs(rate.value), tax.value):
                return TaxRow(TaxLine(rate=abs(rate.value), base=base.value, amount=tax.value), tax, base)
    return None


def _alone(rates: Sequence[Amount], money: Sequence[Amount], said: dict[int, str]) -> TaxRow | None:
    """A rate and its tax, without the base."""
    taxes = [amount for amount in money if amount not in rates and said.get(id(amount)) in _TAXES]
    if len(taxes) == 1 and len(rates) == 1 and rates[0].is_percent:
        return TaxRow(TaxLine(rate=abs(rates[0].value), amount=taxes[0].value), taxes[0])
    return None


def _without_repeats(rows: Iterable[TaxRow]) -> list[TaxRow]:
    kept: list[TaxRow] = []
    for row in rows:
        same = next((other for other in kept if _is_repeat(row, other)), None)
        if same is None:
            kept.append(row)
        elif same.base is None and row.base is not None:
            kept[kept.index(same)] = row
    return kept


def _is_repeat(one: TaxRow, other: TaxRow) -> bool:
    """The same rate and tax, once with its base, or far apart; a CGST and an SGST row of one value are two."""
    if (one.line.rate, one.line.amount) != (other.line.rate, other.line.amount):
        return False
    return (one.base is None) != (other.base is None) or abs(one.tax.row - other.tax.row) > 2
