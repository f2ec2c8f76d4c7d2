"""Which languages a document speaks, from its most frequent words and the labels it uses."""

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

from chalicelib.extraction.layout import Sheet
from chalicelib.extraction.lexicon import Hit, lexicon
from chalicelib.extraction.phrases import phrases_in

_ENOUGH = 0.35  # of the best language's score


def languages_of(sheet: Sheet) -> tuple[str, ...]:
    """The document's languages, best first; English is always among them, for its words are everywhere.

    A stop word counts once for each language it belongs to, a strong label of two words or more counts double.
    """
    score: defaultdict[str, float] = defaultdict(float)
    for cell in sheet.cells:
        for language, vote in _votes(cell.text):
            score[language] += vote
    if not score:
        return ("en",)
    best = max(score.values())
    chosen = [language for language in sorted(score, key=lambda one: -score[one]) if score[language] >= _ENOUGH * best]
    return tuple(dict.fromkeys([*chosen, "en"]))


@lru_cache(maxsize=8192)
def _votes(text: str) -> tuple[tuple[str, float], ...]:
    phrases, words = phrases_in(text), lexicon()
    stopwords = (words.stopwords.get(token.text, set()) for token in phrases.tokens)
    hits = (*phrases.of(words.labels), *phrases.of(words.amounts))
    return (
        *(vote for languages in stopwords for vote in _shared(1, languages)),
        *(vote for hit in hits for vote in _of_label(hit)),
    )


def _of_label(hit: Hit) -> Iterator[tuple[str, float]]:
    languages = {meaning.language for meaning in hit.meanings if not meaning.weak}
    return _shared(2 if hit.end - hit.start > 1 else 1, languages)


def _shared(weight: int, languages: set[str]) -> Iterator[tuple[str, float]]:
    return ((language, weight / len(languages)) for language in languages)
