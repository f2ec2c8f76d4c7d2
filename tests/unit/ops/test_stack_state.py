"""What can be done with a stack."""

import pytest

from ops.deploy.stack_state import Change, endangered, is_new, refusal, summary


@pytest.mark.parametrize("status", [None, "REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE"])
def test_a_stack_that_is_not_there_or_holds_nothing_is_made(status: str | None) -> None:
    assert is_new(status)
    assert refusal("s", status) is None


@pytest.mark.parametrize(
    "status", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"]
)
def test_a_stack_at_rest_is_changed(status: str) -> None:
    assert not is_new(status)
    assert refusal("s", status) is None


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        ("ROLLBACK_FAILED", "aws cloudformation delete-stack --stack-name s"),
        ("CREATE_FAILED", "aws cloudformation delete-stack --stack-name s"),
        ("DELETE_FAILED", "aws cloudformation delete-stack --stack-name s"),
        ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback --stack-name s"),
        ("UPDATE_IN_PROGRESS", "run this again when that is done"),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "run this again when that is done"),
        ("DELETE_IN_PROGRESS", "run this again when that is done"),
    ],
)
def test_a_stack_that_is_stuck_or_busy_is_left_alone_with_advice(status: str, advice: str) -> None:
    reason = refusal("s", status) or ""

    assert status in reason
    assert advice in reason


def test_only_what_takes_data_away_is_endangered() -> None:
    table, queue, topic = "AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::SNS::Topic"
    changes = [
        Change("Modify", "ReplacedTable", table, replaces=True),
        Change("Modify", "Table", table),
        Change("Remove", "Queue", queue),
        Change("Add", "NewQueue", queue),
        Change("Remove", "Topic", topic),
    ]

    assert [change.resource for change in endangered(changes)] == ["ReplacedTable", "Queue"]


def test_a_replacement_is_called_that() -> None:
    assert summary("s", [Change("Modify", "Topic", "AWS::SNS::Topic", replaces=True)]) == "s: replace Topic"
