"""Tests against an emulator of AWS. `make e2e` runs them; without it they are left out, for they take minutes."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.deploying import deployed
from tests.e2e.deployment import Deployment
from tests.e2e.stack import Project, Stack, a_stack

_IS_WANTED = os.environ.get("E2E") == "1"

collect_ignore_glob = ["emulator/*"] if _IS_WANTED else ["*"]


def pytest_report_header() -> str:
    """Why nothing may be found here."""
    return "tests/e2e deploys to an emulator" if _IS_WANTED else "tests/e2e is left out here: please run `make e2e`"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The emulator and its fakes."""
    home: Path = tmp_path_factory.mktemp("aws")
    with a_stack(home) as running:
        yield running


@pytest.fixture(scope="session")
def project(stack: Stack) -> Project:
    """The folder that the stage `dev` is deployed from."""
    return stack.project("project")


@pytest.fixture(scope="session")
def deployment(stack: Stack, project: Project) -> Deployment:
    """The stage `dev`, deployed once for all tests."""
    return deployed(stack, project, "dev")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """With a failure, show what the functions and the emulator printed last."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    running = getattr(item, "funcargs", {}).get("stack")
    if report.failed and isinstance(running, Stack):
        report.sections.append(("what the functions printed", running.log()))
