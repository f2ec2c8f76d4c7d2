"""Options of the whole test run."""

import pytest
from hypothesis import settings

# Hypothesis fails a test whose example takes longer than 200 ms: on a busy machine that says nothing of the code.
settings.register_profile("without_deadline", deadline=None)
settings.load_profile("without_deadline")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-golden` writes what comes out today as what must come out."""
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden from what comes out today")
