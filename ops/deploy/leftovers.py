"""What is left of a stack, and how a person removes it."""

from collections.abc import Iterable
from typing import NamedTuple


class Resource(NamedTuple):
    """One resource of a stack: its name in the template, its type, and what it is called in the account."""

    name: str
    type: str
    id: str


# In this order: a key goes last, because what it encrypts cannot be read without it.
_COMMANDS = {
    "AWS::S3::Bucket": "aws s3api delete-bucket --bucket {id}    # empty it first, with all versions",
    "AWS::DynamoDB::Table": "aws dynamodb update-table --table-name {id} --no-deletion-protection-enabled && "
    "aws dynamodb delete-table --table-name {id}",
    "AWS::SQS::Queue": "aws sqs delete-queue --queue-url {id}",
    "AWS::SNS::Topic": "aws sns delete-topic --topic-arn {id}",
    "AWS::Logs::LogGroup": "aws logs delete-log-group --log-group-name {id}",
    "AWS::CloudWatch::Alarm": "aws cloudwatch delete-alarms --alarm-names {id}",
    "AWS::KMS::Alias": "aws kms delete-alias --alias-name {id}",
    "AWS::KMS::Key": "aws kms schedule-key-deletion --key-id {id}",
}
_RANKS = {kind: rank for rank, kind in enumerate(_COMMANDS)}
_LAST = "AWS::KMS::Key"


def by_hand(left: Iterable[Resource]) -> tuple[str, ...]:
    """A line for each resource that says how to remove it, in the order in which to do that.

    >>> by_hand([Resource("Key", "AWS::KMS::Key", "1a2b"), Resource("Role", "AWS::IAM::Role", "copies")])
    ('Role: AWS::IAM::Role copies, in the console', 'Key: aws kms schedule-key-deletion --key-id 1a2b')
    """
    return tuple(f"{each.name}: {_way(each)}" for each in sorted(left, key=_rank))


def _way(resource: Resource) -> str:
    command = _COMMANDS.get(resource.type, "{type} {id}, in the console")
    return command.format(type=resource.type, id=resource.id)


def _rank(resource: Resource) -> tuple[bool, int]:
    return resource.type == _LAST, _RANKS.get(resource.type, len(_RANKS))
