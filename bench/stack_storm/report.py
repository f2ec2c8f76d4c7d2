"""What came of a storm, as JSON and as lines for people."""

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from bench.stack_storm.audit import Evidence, Findings


class Counts(NamedTuple):
    """What was counted on the way: calls and how many of them failed, jumps of the clock, documents sent again."""

    seed: int
    calls: int
    faults: int
    jumps: int
    sent_again: int
    seconds: float


class StackStorm(BaseModel):
    """What came of it. `lost` to `left_behind` are sentences about single documents, and must be empty.

    `unavailable` counts the calls that failed at every try; `under_way` says what each kill met. `bought_again` counts
    answers that had to be bought twice, by what had taken the first: a kill, silence, or a store that took no copy of
    it. `unknown_usd` is what the ledger counts in full because nobody saw an answer.
    """

    model_config = ConfigDict(frozen=True)

    documents: int
    seed: int
    under_way: tuple[str, ...]
    dropped: int
    doubled: int
    late: int
    calls: int
    faults: int
    unavailable: int
    jumps: int
    sent_again: int
    refused: int
    ends: Mapping[str, int]
    parked: Mapping[str, int]
    bought_again: Mapping[str, int]
    billed_usd: Decimal
    settled_usd: Decimal
    unknown_usd: Decimal
    lost: tuple[str, ...]
    wrong: tuple[str, ...]
    done_twice: tuple[str, ...]
    charged_twice: tuple[str, ...]
    not_the_bill: tuple[str, ...]
    left_behind: tuple[str, ...]
    seconds: float

    @property
    def is_right(self) -> bool:
        """Whether everything is as it must be."""
        return not list(self.mistakes())

    def mistakes(self) -> Iterator[str]:
        """Everything that is not."""
        for name in ("lost", "wrong", "done_twice", "charged_twice", "not_the_bill", "left_behind"):
            yield from (f"{name.replace('_', ' ')}: {one}" for one in getattr(self, name))

    def lines(self) -> Iterator[str]:
        """The report: the first line says it all."""
        yield (
            f"{self.documents} documents · kills {len(self.under_way)} · events dropped {self.dropped}, duplicated "
            f"{self.doubled}, late {self.late} · faults {self.faults} ({self.faults / max(1, self.calls):.0%}) · lost "
            f"{len(self.lost)} · wrong {len(self.wrong)} · done twice {len(self.done_twice)} · charged twice "
            f"{len(self.charged_twice)} · {self.seconds:.0f} s"
        )
        yield f"seed {self.seed}; the kills met: {'; '.join(self.under_way) or 'nothing'}"
        yield f"calls that failed at every try: {self.unavailable} of {self.calls}; sent again: {self.sent_again}"
        yield f"ends: {_counted(self.ends)}; refused at the door: {self.refused}"
        yield f"parked for a person: {_counted(self.parked)}"
        yield (
            f"billed ${self.billed_usd}, settled ${self.settled_usd}, counted in full because nobody saw the answer "
            f"${self.unknown_usd}; bought again: {_counted(self.bought_again)}"
        )
        yield from self.mistakes()


def reported(evidence: Evidence, findings: Findings, counts: Counts) -> StackStorm:
    """The report of what was found and counted."""
    noted = Counter(note.what for note in evidence.notes)
    return StackStorm(
        documents=len(evidence.sendings),
        under_way=tuple(note.how for note in evidence.notes if note.what == "kill"),
        dropped=noted["dropped"],
        doubled=noted["doubled"],
        late=noted["late"],
        unavailable=noted["unavailable"],
        refused=sum(bool(sending.refusal) for sending in evidence.sendings),
        **counts._asdict(),
        **findings._asdict(),
    )


def _counted(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {count}" for name, count in ordered) or "none"
