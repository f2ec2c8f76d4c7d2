"""`ops deploy` and what belongs to it, on a stage of its own: stopped, done again, lost, taken back, removed."""

import json
import shutil
from typing import Any

import boto3
import pytest

from tests.e2e.deploying import QUICK, deploy, found, opened
from tests.e2e.deployment import Deployment
from tests.e2e.flows import a_unique_ubl
from tests.e2e.stack import Project, Stack
from tests.waiting import eventually

STAGE = "staging"
STEPS = ("provision", "settle", "reconcile", "deploy", "wire", "smoke")
"""All but the last, after which nothing is left to be stopped."""


@pytest.fixture(scope="module")
def site(stack: Stack) -> Project:
    """The folder that the stage is deployed from."""
    project = stack.project("site")
    project.set(STAGE, **QUICK)
    return project


@pytest.fixture(scope="module")
def resumed(stack: Stack, site: Project) -> Deployment:
    """The stage after a deployment that was killed after each of its steps, each time by the next that went on."""
    for step in STEPS:
        site.killed_after(step, "deploy", "--stage", STAGE, "--yes", "--no-monitoring")
    deploy(site, STAGE)
    return opened(stack, site, STAGE)


def test_a_deployment_that_was_killed_after_each_step_is_finished_by_the_next(resumed: Deployment) -> None:
    assert _resources(resumed) == {
        "apis": 1,
        "mappings": 1,
        "notifications": 1,
        "rules": 2,
        "functions": 6,
        "usage plans": 1,
    }
    _check_it_works(resumed)


def test_deploying_again_keeps_everything(stack: Stack, site: Project, resumed: Deployment) -> None:
    before = _ids(site)

    site.chalice("deploy", "--stage", STAGE)
    assert _ids(site) == before
    deploy(site, STAGE)

    assert _ids(site) == before
    assert resumed.policy("inference") == _policy(site, "inference")
    _check_it_works(resumed)


def test_a_lost_record_and_what_chalice_made_twice_for_want_of_it_are_mended(
    stack: Stack, site: Project, resumed: Deployment
) -> None:
    before = _ids(site)
    shutil.rmtree(site.folder / ".chalice" / "deployed")
    site.chalice("deploy", "--stage", STAGE)
    assert _resources(resumed)["apis"] == 2
    shutil.rmtree(site.folder / ".chalice" / "deployed")

    deploy(site, STAGE)

    assert _ids(site) == before
    assert _resources(resumed)["apis"] == 1
    assert _resources(resumed)["mappings"] == 1
    _check_it_works(resumed)


def test_rolling_back_puts_code_and_configuration_back_and_leaves_data(
    stack: Stack, site: Project, resumed: Deployment
) -> None:
    kept = _sent(resumed)
    code = _code(resumed)
    app = site.folder / "app.py"
    app.write_text(f"{app.read_text(encoding='utf-8')}\n# another version\n", encoding="utf-8")
    site.set(STAGE, INVOICES_LINK_SECONDS="60")
    deploy(site, STAGE)
    assert _code(resumed) != code
    assert _variables(resumed)["INVOICES_LINK_SECONDS"] == "60"

    site.ops("rollback", "--stage", STAGE, "--yes")

    assert _code(resumed) == code
    assert "INVOICES_LINK_SECONDS" not in _variables(resumed)
    assert resumed.call("GET", f"/invoices/{kept}").status == 200
    assert "back to" in site.ops("deploys", "--stage", STAGE).stdout


def test_prod_is_not_destroyed_by_mistake(site: Project) -> None:
    with pytest.raises(AssertionError, match="--i-mean-it"):
        site.ops("destroy", "--stage", "prod", "--yes")


def test_what_is_destroyed_leaves_its_data_to_the_next_deployment(
    stack: Stack, site: Project, resumed: Deployment
) -> None:
    kept = _sent(resumed)

    site.ops("destroy", "--stage", STAGE, "--yes")

    gone = {"apis": 0, "mappings": 0, "notifications": 0, "rules": 0, "functions": 0, "usage plans": 0}
    assert _resources(resumed) == gone
    assert resumed.record(kept) is not None
    deploy(site, STAGE)
    again = found(stack, site, STAGE)
    again.token = resumed.token
    assert again.call("GET", f"/invoices/{kept}").body["status"] == "completed"


def _check_it_works(deployment: Deployment) -> None:
    assert deployment.call("GET", "/health").status == 200
    _sent(deployment)


def _sent(deployment: Deployment) -> str:
    """The id of an invoice that was sent and read."""
    sent = deployment.send(a_unique_ubl(), "application/xml")
    assert sent.status == 202, sent
    invoice_id = str(sent.body["invoice_id"])
    eventually(lambda: deployment.call("GET", f"/invoices/{invoice_id}").body["status"] == "completed", "an invoice")
    return invoice_id


def _ids(site: Project) -> dict[str, Any]:
    """What Chalice's record says of API and queue."""
    deployed = site.deployed(STAGE)
    return {"api": deployed["rest_api"]["rest_api_id"], "mapping": deployed["reprocess-sqs-event-source"]["event_uuid"]}


def _resources(deployment: Deployment) -> dict[str, int]:
    """How many there are of what Chalice and `ops` make."""
    functions, prefix = boto3.client("lambda"), f"smart-invoice-{STAGE}"
    told = boto3.client("s3").get_bucket_notification_configuration(Bucket=deployment.settings.bucket_name)
    gateway = boto3.client("apigateway")
    mappings = functions.list_event_source_mappings()["EventSourceMappings"]
    return {
        "apis": sum(_is_of_stage(gateway, api["id"]) for api in gateway.get_rest_apis()["items"]),
        "mappings": sum(f":{prefix}-" in each["FunctionArn"] for each in mappings),
        "notifications": len(told.get("LambdaFunctionConfigurations", [])),
        "rules": len(boto3.client("events").list_rules(NamePrefix=prefix)["Rules"]),
        "functions": sum(each["FunctionName"].startswith(prefix) for each in functions.list_functions()["Functions"]),
        "usage plans": sum(plan["name"] == prefix for plan in gateway.get_usage_plans()["items"]),
    }


def _is_of_stage(gateway: Any, api_id: str) -> bool:
    return any(stage["stageName"] == STAGE for stage in gateway.get_stages(restApiId=api_id)["item"])


def _policy(site: Project, name: str) -> Any:
    return json.loads((site.folder / ".chalice" / f"policy-{STAGE}-{name}.json").read_text(encoding="utf-8"))


def _code(deployment: Deployment) -> str:
    function = deployment.function("inference")
    return boto3.client("lambda").get_function_configuration(FunctionName=function)["CodeSha256"]


def _variables(deployment: Deployment) -> dict[str, str]:
    function = deployment.function("inference")
    return boto3.client("lambda").get_function_configuration(FunctionName=function)["Environment"]["Variables"]
