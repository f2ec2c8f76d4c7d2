"""What can be done with a CloudFormation stack, by its status and by what would change."""

from collections.abc import Iterable
from typing import NamedTuple

from ops.deploy.leftovers import Resource, by_hand


class Change(NamedTuple):
    """One resource of a template that would be added, changed (perhaps replaced by a new one) or removed."""

    action: str  # Add, Modify, Remove, Import, Dynamic
    resource: str
    type: str
    replaces: bool = False


# What holds what nobody can make again.
_KEEPING_DATA = {
    "AWS::S3::Bucket",
    "AWS::DynamoDB::Table",
    "AWS::DynamoDB::GlobalTable",
    "AWS::SQS::Queue",
    "AWS::KMS::Key",
}
# Nothing is in these: somebody looked at a plan and did not carry it out, or the creation failed and was undone.
_REVIEWED, _UNDONE = "REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE"
HALF_MADE = frozenset({"ROLLBACK_FAILED", "CREATE_FAILED"})
"""Statuses of a stack whose first creation failed, and whose resources have not all been taken back."""


def is_new(status: str | None) -> bool:
    """Whether the stack is still to be made; an undone one (`is_undone`) goes first."""
    return status in {None, _REVIEWED, _UNDONE}


def is_undone(status: str | None) -> bool:
    """Whether the stack's creation failed and was undone. Nothing can be done with it but to delete it."""
    return status == _UNDONE


def refusal(name: str, status: str | None, left: Iterable[Resource] = ()) -> str | None:
    """Why nothing can be done with a stack now, and what to do; `None` where nothing speaks against it.

    `left` are the resources that are there, of a stack that is `HALF_MADE`.
    """
    if status is None or is_new(status):
        return None
    if status in HALF_MADE:
        return _half_made(name, status, by_hand(left))
    if status == "DELETE_FAILED":
        return (
            f"Somebody wanted to delete the stack {name}, which did not work ({status}). Please look at its events for "
            f"the reason, delete it (aws cloudformation delete-stack --stack-name {name}, with --retain-resources for "
            "what shall stay), and run this again."
        )
    if status == "UPDATE_ROLLBACK_FAILED":
        return (
            f"The stack {name} is stuck between two versions ({status}). Please run "
            f"aws cloudformation continue-update-rollback --stack-name {name}, and then this again."
        )
    if status.endswith("_IN_PROGRESS"):
        return (
            f"Somebody is changing the stack {name} at this moment ({status}). Please run this again when that is done."
        )
    return None


def replaces(told: str | None) -> bool:
    """Whether CloudFormation says that a new resource comes in place of the old one.

    It says `Conditional` of every change of a lifecycle rule or a policy. What is replaced after all keeps its data, by
    `UpdateReplacePolicy`; and a new one of the same fixed name cannot come beside it.

    >>> replaces("True"), replaces("Conditional"), replaces("False"), replaces(None)
    (True, False, False, False)
    """
    return told == "True"


def endangered(changes: Iterable[Change]) -> tuple[Change, ...]:
    """The changes that would take data away."""
    return tuple(
        change for change in changes if change.type in _KEEPING_DATA and (change.replaces or change.action == "Remove")
    )


def advice(reasons: str) -> str:
    """What CloudFormation's reasons for a failure call for, empty where they speak for themselves.

    >>> advice("Bucket: smart-invoice-dev-invoices-123456789012 already exists")[:42]
    ' There is one of this name already, perhap'
    """
    if "already exists" in reasons or "already owned by you" in reasons:
        return (
            " There is one of this name already, perhaps from a stack that was deleted and left its data. Please "
            "delete it, if nobody needs it, or bring it into the stack (aws cloudformation create-change-set "
            "--change-set-type IMPORT)."
        )
    return ""


def _half_made(name: str, status: str, lines: tuple[str, ...]) -> str:
    delete = f"aws cloudformation delete-stack --stack-name {name}"
    told = f"The stack {name} was never made completely ({status}); its events say why."
    if not lines:
        return f"{told} Nothing is left of it. Please delete it ({delete}), and run this again."
    listed = "\n".join(f"  {line}" for line in lines)
    return f"{told} If nobody needs what is left, please remove it:\n{listed}\n  {delete}\nand run this again."


def summary(name: str, changes: Iterable[Change]) -> str:
    """A stack's changes in one line.

    >>> summary("data", [Change("Add", "Table", "AWS::DynamoDB::Table"), Change("Modify", "Queue", "AWS::SQS::Queue")])
    'data: add Table; change Queue'
    >>> summary("data", [])
    'data: nothing'
    """
    verbs = {"Add": "add", "Modify": "change", "Remove": "remove", "Import": "import"}
    by_verb: dict[str, list[str]] = {}
    for change in changes:
        verb = "replace" if change.replaces else verbs.get(change.action, change.action.lower())
        by_verb.setdefault(verb, []).append(change.resource)
    return f"{name}: " + ("; ".join(f"{verb} {', '.join(names)}" for verb, names in by_verb.items()) or "nothing")
