"""What of a printed line can be a name, and what speaks against it."""

from functools import lru_cache
from typing import NamedTuple

from chalicelib.domain.source import PICTURED
from chalicelib.domain.wording import Token, tokens
from chalicelib.extraction.company_names import (
    has_legal_form,
    is_legal_form,
    is_name,
    looks_misread,
    name_in,
    restored,
    telling_end,
)
from chalicelib.extraction.layout import Cell
from chalicelib.extraction.lexicon import lexicon
from chalicelib.extraction.phrases import phrases_in

_LOOKS_MISREAD = 0.5


class PrintedName(NamedTuple):
    """What of a line can be a name: from character `start` to `end`."""

    start: int
    end: int
    words: tuple[Token, ...]
    value: str
    has_legal_form: bool


@lru_cache(maxsize=8192)
def name_printed_in(line: str) -> PrintedName | None:
    """What of a line can be a name, or `None`."""
    if line.rstrip().endswith(":"):
        return None
    start, end = name_in(line)
    start = _behind_label(line, start, end)
    text = line[start:end]
    words = tokens(text)
    if not is_name(text, words):
        return None
    return PrintedName(start, end, words, restored(" ".join(text.split())), has_legal_form(words))


def _behind_label(line: str, start: int, end: int) -> int:
    """`From Acme Ltd`: a party's label before a name with its legal form is no part of it."""
    words = tokens(line[start:end])
    hit = next(lexicon().parties.find([word.text for word in words]), None)
    if hit is None or hit.start > 0 or hit.end >= len(words) or not has_legal_form(words[hit.end :]):
        return start
    return start + words[hit.end].start if not is_legal_form(words[hit.end :]) else start


@lru_cache(maxsize=8192)
def headings_in(text: str) -> tuple[tuple[int, float], ...]:
    """How many characters titles, columns, sums and parties take, and which share makes a line one of them."""
    phrases, words = phrases_in(text), lexicon()
    indexes = ((words.titles, 0.6), (words.columns, 0.6), (words.amounts, 0.6), (words.parties, 0.9))
    places = phrases.tokens
    return tuple(
        (sum(places[hit.end - 1].end - places[hit.start].start for hit in phrases.of(index)), share)
        for index, share in indexes
    )


def legibility_of_name(cell: Cell, begin: int, name: str) -> float:
    """How sure (0–1) the reader of a picture was of the telling words, less where they look misread."""
    legible = cell.legibility_between(begin, begin + telling_end(name))
    return legible * (_LOOKS_MISREAD if cell.source in PICTURED and looks_misread(name) else 1.0)
