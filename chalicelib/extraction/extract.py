"""One read document → one invoice: the story of the extraction from top to bottom."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from chalicelib.domain.document import Page, ReadDocument, TextLayer
from chalicelib.domain.hint import Hints
from chalicelib.domain.invoice import DocumentType, FieldName, Invoice, LineItem, Value
from chalicelib.domain.source import PICTURED, Source
from chalicelib.domain.wording import tokens
from chalicelib.extraction.amount_labels import AmountLabels
from chalicelib.extraction.amount_meanings import LabelReader
from chalicelib.extraction.amounts import Figures, find_figures
from chalicelib.extraction.candidates import Candidate
from chalicelib.extraction.codes import find_codes
from chalicelib.extraction.company_names import has_legal_form, is_legal_form
from chalicelib.extraction.completing import completed, lacks_something
from chalicelib.extraction.confidence import pictured_name_probability, probability
from chalicelib.extraction.contacts import find_contacts
from chalicelib.extraction.currency import Currency, find_currency
from chalicelib.extraction.dated import find_dated, written_as_in
from chalicelib.extraction.document_type import Title, read_title
from chalicelib.extraction.hearing import Heard, unprinted_currency
from chalicelib.extraction.identifiers import find_bics, find_ibans, find_tax_ids
from chalicelib.extraction.labels import find_labels
from chalicelib.extraction.language import languages_of
from chalicelib.extraction.layout import Rect, Sheet, lay_out, rect_of
from chalicelib.extraction.missing_sums import unnamed_discount
from chalicelib.extraction.model_hints import DOUBTED, doubted, weighed, with_amounts
from chalicelib.extraction.parties import Parties, find_parties
from chalicelib.extraction.receipts import read_receipt_lines
from chalicelib.extraction.rivals import contested, several
from chalicelib.extraction.sums import Choice
from chalicelib.extraction.table_headings import Heading, find_headings, rows_of
from chalicelib.extraction.tables import read_lines
from chalicelib.extraction.totals import Totals, read_totals
from chalicelib.extraction.trace import Extraction

NO_HINTS = Hints()
_MINIMUM = 0.3
_SURE_OF_KIND = 0.9
_NAMED = 0.5
_OPEN = 0.65
_FAR_MORE = 5
_CLEAR_COMPANY = 0.7
_SIGN = 0.15
_UNSIGNED = frozenset({FieldName.AMOUNT_PAID, FieldName.DISCOUNT})  # taken off, whether a minus is printed or not


def extract(read: ReadDocument, hints: Hints = NO_HINTS) -> Invoice:
    """What the pages say, each value with its evidence; what was not found is absent.

    `hints` are what paid readers say the pages mean. They are weighed with what the rules find, and never believed
    alone. An embedded e-invoice is exact: it is returned as it is, but for what it lacks where the pages say it.
    """
    if read.einvoice is None:
        return read_out(read.pages, hints).invoice
    if read.text_layer is not TextLayer.GOOD or not lacks_something(read.einvoice):
        return read.einvoice
    out = read_out(read.pages)
    return completed(read.einvoice, out.invoice, _printed(out.figures))


def read_out(pages: Sequence[Page], hints: Hints = NO_HINTS) -> Extraction:
    """The invoice that the pages show, with everything that was weighed on the way."""
    sheet = lay_out(pages)
    languages = languages_of(sheet)
    known = frozenset(languages)
    figures = find_figures(sheet)
    labels = find_labels(sheet, known)
    parties = find_parties(sheet, labels, known)
    currency = find_currency(sheet, figures, languages, parties.countries + written_as_in(figures))
    dates = find_dated(sheet, figures, labels, languages, currency.code)
    reader = LabelReader(known)
    headings = find_headings(sheet, figures, known)
    labelled = AmountLabels(sheet, figures, reader, rows_of(headings)).find()
    heard = Heard.of(hints, sheet, figures, dates.order)
    totals = read_totals(sheet, figures, [*labelled, *heard.labelled], reader)
    lines = _lines_of(pages, _Numbers(sheet, figures, reader, headings, totals), heard)
    totals = _with_discount(totals, lines, figures)
    candidates = [
        *parties.candidates,
        *find_codes(sheet, labels),
        *dates.candidates,
        *find_ibans(sheet, labels),
        *find_bics(sheet, labels),
        *_of_parties([*find_tax_ids(sheet, labels), *find_contacts(sheet, labels)], parties, pages),
        *([currency.candidate] if currency.candidate else []),
    ]
    fields = _chosen(heard.among(candidates)) | heard.marked(_amounts(totals), totals, labelled)
    fields = _doubted(fields, currency, dates_are_open=dates.is_ambiguous)
    fields = _with_contested_order(fields, candidates)
    rivals = [name for name in contested(fields, candidates, labelled, figures) if fields[name].confidence > DOUBTED]
    fields |= {name: doubted(fields[name]) for name in rivals}
    kind = _kind(read_title(sheet, known), fields, lines, hints.document_type)
    invoice = Invoice(
        document_type=kind,
        fields=fields,
        suggestions=unprinted_currency(hints, fields),
        taxes=totals.taxes,
        line_items=lines,
    )
    out = Extraction(
        sheet, languages, figures, labels, parties, currency, labelled, totals, candidates, invoice,
        tuple(map(several, rivals)),
    )  # fmt: skip
    return _with_a_model(out, heard, reader) if heard.has_guarded else out


class _Numbers(NamedTuple):
    """What lines are read from."""

    sheet: Sheet
    figures: Figures
    reader: LabelReader
    headings: list[Heading]
    totals: Totals


def _lines_of(pages: Sequence[Page], numbers: _Numbers, heard: Heard) -> tuple[LineItem, ...]:
    """The lines of the table, or of a receipt; those a paid reader saw where neither adds up."""
    sheet, figures, reader, headings, totals = numbers
    sums = _sums(totals)
    lines = read_lines(sheet, figures, reader, headings, sums)
    total = totals.chosen.get(FieldName.TOTAL)
    if total and (not lines or (_is_picture(pages) and not _fit(lines, sums))):
        lines = read_receipt_lines(sheet, figures, sums, _first_sum(totals, total)) or lines
    if heard.item_lines and not _fit(lines, sums):
        lines = heard.lines(Source.TEXTRACT, figures, sums) or lines
    return () if _is_picture(pages) and _exceed(lines, sums) else lines


def _with_a_model(out: Extraction, heard: Heard, reader: LabelReader) -> Extraction:
    """The same with what a language model said about money, bank, supplier and lines."""
    labelled = [*out.labelled, *heard.labelled, *heard.guarded_amounts]
    more = _amounts(read_totals(out.sheet, out.figures, labelled, reader))
    texts = weighed(out.invoice.fields, out.candidates, heard.guarded)
    sums = with_amounts(texts.fields, more, out.labelled, heard.guarded_amounts)
    guesses = {**out.invoice.suggestions, **texts.suggestions, **sums.suggestions}
    invoice = out.invoice.model_copy(update={"fields": sums.fields, "suggestions": guesses})
    findings = (*out.findings, *texts.findings, *sums.findings)
    return replace(out, invoice=_with_lines(invoice, out, heard), findings=findings)


def _with_lines(invoice: Invoice, out: Extraction, heard: Heard) -> Invoice:
    """With a model's lines, if the rules' do not add up and these do; they do not prove a total to be right.

    Where the rules saw other lines, which one is which is for a person to say.
    """
    sums = _sums(out.totals)
    lines = () if _fit(invoice.line_items, sums) else heard.lines(Source.MODEL, out.figures, sums)
    if not lines:
        return invoice
    total = invoice.fields.get(FieldName.TOTAL)
    fields = dict(invoice.fields)
    if total and (invoice.line_items or not out.totals.adds_up):
        fields[FieldName.TOTAL] = doubted(total)
    return invoice.model_copy(update={"fields": fields, "line_items": lines})


def _with_discount(totals: Totals, lines: Sequence[LineItem], figures: Figures) -> Totals:
    """The same sums; where the lines do not give the net, with the discount that explains it."""
    if not lines or _fit(lines, _sums(totals)):
        return totals
    discount = unnamed_discount(lines, totals.chosen, figures)
    return replace(totals, chosen=totals.chosen | {FieldName.DISCOUNT: discount}) if discount else totals


def _is_picture(pages: Sequence[Page]) -> bool:
    return any(page.source in PICTURED for page in pages)


def _fit(lines: Sequence[LineItem], sums: Sequence[Decimal]) -> bool:
    """Whether the lines add up to one of the sums."""
    added = sum((line.amount or Decimal(0) for line in lines), Decimal(0))
    return bool(lines) and any(abs(added - target) <= Decimal("0.05") for target in sums)


def _exceed(lines: Sequence[LineItem], sums: Sequence[Decimal]) -> bool:
    """Whether one line alone is far more than any sum: codes or counts were read as amounts, so these are no lines."""
    most = max((abs(line.amount or Decimal(0)) for line in lines), default=Decimal(0))
    return bool(sums) and most > _FAR_MORE * max(map(abs, sums))


def _first_sum(totals: Totals, total: Choice) -> int:
    """The row in which the sums begin: the net's, where it stands above the total."""
    rows = [total.amounts[0].row]
    if net := totals.chosen.get(FieldName.SUBTOTAL):
        rows.append(net.amounts[0].row)
    return min(rows)


