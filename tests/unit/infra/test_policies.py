"""What the functions may do: what they need, of their own stage, and nothing beside."""

import ast
import json
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

import pytest
from botocore import xform_name
from botocore.session import get_session

from local.http_server import PROJECT
from ops import policies
from ops.grants import GRANTS

STAGES = policies.STAGES
EVERY = [(stage, function) for stage in STAGES for function in GRANTS]
WORKERS = ("inference", "reprocess", "sweep")

# What IAM calls by another name than the API, or asks for one of several things.
ASKED_FOR = {
    "s3:HeadObject": {"s3:GetObject", "s3:ListBucket"},
    "s3:HeadBucket": {"s3:ListBucket"},
    "s3:ListObjectVersions": {"s3:ListBucketVersions"},
    "s3:GetObject": {"s3:GetObject", "s3:GetObjectVersion"},
    "s3:DeleteObject": {"s3:DeleteObjectVersion"},  # always of one version
    "dynamodb:TransactWriteItems": {
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:ConditionCheckItem",
    },
    "bedrock:Converse": {"bedrock:InvokeModel"},
}
# What Lambda does in a function's name: logs, traces, and the reading of queues.
OF_THE_PLATFORM = {
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:SendMessage",
}
SERVICES = {
    "s3": "s3",
    "dynamodb": "dynamodb",
    "sqs": "sqs",
    "textract": "textract",
    "bedrock": "bedrock-runtime",
    "logs": "logs",
    "xray": "xray",
}


def config() -> Mapping[str, Any]:
    """`.chalice/config.json`."""
    loaded: Mapping[str, Any] = json.loads((PROJECT / ".chalice" / "config.json").read_text(encoding="utf-8"))
    return loaded


def statements(stage: str, function: str) -> list[Mapping[str, Any]]:
    """The statements of the policy that `.chalice/config.json` names for a function."""
    name = config()["stages"][stage]["lambda_functions"][function]["iam_policy_file"]
    policy = json.loads((PROJECT / ".chalice" / name).read_text(encoding="utf-8"))
    return list(policy["Statement"])


def actions(function: str) -> set[str]:
    """All that a function may do in dev; the stages differ in resources only."""
    return {action for one in statements("dev", function) for action in one["Action"]}


def with_action(function: str, action: str) -> list[Mapping[str, Any]]:
    """The statements that allow an action."""
    return [one for one in statements("dev", function) if action in one["Action"]]


def operations(service: str) -> set[str]:
    """The operations of a service as botocore knows them."""
    return set(get_session().get_service_model(SERVICES[service]).operation_names)


def called_by_the_adapters() -> set[str]:
    """`service:Operation` of everything the AWS adapters name, as an attribute or as a string."""
    modules = [ast.parse(path.read_text(encoding="utf-8")) for path in PROJECT.glob("chalicelib/adapters/aws/*.py")]
    nodes = [node for module in modules for node in ast.walk(module)]
    named = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    named |= {str(node.value) for node in nodes if isinstance(node, ast.Constant)}
    known = {
        xform_name(operation): f"{service}:{operation}" for service in SERVICES for operation in operations(service)
    }
    return {known[name] for name in named & set(known)}


def test_the_files_are_those_that_the_source_gives() -> None:
    written = {path.name: path.read_text(encoding="utf-8") for path in (PROJECT / ".chalice").glob("policy-*.json")}

    assert written == dict(policies.policies(config())), "please run: python -m ops policies"


@pytest.mark.parametrize(("stage", "function"), EVERY)
def test_no_action_is_a_wildcard_and_only_what_knows_no_resources_is_granted_on_all(stage: str, function: str) -> None:
    granted = statements(stage, function)

    assert not [action for one in granted for action in one["Action"] if "*" in action]
    everywhere = {action for one in granted if "*" in one["Resource"] for action in one["Action"]}
    assert {action.partition(":")[0] for action in everywhere} <= {"xray", "textract"}
    assert all(one["Effect"] == "Allow" for one in granted)


@pytest.mark.parametrize(("stage", "function"), EVERY)
def test_a_function_reaches_nothing_of_another_stage(stage: str, function: str) -> None:
    others = [other for other in STAGES if other != stage]
    theirs = [
        resource.replace("?" * 12, "123456789012").replace("*", "x").replace(f"-{stage}", f"-{other}")
        for one in statements(stage, function)
        for resource in one["Resource"]
        if f"-{stage}" in resource
        for other in others
    ]

    reached = [
        (theirs_, resource)
        for theirs_ in theirs
        for one in statements(stage, function)
        for resource in one["Resource"]
        if resource != "*" and fnmatchcase(theirs_, resource)
    ]
    assert theirs
    assert reached == []


def test_every_action_is_one_that_aws_knows() -> None:
    renamed = set().union(*ASKED_FOR.values())
    granted = set().union(*(actions(function) for function in GRANTS))

    unknown = {
        action for action in granted - renamed if action.partition(":")[2] not in operations(action.partition(":")[0])
    }
    assert unknown == set()


def test_what_the_adapters_call_is_granted_and_nothing_that_nobody_calls() -> None:
    called = called_by_the_adapters()
    needed = set().union(*(ASKED_FOR.get(operation, {operation}) for operation in called))
    granted = set().union(*(actions(function) for function in GRANTS))

    assert {"dynamodb:Query", "textract:StartExpenseAnalysis", "bedrock:Converse", "s3:PutObject"} <= called
    assert needed - granted == set()
    assert granted - needed - OF_THE_PLATFORM == set()


