"""Lexicons: what labels, titles and columns are called, one data file a language.

`docs/how-to/add-a-language.md` says what each key means. A phrase that ends in `?` is weak: true only in company.
"""

import gc
import json
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from operator import add
from typing import Any, NamedTuple

from chalicelib.domain.wording import phrase


class Meaning(NamedTuple):
    """What a phrase stands for: `concept` of a group (`labels`, `amounts`, …), in one language."""

    concept: str
    weak: bool
    language: str


class Hit(NamedTuple):
    """A phrase found among tokens: from token `start` to before `end`, with all its meanings."""

    start: int
    end: int
    meanings: tuple[Meaning, ...]

    def concept(self, languages: Iterable[str] = ()) -> str | None:
        """The strongest meaning, in one of `languages` where they are given."""
        wanted = set(languages)
        fitting = [meaning for meaning in self.meanings if not wanted or meaning.language in wanted]
        return min(fitting, key=lambda meaning: meaning.weak).concept if fitting else None


@dataclass(slots=True, eq=False)
class PhraseIndex:
    """Finds the longest known phrase at each place of a list of words (the texts of tokens)."""

    following: dict[str, "PhraseIndex"] = field(default_factory=dict)
    meanings: list[Meaning] = field(default_factory=list)

    def add(self, key: Sequence[str], meaning: Meaning) -> None:
        """Know a phrase, also written without its spaces (OCR glues words)."""
        self._put(key, meaning)
        if len(key) > 1 and sum(map(len, key)) > 5:
            self._put(["".join(key)], meaning)

    def _put(self, key: Sequence[str], meaning: Meaning) -> None:
        node = self
        for token in key:
            node = node.following.setdefault(token, PhraseIndex())
        if meaning not in node.meanings:
            node.meanings.append(meaning)

    def may_find(self, begins: AbstractSet[str]) -> bool:
        """Whether one of the `beginnings` of a text begins a phrase; if none does, `find` finds nothing."""
        return not self.following.keys().isdisjoint(begins)

    def find(self, words: Sequence[str]) -> Iterator[Hit]:
        """The phrases in `words`, from left to right, each the longest at its place, none overlapping."""
        start, count, first = 0, len(words), self.following
        while start < count:
            word = words[start]
            hit = None
            if word in first or (start + 1 < count and word + words[start + 1] in first) or _repaired(word) in first:
                hit = self._longest_at(words, start)
            if hit:
                yield hit
            start = hit.end if hit else start + 1

    def _longest_at(self, words: Sequence[str], start: int) -> Hit | None:
        best = None
        paths = [(self, start)]
        while paths:
            node, place = paths.pop()
            if node.meanings and (best is None or place > best.end):
                best = Hit(start, place, tuple(node.meanings))
            paths.extend(node.steps(words, place))
        return best

    def steps(self, words: Sequence[str], place: int) -> "Iterator[tuple[PhraseIndex, int]]":
        """One word on, or two that are known as one (`Beleg-Datum`, `Rechnungs nummer`)."""
        if place >= len(words):
            return
        word = words[place]
        if following := (self.following.get(word) or self.following.get(_repaired(word))):
            yield following, place + 1
        if place + 1 < len(words) and (joined := self.following.get(word + words[place + 1])):
            yield joined, place + 2


@lru_cache(maxsize=65_536)
def _repaired(token: str) -> str:
    """A word as it was before OCR took its letters for digits: `wechse1ge1d`, `lnclusive`.

    Only for looking it up: a lexicon's word that is met this way was certainly meant.
    """
    if len(token) < 4:
        return token
    if token[0] == "l" and token[1] in "nmst":
        return "i" + token[1:]
    letters = sum(map(str.isalpha, token))
    return token.translate(_LETTERS) if len(token) > letters >= len(token) / 2 else token


def beginnings(words: Sequence[str]) -> frozenset[str]:
    """What a phrase among some words can begin with: a word, two written as one, or one that OCR misread."""
    return frozenset((*words, *map(add, words, words[1:]), *map(_repaired, words)))


