"""The smoke test of a deployment: does the API answer, and then everything that `ops smoke` looks at."""

from argparse import ArgumentParser

from ops.command import OpsError
from ops.deploy.answering import answers


def smoke_problem(stage: str, url: str) -> str | None:
    """What does not work, `None` when all does."""
    from ops.smoke import COMMAND  # noqa: PLC0415 - it looks for the API as deployments do, and so imports them

    if problem := answers(url):
        return problem
    parser = ArgumentParser()
    COMMAND.arguments(parser)
    try:
        code = COMMAND.run(parser.parse_args(["--stage", stage, "--url", url]))
    except OpsError as error:
        return str(error)
    return None if code == 0 else "The smoke test failed."
