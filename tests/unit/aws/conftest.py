"""AWS as moto plays it, for all tests of a module."""

from collections.abc import Iterator

import pytest

from chalicelib.adapters.aws.family import AwsAdapters
from tests.builders import SetClock, a_clock
from tests.families import an_aws_family, moto


@pytest.fixture(scope="module")
def aws() -> Iterator[None]:
    """AWS itself."""
    with moto():
        yield


@pytest.fixture
def clock() -> SetClock:
    """The clock of the family."""
    return a_clock()


@pytest.fixture
def family(aws: None, clock: SetClock) -> AwsAdapters:
    """An empty family."""
    return an_aws_family(clock)
