"""What of a stage is in an account, and what is set after a deployment, on moto."""

import base64
import json
from typing import Any

import boto3
import pytest

from ops.aws import looking, wiring
from ops.aws.account import Account
from ops.command import OpsError
from ops.names import Names
from tests.deployments import a_zip
from tests.families import REGION
from tests.wire import Wire

STAGES = ("dev", "dev-2", "prod")
BUCKET = "smart-invoice-dev-invoices-123456789012"
QUEUE = "smart-invoice-dev-inference-dlq"


@pytest.fixture(scope="module")
def crowded(account: Account) -> Account:
    """An account with `dev` deployed, `dev-2` beside it, and things of others with similar names."""
    account.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    for stage in ("dev", "dev-2"):
        for function in (f"smart-invoice-{stage}", f"smart-invoice-{stage}-reprocess"):
            a_function(account, function)
        account.events.put_rule(Name=f"smart-invoice-{stage}-sweep-event", ScheduleExpression="rate(5 minutes)")
    account.events.put_rule(Name="smart-invoice-dev-of-a-person", ScheduleExpression="rate(5 minutes)")
    a_function(account, "smart-invoice-developer-tool")
    a_role(account, "smart-invoice-dev-replication", "s3.amazonaws.com")
    return account


def a_role(account: Account, name: str, service: str = "lambda.amazonaws.com") -> str:
    """A role that a service may take on."""
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]}
    return account.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]


def a_function(account: Account, name: str) -> str:
    """A function with a role of its name."""
    role = a_role(account, name)
    made = account.functions.create_function(
        FunctionName=name, Role=role, Code={"ZipFile": a_zip()}, Runtime="python3.11", Handler="app.app"
    )
    return made["FunctionArn"]