@dataclass(frozen=True)
class Lexicon:
    """All languages together. Words of `roles`, `stopwords`, … are tokens; months are numbers 1–12."""

    titles: PhraseIndex
    labels: PhraseIndex
    parties: PhraseIndex
    amounts: PhraseIndex
    columns: PhraseIndex
    table_end: PhraseIndex
    carried_forward: PhraseIndex
    roles: dict[str, dict[str, set[str]]]  # token → role → languages
    stopwords: dict[str, set[str]]  # token → languages
    months: dict[str, int]
    address: set[str]


class World(NamedTuple):
    """What does not depend on the language: currencies, countries, legal forms."""

    legal_forms: frozenset[tuple[str, ...]]
    countries: dict[tuple[str, ...], str]  # name → ISO 3166
    country_currency: dict[str, str]
    currency_symbols: dict[str, tuple[str, ...]]  # folded symbol → ISO 4217, most likely first
    currency_names: dict[tuple[str, ...], str]
    currencies: frozenset[str]
    zero_decimal_currencies: frozenset[str]
    name_labels: frozenset[tuple[str, ...]]


_LETTERS = str.maketrans("1058", "losb")
_GROUPS = ("titles", "labels", "parties", "amounts", "columns")


@cache
def lexicon() -> Lexicon:
    """Every lexicon file as one; read once a process."""
    indexes = {name: PhraseIndex() for name in (*_GROUPS, "table_end", "carried_forward")}
    words = Lexicon(**indexes, roles={}, stopwords={}, months={}, address=set())
    for file in sorted(_folder().iterdir(), key=lambda item: item.name):
        if file.name.endswith(".json") and file.name != "any.json":
            _read(words, indexes, json.loads(file.read_text(encoding="utf-8")))
    gc.freeze()  # a hundred thousand objects for as long as the process lives: not to be looked through again and again
    return words


@cache
def world() -> World:
    """The language-independent data; read once a process."""
    data = json.loads((_folder() / "any.json").read_text(encoding="utf-8"))
    return World(
        legal_forms=frozenset(
            phrase(spelling) for form in data["legal_forms"] for spelling in (form, form.replace(".", ". "))
        ),
        countries={
            phrase(name): code
            for names_of in (data["countries"], data["country_words"])
            for code, names in names_of.items()
            for name in names
        },
        country_currency=data["country_currency"],
        currency_symbols={symbol.lower(): tuple(codes) for symbol, codes in data["currency_symbols"].items()},
        currency_names={phrase(name): code for name, code in data["currency_names"].items()},
        currencies=frozenset(data["currencies"]),
        zero_decimal_currencies=frozenset(data["zero_decimal_currencies"]),
        name_labels=frozenset(phrase(name) for name in data["name_labels"]),
    )


def roles_of(token: str) -> dict[str, set[str]]:
    """The roles of a word in labels of amounts (`sum`, `net`, `tax`, …), each with the languages it has them in."""
    known = lexicon().roles
    return known.get(token) or known.get(_repaired(token), {})


def _folder() -> Any:
    return resources.files("chalicelib.extraction") / "lexicons"


def _read(words: Lexicon, indexes: dict[str, PhraseIndex], data: dict[str, Any]) -> None:
    language = data["language"]
    for group in _GROUPS:
        for concept, phrases in data[group].items():
            _add(indexes[group], phrases, concept, language)
    for group in ("table_end", "carried_forward"):
        _add(indexes[group], data[group], group, language)
    _read_words(words, data, language)


def _read_words(words: Lexicon, data: dict[str, Any], language: str) -> None:
    for role, role_words in data["amount_words"].items():
        for token in _tokens_of(role_words):
            words.roles.setdefault(token, {}).setdefault(role, set()).add(language)
    for token in _tokens_of(data["stopwords"]):
        words.stopwords.setdefault(token, set()).add(language)
    for number, names in enumerate(data["months"], start=1):
        words.months.update({"".join(phrase(name)): number for name in names})
    words.address.update(_tokens_of(data["address"]))


def _tokens_of(texts: Iterable[str]) -> Iterator[str]:
    return (token for text in texts for token in phrase(text))


def _add(index: PhraseIndex, phrases: Iterable[str], concept: str, language: str) -> None:
    for text in phrases:
        key = phrase(text.rstrip("?"))
        if key:
            index.add(key, Meaning(concept, text.endswith("?"), language))
