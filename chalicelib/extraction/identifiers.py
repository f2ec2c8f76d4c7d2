"""Identifiers with check digits: VAT ids, IBANs, BICs. A number that checks out needs no label to be believed."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from stdnum import iban as stdnum_iban
from stdnum import luhn
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError
from stdnum.util import get_cc_module

from chalicelib.domain.invoice import FieldName
from chalicelib.extraction.candidates import Candidate
from chalicelib.extraction.labels import FoundLabel, Place, places_for
from chalicelib.extraction.layout import Cell, Sheet

_IBAN = re.compile(r"(?<![A-Z0-9])([A-Z]{2}\d{2}(?:[ ]{0,2}[A-Z0-9]{1,4}){3,8})(?![A-Z0-9])")
BIC = re.compile(r"(?<![A-Z0-9])[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?(?![A-Z0-9])")
_VAT = re.compile(
    r"(?<![A-Z0-9])((?:AT\s?U|R0|N0|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI)"
    r"[ .\-]{0,2}[A-Z0-9](?:[ .\-]{0,2}[A-Z0-9]){6,13})(?![A-Z0-9])"
)
_CHE = re.compile(r"CHE[\- ]?\d{3}[. ]?\d{3}[. ]?\d{3}(?: ?(?:MWST|TVA|IVA))?")
_JAPANESE = re.compile(r"(?<![A-Z0-9])T\d{13}(?!\d)")  # a qualified invoice issuer's number
_NATIONAL = re.compile(r"[A-Z0-9](?:[A-Z0-9]|[ .\-/](?=[A-Z0-9])){5,22}", re.IGNORECASE)
_LEAD = re.compile(r"^(?:[\s:;.,#()\-–]|no\b\.?|nr\b\.?|n°)+", re.IGNORECASE)


def find_ibans(sheet: Sheet, labels: dict[int, list[FoundLabel]]) -> Iterator[Candidate]:
    """IBANs whose check digits are right; and those behind the label although they are not."""
    for cell in sheet.cells:
        if len(cell.text) < 15:
            continue
        labelled = any(label.concept == "iban" and label.cell is cell for label in labels.get(cell.row, []))
        for match in _IBAN.finditer(cell.text):
            value = valid_iban(match[1])
            if value:
                end = match.start() + _length_in(match[1], len(value))
                yield _candidate(FieldName.IBAN, value, cell, match.start(), end, 0.97)
            elif _IBAN_LENGTHS.get(match[1][:2]) == len(_compact(match[1])):
                strength = 0.6 if labelled else 0.45
                yield _candidate(FieldName.IBAN, _compact(match[1]), cell, match.start(), match.end(), strength)


def valid_iban(text: str) -> str | None:
    """The longest beginning of a text that is an IBAN: what follows may be the next word."""
    compact = _compact(text)
    for length in range(min(34, len(compact)), 14, -1):
        if stdnum_iban.is_valid(compact[:length], check_country=False) and _fits_country(compact[:length]):
            return compact[:length]
    return None


def _fits_country(iban: str) -> bool:
    return _IBAN_LENGTHS.get(iban[:2], len(iban)) == len(iban)


# ISO 13616 registry: how long an IBAN of each country is.
_IBAN_LENGTHS = {
    "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24, "FI": 18,
    "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20,
    "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK": 24,
    "TR": 26,
}  # fmt: skip


def _length_in(text: str, count: int) -> int:
    """How many characters of `text` hold its first `count` letters and digits."""
    seen = 0
    for place, character in enumerate(text):
        seen += character.isalnum()
        if seen == count:
            return place + 1
    return len(text)


def find_bics(sheet: Sheet, labels: dict[int, list[FoundLabel]]) -> Iterator[Candidate]:
    """BICs behind their label: eight capitals alone may be any word."""
    for row in labels.values():
        for label in row:
            if label.concept != "bic":
                continue
            for place in places_for(label, sheet, labels):
                match = BIC.search(place.text)
                if match:
                    start = place.start + match.start()
                    yield _candidate(FieldName.BIC, match[0], place.cell, start, start + len(match[0]), 0.9)
                    break


def find_tax_ids(sheet: Sheet, labels: dict[int, list[FoundLabel]]) -> Iterator[Candidate]:
    """VAT ids with right check digits anywhere; other tax numbers behind their label.

    Whose they are is decided with the parties; here all are the supplier's.
    """
    seen: set[tuple[int, str]] = set()
    for cell in sheet.cells:
        for candidate in _vat_ids(cell, labels.get(cell.row, [])):
            seen.add((cell.row, candidate.value))
            yield candidate
    for row in labels.values():
        for label in row:
            if label.concept in {"supplier_tax_id", "buyer_tax_id"}:
                yield from _labelled(label, places_for(label, sheet, labels), seen)


def _vat_ids(cell: Cell, labels: Sequence[FoundLabel]) -> Iterator[Candidate]:
    if len(cell.text) < 8 or not cell.has_digit:
        return
    for match in _CHE.finditer(cell.text):
        number = "CHE" + "".join(character for character in match[0] if character.isdigit())
        yield _candidate(_whose(cell, match.start(), labels), number, cell, match.start(), match.end(), 0.95)
    for match in _JAPANESE.finditer(cell.text):
        yield _candidate(_whose(cell, match.start(), labels), match[0], cell, match.start(), match.end(), 0.9)
    for match in _VAT.finditer(cell.text):
        value = valid_vat_id(match[1])
        if value:
            end = match.start() + _length_in(match[1], len(value))
            yield _candidate(_whose(cell, match.start(), labels), value, cell, match.start(), end, 0.95)


def _whose(cell: Cell, start: int, labels: Sequence[FoundLabel]) -> FieldName:
    """`Your VAT id` is the buyer's; any other is the supplier's until its place says otherwise."""
    before = [label.concept for label in labels if label.cell is cell and label.end <= start]
    return FieldName.BUYER_TAX_ID if before and before[-1] == "buyer_tax_id" else FieldName.SUPPLIER_TAX_ID


@lru_cache(maxsize=4096)
def valid_vat_id(text: str) -> str | None:
    """The longest beginning of a text that is a VAT id with right check digits, without spaces.

    >>> valid_vat_id("DE 999 001 237 und"), valid_vat_id("DE999001238")
    ('DE999001237', None)
    """
    compact = _compact(text)
    if compact[1:2] == "0":
        compact = compact[0] + "O" + compact[2:]  # OCR: only the check digits can prove it
    for length in range(min(14, len(compact)), 7, -1):
        value = compact[:length]
        try:
            if value.startswith(("GB", "XI")):
                return "GB" + _module("gb").validate(value[2:]) if length >= 11 else None
            if eu_vat.is_valid(value):
                return value
        except ValidationError:
            continue
    return None


def _module(country: str):  # type: ignore[no-untyped-def]  # python-stdnum has no types
    return get_cc_module(country, "vat")


def _labelled(label: FoundLabel, places: Iterable[Place], seen: set[tuple[int, str]]) -> Iterator[Candidate]:
    for place in places:
        lead = match.end() if (match := _LEAD.match(place.text)) else 0
        found = _NATIONAL.match(place.text, lead)
        if not found:
            continue
        text = _trimmed(found[0])
        value = read_tax_id(text)
        if value is None:
            continue
        if (place.cell.row, _compact(value)) in seen or (place.cell.row, value) in seen:
            return
        start = place.start + lead
        strength = 0.8 * label.strength * place.nearness
        name = FieldName.BUYER_TAX_ID if label.concept == "buyer_tax_id" else FieldName.SUPPLIER_TAX_ID
        yield _candidate(name, value, place.cell, start, start + len(text), strength)
        return


def read_tax_id(text: str) -> str | None:
    """A tax number without spaces, or `None` where the text can be none: it has digits, and is not long.

    >>> read_tax_id("12 / 345 / 67890"), read_tax_id("Mill Lane 4")
    ('12/345/67890', None)
    """
    digits = sum(character.isdigit() for character in text)
    if digits < 5 or not _one_number(text):
        return None
    return valid_vat_id(text) or re.sub(r"\s", "", text)


def _trimmed(text: str) -> str:
    """Without the words that follow: `29670869006 Service` ends at the space before letters only."""
    pieces = re.split(r"\s+", text)
    kept = [pieces[0]]
    for piece in pieces[1:]:
        if not any(character.isdigit() for character in piece) and piece.upper() not in {"MVA", "MWST", "TVA"}:
            break
        kept.append(piece)
    return text[: len(" ".join(kept))].rstrip(" .-/")


def _one_number(text: str) -> bool:
    return len(_compact(text)) <= 20


def is_luhn(text: str) -> bool:
    """Whether a number's Luhn digit is right (SIREN, SIRET, Swedish organisation numbers)."""
    return bool(luhn.is_valid(_compact(text)))


def _compact(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def _candidate(name: FieldName, value: str, cell: Cell, start: int, end: int, strength: float) -> Candidate:
    return Candidate.printed(name, value, cell, start, end, strength)
