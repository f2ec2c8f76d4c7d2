"""Usage is what a step consumed that costs money, in the provider's own units."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field


class Unit(StrEnum):
    """What providers count: pages, tokens, seconds of memory, requests, DynamoDB's units, months of storage."""

    PAGES = "pages"
    INPUT_TOKENS = "input_tokens"
    OUTPUT_TOKENS = "output_tokens"
    CACHE_READ_TOKENS = "cache_read_tokens"
    CACHE_WRITE_TOKENS = "cache_write_tokens"
    GB_SECONDS = "gb_seconds"
    GB_MONTHS = "gb_months"
    REQUESTS = "requests"
    READ_UNITS = "read_units"
    WRITE_UNITS = "write_units"


class Usage(BaseModel):
    """Quantities of one step: who did it, by which operation or model, and how much of each unit.

    >>> Usage.of("textract", "AnalyzeExpense", pages=2).quantities
    {<Unit.PAGES: 'pages'>: Decimal('2')}
    """

    model_config = ConfigDict(frozen=True)

    service: str  # textract, bedrock, lambda, s3, dynamodb; rapidocr, which is free
    operation: str = ""  # AnalyzeExpense, a model's id, PutObject, …
    quantities: Mapping[Unit, Decimal] = Field(default_factory=dict)

    @classmethod
    def of(cls, service: str, operation: str = "", **quantities: Decimal | int) -> Self:
        """Usage with its quantities by the names of their units."""
        counted = {Unit(name): Decimal(quantity) for name, quantity in quantities.items()}
        return cls(service=service, operation=operation, quantities=counted)

    def count(self, unit: Unit) -> Decimal:
        """How much of a unit was used, zero where none."""
        return self.quantities.get(unit, Decimal(0))
