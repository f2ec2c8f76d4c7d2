"""Whether reading a document once more was worth it: an outcome is never replaced by a worse one."""

from collections.abc import Sequence

from chalicelib.domain.finding import Decision, Severity
from chalicelib.domain.record import Outcome

_WORTH = (Decision.REJECTED, Decision.NEEDS_REVIEW, Decision.AUTO_APPROVE)


def is_better(after: Sequence[Outcome], before: Sequence[Outcome]) -> bool:
    """Whether the invoices of one document came out better, in their order: more of them or one better, none worse.

    What more of the readers have looked at is better than what fewer have, even if they contradict each other: that a
    value is not sure is worth knowing.
    """
    pairs = [(_worth(new), _worth(old)) for new, old in zip(after, before, strict=False)]
    if len(after) < len(before) or any(new < old for new, old in pairs):
        return False
    return len(after) > len(before) or any(new > old for new, old in pairs)


def _worth(outcome: Outcome) -> tuple[int, int, int, int]:
    """What counts first: the decision, who was missing, what contradicts, what was found."""
    errors = sum(finding.severity is Severity.ERROR for finding in outcome.findings)
    return (_WORTH.index(outcome.decision), -len(outcome.degraded), -errors, len(outcome.invoice.fields))
