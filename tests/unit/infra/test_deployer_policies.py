"""What whoever deploys may do: enough, spelt as AWS does, and little beyond this app."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.templates import Template

PROJECT = Path(__file__).resolve().parents[3]
POLICIES = ("deployer-policy", "provisioner-policy")

_MOST_CHARACTERS = 6144  # of a managed policy, blanks not counted
_VERBS = {f"apigateway:{verb}" for verb in ("GET", "POST", "PUT", "PATCH", "DELETE")}
_SPELT_AS_OPERATIONS = (
    "cloudformation",
    "cloudwatch",
    "dynamodb",
    "events",
    "iam",
    "kms",
    "lambda",
    "logs",
    "sns",
    "sqs",
)
_NOT_OPERATIONS = {"dynamodb:ConditionCheckItem", "lambda:InvokeFunction", "iam:PassRole"}

# AWS knows no resource for these, or none before it exists. `PutCompositeAlarm` has one, but must be "scoped to `*`",
# as its documentation says.
_EVERYWHERE = {
    "cloudformation:GetTemplateSummary", "cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData",
    "cloudwatch:PutCompositeAlarm", "events:ListRules", "iam:ListRoles", "kms:CreateKey", "kms:ListAliases",
    "lambda:GetEventSourceMapping", "lambda:ListEventSourceMappings", "lambda:ListFunctions", "logs:DescribeLogGroups",
    "logs:DescribeMetricFilters",
}  # fmt: skip
# A key has no name before its alias, and its tags count only minutes after it was made. This much is harmless.
_OF_ANY_KEY = {
    "kms:DescribeKey", "kms:EnableKeyRotation", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags",
}  # fmt: skip
_BY_CONDITION = {"QueuesForFunctions", "NewKey", "TagsOfKeys", "Keys"}  # the condition names this app
_BY_SERVICE = {"KeysOfFailedStacks", "KeysForTables", "KeysForData"}  # it names a service; that is held to this app
_WITHOUT_NAMES = ("arn:aws:apigateway:", "arn:aws:kms:*:*:key/*")

_CLIENTS = {
    "functions": "lambda", "events": "events", "iam": "iam", "logs": "logs", "metrics": "cloudwatch",
    "cloudformation": "cloudformation", "s3": "s3",
}  # fmt: skip
_OF_DICTIONARIES = {"get", "items", "values"}  # some are called `functions`, too
_S3 = {
    "head_object": "s3:GetObject", "head_bucket": "s3:ListBucket", "list_objects_v2": "s3:ListBucket",
    "get_bucket_notification_configuration": "s3:GetBucketNotification",
}  # fmt: skip


def statements(*names: str) -> list[dict[str, Any]]:
    """The statements of the policies."""
    documents = [json.loads((PROJECT / "infra" / f"{name}.json").read_text(encoding="utf-8")) for name in names]
    return [statement for document in documents for statement in document["Statement"]]


def actions(*names: str) -> set[str]:
    """All actions of the policies."""
    return {action for statement in statements(*names) for action in statement["Action"]}


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_is_short_enough_and_names_each_action(name: str) -> None:
    document = json.loads((PROJECT / "infra" / f"{name}.json").read_text(encoding="utf-8"))
    ids = [statement["Sid"] for statement in document["Statement"]]

    assert len(re.sub(r"\s", "", json.dumps(document))) <= _MOST_CHARACTERS
    assert len(set(ids)) == len(ids)
    assert not [action for action in actions(name) if "*" in action]


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_opens_only_what_is_ours_but_for_what_has_no_name(name: str) -> None:
    for statement in statements(name):
        others = [
            one for one in statement["Resource"] if "smart-invoice-" not in one and not one.startswith(_WITHOUT_NAMES)
        ]
        if others and statement["Sid"] not in _BY_CONDITION:
            assert others == ["*"]
            assert set(statement["Action"]) <= _EVERYWHERE
        if statement["Sid"] in _BY_CONDITION:
            assert re.search(r'"(smart-invoice"|[^"]*smart-invoice-)', json.dumps(statement["Condition"]))
        if statement["Sid"] in _BY_SERVICE:
            assert re.search(r'"aws:CalledVia"|"kms:ViaService"', json.dumps(statement["Condition"]))
        if "Condition" not in statement and "arn:aws:kms:*:*:key/*" in statement["Resource"]:
            assert set(statement["Action"]) <= _OF_ANY_KEY or statement["Sid"] == "NamesOfKeys"


@pytest.mark.parametrize("template", ["data", "replica"])
def test_a_key_is_made_with_the_tag_that_its_making_is_allowed_by(template: str) -> None:
    """KMS knows no tags of CloudFormation, and `aws:ResourceTag` of no key that is being made."""
    ((_, key),) = Template(template, Stage="prod", CustomerKey="true").of_type("AWS::KMS::Key").items()
    asked = {f"aws:RequestTag/{tag['Key']}": tag["Value"] for tag in key["Tags"]}

    assert asked == {"aws:RequestTag/app": "smart-invoice", "aws:RequestTag/stage": "prod"}
    for action in ("kms:CreateKey", "kms:TagResource"):
        (making,) = [one for one in statements("provisioner-policy") if action in one["Action"]]
        assert making["Condition"]["StringEquals"].items() <= asked.items()


def test_what_follows_at_once_on_the_making_of_a_key_waits_for_no_tag() -> None:
    free = [one for one in statements("provisioner-policy") if "aws:ResourceTag" not in json.dumps(one)]
    at_once = {
        "kms:CreateAlias", "kms:CreateGrant", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey",
        "kms:ScheduleKeyDeletion",
    }  # fmt: skip

    assert (_OF_ANY_KEY | at_once) - {action for one in free for action in one["Action"]} == set()


def test_a_composite_alarm_is_allowed_as_cloudwatch_asks_for_it() -> None:
    client = boto3.Session().client("cloudwatch", region_name="eu-central-1")
    (statement,) = [one for one in statements("provisioner-policy") if "cloudwatch:PutCompositeAlarm" in one["Action"]]

    said = client.meta.service_model.operation_model("PutCompositeAlarm").documentation
    assert "permission that is scoped to <code>*</code>" in said
    assert statement["Resource"] == ["*"]
    assert "Condition" not in statement


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        ("AWS::S3::Bucket", "s3:DeleteBucket"),
        ("AWS::DynamoDB::Table", "dynamodb:DeleteTable"),
        ("AWS::SQS::Queue", "sqs:DeleteQueue"),
        ("AWS::SNS::Topic", "sns:DeleteTopic"),
        ("AWS::Logs::LogGroup", "logs:DeleteLogGroup"),
        ("AWS::Logs::MetricFilter", "logs:DeleteMetricFilter"),
        ("AWS::KMS::Key", "kms:ScheduleKeyDeletion"),
        ("AWS::KMS::Alias", "kms:DeleteAlias"),
        ("AWS::IAM::Role", "iam:DeleteRole"),
    ],
)
def test_what_a_failed_creation_made_can_be_taken_back(kind: str, action: str) -> None:
    data = Template("data", Stage="prod", ReplicaRegion="eu-west-1")

    assert data.of_type(kind)
    assert action in actions(*POLICIES)


@pytest.mark.parametrize("name", POLICIES)
def test_roles_are_given_to_one_service_only(name: str) -> None:
    passing = [statement for statement in statements(name) if "iam:PassRole" in statement["Action"]]

    assert passing
    assert all("iam:PassedToService" in statement["Condition"]["StringEquals"] for statement in passing)


def test_every_action_is_one_that_aws_knows() -> None:
    known = {f"{service}:{operation}" for service in _SPELT_AS_OPERATIONS for operation in operations(service)}
    ours = {action for action in actions(*POLICIES) if action.split(":")[0] in _SPELT_AS_OPERATIONS}

    assert ours - known - _NOT_OPERATIONS == set()
    assert {action for action in actions(*POLICIES) if action.startswith("apigateway")} == _VERBS


def test_everything_that_ops_asks_of_aws_is_allowed() -> None:
    asked = {action for path in (PROJECT / "ops" / "aws").glob("*.py") for action in asked_in(path)}

    assert len(asked) > 20
    assert asked - actions("deployer-policy") == set()


def operations(service: str) -> tuple[str, ...]:
    """What botocore can ask of a service."""
    client = boto3.Session().client(service, region_name="eu-central-1")  # type: ignore[call-overload]
    return tuple(client.meta.service_model.operation_names)


def asked_in(path: Path) -> Iterator[str]:
    """The actions that a module of `ops/aws` asks for, as it writes them: `account.logs.create_log_group(…)`."""
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            service = _CLIENTS.get(_name(call.func.value).lstrip("_"))
            if service and call.func.attr not in _OF_DICTIONARIES:
                yield _action(service, _paged(call) if call.func.attr == "get_paginator" else call.func.attr)


def _paged(call: ast.Call) -> str:
    (name,) = call.args
    assert isinstance(name, ast.Constant)
    return str(name.value)


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _action(service: str, method: str) -> str:
    camel = "".join(word.capitalize() for word in method.split("_"))
    return _S3.get(method, f"{service}:{camel}")
