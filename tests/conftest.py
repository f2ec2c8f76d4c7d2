"""Options of the whole test run."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-golden` writes what comes out today as what must come out."""
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden from what comes out today")
