"""Usage is what a step consumed that costs money, in the provider's own units."""

from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field


class Usage(BaseModel):
    """Quantities of one paid or free step: `service` names it, `pages` counts what it read."""

    model_config = ConfigDict(frozen=True)

    service: str
    pages: int = Field(default=0, ge=0)
    usd: Decimal = Field(default=Decimal(0), ge=0, allow_inf_nan=False)
