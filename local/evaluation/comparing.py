"""When a value counts as right: as an accountant would say it, whatever the notation.

Names are compared without legal forms, accents, case and punctuation; amounts to the cent; codes without spaces.
"""

import re
import unicodedata
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from difflib import SequenceMatcher

_LEGAL_FORMS = frozenset(
    word
    for words in (
        "ltd limited plc llp lp llc inc incorporated corp corporation co company",  # English
        "gmbh mbh ag kg kgaa ohg gbr ug ev eg se",  # German, European
        "sa sas sarl sasu eurl sci snc sl slu spa srl srls",  # Romance
        "bv nv vof cv ab oy oyj as asa aps a s d o k s r z",  # Dutch, Nordic; initials that were set apart
        "spolka zoo sp spzoo doo dd kft zrt ou oü uab sia",  # Polish, Balkan, Hungarian, Baltic
        "zspo bhd sdn sbn sb plt pvt pte pty private kk",  # Asian, Australian
        "the and und et e",  # joining words
    )
    for word in words.split()
)
_UNDECOMPOSED = str.maketrans({"ß": "ss", "ø": "o", "Ø": "o", "æ": "ae", "ł": "l", "Ł": "L"})
_APOSTROPHES = re.compile("['’`´]")
_INITIALS = re.compile(r"\b(?:[a-z]\.){2,}")
_SDN_BHD = re.compile(r"\bs\s*/\s*b\b")  # `Orchard S/B`
_WORD = re.compile(r"[^\W_]+")
_CURRENCIES = (
    {"€": "EUR", "EURO": "EUR", "EUROS": "EUR", "£": "GBP", "RM": "MYR", "KČ": "CZK", "ZŁ": "PLN", "R$": "BRL"}
    | {"$": "USD", "US$": "USD", "USD$": "USD", "C$": "CAD", "CA$": "CAD"}
    | {"₹": "INR", "RS": "INR", "RS.": "INR", "SFR": "CHF", "KR": "SEK"}
)
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?=$|[T ])")
_TAX_WORD = re.compile(r"^(?:VAT|UID|NIF|CIF|NIP|GST|ABN|TAX)(?=[A-Z]{0,3}\d)")
_COUNTRY = re.compile(r"^[A-Z]{2}U?(?=\d)")
_CENT = Decimal("0.01")


def is_right(field: str, truth: str, value: str) -> bool:
    """Whether `value` is what `truth` says.

    >>> is_right("supplier_name", "Halden & Moor GmbH", "HALDEN MOOR"), is_right("total", "5.90", "5.9")
    (True, True)
    >>> is_right("supplier_tax_id", "DE 123 456 789", "123456789"), is_right("issue_date", "2026-03-04", "2026-04-03")
    (True, False)
    """
    wanted, found = _normal(field, truth), _normal(field, value)
    if wanted is None or found is None:
        return False
    if field == "supplier_tax_id" and wanted != found:  # with or without the country
        return _COUNTRY.sub("", str(wanted)) == _COUNTRY.sub("", str(found))
    return wanted == found


def name_words(name: str) -> list[str]:
    """The telling words of a name, in order; all of them where none is telling.

    >>> name_words("Société Générale S.A."), name_words("The Company")
    (['societe', 'generale'], ['the', 'company'])
    """
    text = unicodedata.normalize("NFKD", name.translate(_UNDECOMPOSED))
    text = "".join(letter for letter in text if not unicodedata.combining(letter)).casefold().replace("&", " ")
    text = _INITIALS.sub(lambda found: found[0].replace(".", ""), _APOSTROPHES.sub("", text))
    words = _WORD.findall(_SDN_BHD.sub("sb", text))
    return [word for word in words if word not in _LEGAL_FORMS] or words


def amount_of(text: str) -> Decimal | None:
    """An amount to the cent, with point or comma, signs and thousands in any usual notation; else `None`.

    >>> amount_of("1.234,5"), amount_of("(12.345)"), amount_of("none")
    (Decimal('1234.50'), Decimal('-12.35'), None)
    """
    bare = re.sub(r"[\s'’]", "", text).replace("−", "-")
    bare = re.sub(r"^[^\d\-.,(]+", "", bare)
    bare = re.sub(r"[^\d.,)]+$", "", bare)
    if bare.startswith("(") and bare.endswith(")"):
        bare = f"-{bare[1:-1]}"
    try:
        return Decimal(_with_point(bare)).quantize(_CENT, ROUND_HALF_UP)
    except InvalidOperation:
        return None


def alikeness(one: str, other: str) -> float:
    """How alike two descriptions are (0–1): in their order of words, or in the words they share."""
    first, second = name_words(one), name_words(other)
    return max(_ratio(" ".join(first), " ".join(second)), _shared(set(first), set(second)))


def _shared(one: set[str], other: set[str]) -> float:
    """The token-set ratio: what both share, alone and with what only one of them has."""
    both = " ".join(sorted(one & other))
    first = f"{both} {' '.join(sorted(one - other))}".strip()
    second = f"{both} {' '.join(sorted(other - one))}".strip()
    if not both:
        return _ratio(first, second)
    return max(_ratio(both, first), _ratio(both, second), _ratio(first, second))


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _with_point(text: str) -> str:
    if "," in text and "." in text:
        decimal, thousands = (",", ".") if text.rfind(",") > text.rfind(".") else (".", ",")
        return text.replace(thousands, "").replace(decimal, ".")
    if "," not in text:
        return text
    is_decimal = text.count(",") == 1 and re.search(r",\d{1,2}$", text)
    return text.replace(",", "." if is_decimal else "")


def _day(text: str) -> str:
    found = _DAY.match(text.strip())
    return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}" if found else f"no date: {text.strip()}"


def _code(text: str) -> str:
    return re.sub(r"\s+", "", text).lstrip("#").casefold()


def _letters_and_digits(text: str) -> str:
    return re.sub(r"[^0-9A-Za-z]", "", text).upper()


def _tax_id(text: str) -> str:
    return _TAX_WORD.sub("", _letters_and_digits(text))


def _currency(text: str) -> str:
    code = text.strip().upper()
    return _CURRENCIES.get(code, code)


_NORMAL: dict[str, Callable[[str], object]] = {
    "supplier_name": lambda name: "".join(name_words(name)),
    "invoice_number": _code,
    "purchase_order": _code,
    "issue_date": _day,
    "due_date": _day,
    "currency": _currency,
    "subtotal": amount_of,
    "tax": amount_of,
    "total": amount_of,
    "supplier_tax_id": _tax_id,
    "iban": _letters_and_digits,
}


def _normal(field: str, text: str) -> object:
    return _NORMAL[field](text)
