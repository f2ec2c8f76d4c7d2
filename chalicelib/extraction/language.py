"""Which languages a document speaks, from its most frequent words and the labels it uses."""

from collections import defaultdict
from functools import lru_cache
from itertools import chain

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
    votes = [_shared(1, words.stopwords[token.text]) for token in phrases.tokens if token.text in words.stopwords]
    votes += [_of_label(hit) for index in (words.labels, words.amounts) for hit in phrases.of(index)]
    return tuple(chain.from_iterable(votes))


def _of_label(hit: Hit) -> list[tuple[str, float]]:
    languages = {meaning.language for meaning in hit.meanings if not meaning.weak}
    return _shared(2 if hit.end - hit.start > 1 else 1, languages)


def _shared(weight: int, languages: set[str]) -> list[tuple[str, float]]:
    return [(language, weight / len(languages)) for language in languages]
