"""Why CloudFormation refused or failed, in its own words."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ops.aws.failures import missing_permission

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import OperationEventTypeDef, StackEventTypeDef

_MOST = 3
_BEGINNINGS = {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"}
_NO_REASON = "CloudFormation gives no reason; see the stack's events"


def refusal_reasons(cloudformation: "CloudFormationClient", change_set: str, told: str) -> str:
    """Why a change set (its ARN) could not be made: every resource with its reason.

    `told` is the change set's own reason, which for what CloudFormation checks early names no resource. It is the
    answer where there is no better one, with the missing permission if that is why.
    """
    try:
        events = list(_refused(cloudformation, change_set))
    except ClientError as error:
        return f"{_sentence(told)} {missing_permission(str(error)) or ''}".strip()
    return _sentence("; ".join(dict.fromkeys(_described(event) for event in events)) or told)


def failure_reasons(cloudformation: "CloudFormationClient", stack: str, token: str) -> str:
    """Why the operation that began with this `ClientRequestToken` failed: the first failures, which caused the rest."""
    failed = [event for event in _operation(cloudformation, stack, token) if _is_cause(event)]
    told = [f"{each['LogicalResourceId']}: {each.get('ResourceStatusReason', '')}" for each in reversed(failed)]
    return _sentence("; ".join(told[:_MOST]) or _NO_REASON)


def _sentence(reasons: str) -> str:
    return f"{reasons.rstrip('. ')}."


def _refused(cloudformation: "CloudFormationClient", change_set: str) -> Iterator["OperationEventTypeDef"]:
    """Warnings do not keep anybody from anything."""
    pages = cloudformation.get_paginator("describe_events").paginate(
        ChangeSetName=change_set, Filters={"FailedEvents": True}
    )
    for event in (event for page in pages for event in page["OperationEvents"]):
        if _reason(event) and "WARN" not in {event.get("ValidationFailureMode"), event.get("HookFailureMode")}:
            yield event


def _reason(event: "OperationEventTypeDef") -> str:
    return (
        event.get("ValidationStatusReason") or event.get("HookStatusReason") or event.get("ResourceStatusReason") or ""
    )


def _described(event: "OperationEventTypeDef") -> str:
    resource, kind = event.get("LogicalResourceId"), event.get("ResourceType")
    return f"{resource} ({kind}): {_reason(event)}" if resource else _reason(event)


def _operation(cloudformation: "CloudFormationClient", stack: str, token: str) -> Iterator["StackEventTypeDef"]:
    """The events of one operation, the latest first, back to where it began. Some emulators know no tokens."""
    pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack)
    for event in (event for page in pages for event in page["StackEvents"]):
        if event.get("ClientRequestToken", token) != token:
            continue
        yield event
        if event.get("PhysicalResourceId") == event["StackId"] and event.get("ResourceStatus") in _BEGINNINGS:
            return


def _is_cause(event: "StackEventTypeDef") -> bool:
    """A failure, and not of what was only given up because something else had failed."""
    cancelled = event.get("ResourceStatusReason", "").lower().endswith("cancelled")
    return event.get("ResourceStatus", "").endswith("_FAILED") and not cancelled
