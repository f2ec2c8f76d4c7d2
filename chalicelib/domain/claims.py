"""Who may work on a document now: whoever holds its claim, until that must be taken for lost."""

from collections.abc import Collection
from datetime import datetime, timedelta

from chalicelib.domain.record import InvoiceRecord, Status


def is_claimed_by(record: InvoiceRecord, known: Collection[str | None]) -> bool:
    """Whether one of `known` has the claim: the same delivery that comes once more, perhaps while the first lives."""
    return record.claim is not None and record.claim.owner in known


def is_held(record: InvoiceRecord, known: Collection[str | None], now: datetime, longest: timedelta) -> bool:
    """Whether somebody is at work, and not for longer than `longest`, when they must have crashed.

    Of those in `known` one is no longer waited for than until their invocation is ended.
    """
    if record.status is not Status.PROCESSING or record.claim is None:
        return False
    is_over = is_claimed_by(record, known) and (record.claim.until is None or now >= record.claim.until)
    return not is_over and now - record.claim.since < longest


def is_early(record: InvoiceRecord, now: datetime) -> bool:
    """Whether it waits for something, and that is not to be expected yet."""
    return record.status is Status.WAITING and record.next_attempt_at is not None and now < record.next_attempt_at
