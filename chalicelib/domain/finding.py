"""Findings are what the checks remark; a decision is what follows from them."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Severity(StrEnum):
    """`error`: a person must look. `warning`: a person should know. `info`: worth recording."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Finding(BaseModel):
    """One remark of a check: a stable code, a sentence with the numbers, and the fields it speaks of."""

    model_config = ConfigDict(frozen=True)

    code: str
    message: str
    severity: Severity = Severity.ERROR
    fields: tuple[str, ...] = ()


class Decision(StrEnum):
    """What happens next: it is booked, a person looks at it, or its sender is told."""

    AUTO_APPROVE = "auto_approve"
    NEEDS_REVIEW = "needs_review"
    REJECTED = "rejected"
