"""A job is one run over one document."""

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict


class Job(BaseModel):
    """Which invoice is worked on, in which run, and until when (`None`: as long as it takes).

    No two runs have the same name, not even after a crash: the charges of each are its own. `is_another` says that the
    document was read to its end before, and is read once more.
    """

    model_config = ConfigDict(frozen=True)

    invoice_id: str
    run: str
    deadline: AwareDatetime | None = None
    is_another: bool = False

    def seconds_left(self, now: datetime) -> float:
        """Seconds until the deadline, never below zero; without one, a day.

        >>> from datetime import UTC
        >>> Job(invoice_id="1", run="a", deadline=datetime(2026, 1, 1, 0, 1, tzinfo=UTC)).seconds_left(
        ...     datetime(2026, 1, 1, tzinfo=UTC))
        60.0
        """
        if self.deadline is None:
            return 86_400.0
        return max(0.0, (self.deadline - now).total_seconds())
