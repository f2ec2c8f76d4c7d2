"""CloudFormation: what a template would change, and making it so. Always by change sets, never blindly."""

import time
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from botocore.exceptions import ClientError

from ops.aws.failures import code_of
from ops.aws.stack_events import failure_reasons, refusal_reasons
from ops.command import OpsError
from ops.deploy.leftovers import Resource
from ops.deploy.stack_state import HALF_MADE, Change, advice, is_new, is_undone, refusal, replaces

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import DescribeChangeSetOutputTypeDef, ParameterTypeDef, StackTypeDef

_POLL_SECONDS, _MOST_SECONDS = 1.0, 3600
_OVERTAKEN = {"ChangeSetNotFound", "ChangeSetNotFoundException", "InvalidChangeSetStatus"}
_EMPTY = ("didn't contain changes", "No updates are to be performed", "no changes")


class PlannedStack(NamedTuple):
    """What would happen to one stack. Its changes wait in a change set of its own; without any there is none.

    `stack` and `change_set` are ARNs: whatever else has the same name is none of ours.
    """

    name: str
    changes: tuple[Change, ...] = ()
    stack: str = ""
    change_set: str | None = None
    made_here: bool = False
    """Whether the plan made the empty stack that the change set of a new one hangs on."""
    is_undone: bool = False
    """Whether a creation that failed is in the way. It goes first (`deleted`), and then there is more to plan."""


def planned(
    cloudformation: "CloudFormationClient", name: str, template: str, parameters: Mapping[str, str]
) -> PlannedStack:
    """Ask CloudFormation for the changes; they wait in a change set. `OpsError` where the stack is not fit for any.

    Nothing of anybody else is touched. Parameters that the template does not know are left out, and those that are not
    given stay as they are.
    """
    there = _described(cloudformation, name)
    status = there["StackStatus"] if there else None
    left = resources(cloudformation, name) if status in HALF_MADE else ()
    if reason := refusal(name, status, left):
        raise OpsError(reason)
    if there and is_undone(status):
        return PlannedStack(name, stack=there["StackId"], is_undone=True)
    made = cloudformation.create_change_set(
        StackName=name,
        ChangeSetName=f"ops-{uuid4().hex}",
        ChangeSetType="CREATE" if is_new(status) else "UPDATE",
        TemplateBody=template,
        Parameters=_parameters(there, declared(cloudformation, template), parameters),
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Tags=[{"Key": "app", "Value": "smart-invoice"}],
    )
    return _with_changes(cloudformation, PlannedStack(name, (), made["StackId"], made["Id"], made_here=there is None))


def declared(cloudformation: "CloudFormationClient", template: str) -> tuple[str, ...]:
    """The parameters that a template knows."""
    found = cloudformation.get_template_summary(TemplateBody=template).get("Parameters", [])
    return tuple(each["ParameterKey"] for each in found)


def dropped(cloudformation: "CloudFormationClient", plan: PlannedStack) -> None:
    """Forget a plan, and the empty stack that it made, unless somebody else has plans for that by now."""
    if plan.change_set is None:
        return
    cloudformation.delete_change_set(StackName=plan.stack, ChangeSetName=plan.change_set)
    if plan.made_here and _is_nobodys(cloudformation, plan):
        cloudformation.delete_stack(StackName=plan.stack)


def executed(cloudformation: "CloudFormationClient", plan: PlannedStack) -> int:
    """Make the changes, and wait until they are made: how many. `OpsError` with CloudFormation's reason if not."""
    if plan.change_set is None:
        return 0
    token = _token()
    _execute(cloudformation, plan, token)
    status = _settled(cloudformation, plan.stack)
    if status not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        reasons = failure_reasons(cloudformation, plan.stack, token)
        raise OpsError(f"The stack {plan.name} ended in {status or 'nothing'}: {reasons}{advice(reasons)}")
    return len(plan.changes)


def outputs(cloudformation: "CloudFormationClient", name: str) -> dict[str, str]:
    """What a stack tells about its resources, nothing for one that is not there."""
    there = _described(cloudformation, name)
    return {output["OutputKey"]: output["OutputValue"] for output in there.get("Outputs", [])} if there else {}


def resources(cloudformation: "CloudFormationClient", name: str) -> tuple[Resource, ...]:
    """What is there of a stack's resources, nothing where there is no such stack."""
    try:
        found = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
    except ClientError as error:
        if code_of(error) == "ValidationError":
            return ()
        raise
    there = [each for each in found if each["ResourceStatus"] != "DELETE_COMPLETE" and each.get("PhysicalResourceId")]
    return tuple(
        Resource(each["LogicalResourceId"], each["ResourceType"], each["PhysicalResourceId"]) for each in there
    )


