"""The mode that an operator set by hand, until it expires: as usual, rules only, or no new documents."""

from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from chalicelib.errors import ConfigurationError


class ModeName(StrEnum):
    """`auto`: as the budget allows. `rules_only`: no model. `reject`: no new documents."""

    AUTO = "auto"
    RULES_ONLY = "rules_only"
    REJECT = "reject"


class Mode(BaseModel):
    """A mode, why and by whom it was set, since when, and until when (none for `auto` alone)."""

    model_config = ConfigDict(frozen=True)

    name: ModeName = ModeName.AUTO
    reason: str = Field(default="", max_length=300)
    who: str = Field(default="", max_length=100)
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None

    @model_validator(mode="after")
    def _is_explained_and_ends(self) -> Self:
        if self.name is not ModeName.AUTO and not (self.reason and self.who and self.until):
            raise ValueError("any mode but auto needs a reason, who set it, and until when")
        return self

    def at(self, now: datetime) -> "Mode":
        """The mode in force: an expired one is `auto` again."""
        return AUTO if self.until is not None and self.until <= now else self

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What `model_dump_json` wrote; `ConfigurationError` for anything else."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise ConfigurationError("bad_shared_state", "The mode in the table cannot be read.") from error


AUTO = Mode()
