"""`ops smoke`: does a stage do what it is for?"""

import functools
from argparse import ArgumentParser, Namespace

from ops.aws.account import Account
from ops.aws.failures import told as told_by_aws
from ops.command import Command
from ops.deploy.address import url_of
from ops.deploy.site import Site
from ops.project import Project
from ops.smoke.checks import Pace
from ops.smoke.run import run_smoke
from ops.stages import LOCAL, services_of, told

_LOCAL_URL = "http://127.0.0.1:8000"


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--stage", required=True, metavar="STAGE", help="dev, staging, prod or local")
    parser.add_argument("--url", help="of the API (default: that of what is deployed)")
    parser.add_argument("--token", help="to use (default: a temporary one is made, and removed)")
    longest = Pace().for_result
    parser.add_argument("--seconds", type=float, default=longest, help="wait so long for the result (%(default)s)")


def _run(parsed: Namespace) -> int:
    with told(parsed.stage):
        services = services_of(parsed.stage)
        url = parsed.url or _url(parsed.stage)
        print(f"Trying {parsed.stage} at {url}", flush=True)
        say = functools.partial(print, flush=True)
        report = run_smoke(url, services, parsed.token, say=say, pace=Pace(for_result=parsed.seconds))
    print("All is well." if report.is_good else f"It does not work as it must. {report.problem()}")
    return 0 if report.is_good else 1


COMMAND = Command("smoke", "Send an invented invoice through a stage, and check all that comes back.", _arguments, _run)


def _url(stage: str) -> str:
    if stage == LOCAL:
        return _LOCAL_URL
    with told_by_aws():
        return url_of(Site(Project.here(), Account(), stage))
