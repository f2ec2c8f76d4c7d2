"""`ops deploys`: what was deployed, by whom, and how it went."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from ops.aws.account import Account
from ops.aws.failures import told
from ops.command import Command
from ops.deploy.record import Deployment, State
from ops.deploy.site import Site
from ops.names import STAGES
from ops.project import Project

_MOST = 20
_HEADINGS = ("id", "what", "when (UTC)", "how it went", "commit", "who")
_SAID = {
    State.STARTED: "stopped, or under way",
    State.DEPLOYED: "smoke test unfinished",
    State.PASSED: "passed",
    State.FAILED: "smoke test failed",
}


def table(history: Sequence[Deployment]) -> str:
    """Deployments as lines with columns, the newest first; the first line says what is what."""
    rows = [_HEADINGS, *(_row(each) for each in history)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()


def _row(each: Deployment) -> tuple[str, ...]:
    what = f"back to {each.build}" if each.kind == "rollback" else each.kind
    when = f"{each.started_at:%Y-%m-%d %H:%M}"
    return each.id, what, when, _SAID[each.state], (each.commit or "")[:8], each.who.rsplit(":", 1)[-1]


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--stage", required=True, choices=STAGES)
    parser.add_argument("--most", type=int, default=_MOST, metavar="N", help="how many (default: %(default)s)")


def _run(parsed: Namespace) -> int:
    with told():
        site = Site(Project.here(), Account(), parsed.stage)
        history = site.deployments.history(parsed.most) if site.deployments.exist() else ()
        print(table(history) if history else f"Nothing was deployed to {site.described()}.")
    return 0


COMMAND = Command("deploys", "List what was deployed, newest first.", _arguments, _run)