def _sums(totals: Totals) -> list[Decimal]:
    return [choice.value for name in (FieldName.SUBTOTAL, FieldName.TOTAL) if (choice := totals.chosen.get(name))]


def _chosen(candidates: Iterable[Candidate]) -> dict[FieldName, Value]:
    """The strongest candidate of each field; a value printed in several places is the likelier for it."""
    by_field: dict[FieldName, list[Candidate]] = {}
    for candidate in candidates:
        by_field.setdefault(candidate.field, []).append(candidate)
    chosen: dict[FieldName, Value] = {}
    for name, found in by_field.items():
        best = max(found, key=lambda one: _support(one, found))
        rivals = [one for one in found if not _is_same(one, best)]
        margin = best.strength - max((_rivalry(one, best) for one in rivals), default=0.0)
        if best.strength >= _MINIMUM:
            chosen[name] = _value(best, _probability(_as_legible(best, found), margin))
    return chosen


def _rivalry(one: Candidate, best: Candidate) -> float:
    """How near another candidate comes: a shop's sign beside the name of its company is less of a rival."""
    is_pictured_name = best.field is FieldName.SUPPLIER_NAME and best.source in PICTURED
    is_company = is_pictured_name and best.strength >= _CLEAR_COMPANY
    is_sign = is_company and has_legal_form(tokens(best.value)) and not has_legal_form(tokens(one.value))
    return one.strength - (_SIGN if is_sign else 0.0)


