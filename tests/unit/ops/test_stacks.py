"""Stacks, by change sets."""

import itertools

import pytest
from botocore.awsrequest import AWSResponse

from ops.aws import stacks
from ops.aws.account import Account
from ops.command import OpsError
from tests.cloudformation import (
    an_answer,
    an_event,
    refused_change_set,
    refused_events,
    some_events,
    stack_resources,
    the_stack,
)
from tests.wire import Wire

_names = (f"smart-invoice-test{number}-data" for number in itertools.count())

ONE_QUEUE = """
Parameters:
  Stage: {Type: String}
  Days: {Type: Number, Default: 1}
Resources:
  First: {Type: "AWS::SQS::Queue", Properties: {QueueName: !Sub "${Stage}-first-${Days}"}}
Outputs:
  First: {Value: !Ref First}
"""
TWO_QUEUES = ONE_QUEUE.replace(
    "Outputs:", '  Second: {Type: "AWS::SQS::Queue", Properties: {QueueName: !Sub "${Stage}-second"}}\nOutputs:'
)


@pytest.fixture
def name() -> str:
    """A stack that is not there."""
    return next(_names)


@pytest.fixture
def wired(account: Account) -> Account:
    """The same account, by clients of its own, so that a wire ends with its test."""
    return Account()


def made(account: Account, name: str, template: str, **parameters: str) -> int:
    """Plan and execute; how many changes there were."""
    given = {"Stage": name, **parameters}
    return stacks.executed(account.cloudformation, stacks.planned(account.cloudformation, name, template, given))


def test_what_a_stack_tells_is_known_by_name_and_a_missing_one_tells_nothing(account: Account, name: str) -> None:
    """Made directly: moto knows no outputs of what a change set made."""
    assert stacks.outputs(account.cloudformation, name) == {}

    stage = {"ParameterKey": "Stage", "ParameterValue": name}
    account.cloudformation.create_stack(StackName=name, TemplateBody=ONE_QUEUE, Parameters=[stage])  # type: ignore[list-item]

    assert stacks.outputs(account.cloudformation, name)["First"].endswith(f"{name}-first-1")


def test_a_new_stack_is_made(account: Account, name: str) -> None:
    assert made(account, name, ONE_QUEUE) == 1

    assert stacks.status_of(account.cloudformation, name) == "CREATE_COMPLETE"


def test_a_plan_shows_what_would_be_added_and_changes_nothing(account: Account, name: str) -> None:
    made(account, name, ONE_QUEUE)

    plan = stacks.planned(account.cloudformation, name, TWO_QUEUES, {"Stage": name})

    assert [(change.action, change.resource) for change in plan.changes] == [("Add", "Second")]
    assert not plan.made_here
    resources = account.cloudformation.list_stack_resources(StackName=name)["StackResourceSummaries"]
    assert [each["LogicalResourceId"] for each in resources] == ["First"]


def test_a_plan_that_is_dropped_leaves_no_stack(account: Account, name: str) -> None:
    stacks.dropped(account.cloudformation, stacks.planned(account.cloudformation, name, ONE_QUEUE, {"Stage": name}))

    assert stacks.status_of(account.cloudformation, name) is None
    assert made(account, name, ONE_QUEUE) == 1


def test_a_plan_that_is_dropped_leaves_that_of_somebody_else_alone(account: Account, name: str) -> None:
    client, given = account.cloudformation, {"Stage": name}
    ours, theirs = (stacks.planned(client, name, ONE_QUEUE, given) for _ in range(2))
    assert not theirs.made_here
    other = client.create_change_set(StackName=ours.stack, ChangeSetName="of-a-person", TemplateBody=ONE_QUEUE)

    stacks.dropped(client, theirs)

    assert stacks.status_of(client, ours.stack) == "REVIEW_IN_PROGRESS"
    assert client.describe_change_set(ChangeSetName=other["Id"])["Status"] == "CREATE_COMPLETE"
    assert stacks.executed(client, ours) == 1


def test_the_empty_stack_of_a_plan_stays_while_somebody_else_plans_with_it(wired: Account, name: str) -> None:
    client = wired.cloudformation
    plan = stacks.planned(client, name, ONE_QUEUE, {"Stage": name})
    mine = {"StackId": plan.stack, "ChangeSetId": plan.change_set}
    theirs = {"StackId": plan.stack, "ChangeSetId": "arn:of-a-person"}
    Wire(client, "ListChangeSets", [an_answer("ListChangeSets", {"Summaries": [mine, theirs]})])

    stacks.dropped(client, plan)

    assert stacks.status_of(client, plan.stack) == "REVIEW_IN_PROGRESS"


def test_a_plan_that_was_overtaken_says_so(wired: Account, name: str) -> None:
    plan = stacks.planned(wired.cloudformation, name, ONE_QUEUE, {"Stage": name})
    Wire(wired.cloudformation, "ExecuteChangeSet", [an_answer("InvalidChangeSetStatus", status=400)])

    with pytest.raises(OpsError, match="Somebody else has changed"):
        stacks.executed(wired.cloudformation, plan)


def test_an_undone_stack_is_not_touched_by_a_plan(wired: Account, name: str) -> None:
    """Whoever deploys deletes it first; then there is more to plan."""
    Wire(wired.cloudformation, "DescribeStacks", [the_stack(name, "ROLLBACK_COMPLETE")])
    created = Wire(wired.cloudformation, "CreateChangeSet", [])
    deleted = Wire(wired.cloudformation, "DeleteStack", [])

    plan = stacks.planned(wired.cloudformation, name, ONE_QUEUE, {"Stage": name})
    stacks.dropped(wired.cloudformation, plan)

    assert plan.is_undone
    assert plan.stack.endswith("/1")
    assert (created.requests, deleted.requests) == ([], [])


