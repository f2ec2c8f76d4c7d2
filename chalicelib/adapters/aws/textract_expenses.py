"""AnalyzeExpense's documents become hints. What no field of ours takes becomes an `OtherHint`: nothing is lost."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from chalicelib.adapters.aws.textract_answers import confidence_of, count_of, mapping, mappings, text_of
from chalicelib.adapters.aws.textract_fields import (
    ADDRESS_PARTS,
    FIELDS,
    LINE_TEXTS,
    OF_A_PARTY,
    currency_of,
    party_of,
)
from chalicelib.adapters.aws.textract_words import Sheets
from chalicelib.domain.geometry import Box, around
from chalicelib.domain.hint import Hint, HintedLine, Hints, OtherHint
from chalicelib.domain.invoice import FieldName
from chalicelib.domain.source import Source


class _Field(NamedTuple):
    """One field of an answer in our types. `groups` are the ids of its groups, `group` what kinds these are."""

    kind: str
    text: str
    label: str
    confidence: float
    page: int | None
    box: Box | None
    types: frozenset[str]
    groups: frozenset[str]
    invoice: int

    @property
    def group(self) -> str:
        return ", ".join(sorted(self.types))


def hints_of(answer: Mapping[str, Any], sheets: Sheets) -> Hints:
    """All that an answer of AnalyzeExpense says, with the pages' numbers and places in our document.

    `invoice` is Textract's `ExpenseIndex`. Mind that it counts each page with an invoice's fields anew: the pages of
    one invoice come as several.
    """
    hints = Hints(currency=_currency(answer))
    for place, document in enumerate(mappings(answer.get("ExpenseDocuments")), start=1):
        invoice = count_of(document.get("ExpenseIndex")) or place
        hints = hints.and_also(_summary(document, sheets, invoice)).and_also(_lines(document, sheets, invoice))
    return hints.and_also(Hints(others=tuple(_other_currencies(answer, sheets, hints.currency))))


def _summary(document: Mapping[str, Any], sheets: Sheets, invoice: int) -> Hints:
    fields: list[Hint] = []
    others: list[OtherHint] = []
    read = [_field(field, sheets, invoice) for field in mappings(document.get("SummaryFields"))]
    for field in read:
        name = _name(field)
        if name and field.text:
            fields.append(_hint(name, field))
        else:
            others.append(_other(field))
    missing = _addresses_from_parts(read, {hint.field for hint in fields})
    return Hints(fields=(*fields, *missing), others=tuple(others))


def _name(field: _Field) -> FieldName | None:
    """Which field of ours this is, if any."""
    return FIELDS.get(field.kind) or OF_A_PARTY.get((party_of(field.types) or "", field.kind))


def _addresses_from_parts(read: Sequence[_Field], known: set[FieldName]) -> Iterator[Hint]:
    """Addresses of which Textract names only the parts (which stay what they are, besides)."""
    groups: dict[tuple[FieldName, frozenset[str]], list[_Field]] = defaultdict(list)
    for field in read:
        name = OF_A_PARTY.get((party_of(field.types) or "", "ADDRESS"))
        if name and name not in known and field.kind in ADDRESS_PARTS and field.text:
            groups[name, field.groups].append(field)
    for (name, _), parts in groups.items():
        yield _joined(name, parts)


def _joined(name: FieldName, parts: Sequence[_Field]) -> Hint:
    """The parts of one address as one text, as they stand below and beside each other."""
    ordered = sorted(parts, key=lambda part: (part.page or 0, *((part.box.top, part.box.left) if part.box else (1, 1))))
    first = ordered[0]
    on_page = [part for part in ordered if part.page == first.page]
    return Hint(
        field=name,
        text="\n".join(part.text for part in ordered),
        source=Source.TEXTRACT,
        confidence=min(part.confidence for part in ordered),
        page=first.page,
        box=_around(part.box for part in on_page),
        invoice=first.invoice,
    )


def _lines(document: Mapping[str, Any], sheets: Sheets, invoice: int) -> Hints:
    hints = Hints()
    for item in _items(document):
        read = [_field(field, sheets, invoice) for field in mappings(item.get("LineItemExpenseFields"))]
        hints = hints.and_also(_line(read))
    return hints


def _items(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The line items of all groups."""
    for group in mappings(document.get("LineItemGroups")):
        yield from mappings(group.get("LineItems"))