def _as_legible(best: Candidate, found: Sequence[Candidate]) -> Candidate:
    """What was read alike in several places is as legible as in the clearest of them."""
    return replace(best, legibility=max(one.legibility for one in found if one.value == best.value))


def _is_same(one: Candidate, best: Candidate) -> bool:
    """The same value; of a supplier also the same name without its legal form."""
    if one.value == best.value or one.field is not FieldName.SUPPLIER_NAME:
        return one.value == best.value
    shorter, longer = sorted((tokens(one.value), tokens(best.value)), key=len)
    words = [word.text for word in shorter]
    is_longer = [word.text for word in longer][: len(words)] == words
    return is_longer and (len(words) == len(longer) or is_legal_form(longer[len(words) :]))


def _probability(best: Candidate, margin: float) -> float:
    if best.source in PICTURED and best.field is FieldName.SUPPLIER_NAME:
        return pictured_name_probability(best.strength, margin, best.legibility)
    return probability(best.field, best.strength, margin, best.source, legibility=best.legibility)


def _support(candidate: Candidate, found: Sequence[Candidate]) -> float:
    again = sum(1 for other in found if other.value == candidate.value) - 1
    return candidate.strength + 0.04 * min(again, 3)


def _value(candidate: Candidate, confidence: float) -> Value:
    return Value(
        value=candidate.value,
        confidence=confidence,
        source=candidate.source,
        text=candidate.text,
        page=candidate.page,
        box=candidate.box,
    )


def _amounts(totals: Totals) -> dict[FieldName, Value]:
    return {name: _amount(name, choice, totals) for name, choice in totals.chosen.items()}


