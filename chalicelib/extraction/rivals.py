"""Where two values compete for a field that money follows: nobody can tell from the page which of them is honest.

Somebody who writes a second bank account, total or supplier into an invoice leaves the first one standing. So a second
one is a reason to look, however clear the label of either is.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal

from stdnum import iban as stdnum_iban

from chalicelib.domain.finding import Finding
from chalicelib.domain.invoice import FieldName, Value
from chalicelib.domain.source import PICTURED
from chalicelib.domain.wording import folded, tokens
from chalicelib.extraction.amount_labels import LabelledAmount
from chalicelib.extraction.amounts import Figures
from chalicelib.extraction.candidates import Candidate
from chalicelib.extraction.company_names import has_legal_form, telling_end
from chalicelib.extraction.currency import codes_of
from chalicelib.extraction.identifiers import valid_vat_id
from chalicelib.extraction.lexicon import world

_NEAR = 0.25  # a name that speaks so much less for itself is no rival
_A_COMPANY = 0.5  # from which strength on a name with a legal form is another company, wherever it stands
_A_SENDER = (0.33, 0.25)  # the same in the upper part of the first page, and how far that goes (of its height)
_CASH_ROUNDING = Decimal("0.05")  # a total before and after it was rounded to what there are coins for
_A_TOTAL = 0.55  # from which strength on a label calls an amount the total


def contested(
    fields: Mapping[FieldName, Value],
    candidates: Sequence[Candidate],
    labelled: Sequence[LabelledAmount],
    figures: Figures,
) -> Iterator[FieldName]:
    """The fields of one document for which it names another value that is as good as the chosen one."""
    for name, is_good in _IDENTIFIERS.items():
        if _has_other(fields.get(name), [one for one in candidates if one.field is name], is_good):
            yield name
    if _has_other_supplier(fields, candidates):
        yield FieldName.SUPPLIER_NAME
    if _has_other_total(fields, labelled):
        yield FieldName.TOTAL
    if FieldName.CURRENCY in fields and _has_other_currency(figures):
        yield FieldName.CURRENCY


def several(name: FieldName) -> Finding:
    """That a document names several values of a field."""
    return _FINDINGS[name]


_FINDINGS = {
    FieldName.IBAN: Finding(
        code="several_ibans", fields=("iban",), message="More than one IBAN is printed. Make sure whose they are."
    ),
    FieldName.BIC: Finding(
        code="several_bics", fields=("bic",), message="More than one BIC is printed. Make sure which bank is right."
    ),
    FieldName.SUPPLIER_TAX_ID: Finding(
        code="several_tax_ids",
        fields=("supplier_tax_id",),
        message="More than one VAT id is printed that is not the buyer's. Make sure which is the supplier's.",
    ),
    FieldName.SUPPLIER_NAME: Finding(
        code="several_suppliers",
        fields=("supplier_name",),
        message="More than one company could be the one that sends this invoice.",
    ),
    FieldName.TOTAL: Finding(
        code="several_totals", fields=("total",), message="More than one amount is called the total."
    ),
    FieldName.CURRENCY: Finding(
        code="several_currencies", fields=("currency",), message="Amounts are printed in more than one currency."
    ),
}


def _is_iban(text: str) -> bool:
    return bool(stdnum_iban.is_valid(text, check_country=False))


def _is_vat_id(text: str) -> bool:
    return valid_vat_id(text) is not None


_IDENTIFIERS: Mapping[FieldName, Callable[[str], bool]] = {
    FieldName.IBAN: _is_iban,
    FieldName.BIC: bool,
    FieldName.SUPPLIER_TAX_ID: _is_vat_id,
}


def _has_other(chosen: Value | None, own: Sequence[Candidate], is_good: Callable[[str], bool]) -> bool:
    return chosen is not None and any(one.value != chosen.value and is_good(one.value) for one in own)


def _has_other_supplier(fields: Mapping[FieldName, Value], candidates: Sequence[Candidate]) -> bool:
    """Whether another name, not the buyer's, speaks nearly as loud; or whether it is that of another company."""
    chosen, buyer = fields.get(FieldName.SUPPLIER_NAME), fields.get(FieldName.BUYER_NAME)
    names = [one for one in candidates if one.field is FieldName.SUPPLIER_NAME]
    if chosen is None:
        return False
    own = [one for one in names if _is_one(one.value, chosen.value)]
    others = [one for one in names if one not in own and not (buyer and _is_one(one.value, buyer.value))]
    near = max((one.strength for one in own), default=0.0) - _NEAR
    if chosen.source in PICTURED:
        near = 1.0  # a picture's names are only sure with a lead anyway
    return any(one.strength > near or _is_a_company(one) for one in others)


def _is_a_company(one: Candidate) -> bool:
    """Whether it is a company's name of its own; a country and a legal form only go on with the line above."""
    telling = tuple(word.text for word in tokens(one.value[: telling_end(one.value)]))
    if telling in world().countries:
        return False
    least, upper = _A_SENDER
    heads = one.page == 1 and one.box.top < upper
    return one.strength >= (least if heads else _A_COMPANY) and has_legal_form(tokens(one.value))


def _is_one(name: str, other: str) -> bool:
    """Whether one name stands in the other: with its legal form, or behind that of its bank in a footer."""
    mine, yours = f" {folded(name)} ", f" {folded(other)} "
    return mine in yours or yours in mine


def _has_other_total(fields: Mapping[FieldName, Value], labelled: Sequence[LabelledAmount]) -> bool:
    """Whether another amount is called the total as clearly, by words beside and not above it."""
    if FieldName.TOTAL not in fields:
        return False
    total = abs(Decimal(fields[FieldName.TOTAL].value))
    called = [one for one in labelled if one.label.concept == FieldName.TOTAL]
    own = max((one.label.strength for one in called if abs(one.amount.value) == total), default=0.0)
    sums = {abs(Decimal(fields[name].value)) for name in _SUMS & fields.keys()}
    others = [one for one in called if abs(one.amount.value) not in sums and not one.in_column]
    return any(
        one.label.strength >= max(_A_TOTAL, own) and abs(abs(one.amount.value) - total) > _CASH_ROUNDING
        for one in others
    )


_SUMS = frozenset({FieldName.TOTAL, FieldName.SUBTOTAL, FieldName.TAX, FieldName.AMOUNT_DUE, FieldName.AMOUNT_PAID})


def _has_other_currency(figures: Figures) -> bool:
    """Whether at least half as many amounts are in another currency."""
    counts = Counter(codes_of(one.currency)[:1] for one in figures.all_amounts() if one.currency)
    counts.pop((), None)
    most = [count for _, count in counts.most_common(2)]
    return len(most) > 1 and 2 * most[1] >= most[0]
