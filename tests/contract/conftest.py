"""Every contract test runs on both families of adapters."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.ports import Adapters, Checkpoints, DocumentStore, InvoiceStore, Ledger, Queue, SharedState, TokenStore
from local.family import EmbeddedAdapters
from tests.builders import SetClock, a_clock
from tests.families import an_aws_family, embedded_family, moto, serving_bucket
from tests.web import Web, a_free_port


@pytest.fixture
def clock() -> SetClock:
    """The clock of the family."""
    return a_clock()


@pytest.fixture(scope="module")
def aws() -> Iterator[None]:
    """AWS, for all tests of a module."""
    with moto():
        yield


@pytest.fixture(params=["embedded", "aws"])
def family(request: pytest.FixtureRequest, tmp_path: Path, clock: SetClock) -> Iterator[Adapters]:
    """One family after the other, empty."""
    if request.param == "aws":
        request.getfixturevalue("aws")
        yield an_aws_family(clock)
    else:
        with embedded_family(tmp_path, clock, bucket_url=f"http://127.0.0.1:{a_free_port()}") as embedded:
            yield embedded


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


@pytest.fixture
def ledger(family: Adapters) -> Ledger:
    """The ledger."""
    return family.ledger()


@pytest.fixture
def shared_state(family: Adapters) -> SharedState:
    """What all processes share."""
    return family.shared_state()


@pytest.fixture
def tokens(family: Adapters) -> TokenStore:
    """The tokens of clients."""
    return family.tokens()


@pytest.fixture
def checkpoints(family: Adapters) -> Checkpoints:
    """The answers of paid steps."""
    return family.checkpoints()


@pytest.fixture
def web(family: Adapters) -> Iterator[Web]:
    """A browser, with the embedded bucket's server running where there is one."""
    if isinstance(family, EmbeddedAdapters):
        with serving_bucket(family):
            yield Web()
    else:
        yield Web()
