"""A queue in SQS."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chalicelib.adapters.aws.clients import AwsClients
from chalicelib.adapters.aws.failures import translated
from chalicelib.adapters.once import Once

if TYPE_CHECKING:
    from mypy_boto3_sqs.literals import QueueAttributeNameType

_SERVICE = "sqs"
_COUNTS: Sequence["QueueAttributeNameType"] = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


class SqsQueue:
    """The queue of one name, in the account and region of the credentials."""

    def __init__(self, name: str, clients: AwsClients) -> None:
        self.name = name
        self._client = clients.sqs
        self._url = Once(self._find_url)

    def send(self, body: str) -> None:
        """Put a message (at most 1 MiB) on the queue."""
        url = self._url()
        with translated(_SERVICE):
            self._client().send_message(QueueUrl=url, MessageBody=body)

    def depth(self) -> int:
        """About how many messages wait, are being worked on, or are delayed."""
        url = self._url()
        with translated(_SERVICE):
            answer = self._client().get_queue_attributes(QueueUrl=url, AttributeNames=_COUNTS)
        return sum(int(answer["Attributes"][name]) for name in _COUNTS)

    def _find_url(self) -> str:
        with translated(_SERVICE):
            return self._client().get_queue_url(QueueName=self.name)["QueueUrl"]
