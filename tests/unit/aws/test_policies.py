"""What the functions may do with queues and lists, and nothing beside."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from local.http_server import PROJECT


def statements(function: str) -> list[Mapping[str, Any]]:
    """The statements of a function's policy."""
    policy = json.loads((PROJECT / ".chalice" / f"policy-{function}.json").read_text(encoding="utf-8"))
    return list(policy["Statement"])


def with_action(function: str, action: str) -> list[Mapping[str, Any]]:
    """The statements that allow an action."""
    return [one for one in statements(function) if action in one["Action"]]


def test_reprocess_sends_to_the_parking_queue_and_to_no_other() -> None:
    (statement,) = with_action("reprocess", "sqs:SendMessage")

    assert statement["Resource"] == ["arn:aws:sqs:*:*:smart-invoice-*-inference-parking"]


@pytest.mark.parametrize("function", ["api", "inference", "sweep", "health_check"])
def test_nobody_else_parks(function: str) -> None:
    assert not [
        one
        for one in with_action(function, "sqs:SendMessage")
        if any("parking" in resource for resource in one["Resource"])
    ]


def test_nobody_takes_messages_out_of_the_parking_queue() -> None:
    for function in ("api", "inference", "reprocess", "sweep", "health_check"):
        for action in ("sqs:ReceiveMessage", "sqs:DeleteMessage"):
            assert not [one for one in with_action(function, action) if "parking" in json.dumps(one["Resource"])]


@pytest.mark.parametrize("function", ["api", "inference", "reprocess", "sweep"])
def test_versions_are_listed_only_of_what_the_sweep_looks_for_and_an_erasure_removes(function: str) -> None:
    for statement in with_action(function, "s3:ListBucketVersions"):
        assert statement["Resource"] == ["arn:aws:s3:::smart-invoice-*-invoices"]
        assert set(statement["Condition"]["StringLike"]["s3:prefix"]) <= {"uploads/*", "derived/*"}


def test_the_sweep_has_no_actions_by_wildcard_and_deletes_what_erasures_left_and_nothing_else() -> None:
    actions = [action for one in statements("sweep") for action in one["Action"]]

    assert not [action for action in actions if "*" in action]
    deletes = {action for action in actions if ":Delete" in action}
    assert deletes == {"s3:DeleteObject", "s3:DeleteObjectVersion", "dynamodb:DeleteItem"}
