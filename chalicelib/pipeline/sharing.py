"""Book what one document is estimated to have cost of what all of them together cost."""

from chalicelib.costs.shares import Work, shares_of
from chalicelib.domain.record import Outcome
from chalicelib.pipeline.paying import Purse

_MILLISECONDS = 1000


def book_shares(purse: Purse, outcome: Outcome, byte_count: int) -> None:
    """Book the shares of a document of `byte_count` bytes that took as long as its outcome says."""
    seconds = sum(outcome.timings_ms.values()) / _MILLISECONDS
    for usage in shares_of(Work(seconds=seconds, byte_count=byte_count)):
        purse.share("infrastructure", usage)
