"""Stacks, by change sets."""

import itertools

import pytest

from ops.aws import stacks
from ops.aws.account import Account

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
    assert not plan.is_new
    resources = account.cloudformation.list_stack_resources(StackName=name)["StackResourceSummaries"]
    assert [each["LogicalResourceId"] for each in resources] == ["First"]


def test_a_plan_that_is_dropped_leaves_no_stack(account: Account, name: str) -> None:
    stacks.dropped(account.cloudformation, stacks.planned(account.cloudformation, name, ONE_QUEUE, {"Stage": name}))

    assert stacks.status_of(account.cloudformation, name) is None
    assert made(account, name, ONE_QUEUE) == 1


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
