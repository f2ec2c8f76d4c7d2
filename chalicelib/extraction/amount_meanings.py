"""What a label says that an amount is: the lexicon's phrases, and the words that modify them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

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


_MOST_WORDS = 18  # more are a sentence


@dataclass(frozen=True, slots=True)
class Label:
    """What a text says an amount is: a concept of the lexicon's `amounts`, and how sure that is (0–1)."""

    concept: str
    strength: float


@dataclass(frozen=True)
class LabelReader:
    """Reads labels in the languages of one document."""

    languages: frozenset[str]

    def label_of(self, tokens: Iterable[Token]) -> Label | None:
        """What a text says, or `None` when it says nothing about amounts."""
        words = tuple(token.text for token in tokens if not token.text.isdigit())
        return _label(words, self.languages) if 0 < len(words) <= _MOST_WORDS else None


@lru_cache(maxsize=4096)  # labels come again: in every row, on every page, in every document
def _label(words: tuple[str, ...], languages: frozenset[str]) -> Label | None:
    if _is_contained_tax(words):
        return Label("tax", 0.85)
    hits = [hit for hit in lexicon().amounts.find(words) if hit.concept(languages)]
    hit = max(hits, key=lambda one: _worth(one, languages), default=None)
    concept = hit.concept(languages) if hit else None
    meaning = _meaning(concept, hit is not None and _is_weak(hit, languages), _roles(words, languages))
    if meaning is None:
        return None
    covered = sum(found.end - found.start for found in hits) if hits else 1
    strength = meaning.strength * (0.4 + 0.6 * min(1.0, covered / _telling(words, languages)))
    return Label(meaning.concept, round(strength, 3))


def _is_contained_tax(words: Sequence[str]) -> bool:
    """`GST 6 % included in total` is a tax; `Total incl. GST` is not."""
    roles = [roles_of(word) for word in words]
    taxes = [place for place, found in enumerate(roles) if "tax" in found]
    included = [place for place, found in enumerate(roles) if "including" in found]
    sums = [place for place, found in enumerate(roles) if "sum" in found and "tax" not in found]
    return bool(taxes and included and sums) and taxes[0] < included[0] < sums[0]


def _roles(words: Iterable[str], languages: frozenset[str]) -> set[str]:
    return {role for word in words for role, spoken in roles_of(word).items() if spoken & languages}


def _is_weak(hit: Hit, languages: frozenset[str]) -> bool:
    fitting = [meaning for meaning in hit.meanings if meaning.language in languages]
    return all(meaning.weak for meaning in fitting)


def _worth(hit: Hit, languages: frozenset[str]) -> tuple[bool, int, int]:
    return (not _is_weak(hit, languages), hit.end - hit.start, hit.start)


def _telling(words: Sequence[str], languages: frozenset[str]) -> int:
    """How many of the words say something: not the articles, currencies, signs and single letters."""
    filler, codes = lexicon().stopwords, world().currencies
    said = [word for word in words if len(word) > 1 and word.upper() not in codes]
    return max(1, sum(1 for word in said if not filler.get(word, set()) & languages))


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