def _line(read: Sequence[_Field]) -> Hints:
    """One line item, and what of it has no place there: other types, and second texts of one type."""
    texts: dict[str, _Field] = {}
    others: list[OtherHint] = []
    for field in read:
        name = LINE_TEXTS.get(field.kind)
        if name and field.text and name not in texts and _is_beside(field, texts):
            texts[name] = field
        else:
            others.append(replace(_other(field), group=field.group or "LINE_ITEM"))
    if not texts:
        return Hints(others=tuple(others))
    taken = list(texts.values())
    line = HintedLine(
        source=Source.TEXTRACT,
        confidence=min(field.confidence for field in taken),
        page=taken[0].page,
        box=_around(field.box for field in taken),
        invoice=taken[0].invoice,
        **{name: field.text for name, field in texts.items()},
    )
    return Hints(lines=(line,), others=tuple(others))


def _is_beside(field: _Field, texts: Mapping[str, _Field]) -> bool:
    """Whether it stands on the page of the others of its line."""
    return all(other.page == field.page for other in texts.values())


def _field(field: Mapping[str, Any], sheets: Sheets, invoice: int) -> _Field:
    kind, value, label = (mapping(field.get(name)) for name in ("Type", "ValueDetection", "LabelDetection"))
    sheet = sheets.get(count_of(field.get("PageNumber")) or 0)
    groups = mappings(field.get("GroupProperties"))
    return _Field(
        kind=text_of(kind.get("Text")).upper() or "OTHER",
        text=text_of(value.get("Text")),
        label=text_of(label.get("Text")),
        confidence=confidence_of(kind, value),
        page=sheet.number if sheet else None,
        box=(sheet.turn.box(value.get("Geometry")) or sheet.turn.box(label.get("Geometry"))) if sheet else None,
        types=frozenset(_texts(group.get("Types") for group in groups)),
        groups=frozenset(text_of(group.get("Id")) for group in groups),
        invoice=invoice,
    )


def _texts(lists: Iterable[object]) -> Iterator[str]:
    for one in lists:
        yield from (text_of(text) for text in one if text_of(text)) if isinstance(one, list) else ()


def _hint(name: FieldName, field: _Field) -> Hint:
    return Hint(
        field=name,
        text=field.text,
        source=Source.TEXTRACT,
        confidence=field.confidence,
        page=field.page,
        box=field.box,
        label=field.label,
        invoice=field.invoice,
    )


def _other(field: _Field) -> OtherHint:
    return OtherHint(
        kind=field.kind,
        text=field.text,
        label=field.label,
        group=field.group,
        page=field.page,
        box=field.box,
        confidence=field.confidence,
        invoice=field.invoice,
    )


def _around(boxes: Iterable[Box | None]) -> Box | None:
    known = [box for box in boxes if box]
    return around(known) if known else None


def _currency(answer: Mapping[str, Any]) -> str | None:
    """The code that most amounts have; of several, the first."""
    codes = Counter(code for _, _, code in _coded(answer))
    return codes.most_common(1)[0][0] if codes else None


def _other_currencies(answer: Mapping[str, Any], sheets: Sheets, currency: str | None) -> Iterator[OtherHint]:
    for invoice, field, code in _coded(answer):
        if code != currency:
            read = _field(field, sheets, invoice)
            confidence = confidence_of(field.get("Currency"))
            yield replace(_other(read), kind="CURRENCY", text=code, label=read.text, confidence=confidence)


def _coded(answer: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any], str]]:
    """Each field for which Textract names a currency, with its invoice and the code in ISO 4217."""
    for place, document in enumerate(mappings(answer.get("ExpenseDocuments")), start=1):
        of_lines = [field for item in _items(document) for field in mappings(item.get("LineItemExpenseFields"))]
        for field in (*mappings(document.get("SummaryFields")), *of_lines):
            if code := text_of(mapping(field.get("Currency")).get("Code")):
                yield count_of(document.get("ExpenseIndex")) or place, field, currency_of(code)