def _amount(name: FieldName, choice: Choice, totals: Totals) -> Value:
    first = choice.amounts[0]
    in_sum = totals.adds_up and name in {FieldName.SUBTOTAL, FieldName.TAX, FieldName.TOTAL}
    legibility = min(amount.cell.legibility_between(amount.start, amount.end) for amount in choice.amounts)
    confidence = probability(name, choice.strength, 0.3, first.cell.source, adds_up=in_sum, legibility=legibility)
    return Value(
        value=_plain(abs(choice.value) if name in _UNSIGNED else choice.value),
        confidence=confidence,
        source=first.cell.source,
        text=" + ".join(amount.text for amount in choice.amounts),
        page=first.page,
        box=first.box,
    )


def _plain(value: Decimal) -> str:
    exponent = value.as_tuple().exponent
    short = isinstance(exponent, int) and exponent == -1
    return format(value.quantize(Decimal("0.01")) if short else value, "f")


def _of_parties(candidates: Iterable[Candidate], parties: Parties, pages: Sequence[Page]) -> Iterable[Candidate]:
    """What stands in the buyer's block is the buyer's: his tax id is a field, how to reach him is not."""
    for candidate in candidates:
        role = parties.role_at(candidate.page, _rect(candidate, pages))
        if role not in {"buyer", "ship_to"}:
            bonus = 0.3 if role == "supplier" else 0.0
            yield replace(candidate, strength=min(0.99, candidate.strength + bonus))
        elif candidate.field in {FieldName.SUPPLIER_TAX_ID, FieldName.BUYER_TAX_ID}:
            yield replace(candidate, field=FieldName.BUYER_TAX_ID)


def _rect(candidate: Candidate, pages: Sequence[Page]) -> Rect:
    page = next(page for page in pages if page.number == candidate.page)
    return rect_of(candidate.box, page)


def _doubted(fields: dict[FieldName, Value], currency: Currency, *, dates_are_open: bool) -> dict[FieldName, Value]:
    """What the notation leaves open is not certain, however clear its label is."""
    open_fields = set()
    if currency.is_ambiguous:
        open_fields.add(FieldName.CURRENCY)
    if dates_are_open:
        open_fields |= {FieldName.ISSUE_DATE, FieldName.DUE_DATE}
    return {
        name: value.model_copy(update={"confidence": min(value.confidence, 0.75)}) if name in open_fields else value
        for name, value in fields.items()
    }


def _with_contested_order(fields: dict[FieldName, Value], candidates: Iterable[Candidate]) -> dict[FieldName, Value]:
    """Two numbers that are both called the order's: which of them is meant is for a person to say."""
    order = fields.get(FieldName.PURCHASE_ORDER)
    named = {one.value for one in candidates if one.field is FieldName.PURCHASE_ORDER and one.strength >= _NAMED}
    if order is None or not any(order.value not in one and one not in order.value for one in named):
        return fields
    return fields | {FieldName.PURCHASE_ORDER: order.model_copy(update={"confidence": min(order.confidence, _OPEN)})}


def _is_numbered_invoice(fields: dict[FieldName, Value]) -> bool:
    number, total = fields.get(FieldName.INVOICE_NUMBER), fields.get(FieldName.TOTAL)
    return number is not None and total is not None and min(number.confidence, total.confidence) >= _SURE_OF_KIND


def _kind(
    title: Title, fields: dict[FieldName, Value], lines: Sequence[LineItem], hinted: DocumentType | None
) -> DocumentType:
    """The title decides; without one, numbers and sums that only an invoice has; then what a paid reader says."""
    if title.document_type is DocumentType.OTHER and _is_numbered_invoice(fields):
        return DocumentType.INVOICE  # its number is called an invoice's; what else is named may be a reference
    if title.strength > 0:
        return title.document_type
    if FieldName.TOTAL not in fields:
        return DocumentType.OTHER
    if FieldName.INVOICE_NUMBER in fields and lines:
        return DocumentType.INVOICE
    return hinted or DocumentType.RECEIPT


def printed_amounts(pages: Sequence[Page]) -> frozenset[str]:
    """Every amount that is printed on some pages, as plain decimals without sign."""
    return _printed(find_figures(lay_out(pages)))


def _printed(figures: Figures) -> frozenset[str]:
    return frozenset(str(abs(amount.value)) for amount in figures.all_amounts() if amount.looks_like_money)
