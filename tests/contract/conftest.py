"""Every contract test runs on both families of adapters."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.ports import Adapters, DocumentStore, InvoiceStore, Queue
from tests.builders import SetClock, a_clock
from tests.families import aws_family, embedded_family


@pytest.fixture
def clock() -> SetClock:
    """The clock of the family."""
    return a_clock()


@pytest.fixture(params=["embedded", "aws"])
def family(request: pytest.FixtureRequest, tmp_path: Path, clock: SetClock) -> Iterator[Adapters]:
    """One family after the other, empty."""
    with aws_family(clock) if request.param == "aws" else embedded_family(tmp_path, clock) as adapters:
        yield adapters


@pytest.fixture
def documents(family: Adapters) -> DocumentStore:
    """The bucket."""
    return family.documents()


@pytest.fixture
def invoices(family: Adapters) -> InvoiceStore:
    """The table."""
    return family.invoices()


@pytest.fixture
def queue(family: Adapters) -> Queue:
    """The queue."""
    return family.dead_letters()
