"""A charge is one entry of the ledger: what a step used, and what that costs."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from chalicelib.domain.usage import Usage


class ChargeState(StrEnum):
    """`reserved` before the call, at the estimate; then one of the others, and never anything else.

    `settled`: the call was answered, and this is what it used. `released`: it was surely not billed, and costs nothing.
    `unknown`: nobody saw the answer, and it is counted in full. `shared`: an estimated share of what all documents
    together cost (Lambda, S3, DynamoDB), which no budget refuses.
    """

    RESERVED = "reserved"
    SETTLED = "settled"
    RELEASED = "released"
    UNKNOWN = "unknown"
    SHARED = "shared"


class Charge(BaseModel):
    """One entry: `invoice_id` and `charge_id` name it, so that the same call is never booked twice.

    `usd` are US dollars, exact to 12 places: the estimate while it is reserved, the price of `usage` after. `day` is
    the UTC day of the reservation, whenever it is settled. `price_version` names the prices it was computed from.
    """

    model_config = ConfigDict(frozen=True)

    invoice_id: str
    charge_id: str  # <step>-<run>-<call>
    step: str  # ocr, expense, model, infrastructure
    usage: Usage
    usd: Decimal = Field(ge=0, allow_inf_nan=False, max_digits=24, decimal_places=12)
    state: ChargeState
    day: date
    at: AwareDatetime  # when it was reserved
    price_version: str = ""
    request_id: str | None = None  # AWS's, for its support


class Limits(BaseModel):
    """The most that may be spent, in US dollars: in a UTC day, in a UTC month, and on one invoice."""

    model_config = ConfigDict(frozen=True)

    day_usd: Decimal = Field(ge=0)
    month_usd: Decimal = Field(ge=0)
    invoice_usd: Decimal = Field(ge=0)


class Spending(BaseModel):
    """What was spent so far, in US dollars, with everything that is reserved."""

    model_config = ConfigDict(frozen=True)

    day_usd: Decimal = Decimal(0)
    month_usd: Decimal = Decimal(0)
