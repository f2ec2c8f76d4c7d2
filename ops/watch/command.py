"""`ops watch`: after a deployment, is it as good as what was there before?"""

import functools
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from chalicelib.bootstrap import Services
from ops.aws.account import Account
from ops.aws.failures import told as told_by_aws
from ops.aws.metrics import Watched, traffic
from ops.command import Command, OpsError
from ops.deploy.going_back import target
from ops.deploy.record import Deployment
from ops.deploy.site import Site
from ops.grants import GRANTS
from ops.names import STAGES
from ops.project import Project
from ops.stages import services_of, told
from ops.watch.figures import Figures, Span, costs_in
from ops.watch.verdict import Decision, Verdict
from ops.watch.watching import Plan, World, watch

_EXITS = {Decision.FINE: 0, Decision.ROLL_BACK: 1, Decision.TOO_LITTLE: 3}  # 2 is a wrong command line
_MOST_MINUTES = 24 * 60


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--stage", required=True, choices=STAGES)
    parser.add_argument("--minutes", type=_minutes, default=30, metavar="N", help="after the deployment (%(default)s)")
    parser.add_argument(
        "--since", type=_moment, metavar="TIME", help="2026-11-24T09:30Z (default: when the last deployment was done)"
    )


def _run(parsed: Namespace) -> int:
    with told_by_aws(), told(parsed.stage):
        site = Site(Project.here(), Account(), parsed.stage)
        history = site.deployments.history() if site.deployments.exist() else ()
        plan = plan_of(history, parsed.since, parsed.minutes, parsed.stage)
        say = functools.partial(print, flush=True)
        say(f"Watching {site.described()}, from {plan.done:%Y-%m-%d %H:%M} UTC to {plan.end:%H:%M}.")
        found = watch(plan, _world(site, services_of(parsed.stage), say))
    print(conclusion(found, parsed.stage, history))
    return _EXITS[found.decision]


COMMAND = Command("watch", "Compare the time since a deployment with the time before it.", _arguments, _run)


def plan_of(history: Sequence[Deployment], since: datetime | None, minutes: int, stage: str) -> Plan:
    """What to watch: since a moment, or since the last deployment was done; `OpsError` when there is neither."""
    if since is not None:
        return Plan(since, since, minutes)
    if not history:
        raise OpsError(
            f"No deployment of {stage} is recorded. Please say when it was, such as --since 2026-11-24T09:30Z."
        )
    return Plan(history[0].started_at, history[0].finished_at or history[0].started_at, minutes)


def conclusion(found: Verdict, stage: str, history: Sequence[Deployment]) -> str:
    """The decision, its reasons, and what to type."""
    lines = [found.decision.value.capitalize() + ".", *(f"  {reason}" for reason in found.reasons)]
    if found.decision is Decision.ROLL_BACK:
        lines.append(f"  {_way_back(stage, history)}")
    if found.decision is Decision.TOO_LITTLE:
        lines.append("  Please watch for longer (--minutes), or send something: python -m ops smoke --stage " + stage)
    return "\n".join(lines)


def _way_back(stage: str, history: Sequence[Deployment]) -> str:
    try:
        return f"python -m ops rollback --stage {stage} --to {target(history, None).id}"
    except OpsError as error:
        return str(error)


def _world(site: Site, services: Services, say: functools.partial[None]) -> World:
    settings = services.settings
    watched = Watched(
        functions={handler: site.names.function(handler) for handler in GRANTS},
        api_stage=site.api_stage,
        queues=(settings.dead_letter_queue_name, settings.parking_queue_name),
    )

    def figures(span: Span) -> Figures:
        charges = (charge for day in span.days() for charge in services.adapters.ledger().charges_on(day))
        return Figures(traffic(site.account, watched, span), costs_in(span, charges))

    return World(figures, lambda: datetime.now(UTC), lambda pause: time.sleep(pause.total_seconds()), say)


def _minutes(text: str) -> int:
    if text.isascii() and text.isdecimal() and 1 <= int(text[:5]) <= _MOST_MINUTES:
        return int(text)
    raise ArgumentTypeError(f"{text!r} is not a number of minutes from 1 to {_MOST_MINUTES}")


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a moment such as 2026-11-24T09:30Z") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment > datetime.now(UTC) + timedelta(minutes=1):
        raise ArgumentTypeError(f"{text!r} is yet to come")
    return moment.astimezone(UTC)
