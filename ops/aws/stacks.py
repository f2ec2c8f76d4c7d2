"""CloudFormation: what a template would change, and making it so. Always by change sets, never blindly."""

import time
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import ClientError

from ops.aws.failures import code_of
from ops.command import OpsError
from ops.deploy.stack_state import Change, advice, is_new, refusal, replaces

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import ParameterTypeDef

_POLL_SECONDS, _MOST_SECONDS = 1.0, 3600
_EMPTY = ("didn't contain changes", "No updates are to be performed", "no changes")


class PlannedStack(NamedTuple):
    """What would happen to one stack; without changes there is nothing to execute."""

    name: str
    changes: tuple[Change, ...]
    is_new: bool


def planned(
    cloudformation: "CloudFormationClient", name: str, template: str, parameters: Mapping[str, str]
) -> PlannedStack:
    """Ask CloudFormation for the changes; they wait in a change set. `OpsError` where the stack is not fit for any.

    Parameters that the template does not know are left out, and those that are not given stay as they are.
    """
    status = status_of(cloudformation, name)
    if reason := refusal(name, status):
        raise OpsError(reason)
    if status and is_new(status):
        deleted(cloudformation, name)
    elif status:
        _forget_change_set(cloudformation, name)
    cloudformation.create_change_set(
        StackName=name,
        ChangeSetName=_change_set(name),
        ChangeSetType="CREATE" if is_new(status) else "UPDATE",
        TemplateBody=template,
        Parameters=_parameters(cloudformation, name, declared(cloudformation, template), parameters),
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Tags=[{"Key": "app", "Value": "smart-invoice"}],
    )
    return PlannedStack(name, _changes(cloudformation, name), is_new(status))


def declared(cloudformation: "CloudFormationClient", template: str) -> tuple[str, ...]:
    """The parameters that a template knows."""
    found = cloudformation.get_template_summary(TemplateBody=template).get("Parameters", [])
    return tuple(each["ParameterKey"] for each in found)


def dropped(cloudformation: "CloudFormationClient", plan: PlannedStack) -> None:
    """Forget a plan, and the empty stack that CloudFormation made for a new one."""
    if not plan.changes:
        return
    _forget_change_set(cloudformation, plan.name)
    if plan.is_new:
        cloudformation.delete_stack(StackName=plan.name)


def executed(cloudformation: "CloudFormationClient", plan: PlannedStack) -> int:
    """Make the changes, and wait until they are made: how many. `OpsError` with CloudFormation's reason if not."""
    if not plan.changes:
        return 0
    cloudformation.execute_change_set(StackName=plan.name, ChangeSetName=_change_set(plan.name))
    status = _settled(cloudformation, plan.name)
    if status not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        reasons = _reasons(cloudformation, plan.name)
        raise OpsError(f"The stack {plan.name} ended in {status or 'nothing'}: {reasons}{advice(reasons)}")
    return len(plan.changes)


def outputs(cloudformation: "CloudFormationClient", name: str) -> dict[str, str]:
    """What a stack tells about its resources, nothing for one that is not there."""
    try:
        stacks = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if code_of(error) == "ValidationError":  # "Stack with id … does not exist"
            return {}
        raise
    return {output["OutputKey"]: output["OutputValue"] for output in stacks[0].get("Outputs", [])}


def deleted(cloudformation: "CloudFormationClient", name: str) -> bool:
    """Delete a stack and wait; whether there was one. `OpsError` with CloudFormation's reason if it stays."""
    if status_of(cloudformation, name) is None:
        return False
    cloudformation.delete_stack(StackName=name)
    if (status := _settled(cloudformation, name)) != "":
        raise OpsError(f"The stack {name} could not be deleted ({status}): {_reasons(cloudformation, name)}")
    return True


def status_of(cloudformation: "CloudFormationClient", name: str) -> str | None:
    """A stack's status, `None` where there is no such stack."""
    try:
        stacks = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if code_of(error) == "ValidationError":
            return None
        raise
    status = stacks[0]["StackStatus"] if stacks else "DELETE_COMPLETE"
    return None if status == "DELETE_COMPLETE" else status


def _parameters(
    cloudformation: "CloudFormationClient", name: str, known: Collection[str], given: Mapping[str, str]
) -> "list[ParameterTypeDef]":
    kept = [key for key in _stack_parameters(cloudformation, name) if key in known and key not in given]
    new: list[ParameterTypeDef] = [
        {"ParameterKey": key, "ParameterValue": value} for key, value in given.items() if key in known
    ]
    old: list[ParameterTypeDef] = [{"ParameterKey": key, "UsePreviousValue": True} for key in kept]
    return [*new, *old]


def _stack_parameters(cloudformation: "CloudFormationClient", name: str) -> list[str]:
    if is_new(status_of(cloudformation, name)):
        return []
    stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    return [each["ParameterKey"] for each in stack.get("Parameters", [])]


def _changes(cloudformation: "CloudFormationClient", name: str) -> tuple[Change, ...]:
    while True:
        told = cloudformation.describe_change_set(StackName=name, ChangeSetName=_change_set(name))
        if told["Status"] in {"CREATE_COMPLETE", "FAILED"}:
            break
        time.sleep(_POLL_SECONDS)
    reason = told.get("StatusReason", "")
    if told["Status"] == "FAILED" and not any(words in reason for words in _EMPTY):
        _forget_change_set(cloudformation, name)
        raise OpsError(f"CloudFormation does not accept the template of {name}: {reason}")
    found = [change["ResourceChange"] for change in told.get("Changes", []) if "ResourceChange" in change]
    if not found:
        _forget_change_set(cloudformation, name)
    return tuple(
        Change(
            each["Action"],
            each["LogicalResourceId"],
            each["ResourceType"],
            replaces(each.get("Replacement")),
        )
        for each in found
    )


def _change_set(stack: str) -> str:
    """One is enough: whoever holds the lock of the stage is alone."""
    return f"ops-{stack}"


def _forget_change_set(cloudformation: "CloudFormationClient", name: str) -> None:
    """One that an earlier run left behind would be in the way."""
    try:
        cloudformation.delete_change_set(StackName=name, ChangeSetName=_change_set(name))
    except ClientError as error:
        if code_of(error) not in {"ChangeSetNotFound", "ChangeSetNotFoundException", "ValidationError"}:
            raise


def _settled(cloudformation: "CloudFormationClient", name: str) -> str:
    """The status in which a stack comes to rest, empty for one that has gone; `OpsError` after an hour."""
    deadline = time.monotonic() + _MOST_SECONDS
    while (status := status_of(cloudformation, name)) and status.endswith("_IN_PROGRESS"):
        if time.monotonic() > deadline:
            raise OpsError(f"The stack {name} has been in {status} for an hour. Please look at its events.")
        time.sleep(_POLL_SECONDS)
    return status or ""


def _reasons(cloudformation: "CloudFormationClient", name: str) -> str:
    """Why, in CloudFormation's words: the first failures, which caused all others."""
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    failed = [event for event in events if event.get("ResourceStatus", "").endswith("_FAILED")]
    told = [f"{each['LogicalResourceId']}: {each.get('ResourceStatusReason', '')}" for each in reversed(failed)]
    return "; ".join(told[:3]) or "CloudFormation gives no reason; see the stack's events"
