"""prod takes only what passed in staging."""

import pytest

from ops.command import OpsError
from ops.deploy.promotion import TESTED_IN, passed
from ops.deploy.record import State
from tests.deployments import a_deployment, a_package

OURS = a_package(source="ours", sha256="1" * 64)
OTHERS = a_package(source="others", sha256="2" * 64)


def test_only_prod_waits_for_another_stage() -> None:
    assert TESTED_IN == {"prod": "staging"}


def test_the_very_package_that_passed_is_taken() -> None:
    history = [a_deployment(2, package=OTHERS), a_deployment(1, package=OURS)]

    assert passed("ours", history, "staging") is OURS


def test_what_was_never_deployed_to_staging_is_refused() -> None:
    with pytest.raises(OpsError, match=r"never deployed to staging.*ops deploy --stage staging"):
        passed("ours", [a_deployment(package=OTHERS)], "staging")


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (State.STARTED, "its deployment there was not finished"),
        (State.DEPLOYED, "its smoke test there was not finished"),
        (State.FAILED, "its smoke test failed there"),
    ],
)
def test_what_did_not_pass_the_last_time_is_refused_although_it_passed_before(state: State, why: str) -> None:
    history = [a_deployment(2, package=OURS, state=state), a_deployment(1, package=OURS)]

    with pytest.raises(OpsError, match=why):
        passed("ours", history, "staging")


def test_a_removed_stage_vouches_for_what_passed_in_it() -> None:
    history = [a_deployment(2, kind="destroy", package=None), a_deployment(1, package=OURS)]

    assert passed("ours", history, "staging") is OURS
