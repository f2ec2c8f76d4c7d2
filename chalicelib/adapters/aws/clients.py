"""Clients of AWS: made when they are first used, with timeouts and retries that are said and not defaulted."""

import threading
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.aws.failures import translated
from chalicelib.adapters.once import Once

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_textract import TextractClient

CONNECT_SECONDS = 2
TOTAL_ATTEMPTS = 3
TEXTRACT_READ_SECONDS = 30

# Links and forms are signed for the bucket's own region: this is what makes boto3 name it.
_REGIONAL_LINKS = {"signature_version": "s3v4", "s3": {"addressing_style": "virtual"}}

_making = threading.Lock()  # boto3 makes clients from one session, one at a time


class AwsClients:
    """One client a service, shared by all adapters of a family; region and credentials come from the environment."""

    def __init__(self) -> None:
        self.s3: Once[S3Client] = Once(lambda: _client("s3", read_seconds=20, **_REGIONAL_LINKS))
        self.dynamodb: Once[DynamoDBClient] = Once(lambda: _client("dynamodb", read_seconds=5))
        self.sqs: Once[SQSClient] = Once(lambda: _client("sqs", read_seconds=5))
        self.textract: Once[TextractClient] = Once(lambda: _client("textract", TEXTRACT_READ_SECONDS))


def _client(service: str, read_seconds: int, **given: Any) -> Any:
    """A client that gives up on a silent connection after `read_seconds`."""
    import boto3  # noqa: PLC0415 - loading it takes longer than all else together, and not every request needs it
    from botocore.config import Config  # noqa: PLC0415 - as above

    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=read_seconds,
        retries={"mode": "standard", "total_max_attempts": TOTAL_ATTEMPTS},
        **given,
    )
    with _making, translated(service):
        return boto3.client(service, config=config)  # type: ignore[call-overload]  # one overload a service name
