"""Words as the lexicons know them: lower case, without accents and punctuation, cut into tokens."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

_TOKEN = re.compile(r"(?<![^\W_])[^\W\d_](?:\.[^\W\d_])+(?![^\W_])|[^\W_]+|[#%]")  # `I.V.A.` is one word
_SPECIAL = {
    "ß": "ss",
    "ø": "o",
    "Ø": "o",
    "æ": "ae",
    "Æ": "ae",
    "ł": "l",
    "Ł": "l",
    "đ": "d",
    "ı": "i",
    "№": "no",
    "İ": "i",
}


class Token(NamedTuple):
    """One token and where it stands in the text it was cut from."""

    text: str
    start: int
    end: int


def has_digit(text: str) -> bool:
    """Whether a digit stands in a text.

    >>> has_digit("Room 7"), has_digit("Room")
    (True, False)
    """
    return any(map(str.isdigit, text))


@lru_cache(maxsize=65_536)
def tokens(text: str) -> tuple[Token, ...]:
    """The tokens of a text, with their places in it.

    >>> [token.text for token in tokens("N° de TVA: Überweisung 19 %")]
    ['n', 'de', 'tva', 'uberweisung', '19', '%']
    >>> [token.text for token in tokens("Moor S.r.l., I.V.A. 22")]
    ['moor', 'srl', 'iva', '22']
    """
    if text.isascii():
        return tuple(
            Token(match[0].replace(".", ""), match.start(), match.end()) for match in _TOKEN.finditer(text.lower())
        )
    folded, places = _folded(text)
    return tuple(
        Token(match[0].replace(".", ""), places[match.start()], places[match.end() - 1] + 1)
        for match in _TOKEN.finditer(folded)
    )


def _folded(text: str) -> tuple[str, Sequence[int]]:
    """The text in plain letters, and for each of them the place in `text` that it comes from."""
    pieces = list(map(_fold_character, text))
    plain = "".join(pieces)
    if len(plain) == len(text) and all(pieces):
        return plain, range(len(text))
    return plain, [place for place, piece in enumerate(pieces) for _ in piece]


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    if character in _SPECIAL:
        return _SPECIAL[character]
    decomposed = unicodedata.normalize("NFKD", character.casefold())
    return "".join(part for part in decomposed if not unicodedata.combining(part))


def phrase(text: str) -> tuple[str, ...]:
    """A phrase as a key: its tokens alone.

    >>> phrase("Rechnungs-Nr.")
    ('rechnungs', 'nr')
    """
    if text.isascii():
        text = text.lower()
        plain = text.replace(" ", "").isalnum()
    else:
        text = "".join(map(_fold_character, text))
        plain = False
    if plain:
        return tuple(text.split())
    return tuple(token.replace(".", "") for token in _TOKEN.findall(text))


def folded(text: str) -> str:
    """A text as one string of tokens, for comparisons.

    >>> folded("Halden & Moor GmbH")
    'halden moor gmbh'
    """
    return " ".join(phrase(text))
