"""Stages deployed by `ops deploy`, ready to be used."""

import json

from chalicelib.settings import Settings
from tests.e2e.deployment import Deployment
from tests.e2e.stack import Project, Stack

QUICK = {
    "INVOICES_LOST_SECONDS": "1",  # `sweep` need not wait for ten minutes until an event is lost
    "INVOICES_SWITCH_SECONDS": "0.1",
    "INVOICES_BREAKER_FAILURES": "1000",  # what one test refuses is not to be felt by the next
    "INVOICES_AUTH_SECONDS": "0",
}
"""Settings that make waiting short, and nothing else different."""


def deploy(project: Project, stage: str) -> str:
    """Run `ops deploy`, and give what it said."""
    return project.ops("deploy", "--stage", stage, "--yes", "--no-monitoring").stdout


def deployed(stack: Stack, project: Project, stage: str) -> Deployment:
    """A stage as the command line leaves it, with a token for its client."""
    project.set(stage, **QUICK)
    deploy(project, stage)
    return opened(stack, project, stage)


def opened(stack: Stack, project: Project, stage: str) -> Deployment:
    """A deployed stage, with a token for its client."""
    deployment = found(stack, project, stage)
    deployment.token = project.ops("token", "--stage", stage, "add", "e2e").stdout.strip()
    return deployment


def found(stack: Stack, project: Project, stage: str) -> Deployment:
    """A stage that was deployed before."""
    config = json.loads((project.folder / ".chalice" / "config.json").read_text(encoding="utf-8"))
    variables = {**config["environment_variables"], **config["stages"][stage]["environment_variables"]}
    api_id = project.deployed(stage)["rest_api"]["rest_api_id"]
    return Deployment(stack, Settings.from_environment(variables), f"{stack.url}/restapis/{api_id}/{stage}/_user_request_")
