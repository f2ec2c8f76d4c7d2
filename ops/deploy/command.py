"""`ops deploy`: from the project's folder to a stage that answers."""

from argparse import ArgumentParser, Namespace
from contextlib import ExitStack

from ops.aws.account import Account
from ops.aws.failures import told
from ops.command import Command
from ops.deploy.deploying import Deploying, Options
from ops.deploy.site import Site
from ops.deploy.stacks_plan import options as stack_options
from ops.names import STAGES
from ops.progress import agreed, walk
from ops.project import Project


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--stage", required=True, choices=STAGES)
    parser.add_argument("--plan", action="store_true", help="only show what would change")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--break-lock", action="store_true", help="deploy although somebody else's lock says not to")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="set a parameter of the templates in infra/; it stays set until it is set anew",
    )
    parser.add_argument("--no-monitoring", action="store_true", help="leave the monitoring stack as it is")


def _run(parsed: Namespace) -> int:
    with told(), ExitStack() as stack:
        site = Site(Project.here(), Account(), parsed.stage)
        options = Options(not parsed.no_monitoring, parsed.break_lock, stack_options(parsed.set))
        return _deploy(Deploying(site, options, stack), only_plan=parsed.plan, without_asking=parsed.yes)


def _deploy(deploying: Deploying, *, only_plan: bool, without_asking: bool) -> int:
    print(deploying.look_ahead(locked=not only_plan), flush=True)
    if only_plan or not agreed("Deploy this?", without_asking=without_asking):
        deploying.forget()
        print("Nothing was changed.")
        return 0 if only_plan else 1
    walk(deploying.steps())
    print(f"It answers at {deploying.url}")
    return 0


COMMAND = Command("deploy", "Put this version of the app into a stage.", _arguments, _run)
