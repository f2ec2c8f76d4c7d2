"""Small facts that all processes share: the mode, the circuit breakers, the level of the budget."""

from pydantic import BaseModel, ConfigDict, Field


class SharedFact(BaseModel):
    """One fact by its name: JSON, and how often it was written (0: not yet)."""

    model_config = ConfigDict(frozen=True)

    name: str
    value: str
    revision: int = Field(default=0, ge=0)
