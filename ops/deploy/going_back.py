"""Which build a rollback puts back."""

from collections.abc import Sequence

from ops.command import OpsError
from ops.deploy.differences import configuration
from ops.deploy.record import Deployment, State


def target(history: Sequence[Deployment], wanted: str | None) -> Deployment:
    """The build called `wanted` (the beginning of its id is enough), or the last good one before the present one.

    `history` has the newest first. `OpsError` where there is none. A build is its first deployment that passed.
    """
    if not history:
        raise OpsError("Nothing was deployed to this stage yet, so there is nothing to go back to.")
    good = [each for each in history if each.kind == "deploy" and each.state is State.PASSED]
    return _named(good, history, wanted) if wanted else _previous(good, history[0])


def _previous(good: Sequence[Deployment], present: Deployment) -> Deployment:
    for each in good:
        if each.id < present.build and not _same(each, present):
            return each
    raise OpsError("There is no earlier build that passed its smoke test. Please repair this one, and deploy it.")


def _named(good: Sequence[Deployment], history: Sequence[Deployment], wanted: str) -> Deployment:
    found = [each for each in good if each.id.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        raise OpsError(f"{wanted} may be {' or '.join(each.id for each in found)}. Please write more of it.")
    if any(each.id.startswith(wanted) for each in history):
        raise OpsError(f"{wanted} never passed its smoke test, or is no build. Please choose one that passed.")
    raise OpsError(f"There is no build {wanted}. Please choose one that `ops deploys` lists.")


def _same(one: Deployment, other: Deployment) -> bool:
    """The same code and configuration: going from one to the other would change nothing."""
    settings = [configuration(each.inputs, each.stage) for each in (one, other)]
    return one.package == other.package and settings[0] == settings[1]