@pytest.mark.parametrize("function", WORKERS)
def test_whoever_works_on_documents_may_all_that_working_on_them_needs(function: str) -> None:
    paid = {"bedrock:InvokeModel", "textract:AnalyzeExpense", "textract:GetExpenseAnalysis"}
    stored = {"s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:ListBucket", "s3:DeleteObjectVersion"}

    assert paid | stored | {"dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem"} <= actions(
        function
    )


@pytest.mark.parametrize("function", ["api_handler", "authorize", "health_check"])
def test_whoever_reads_no_invoices_can_spend_nothing_on_them(function: str) -> None:
    assert not {action for action in actions(function) if action.startswith(("bedrock", "textract"))}


def test_the_api_can_tell_whether_a_document_that_is_sent_again_is_there() -> None:
    """`Receive` stores it again if not; without `s3:ListBucket`, S3 would answer 403 and the sender get 500."""
    assert "s3:ListBucket" in actions("api_handler")


def test_who_authorizes_reads_rows_of_tokens_and_no_others() -> None:
    assert actions("authorize") - OF_THE_PLATFORM == {"dynamodb:GetItem"}
    (statement,) = with_action("authorize", "dynamodb:GetItem")
    assert statement["Resource"] == ["arn:aws:dynamodb:*:*:table/smart-invoice-dev-invoices"]
    assert statement["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["TOKEN#*"]}}


def test_models_are_those_of_the_settings_and_no_others() -> None:
    (statement,) = with_action("inference", "bedrock:InvokeModel")

    assert [resource.rpartition("/")[2] for resource in statement["Resource"]] == [
        "us.anthropic.claude-haiku-4-5-20251001-v1:0",
        "anthropic.claude-haiku-4-5-20251001-v1:0",
        "us.amazon.nova-2-lite-v1:0",
        "amazon.nova-2-lite-v1:0",
    ]


def test_without_models_nobody_may_ask_one() -> None:
    stages = {stage: {"environment_variables": {"INVOICES_STAGE": stage}} for stage in STAGES}
    stages["dev"]["environment_variables"] |= {"INVOICES_MODELS": "", "INVOICES_THRIFT_MODELS": ""}

    assert "bedrock" not in policies.policies({"stages": stages})["policy-dev-inference.json"]


def test_a_bucket_that_the_settings_name_is_granted_by_its_exact_name() -> None:
    stages = {stage: {"environment_variables": {"INVOICES_STAGE": stage}} for stage in STAGES}
    stages["prod"]["environment_variables"]["INVOICES_BUCKET"] = "smart-invoice-prod-invoices-123456789012"

    text = policies.policies({"stages": stages})["policy-prod-inference.json"]

    assert '"arn:aws:s3:::smart-invoice-prod-invoices-123456789012/uploads/*"' in text
    assert "?" not in text


# Deletion wins: who erases removes all versions and the pointer of the content; who works on a document and loses it to
# an erasure removes what it wrote; and a new version of a document lets go of the old content. Nothing else is deleted.
@pytest.mark.parametrize("function", GRANTS)
def test_only_documents_what_was_made_of_them_and_rows_can_be_deleted(function: str) -> None:
    deletes = [one for one in statements("dev", function) if any(":Delete" in action for action in one["Action"])]
    not_of_queues = [one for one in deletes if not one["Action"][0].startswith("sqs:")]

    assert {resource for one in not_of_queues for resource in one["Resource"]} <= {
        f"arn:aws:s3:::smart-invoice-dev-invoices-{'?' * 12}/uploads/*",
        f"arn:aws:s3:::smart-invoice-dev-invoices-{'?' * 12}/derived/*",
        "arn:aws:dynamodb:*:*:table/smart-invoice-dev-invoices",
    }
    assert bool(not_of_queues) == (function in {"api_handler", *WORKERS})


def test_reprocess_sends_to_the_parking_queue_and_to_no_other() -> None:
    (statement,) = with_action("reprocess", "sqs:SendMessage")

    assert statement["Resource"] == ["arn:aws:sqs:*:*:smart-invoice-dev-inference-parking"]


@pytest.mark.parametrize("function", sorted(set(GRANTS) - {"reprocess"}))
def test_nobody_else_parks(function: str) -> None:
    sending = with_action(function, "sqs:SendMessage")

    assert not [one for one in sending if any("parking" in resource for resource in one["Resource"])]


@pytest.mark.parametrize("function", GRANTS)
def test_nobody_takes_messages_out_of_the_parking_queue(function: str) -> None:
    for action in ("sqs:ReceiveMessage", "sqs:DeleteMessage"):
        assert not [one for one in with_action(function, action) if "parking" in json.dumps(one["Resource"])]


@pytest.mark.parametrize("function", ["api_handler", *WORKERS])
def test_versions_are_listed_only_of_what_the_sweep_looks_for_and_an_erasure_removes(function: str) -> None:
    (statement,) = with_action(function, "s3:ListBucketVersions")

    assert statement["Condition"] == {"StringLike": {"s3:prefix": ["uploads/*", "derived/*"]}}


@pytest.mark.parametrize("function", GRANTS)
def test_a_function_writes_into_its_own_logs_only(function: str) -> None:
    (statement,) = with_action(function, "logs:PutLogEvents")
    name = "smart-invoice-dev" if function == "api_handler" else f"smart-invoice-dev-{function}"

    assert statement["Resource"] == [f"arn:aws:logs:*:*:log-group:/aws/lambda/{name}:*"]
