"""The smoke test of a deployment: does the API answer, and then everything that `ops smoke` looks at."""

from chalicelib.bootstrap import wired
from chalicelib.settings import Settings
from ops.command import OpsError
from ops.deploy.answering import answers
from ops.smoke.run import run_smoke
from ops.stages import told


def smoke_problem(settings: Settings, url: str) -> str | None:
    """What does not work of a stage with these settings and this address, `None` when all does."""
    if problem := answers(url):
        return problem
    print(flush=True)  # a line for each check, below that of the step
    try:
        with told(settings.stage):
            return run_smoke(url, wired(settings), say=_say).problem()
    except OpsError as error:
        return str(error)


def _say(line: str) -> None:
    print(f"    {line}", flush=True)
