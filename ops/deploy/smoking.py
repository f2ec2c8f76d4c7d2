"""The smoke test of a deployment: does the API answer, and then everything that `ops smoke` looks at."""

from argparse import ArgumentParser
from importlib import import_module
from importlib.util import find_spec

from ops.command import Command, OpsError
from ops.deploy.answering import answers

_SMOKE = "ops.smoke"


def smoke_problem(stage: str, url: str) -> str | None:
    """What does not work, `None` when all does."""
    if problem := answers(url):
        return problem
    if not find_spec(_SMOKE):
        return None
    command: Command = import_module(_SMOKE).COMMAND
    parser = ArgumentParser()
    command.arguments(parser)
    try:
        code = command.run(parser.parse_args(["--stage", stage]))
    except OpsError as error:
        return str(error)
    return None if code == 0 else "The smoke test failed."
