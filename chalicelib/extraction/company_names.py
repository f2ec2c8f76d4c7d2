"""Lines that can be a company's name, and what tells them from addresses, labels and sentences."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from chalicelib.domain.wording import Token, phrase, tokens
from chalicelib.extraction.lexicon import lexicon, world

_MAX_NAME = 70
SEPARATOR = re.compile(
    r"\s+[\-–—•·|*]\s+|\s{2,}|[|•·]|\s*;\s*|,\s*(?=\d|[A-ZÄÖÜ][\wäöüß.]*(?:stra|str\.|weg|platz|allee))"
)
_DEPARTMENTS = frozenset(
    map(phrase, ("accounts payable", "accounts", "accounting", "finance", "purchasing", "einkauf", "buchhaltung"))
) | frozenset(
    map(phrase, ("comptabilité", "administration", "crediteurenadministratie", "contabilità", "administración"))
)
_HONORIFIC = re.compile(
    r"^(?:messrs\.?|m/s\.?|firma|fa\.|(?:you are )?welcome to"
    r"|(?:thank ?you|thanks|tq) ?for ?(?:visiting|shopping ?(?:at|with)))\s+",
    re.IGNORECASE,
)
_ZEROS = re.compile(r"\b[o0d]\s?\.\s?[o0](?:\s?\.\s?[o0])?\b")
_GLUED_FORM = re.compile(r"(?<=[a-zäöüé])(?=(?:Sdn|Pte|Pty|Pvt|Ltd|GmbH|LLC|Inc)\b)")
_NUMBERED = re.compile(r"\s*[(\[]\s*[A-Z]{0,3}[\s.]?\d")  # a company's number in brackets behind its name
_MISREAD = re.compile(r"[^\W\d_][-.]?[01](?!\d)|(?<!\d)[01][-.]?[^\W\d_]|[\[\]{}|\\<>~=]")
_SHORT_NUMBER = re.compile(r"\s+\d{1,3}")
_TRAILING = " .,:;-–—|/\\*_=#'\"“”«»"


def name_in(text: str) -> tuple[int, int]:
    """Where the name in a line stands: up to its legal form, or up to the address that follows.

    >>> line = "Halden & Moor GmbH - Uferweg 40 - 12345 Musterstadt"
    >>> start, end = name_in(line)
    >>> line[start:end]
    'Halden & Moor GmbH'
    """
    start = len(text) - len(text.lstrip(_TRAILING + "\t"))
    if honorific := _HONORIFIC.match(text[start:]):
        start += honorific.end()
    colon = text.find(":", start)
    if colon > 0 and has_legal_form(tokens(text[colon + 1 :])):
        start = colon + 1 + len(text[colon + 1 :]) - len(text[colon + 1 :].lstrip())
    cut = next((found for found in SEPARATOR.finditer(text, start) if _separates(found, text)), None)
    end = cut.start() if cut else len(text)
    if number := _NUMBERED.search(text, start, end):
        end = number.start()
    comma = text.find(",", start, end)
    if comma > start and any(map(str.isdigit, text[comma:])):
        end = comma  # an address follows
    form_end = _legal_form_end(text[start:end])
    if form_end and _is_more_than_a_name(text[start + form_end : end]):
        end = start + form_end
    while end > start and text[end - 1] in _TRAILING and not _ends_with_form(text[start:end]):
        end -= 1
    return start, end


def _is_more_than_a_name(text: str) -> bool:
    """Whether an address or a register's number follows a legal form; a short number alone is of the name."""
    return any(map(str.isdigit, text)) and not _SHORT_NUMBER.fullmatch(text)


def _separates(found: re.Match[str], text: str) -> bool:
    """A wide gap alone separates a name only from numbers: large letters are often set wide."""
    return bool(found[0].strip()) or any(character.isdigit() or character == "@" for character in text[found.end() :])


def _ends_with_form(text: str) -> bool:
    return text.endswith(".") and has_legal_form((Token("", 0, 0), *tokens(text)[-3:]))


