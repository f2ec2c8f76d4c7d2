"""`ops destroy`: takes the app away, and leaves the data."""

from argparse import ArgumentParser, Namespace
from contextlib import ExitStack

from ops.aws.account import Account
from ops.aws.failures import told
from ops.command import Command, OpsError
from ops.deploy.removing import Removing
from ops.deploy.site import Site
from ops.names import STAGES
from ops.progress import agreed, walk
from ops.project import Project


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--stage", required=True, choices=STAGES)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--i-mean-it", action="store_true", help="needed for prod")
    parser.add_argument("--break-lock", action="store_true", help="go on although somebody else's lock says not to")


def _run(parsed: Namespace) -> int:
    if parsed.stage == "prod" and not parsed.i_mean_it:
        raise OpsError("This would take prod away from its clients. If that is meant, please add --i-mean-it.")
    with told(), ExitStack() as stack:
        site = Site(Project.here(), Account(), parsed.stage)
        if site.deployments.exist():
            stack.enter_context(site.deployments.locked(site.account.caller, by_force=parsed.break_lock))
        removing = Removing(site)
        print(removing.plan(), flush=True)
        if not agreed("Take the app away?", without_asking=parsed.yes):
            print("Nothing was changed.")
            return 1
        walk(removing.steps())
        print(removing.what_stays())
    return 0


COMMAND = Command("destroy", "Take the app away from a stage; its data stays.", _arguments, _run)
