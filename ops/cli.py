"""The command line: one command a module, each with `COMMAND`."""

import logging
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from ops import policies, tokens
from ops.command import Command, OpsError
from ops.deploy import command as deploy
from ops.deploy import deploys, destroy, rollback
from ops.smoke import command as smoke
from ops.watch import command as watch

COMMANDS: tuple[Command, ...] = (
    deploy.COMMAND,
    rollback.COMMAND,
    deploys.COMMAND,
    destroy.COMMAND,
    policies.COMMAND,
    smoke.COMMAND,
    tokens.COMMAND,
    watch.COMMAND,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 is success, 1 a failure that was told, 2 a wrong command line, 130 Ctrl-C."""
    parsed = _parser().parse_args(arguments)
    _agree_on_the_region()
    logging.getLogger("smart-invoice").addHandler(logging.NullHandler())  # a command tells its errors itself
    try:
        return _chosen(parsed).run(parsed)
    except OpsError as error:
        print(f"{parsed.command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\n{parsed.command}: stopped. Please run it again to go on.", file=sys.stderr)
        return 130


def _agree_on_the_region() -> None:
    """boto3 alone does not know AWS_REGION, which goes first everywhere else."""
    if region := os.environ.get("AWS_REGION"):
        os.environ["AWS_DEFAULT_REGION"] = region


def _parser() -> ArgumentParser:
    parser = ArgumentParser("python -m ops", description="Deploy Smart Invoice, and look after it.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.arguments(commands.add_parser(command.name, help=command.summary, description=command.summary))
    return parser


def _chosen(parsed: Namespace) -> Command:
    return next(command for command in COMMANDS if command.name == parsed.command)
