"""Numbers that are names: of invoices, orders, customers. Found by their labels."""

import re
from collections.abc import Iterable, Iterator

from chalicelib.domain.invoice import FieldName
from chalicelib.extraction.candidates import Candidate
from chalicelib.extraction.dates import find_dates
from chalicelib.extraction.labels import FoundLabel, Place, follows_title, places_for
from chalicelib.extraction.layout import Sheet

_FIELDS = {
    "invoice_number": FieldName.INVOICE_NUMBER,
    "purchase_order": FieldName.PURCHASE_ORDER,
    "customer_number": FieldName.CUSTOMER_NUMBER,
    "buyer_reference": FieldName.BUYER_REFERENCE,
    "payment_reference": FieldName.PAYMENT_REFERENCE,
    "preceding_invoice": FieldName.PRECEDING_INVOICE,
    "supplier_registration": FieldName.SUPPLIER_REGISTRATION,
}
_LEAD = re.compile(r"^[\s:;.,#№°º=|–\-\]\[*/)]+")
_CODE = re.compile(r"[^\W_][\w\-/.\\&+*_#:]*")
_MONEY = re.compile(r"^\d{1,3}(?:[.,' ]\d{3})*[.,]\d{2}$|^\d+[.,]\d{2}$")
_TIME = re.compile(r"^\d{1,2}:\d{2}(?::\d{2})?$")
_UNIT = re.compile(r"^\d+(?:%|x|kg|st|pcs)$", re.IGNORECASE)
_MAY_BE_WORDS = frozenset({FieldName.PURCHASE_ORDER, FieldName.BUYER_REFERENCE})
MAX_LENGTH = 35


def find_codes(sheet: Sheet, labels: dict[int, list[FoundLabel]]) -> list[Candidate]:
    """Candidates for every field that is a code behind a label; of two readings of one place, the longer."""
    found = list(_all_codes(sheet, labels))
    return _without_preceding([one for one in found if not any(_is_part(one, other) for other in found)])


def _without_preceding(found: list[Candidate]) -> list[Candidate]:
    """What one place calls another invoice's number is not this one's elsewhere, if there is another."""
    preceding = {one.value for one in found if one.field is FieldName.PRECEDING_INVOICE}
    others = [one for one in found if one.field is not FieldName.INVOICE_NUMBER or one.value not in preceding]
    return others if any(one.field is FieldName.INVOICE_NUMBER for one in others) else found


def _is_part(one: Candidate, other: Candidate) -> bool:
    """`5571` behind `PO` is a part of `PO 5571` under `Your order`."""
    return (
        (one.field, one.page) == (other.field, other.page)
        and len(one.text) < len(other.text)
        and other.text.endswith(one.text)
        and abs(one.box.right - other.box.right) < 0.005
        and abs(one.box.top - other.box.top) < 0.005
    )


def _all_codes(sheet: Sheet, labels: dict[int, list[FoundLabel]]) -> Iterator[Candidate]:
    for row in labels.values():
        for label in row:
            name = _FIELDS.get(label.concept)
            if name and (not label.weak or name is not FieldName.INVOICE_NUMBER or _has_company(label)):
                yield from _values(name, label, places_for(label, sheet, labels), len(sheet.rows))


def _has_company(label: FoundLabel) -> bool:
    """`No. 12` opens its cell or follows the document's title; within other words it may number anything."""
    return label.start <= 2 or follows_title(label.cell, label.start)


def _values(name: FieldName, label: FoundLabel, places: Iterable[Place], rows: int) -> Iterator[Candidate]:
    for place in places:
        found = read_code(place.text)
        if not found and name in _MAY_BE_WORDS and place.start == 0:
            found = _short_words(place.text)
        if not found:
            continue
        start, end = place.start + found[0], place.start + found[1]
        text = place.cell.text[start:end]
        titled = label.weak and follows_title(label.cell, label.start)
        strength = (
            (1.0 if titled else label.strength)
            * place.nearness
            * (1 - 0.02 * place.cell.row / rows)
            * _worth(text, weak=label.weak)
        )
        yield Candidate.printed(name, _value(text), place.cell, start, end, strength)
        return


def _short_words(text: str) -> tuple[int, int] | None:
    """A reference in words (`Riverside 12`): a whole cell, short, with a number in it."""
    words = text.split()
    telling = any(character.isdigit() for character in text) and not find_dates(text) and not _MONEY.match(words[-1])
    return (0, len(text)) if telling and len(words) <= 3 and len(text) <= 25 and ":" not in text else None


def _value(text: str) -> str:
    return text.strip(" .:;,-/#")


def read_code(text: str) -> tuple[int, int] | None:
    """Where the code at the beginning of a text stands, or `None` when there is none.

    >>> text = " : # BLR_20151000982590 dated"
    >>> start, end = read_code(text)
    >>> text[start:end]
    'BLR_20151000982590'
    """
    begin = match.end() if (match := _LEAD.match(text)) else 0
    tokens = list(_CODE.finditer(text, begin))
    if not tokens or tokens[0].start() - begin > 1 or text[tokens[0].start() - 1 : tokens[0].start()] == "(":
        return None
    dates = find_dates(text)
    taken = _joined(text, tokens)
    start, end = tokens[0].start(), tokens[taken].end()
    if any(start < printed.end and printed.start < end for printed in dates):
        return None
    return (start, end) if is_code(text[start:end]) else None


def _joined(text: str, tokens: list[re.Match[str]]) -> int:
    """The index of the last token that belongs to the code: `INV 2026 001` is one, `4711 vom` is not."""
    last = 0
    while last + 1 < len(tokens) and last < 4:
        this, following = tokens[last], tokens[last + 1]
        between = text[this.end() : following.start()]
        slashed = between in {" / ", " /", "/ "}
        close = slashed or between in {" ", " - "}
        if not close or not _continues(this[0], following[0], first=last == 0, slashed=slashed):
            break
        last += 1
    return last


def _continues(this: str, following: str, *, first: bool, slashed: bool) -> bool:
    has_digit = any(character.isdigit() for character in following)
    if not has_digit or _MONEY.match(following):
        return False
    if slashed:
        return True
    if first and this.isalpha() and this.isupper() and len(this) <= 5:
        return True
    return this[-1].isdigit() and following.replace("-", "").replace("/", "").isdigit()


def is_code(text: str) -> bool:
    """Whether a text can be the number of a document: it has a digit, and is no amount, time or percentage.

    >>> is_code("INV/2026/00031"), is_code("1.234,56"), is_code("Street")
    (True, False, False)
    """
    bare = text.strip(" .:;,-/#")
    if not bare or len(bare) > MAX_LENGTH or not any(character.isdigit() for character in bare):
        return False
    if "@" in bare or "www." in bare.lower():
        return False
    return not (_MONEY.match(bare) or _TIME.match(bare) or _UNIT.match(bare))


def _worth(text: str, *, weak: bool) -> float:
    """Longer codes with several digits are likelier to be numbers of documents."""
    digits = sum(character.isdigit() for character in text)
    if digits >= 3:
        return 1.0
    if any(character.isalpha() for character in text):
        return 0.75
    return 0.4 if weak else 0.75
