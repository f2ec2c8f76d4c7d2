"""Answers of CloudFormation that moto never gives: what failed, what was refused, what is left."""

from collections.abc import Iterable, Mapping
from typing import Any
from xml.sax.saxutils import escape

from botocore.awsrequest import AWSResponse

from tests import wire

STACK = "arn:aws:cloudformation:eu-central-1:123456789012:stack/{name}/1"
_MOMENT = "2026-05-04T12:00:00Z"


def an_answer(name: str, told: Any = "", *, status: int = 200) -> AWSResponse:
    """The result of an operation, or, with another `status`, the error `name` with its message."""
    if status == 200:
        return wire.an_answer(status, f"<{name}Response><{name}Result>{_xml(told)}</{name}Result></{name}Response>")
    error = {"ErrorResponse": {"Error": {"Type": "Sender", "Code": name, "Message": told}, "RequestId": "1"}}
    return wire.an_answer(status, _xml(error))


def the_stack(name: str, status: str) -> AWSResponse:
    """One stack, as `DescribeStacks` describes it."""
    stack = {"StackId": STACK.format(name=name), "StackName": name, "CreationTime": _MOMENT, "StackStatus": status}
    return an_answer("DescribeStacks", {"Stacks": [stack]})


def stack_resources(resources: Mapping[str, tuple[str, str, str]]) -> AWSResponse:
    """Resources as `DescribeStackResources` lists them: type, id and status by name."""
    listed = [
        {"LogicalResourceId": name, "ResourceType": kind, "PhysicalResourceId": known, "ResourceStatus": status}
        for name, (kind, known, status) in resources.items()
    ]
    return an_answer("DescribeStackResources", {"StackResources": listed})


def refused_change_set(check: str) -> AWSResponse:
    """A change set that CloudFormation's own check has refused, as `DescribeChangeSet` tells it: without resources."""
    reason = f"The following hook(s)/validation failed: [{check}]. To troubleshoot, use the DescribeEvents API."
    return an_answer("DescribeChangeSet", {"ChangeSetId": "arn:change-set", "Status": "FAILED", "StatusReason": reason})


def refused_events(failures: Iterable[tuple[str, str, str]]) -> AWSResponse:
    """Resource, reason and mode (FAIL, WARN) of checks that failed, as `DescribeEvents` tells them."""
    events = [
        {
            "EventId": resource,
            "EventType": "VALIDATION_ERROR",
            "LogicalResourceId": resource,
            "ResourceType": "AWS::SQS::Queue",
            "ValidationStatus": "FAILED",
            "ValidationStatusReason": reason,
            "ValidationFailureMode": mode,
        }
        for resource, reason, mode in failures
    ]
    return an_answer("DescribeEvents", {"OperationEvents": events})


def an_event(resource: str, status: str, reason: str, token: str) -> Mapping[str, str]:
    """One event of the stack `s`; without a resource, of the stack itself."""
    stack = STACK.format(name="s")
    told = {
        "EventId": f"{resource}-{status}",
        "StackId": stack,
        "StackName": "s",
        "LogicalResourceId": resource or "s",
        "PhysicalResourceId": f"{resource}-1" if resource else stack,
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
        "Timestamp": _MOMENT,
    }
    return told | ({"ClientRequestToken": token} if token else {})


def some_events(events: Iterable[Mapping[str, str]], *, more: bool = False) -> AWSResponse:
    """A page of events as `DescribeStackEvents` tells them, the latest first; whether there are `more`."""
    return an_answer("DescribeStackEvents", {"StackEvents": list(events)} | ({"NextToken": "2"} if more else {}))


def _xml(told: Any) -> str:
    if isinstance(told, Mapping):
        return "".join(f"<{name}>{_xml(each)}</{name}>" for name, each in told.items())
    if isinstance(told, list):
        return "".join(f"<member>{_xml(each)}</member>" for each in told)
    return escape(str(told))