def an_api(account: Account, function: str | None, name: str = "smart-invoice") -> str:
    """A deployed API that leads to a function, or an empty one."""
    api = account.gateway.create_rest_api(name=name)["id"]
    if function:
        root = account.gateway.get_resources(restApiId=api)["items"][0]["id"]
        place: Any = {"restApiId": api, "resourceId": root, "httpMethod": "GET"}
        account.gateway.put_method(**place, authorizationType="NONE")
        lambdas = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions"
        uri = f"{lambdas}/arn:aws:lambda:{REGION}:123456789012:function:{function}/invocations"
        account.gateway.put_integration(**place, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
        account.gateway.create_deployment(restApiId=api, stageName="dev")
    return api


def test_functions_roles_and_rules_of_the_stage_are_found_and_no_others(crowded: Account) -> None:
    found = looking.found(crowded, "dev", STAGES, BUCKET)

    names = {"smart-invoice-dev", "smart-invoice-dev-reprocess"}
    assert found.functions.keys() == names
    assert found.roles.keys() == names
    assert found.rules == ("smart-invoice-dev-sweep-event",)


def test_apis_that_lead_to_the_stages_function_are_found_and_no_others(crowded: Account) -> None:
    ours = {an_api(crowded, "smart-invoice-dev"), an_api(crowded, "smart-invoice-dev")}
    for function, name in (("smart-invoice-dev-2", "smart-invoice"), ("smart-invoice-dev", "of a person"), (None, "x")):
        an_api(crowded, function, name)

    found = looking.found(crowded, "dev", STAGES, None)

    assert {api.id for api in found.apis} == ours
    assert all(api.is_deployed for api in found.apis)


def test_an_unfinished_api_that_may_call_the_function_is_found_too(crowded: Account) -> None:
    api = an_api(crowded, None)
    crowded.functions.add_permission(
        FunctionName="smart-invoice-dev-2",
        StatementId="x",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:{REGION}:123456789012:{api}/*",
    )

    found = {each.id: each.is_deployed for each in looking.found(crowded, "dev-2", STAGES, None).apis}

    assert found[api] is False


def test_the_queues_mapping_is_found_by_its_function(crowded: Account) -> None:
    queue = boto3.client("sqs").create_queue(QueueName=QUEUE)["QueueUrl"]
    arn = boto3.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    made = crowded.functions.create_event_source_mapping(
        FunctionName="smart-invoice-dev-reprocess", EventSourceArn=arn, BatchSize=1
    )

    (mapping,) = looking.found(crowded, "dev", STAGES, None).mappings

    assert (mapping.id, mapping.function, mapping.queue_arn) == (made["UUID"], "smart-invoice-dev-reprocess", arn)
    assert looking.found(crowded, "prod", STAGES, None).mappings == ()


def test_a_mapping_that_somebody_disabled_is_told_and_left_disabled(account: Account) -> None:
    function = "smart-invoice-tired-reprocess"
    a_function(account, function)
    sqs = boto3.client("sqs")
    queue = sqs.create_queue(QueueName="smart-invoice-tired-inference-dlq")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    made = account.functions.create_event_source_mapping(
        FunctionName="smart-invoice-tired-reprocess", EventSourceArn=arn
    )
    assert wiring.sleeping_mappings(account, [made["UUID"]]) == ()

    account.functions.update_event_source_mapping(UUID=made["UUID"], Enabled=False)

    (remark,) = wiring.sleeping_mappings(account, [made["UUID"]])
    assert f"--uuid {made['UUID']} --enabled" in remark


def test_only_notifications_to_the_stages_functions_are_found(crowded: Account) -> None:
    arns = {name: f"arn:aws:lambda:{REGION}:123456789012:function:{name}" for name in ("smart-invoice-dev", "other")}
    told = [{"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]} for arn in arns.values()]
    crowded.s3.put_bucket_notification_configuration(
        Bucket=BUCKET,
        NotificationConfiguration={"LambdaFunctionConfigurations": told},  # type: ignore[typeddict-item]
    )

    found = looking.found(crowded, "dev", STAGES, BUCKET).notifications

    assert [(each.bucket, each.function) for each in found] == [(BUCKET, "smart-invoice-dev")]


def test_a_bucket_that_is_not_there_notifies_nobody(crowded: Account) -> None:
    assert looking.found(crowded, "dev", STAGES, "smart-invoice-nowhere").notifications == ()


def test_a_log_group_gets_a_term_once_and_keeps_it(account: Account) -> None:
    account.logs.create_log_group(logGroupName="/aws/lambda/kept")
    account.logs.put_retention_policy(logGroupName="/aws/lambda/kept", retentionInDays=7)

    for _ in range(2):
        wiring.keep_logs(account, ["kept", "new"], 90)

    groups = account.logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/")["logGroups"]
    days = {group["logGroupName"]: group.get("retentionInDays") for group in groups}
    assert (days["/aws/lambda/kept"], days["/aws/lambda/new"]) == (7, 90)


def test_the_usage_plan_is_made_once_follows_the_api_and_is_taken_away(account: Account) -> None:
    first, second = an_api(account, "f"), an_api(account, "f")
    for api in (first, first, second):
        wiring.usage_plan(account, "smart-invoice-plan", f"{api}:dev", wiring.Throttle(day=7))

    (plan,) = [each for each in account.gateway.get_usage_plans()["items"] if each["name"] == "smart-invoice-plan"]
    assert [each["apiId"] for each in plan["apiStages"]] == [first, second]
    assert plan["quota"]["limit"] == 7

    wiring.remove_surplus(account, [first], [])
    (plan,) = [each for each in account.gateway.get_usage_plans()["items"] if each["name"] == "smart-invoice-plan"]
    assert [each["apiId"] for each in plan["apiStages"]] == [second]

    assert wiring.remove_usage_plan(account, "smart-invoice-plan")
    assert not wiring.remove_usage_plan(account, "smart-invoice-plan")


def test_the_usage_plan_follows_changed_limits(account: Account) -> None:
    api = an_api(account, "f")
    for limits in (wiring.Throttle(rate=5, burst=6, day=7), wiring.Throttle(rate=50, burst=60, day=70)):
        wiring.usage_plan(account, "smart-invoice-follows", f"{api}:dev", limits)

    (plan,) = [each for each in account.gateway.get_usage_plans()["items"] if each["name"] == "smart-invoice-follows"]
    assert plan["throttle"] == {"rateLimit": 50, "burstLimit": 60}
    assert (int(plan["quota"]["limit"]), plan["quota"]["period"]) == (70, "DAY")


def test_a_usage_plan_that_says_all_that_already_is_not_written_again(account: Account) -> None:
    account = Account()
    api, limits = an_api(account, "f"), wiring.Throttle(rate=5, burst=6, day=7)
    written = Wire(account.gateway, "UpdateUsagePlan", [])
    for _ in range(2):
        wiring.usage_plan(account, "smart-invoice-quiet", f"{api}:dev", limits)

    assert written.requests == []


def test_it_is_said_that_a_usage_plan_counts_only_for_routes_that_ask_for_a_key(account: Account) -> None:
    api = an_api(account, "f")
    root = account.gateway.get_resources(restApiId=api)["items"][0]["id"]
    without = wiring.usage_plan(account, "smart-invoice-keys", f"{api}:dev", wiring.Throttle())
    account.gateway.put_method(
        restApiId=api, resourceId=root, httpMethod="POST", authorizationType="NONE", apiKeyRequired=True
    )

    assert "no route asks for an API key" in without
    assert wiring.usage_plan(account, "smart-invoice-keys", f"{api}:dev", wiring.Throttle()) == "usage plan"


def test_what_inference_cannot_do_goes_to_the_queue_after_two_more_tries(account: Account) -> None:
    a_function(account, "smart-invoice-wired-inference")
    queue = f"arn:aws:sqs:{REGION}:123456789012:smart-invoice-wired-inference-dlq"

    for _ in range(2):
        wiring.dead_letters(account, Names("wired"), queue)

    said = account.functions.get_function_event_invoke_config(FunctionName="smart-invoice-wired-inference")
    assert (said["MaximumRetryAttempts"], said["MaximumEventAgeInSeconds"]) == (2, 21600)
    assert said["DestinationConfig"]["OnFailure"]["Destination"] == queue


def test_other_code_than_the_packages_is_noticed(account: Account) -> None:
    a_function(account, "smart-invoice-checked")
    found = account.functions.get_function_configuration(FunctionName="smart-invoice-checked")["CodeSha256"]
    wiring.check_code(account, ["smart-invoice-checked"], base64.b64decode(found).hex())
    with pytest.raises(OpsError, match="Other code than this package runs in smart-invoice-checked"):
        wiring.check_code(account, ["smart-invoice-checked"], "0" * 64)
