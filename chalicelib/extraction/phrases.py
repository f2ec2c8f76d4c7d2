"""What a text says by itself, wherever it stands: its tokens, and the lexicon's phrases in it.

The same texts come again and again (labels, units, rates, repeated headers), so each is looked through only once.
"""

from functools import lru_cache

from chalicelib.domain.wording import Token, has_digit, tokens
from chalicelib.extraction.lexicon import Hit, PhraseIndex, beginnings

_REMEMBERED = 8192  # texts: some twenty long documents


class Phrases:
    """One text; its phrases are looked for when they are first asked for."""

    __slots__ = ("_begins", "_found", "_words", "has_digit", "tokens")

    def __init__(self, text: str) -> None:
        self.tokens: tuple[Token, ...] = tokens(text)
        self.has_digit = has_digit(text)
        self._words = [token.text for token in self.tokens]
        self._begins = beginnings(self._words)
        self._found: dict[PhraseIndex, tuple[Hit, ...]] = {}

    def of(self, index: PhraseIndex) -> tuple[Hit, ...]:
        """The phrases of an index, from left to right."""
        found = self._found.get(index)
        if found is None:
            found = tuple(index.find(self._words)) if index.may_find(self._begins) else ()
            self._found[index] = found
        return found


@lru_cache(maxsize=_REMEMBERED)
def phrases_in(text: str) -> Phrases:
    """The phrases in a text."""
    return Phrases(text)
