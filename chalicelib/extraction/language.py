"""Which languages a document speaks, from its most frequent words and the labels it uses."""

from collections import defaultdict

from chalicelib.extraction.layout import Sheet
from chalicelib.extraction.lexicon import Hit, lexicon

_ENOUGH = 0.35  # of the best language's score


def languages_of(sheet: Sheet) -> tuple[str, ...]:
    """The document's languages, best first; English is always among them, for its words are everywhere.

    A stop word counts once for each language it belongs to, a strong label of two words or more counts double.
    """
    score: defaultdict[str, float] = defaultdict(float)
    words = lexicon()
    for cell in sheet.cells:
        for token in cell.tokens:
            languages = words.stopwords.get(token.text)
            if languages:
                for language in languages:
                    score[language] += 1.0 / len(languages)
        for hit in (*cell.hits(words.labels), *cell.hits(words.amounts)):
            _count(score, hit)
    if not score:
        return ("en",)
    best = max(score.values())
    chosen = [language for language in sorted(score, key=lambda one: -score[one]) if score[language] >= _ENOUGH * best]
    return tuple(dict.fromkeys([*chosen, "en"]))


def _count(score: defaultdict[str, float], hit: Hit) -> None:
    languages = {meaning.language for meaning in hit.meanings if not meaning.weak}
    for language in languages:
        score[language] += (2 if hit.end - hit.start > 1 else 1) / len(languages)