def test_what_cannot_be_taken_back_of_a_new_stack_is_named_with_how_to_remove_it(wired: Account, name: str) -> None:
    Wire(wired.cloudformation, "DescribeStacks", [the_stack(name, "ROLLBACK_FAILED")])
    left = {
        "Key": ("AWS::KMS::Key", "1a2b", "DELETE_SKIPPED"),
        "Table": ("AWS::DynamoDB::Table", "invoices", "DELETE_FAILED"),
        "Bucket": ("AWS::S3::Bucket", "papers", "CREATE_COMPLETE"),
        "Topic": ("AWS::SNS::Topic", "arn:topic", "DELETE_COMPLETE"),
        "Policy": ("AWS::S3::BucketPolicy", "", "CREATE_FAILED"),
    }
    Wire(wired.cloudformation, "DescribeStackResources", [stack_resources(left)])

    with pytest.raises(OpsError) as caught:
        stacks.planned(wired.cloudformation, name, ONE_QUEUE, {"Stage": name})

    lines = str(caught.value).splitlines()
    assert "never made completely (ROLLBACK_FAILED)" in lines[0]
    assert lines[1].startswith("  Bucket: aws s3api delete-bucket --bucket papers")
    assert "--table-name invoices --no-deletion-protection-enabled && aws dynamodb delete-table" in lines[2]
    assert lines[3:] == [
        "  Key: aws kms schedule-key-deletion --key-id 1a2b",
        f"  aws cloudformation delete-stack --stack-name {name}",
        "and run this again.",
    ]


def test_what_cloudformation_checks_early_is_told_with_resource_and_advice(wired: Account, name: str) -> None:
    client = wired.cloudformation
    Wire(client, "DescribeChangeSet", [refused_change_set("AWS::EarlyValidation::ResourceExistenceCheck")])
    taken = "Resource of type 'AWS::SQS::Queue' with identifier 'first' already exists"
    warned = ("Second", "Not empty", "WARN")
    asked = Wire(client, "DescribeEvents", [refused_events([("First", taken, "FAIL"), warned])])

    with pytest.raises(OpsError) as caught:
        stacks.planned(client, name, ONE_QUEUE, {"Stage": name})

    assert f"First (AWS::SQS::Queue): {taken}. There is one of this name already" in str(caught.value)
    assert "Second" not in str(caught.value)
    assert asked.requests[0]["ChangeSetName"] == "arn:change-set"
    assert stacks.status_of(client, name) is None


def test_without_the_permission_for_events_the_reason_of_the_change_set_is_told(wired: Account, name: str) -> None:
    Wire(wired.cloudformation, "DescribeChangeSet", [refused_change_set("AWS::EarlyValidation::Check")])
    denied = "User: arn:x is not authorized to perform: cloudformation:DescribeEvents on resource: arn:y"
    Wire(wired.cloudformation, "DescribeEvents", [an_answer("AccessDenied", denied, status=403)])

    with pytest.raises(OpsError, match=r"EarlyValidation::Check.*the permission cloudformation:DescribeEvents"):
        stacks.planned(wired.cloudformation, name, ONE_QUEUE, {"Stage": name})


def test_only_this_operations_own_failures_are_told_from_whatever_page(wired: Account, name: str) -> None:
    plan = stacks.planned(wired.cloudformation, name, ONE_QUEUE, {"Stage": name})
    Wire(wired.cloudformation, "DescribeStacks", [the_stack(name, "ROLLBACK_COMPLETE")])
    executed = Wire(wired.cloudformation, "ExecuteChangeSet", [])

    def latest(_: AWSResponse) -> AWSResponse:
        ours = executed.requests[0]["ClientRequestToken"]
        events = [
            an_event("Newer", "UPDATE_FAILED", "of somebody else's update", "later"),
            an_event("Second", "CREATE_FAILED", "Resource creation cancelled", ours),
            an_event("Third", "CREATE_FAILED", "also wrong", ours),
        ]
        return some_events(events, more=True)

    def older(_: AWSResponse) -> AWSResponse:
        ours = executed.requests[0]["ClientRequestToken"]
        events = [
            an_event("First", "CREATE_FAILED", "the queue already exists", ours),
            an_event("", "CREATE_IN_PROGRESS", "User Initiated", ours),
            an_event("Old", "UPDATE_FAILED", "of an older update", ""),
        ]
        return some_events(events)

    Wire(wired.cloudformation, "DescribeStackEvents", [latest, older])

    with pytest.raises(OpsError) as caught:
        stacks.executed(wired.cloudformation, plan)

    reasons = "First: the queue already exists; Third: also wrong. There is one of this name already"
    assert f"ended in ROLLBACK_COMPLETE: {reasons}" in str(caught.value)


def test_a_plan_that_was_left_lying_is_not_in_the_way(account: Account, name: str) -> None:
    stacks.planned(account.cloudformation, name, ONE_QUEUE, {"Stage": name})

    assert made(account, name, ONE_QUEUE) == 1


def test_an_option_stays_as_it_was_set_until_it_is_set_anew(account: Account, name: str) -> None:
    made(account, name, ONE_QUEUE, Days="7")
    made(account, name, TWO_QUEUES)

    stack = account.cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    assert {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}["Days"] == "7"


def test_options_of_another_template_are_left_out(account: Account, name: str) -> None:
    assert made(account, name, ONE_QUEUE, OfAnother="1") == 1


def test_a_deleted_stack_is_gone_and_need_not_have_been_there(account: Account, name: str) -> None:
    assert not stacks.deleted(account.cloudformation, name)
    made(account, name, ONE_QUEUE)

    assert stacks.deleted(account.cloudformation, name)

    assert stacks.status_of(account.cloudformation, name) is None
