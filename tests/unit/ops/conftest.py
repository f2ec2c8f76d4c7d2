"""An account as moto plays it, for all tests of a module."""

from collections.abc import Iterator

import pytest

from ops.aws.account import Account
from tests.families import moto


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    """The account; modules share nothing, the tests of one do."""
    with moto():
        yield Account()
