"""`ops rollback`: the previous build, code and configuration, by the same way as it came."""

from argparse import ArgumentParser, Namespace
from contextlib import ExitStack
from datetime import UTC, datetime

from ops.aws.account import Account
from ops.aws.failures import told
from ops.command import Command, OpsError
from ops.deploy.applying import Applying
from ops.deploy.differences import differences
from ops.deploy.going_back import target
from ops.deploy.record import Deployment, State, new_id
from ops.deploy.restoring import restored
from ops.deploy.site import Site
from ops.names import STAGES
from ops.progress import agreed, walk
from ops.project import Project


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--stage", required=True, choices=STAGES)
    parser.add_argument("--to", metavar="BUILD", help="a build that `ops deploys` lists; without it, the previous one")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--break-lock", action="store_true", help="go back although somebody else's lock says not to")


def _run(parsed: Namespace) -> int:
    with told(), ExitStack() as stack:
        site = Site(Project.here(), Account(), parsed.stage)
        if not site.deployments.exist():
            raise OpsError(f"Nothing was deployed to {parsed.stage} in the account {site.account.id} yet.")
        held = stack.enter_context(site.deployments.locked(site.account.caller, by_force=parsed.break_lock))
        applying = _prepared(site, parsed.to)
        if not agreed("Go back to this?", without_asking=parsed.yes):
            print("Nothing was changed.")
            return 1
        walk(applying.steps(), before_each=held.renew)
    print(f"It answers at {applying.deployment.api_url}")
    return 0


def _prepared(site: Site, wanted: str | None) -> Applying:
    """Everything that can go wrong before anything is changed."""
    history = site.deployments.history()
    build = target(history, wanted)
    built, libraries = restored(site.project, build, site.deployments.package)
    print(f"Go back to {build.id} of {build.started_at:%Y-%m-%d %H:%M} UTC, by {build.who}; {site.described()}.")
    for line in differences(history, built.package, build.inputs, site.stage):
        print(f"  {line}")
    print("  data and stacks: nothing", flush=True)
    return Applying(site, built, _begun(site, build), libraries)


def _begun(site: Site, build: Deployment) -> Deployment:
    now, account = datetime.now(UTC), site.account
    return build.model_copy(
        update={
            "id": new_id(now, build.package),
            "kind": "rollback",
            "who": account.caller,
            "started_at": now,
            "finished_at": None,
            "state": State.STARTED,
        }
    )


COMMAND = Command("rollback", "Put the previous version back, code and configuration.", _arguments, _run)