def _legal_form_end(text: str) -> int:
    words = tokens(text)
    ends = [words[end - 1].end for start, end in _legal_forms(words) if start > 0]
    best = max(ends, default=0)
    while best and best < len(text) and text[best] in ".)":
        best += 1
    return best


def telling_end(text: str) -> int:
    """Where a name's telling words end and the legal form behind them begins.

    >>> "Halden & Moor GmbH"[: telling_end("Halden & Moor GmbH")]
    'Halden & Moor '
    """
    words = tokens(text)
    return next(
        (words[start].start for start, end in _legal_forms(words) if start > 0 and end == len(words)), len(text)
    )


def looks_misread(name: str) -> bool:
    """Whether a name has what reading letters off a picture makes of others: digits between letters, other brackets.

    >>> looks_misread("M0OR Ltd"), looks_misread("Moor-0 Ltd"), looks_misread("Moo[ Ltd"), looks_misread("Moor 24 Ltd")
    (True, True, True, False)
    """
    return bool(_MISREAD.search(name))


def has_legal_form(words: Sequence[Token]) -> bool:
    """Whether some of the words are a company's legal form (`GmbH`, `S.r.l.`, `Sdn Bhd`).

    One of a single word at the beginning is none: names begin otherwise.
    """
    return any(start > 0 or end > 1 for start, end in _legal_forms(words))


def _legal_forms(words: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Where legal forms stand among the words: the longest at each place."""
    begins, forms = _form_beginnings(), world().legal_forms
    for start, word in enumerate(words):
        if word.text not in begins:
            continue
        for size in (4, 3, 2, 1):
            if start + size <= len(words) and tuple(one.text for one in words[start : start + size]) in forms:
                yield start, start + size
                break


@cache
def _form_beginnings() -> frozenset[str]:
    return frozenset(form[0] for form in world().legal_forms if form)


def restored(text: str) -> str:
    """A name with the legal form that OCR took for numbers (`d.o.0.`, `Sp. z 0.0.`), or glued to the word before.

    >>> restored("Moor Sp. z 0.0.")
    'Moor Sp. z o.o.'
    >>> restored("Moor TradingSdn Bhd")
    'Moor Trading Sdn Bhd'
    """
    text = _GLUED_FORM.sub(" ", text)
    if "0" not in text:
        return text
    better = _ZEROS.sub(lambda found: found[0].replace("0", "o"), text)
    return better if has_legal_form(tokens(better)) and not has_legal_form(tokens(text)) else text


def is_legal_form(words: Sequence[Token]) -> bool:
    """Whether the words are nothing but a legal form: `Sdn Bhd`, `(M) Sdn. Bhd.`"""
    names = tuple(word.text for word in words if len(word.text) > 1)
    return bool(names) and names in world().legal_forms


def is_name(text: str, words: Sequence[Token]) -> bool:
    """Whether a line can be a name: letters, not too long, no address, amount, link or sentence."""
    if text.startswith("("):
        return False
    letters = sum(map(str.isalpha, text))
    digits = sum(map(str.isdigit, text))
    if letters < 3 or len(text) > _MAX_NAME or digits > letters or "@" in text or "www." in text.lower():
        return False
    if len(words) > 9 or text.rstrip().endswith(":") or any(_is_long_number(word.text) for word in words):
        return False
    if tuple(word.text for word in words) in _DEPARTMENTS:
        return False
    filler = sum(1 for word in words if word.text in lexicon().stopwords and len(word.text) > 1)
    return filler <= max(1, len(words) // 4) and not _is_place(words)


def _is_long_number(word: str) -> bool:
    return len(word) >= 5 and word.isdigit()


def _is_place(words: Sequence[Token]) -> bool:
    """`12345 Musterstadt`, `Germany`, `Musterstraße 4`, `12 Mill Lane`; but not `Harrow & Pell 13`."""
    names = tuple(word.text for word in words)
    if names in world().countries:
        return True
    numbers = [any(character.isdigit() for character in name) for name in names]
    if not any(numbers) or has_legal_form(words):
        return False
    return numbers[0] or sum(numbers) > 1 or (len(names) <= 2 and numbers[-1])
