"""A job is one attempt at one document."""

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class Job(BaseModel):
    """Which invoice is worked on, for which time, and until when (`None`: as long as it takes)."""

    model_config = ConfigDict(frozen=True)

    invoice_id: str
    attempt: int = Field(default=1, ge=1)
    deadline: AwareDatetime | None = None

    def seconds_left(self, now: datetime) -> float:
        """Seconds until the deadline, never below zero; without one, a day.

        >>> from datetime import UTC
        >>> Job(invoice_id="1", deadline=datetime(2026, 1, 1, 0, 1, tzinfo=UTC)).seconds_left(
        ...     datetime(2026, 1, 1, tzinfo=UTC))
        60.0
        """
        if self.deadline is None:
            return 86_400.0
        return max(0.0, (self.deadline - now).total_seconds())
