"""The document's currency: seen beside an amount or named, never assumed."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from chalicelib.domain.invoice import FieldName
from chalicelib.domain.wording import Token, has_digit, tokens
from chalicelib.extraction.amounts import Amount, Figures
from chalicelib.extraction.candidates import Candidate
from chalicelib.extraction.company_names import has_legal_form
from chalicelib.extraction.layout import Cell, Sheet
from chalicelib.extraction.lexicon import world

_COUNTRY_OF_LANGUAGE = {"sv": "SEK", "no": "NOK", "da": "DKK"}
_COMMON = frozenset(
    {"EUR", "USD", "GBP", "CHF", "JPY", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "INR", "CAD", "AUD", "MYR"}
)
_LETTERED_SYMBOLS = {"RM": "MYR", "Kč": "CZK", "zł": "PLN"}  # as printed: no other word looks so
_NEVER_WORDS = frozenset(
    {"ALL", "TRY", "TOP", "MOP", "COP", "CUP", "BAM", "GEL", "LAK", "MAD", "PEN", "SOS", "RUB", "AMD", "ARS"}
)


@dataclass(frozen=True)
class Currency:
    """The currency as ISO 4217 code with its evidence; `is_ambiguous` where a symbol has several readings."""

    candidate: Candidate | None
    is_ambiguous: bool = False

    @property
    def code(self) -> str | None:
        """ISO 4217, or `None` when no currency was seen."""
        return self.candidate.value if self.candidate else None


def find_currency(sheet: Sheet, figures: Figures, languages: Iterable[str], countries: Counter[str]) -> Currency:
    """Count what stands beside amounts; a code beats a symbol; a symbol of many countries asks the addresses."""
    beside = [amount for amount in figures.all_amounts() if amount.currency]
    named = _named(sheet)
    votes: Counter[str] = Counter()
    for amount in beside:
        for code in codes_of(amount.currency)[:1]:
            votes[code] += 2 if code in _COMMON or amount.currency != code else 1
    for code, _ in named:
        votes[code] += 1
    if not votes:
        return Currency(None)
    code = votes.most_common(1)[0][0]
    resolved, is_ambiguous = _resolved(code, beside, {name for name, _ in named}, languages, countries)
    return Currency(_evidence(resolved, code, beside, named), is_ambiguous)


def codes_of(symbol: str) -> tuple[str, ...]:
    """The currencies (ISO 4217) that a symbol or code beside an amount may mean, the likeliest first."""
    if symbol in world().currencies:
        return (symbol,)
    return world().currency_symbols.get(symbol.lower().rstrip("."), ())


def _named(sheet: Sheet) -> list[tuple[str, tuple[Cell, Token]]]:
    """Codes and names of currencies in the text: `Alle Beträge in EUR`, `US dollars`."""
    return [(code, (cell, token)) for cell in sheet.cells for code, token in _named_in(cell.text)]


@lru_cache(maxsize=8192)
def _named_in(text: str) -> tuple[tuple[str, Token], ...]:
    words, symbols = tokens(text), world().currency_symbols
    named = ((code, token) for token in words if (code := _code_of(token, text)))
    places = ((symbol, text.find(symbol)) for symbol in ("€", "£", "₹", "$"))
    drawn = ((symbols[one][0], Token(one, place, place + 1)) for one, place in places if place >= 0)
    return (*named, *drawn)


def _code_of(token: Token, text: str) -> str | None:
    printed = text[token.start : token.end]
    if len(printed) == 3 and printed in world().currencies and not _is_word(printed, text):
        return printed
    return world().currency_names.get((token.text,)) or _LETTERED_SYMBOLS.get(printed)


def _is_word(code: str, text: str) -> bool:
    """Three capitals are a currency where a number or a label of amounts stands with them, and no legal form does.

    The common ones may stand alone, as in the heading of a column.
    """
    if code in _NEVER_WORDS or (code == "BHD" and has_legal_form(tokens(text))):
        return True
    return code not in _COMMON and not has_digit(text)


def _resolved(
    code: str, beside: Iterable[Amount], named: set[str], languages: Iterable[str], countries: Counter[str]
) -> tuple[str, bool]:
    """What a symbol of several countries means here, and whether that stays a guess."""
    symbols = [amount.currency for amount in beside if code in codes_of(amount.currency)]
    options = codes_of(symbols[0]) if symbols and symbols[0] not in world().currencies else (code,)
    if len(options) == 1:
        return code, False
    spelled = [option for option in options if option in named and option != options[0]]
    if spelled:
        return spelled[0], False
    for country, _ in countries.most_common():
        if world().country_currency.get(country) in options:
            return world().country_currency[country], False
    for language in languages:
        if _COUNTRY_OF_LANGUAGE.get(language) in options:
            return _COUNTRY_OF_LANGUAGE[language], False
    return code, True


def _evidence(
    resolved: str, code: str, beside: Iterable[Amount], named: list[tuple[str, tuple[Cell, Token]]]
) -> Candidate:
    for amount in reversed(list(beside)):
        if code in codes_of(amount.currency)[:1]:
            return Candidate(
                FieldName.CURRENCY, resolved, amount.currency, amount.page, amount.box, 0.95, amount.cell.source
            )
    cell, token = next(place for name, place in named if name == code)
    return Candidate.printed(FieldName.CURRENCY, resolved, cell, token.start, token.end, 0.85)
