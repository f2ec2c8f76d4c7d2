"""Options of the whole test run."""

import gc
from collections.abc import Iterator

import pytest
from hypothesis import settings

# Hypothesis fails a test whose example takes longer than 200 ms: on a busy machine that says nothing of the code.
settings.register_profile("without_deadline", deadline=None)
settings.load_profile("without_deadline")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-golden` writes what comes out today as what must come out."""
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden from what comes out today")


@pytest.fixture
def nothing_collected() -> Iterator[None]:
    """For tests that fill the stack: no garbage is collected meanwhile.

    What other tests left to be finalized cannot be where no call is possible any more, and pytest would call that a
    failure of the test that happens to run.
    """
    gc.disable()
    yield
    gc.enable()
