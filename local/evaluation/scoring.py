"""What of a reading is right, wrong, missing or given although it is not there; and the figures over many."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from local.evaluation.comparing import is_right
from local.evaluation.corpus import Truth

_MUST_BE_THERE = frozenset({"total", "invoice_number"})  # who books an invoice without them books it wrong


class Verdict(StrEnum):
    """What a field came out as. `wrong` and `spurious` are the silent errors, `absent` is rightly not there."""

    RIGHT = "right"
    WRONG = "wrong"
    MISSING = "missing"
    SPURIOUS = "spurious"
    ABSENT = "absent"


class Judgement(NamedTuple):
    """One scored field of one document: the first accepted value, and the one that was given."""

    field: str
    verdict: Verdict
    truth: str | None
    value: str | None

    @property
    def is_given(self) -> bool:
        """Whether there is a value, right or wrong."""
        return self.verdict in {Verdict.RIGHT, Verdict.WRONG, Verdict.SPURIOUS}

    @property
    def spoils(self) -> bool:
        """Whether an invoice with this field must not be approved unseen."""
        return self.verdict in {Verdict.WRONG, Verdict.SPURIOUS} or (
            self.verdict is Verdict.MISSING and self.field in _MUST_BE_THERE
        )


def judged(truth: Truth, values: Mapping[str, str]) -> Iterator[Judgement]:
    """A judgement for every scored field."""
    for field, accepted in truth.fields.items():
        value = values.get(field)
        yield Judgement(field, _verdict(field, accepted, value), accepted[0] if accepted else None, value)


def _verdict(field: str, accepted: tuple[str, ...], value: str | None) -> Verdict:
    if value is None:
        return Verdict.MISSING if accepted else Verdict.ABSENT
    if not accepted:
        return Verdict.SPURIOUS
    return Verdict.RIGHT if any(is_right(field, one, value) for one in accepted) else Verdict.WRONG


class Tally(NamedTuple):
    """How many values came out as what."""

    right: int = 0
    wrong: int = 0
    missing: int = 0
    spurious: int = 0
    absent: int = 0

    @property
    def printed(self) -> int:
        """How many values are there to be found."""
        return self.right + self.wrong + self.missing

    @property
    def given(self) -> int:
        """How many values were given."""
        return self.right + self.wrong + self.spurious

    @property
    def precision(self) -> float | None:
        """The share of the given that is right."""
        return self.right / self.given if self.given else None

    @property
    def recall(self) -> float | None:
        """The share of the printed that was given right."""
        return self.right / self.printed if self.printed else None

    @property
    def f1(self) -> float | None:
        """The harmonic mean of both; 0 where nothing is right, `None` where there was nothing to find."""
        if self.printed and not self.right:
            return 0.0
        return 2 * self.right / (self.printed + self.given) if self.printed else None

    @property
    def silent_error_rate(self) -> float | None:
        """The share of the given that is wrong."""
        return (self.wrong + self.spurious) / self.given if self.given else None


def tally(judgements: Iterable[Judgement]) -> Tally:
    """Count the verdicts.

    >>> tally([Judgement("total", Verdict.RIGHT, "1", "1"), Judgement("iban", Verdict.ABSENT, None, None)])
    Tally(right=1, wrong=0, missing=0, spurious=0, absent=1)
    """
    counts = dict.fromkeys(Verdict, 0)
    for judgement in judgements:
        counts[judgement.verdict] += 1
    return Tally(**{verdict.value: count for verdict, count in counts.items()})
