"""What a label says that an amount is: the lexicon's phrases, and the words that modify them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chalicelib.domain.wording import Token
from chalicelib.extraction.lexicon import Hit, lexicon, roles_of, world

_FIXED = frozenset(
    {
        "amount_paid",
        "change",
        "prior_balance",
        "discount",
        "shipping",
        "tip",
        "charges",
        "rounding",
        "ignore",
        "tax_base",
    }
)


@dataclass(frozen=True, slots=True)
class Label:
    """What a text says an amount is: a concept of the lexicon's `amounts`, and how sure that is (0–1)."""

    concept: str
    strength: float


@dataclass(frozen=True)
class LabelReader:
    """Reads labels in the languages of one document."""

    languages: frozenset[str]

    def label_of(self, tokens: Sequence[Token]) -> Label | None:
        """What a text says, or `None` when it says nothing about amounts."""
        words = [token for token in tokens if not token.text.isdigit()]
        if not words or len(words) > 18:
            return None
        roles = self._roles(words)
        hits = [hit for hit in lexicon().amounts.find(words) if hit.concept(self.languages)]
        hit = max(hits, key=self._worth, default=None)
        concept = hit.concept(self.languages) if hit else None
        if self._is_contained_tax(words):
            return Label("tax", 0.85)
        meaning = _meaning(concept, hit is not None and self._is_weak(hit), roles)
        if meaning is None:
            return None
        covered = sum(found.end - found.start for found in hits) if hits else 1
        strength = meaning.strength * (0.4 + 0.6 * min(1.0, covered / self._telling(words)))
        return Label(meaning.concept, round(strength, 3))

    def _is_contained_tax(self, words: Sequence[Token]) -> bool:
        """`GST 6 % included in total` is a tax; `Total incl. GST` is not."""
        roles = [set(roles_of(word.text)) for word in words]
        taxes = [place for place, found in enumerate(roles) if "tax" in found]
        included = [place for place, found in enumerate(roles) if "including" in found]
        sums = [place for place, found in enumerate(roles) if "sum" in found and "tax" not in found]
        return bool(taxes and included and sums) and taxes[0] < included[0] < sums[0]

    def _roles(self, words: Iterable[Token]) -> set[str]:
        return {role for word in words for role, languages in roles_of(word.text).items() if languages & self.languages}

    def _is_weak(self, hit: Hit) -> bool:
        fitting = [meaning for meaning in hit.meanings if meaning.language in self.languages]
        return all(meaning.weak for meaning in fitting)

    def _worth(self, hit: Hit) -> tuple[bool, int, int]:
        return (not self._is_weak(hit), hit.end - hit.start, hit.start)

    def _telling(self, words: Sequence[Token]) -> int:
        """How many of the words say something: not the articles, currencies, signs and single letters."""
        filler = lexicon().stopwords
        codes = world().currencies
        return max(
            1,
            sum(
                1
                for word in words
                if len(word.text) > 1
                and word.text.upper() not in codes
                and not filler.get(word.text, set()) & self.languages
            ),
        )


def _meaning(concept: str | None, weak: bool, roles: set[str]) -> Label | None:  # noqa: FBT001 - a fact, not a switch
    if concept in _FIXED and concept is not None:
        return Label(concept, 0.5 if weak else 0.9)
    modified = _modified(concept, roles)
    if modified:
        return modified
    if concept is not None:
        return Label(concept, 0.6 if weak else 0.95)
    if "sum" in roles and "tax" in roles:
        return Label("tax", 0.6)
    if "sum" in roles and "net" in roles:
        return Label("subtotal", 0.6)
    return Label("total", 0.35) if "sum" in roles else None


def _modified(concept: str | None, roles: set[str]) -> Label | None:
    """`excl.`, `incl.`, `net`, `gross`, `due` say more than the noun they stand with."""
    summing = "sum" in roles or concept in {"total", "subtotal", "amount_due"}
    if "tax" in roles and "excluding" in roles and "including" not in roles and concept != "tax":
        return Label("subtotal", 0.9)
    if "tax" in roles and "including" in roles and "excluding" not in roles and (summing or "gross" in roles):
        return Label("total", 0.95)
    if concept == "total" and "net" in roles and "gross" not in roles:
        return Label("subtotal", 0.75)
    if concept == "total" and "tax" in roles and not roles & {"including", "excluding", "gross"}:
        return Label("tax", 0.8)
    if "gross" in roles and summing:
        return Label("total", 0.95)
    if concept in {"total", "subtotal"} and "due" in roles:
        return Label("amount_due", 0.9)
    return None