def deleted(cloudformation: "CloudFormationClient", name: str) -> bool:
    """Delete a stack, by name or ARN, and wait; whether there was one. `OpsError` with the reason if it stays."""
    there = _described(cloudformation, name)
    if there is None:
        return False
    token = _token()
    cloudformation.delete_stack(StackName=there["StackId"], ClientRequestToken=token)
    if status := _settled(cloudformation, there["StackId"]):
        reasons = failure_reasons(cloudformation, there["StackId"], token)
        raise OpsError(f"The stack {there['StackName']} could not be deleted ({status}): {reasons}")
    return True


def status_of(cloudformation: "CloudFormationClient", name: str) -> str | None:
    """A stack's status, `None` where there is no such stack."""
    there = _described(cloudformation, name)
    return there["StackStatus"] if there else None


def _described(cloudformation: "CloudFormationClient", name: str) -> "StackTypeDef | None":
    try:
        stacks = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if code_of(error) == "ValidationError":  # "Stack with id … does not exist"
            return None
        raise
    return stacks[0] if stacks and stacks[0]["StackStatus"] != "DELETE_COMPLETE" else None


def _parameters(
    there: "StackTypeDef | None", known: Collection[str], given: Mapping[str, str]
) -> "list[ParameterTypeDef]":
    used = there.get("Parameters", []) if there and not is_new(there["StackStatus"]) else []
    kept = [each["ParameterKey"] for each in used if each["ParameterKey"] in set(known) - given.keys()]
    new: list[ParameterTypeDef] = [
        {"ParameterKey": key, "ParameterValue": value} for key, value in given.items() if key in known
    ]
    old: list[ParameterTypeDef] = [{"ParameterKey": key, "UsePreviousValue": True} for key in kept]
    return [*new, *old]


def _with_changes(cloudformation: "CloudFormationClient", plan: PlannedStack) -> PlannedStack:
    """The plan with what CloudFormation found, once it has; where that is nothing, the change set is gone again."""
    told = _decided(cloudformation, plan)
    reason = told.get("StatusReason", "")
    if told["Status"] == "FAILED" and not any(words in reason for words in _EMPTY):
        reasons = refusal_reasons(cloudformation, told["ChangeSetId"], reason)
        dropped(cloudformation, plan)
        raise OpsError(f"CloudFormation does not accept the template of {plan.name}: {reasons}{advice(reasons)}")
    if found := tuple(_changes(cloudformation, plan)):
        return plan._replace(changes=found)
    dropped(cloudformation, plan)
    return plan._replace(change_set=None)


def _decided(cloudformation: "CloudFormationClient", plan: PlannedStack) -> "DescribeChangeSetOutputTypeDef":
    while True:
        told = cloudformation.describe_change_set(StackName=plan.stack, ChangeSetName=plan.change_set or "")
        if told["Status"] in {"CREATE_COMPLETE", "FAILED"}:
            return told
        time.sleep(_POLL_SECONDS)


def _changes(cloudformation: "CloudFormationClient", plan: PlannedStack) -> Iterator[Change]:
    paginator = cloudformation.get_paginator("describe_change_set")
    pages = paginator.paginate(StackName=plan.stack, ChangeSetName=plan.change_set or "")
    for each in (change["ResourceChange"] for page in pages for change in page.get("Changes", [])):
        yield Change(each["Action"], each["LogicalResourceId"], each["ResourceType"], replaces(each.get("Replacement")))


def _execute(cloudformation: "CloudFormationClient", plan: PlannedStack, token: str) -> None:
    try:
        cloudformation.execute_change_set(
            StackName=plan.stack, ChangeSetName=plan.change_set or "", ClientRequestToken=token
        )
    except ClientError as error:
        if code_of(error) not in _OVERTAKEN:
            raise
        raise OpsError(
            f"Somebody else has changed the stack {plan.name} since this plan was made. Please run this again."
        ) from error


def _is_nobodys(cloudformation: "CloudFormationClient", plan: PlannedStack) -> bool:
    """Whether a stack that is not made yet has no change set; whoever may not look leaves it alone."""
    if status_of(cloudformation, plan.stack) != "REVIEW_IN_PROGRESS":
        return False
    try:
        pages = list(cloudformation.get_paginator("list_change_sets").paginate(StackName=plan.stack))
    except ClientError:
        return False
    found = [each for page in pages for each in page["Summaries"]]
    return not [each for each in found if each["StackId"] == plan.stack and each["ChangeSetId"] != plan.change_set]


def _token() -> str:
    """What marks all events of one operation."""
    return f"ops-{uuid4().hex}"


def _settled(cloudformation: "CloudFormationClient", name: str) -> str:
    """The status in which a stack comes to rest, empty for one that has gone; `OpsError` after an hour."""
    deadline = time.monotonic() + _MOST_SECONDS
    while (status := status_of(cloudformation, name)) and status.endswith("_IN_PROGRESS"):
        if time.monotonic() > deadline:
            raise OpsError(f"The stack {name} has been in {status} for an hour. Please look at its events.")
        time.sleep(_POLL_SECONDS)
    return status or ""
