"""prod takes only what passed in staging: the very same package, not one made anew from the same sources."""

from collections.abc import Sequence

from ops.command import OpsError
from ops.deploy.record import Deployment, Package, State

TESTED_IN = {"prod": "staging"}
"""Which stage a stage takes its packages from."""

_WHY = {
    State.STARTED: "its deployment there was not finished",
    State.DEPLOYED: "its smoke test there was not finished",
    State.FAILED: "its smoke test failed there",
}


def passed(source: str, history: Sequence[Deployment], tested_in: str) -> Package:
    """The package that may be taken: the one of the last deployment there of these sources, if that passed.

    `history` is that of the other stage, newest first. `OpsError` says what is missing.
    """
    same = [(each, each.package) for each in history if each.package and each.package.source == source]
    if not same:
        raise OpsError(
            f"What is in this folder was never deployed to {tested_in}. "
            f"Please do that first: python -m ops deploy --stage {tested_in}"
        )
    deployment, package = same[0]
    if deployment.state is not State.PASSED:
        raise OpsError(
            f"What is in this folder was deployed to {tested_in} as {deployment.id}, but {_WHY[deployment.state]}. "
            f"Please deploy it there until it passes: python -m ops deploy --stage {tested_in}"
        )
    return package
