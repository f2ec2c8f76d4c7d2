"""Clients of AWS: made when they are first used, with timeouts and retries that are said and not defaulted."""

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.aws.failures import translated
from chalicelib.adapters.once import Once
from chalicelib.errors import UnavailableError

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_textract import TextractClient

CONNECT_SECONDS = 2
TOTAL_ATTEMPTS = 3
MODEL_SECONDS = (2, 4, 7, 10, 15, 20, 30, 45, 60)  # how long a client of Bedrock may wait: one client each
TEXTRACT_READ_SECONDS = 30

# Links and forms are signed for the bucket's own region: this is what makes boto3 name it.
_REGIONAL_LINKS: Mapping[str, Any] = {"signature_version": "s3v4", "s3": {"addressing_style": "virtual"}}

_making = threading.Lock()  # boto3 makes clients from one session, one at a time


class AwsClients:
    """One client a service, shared by all adapters of a family; region and credentials come from the environment."""

    def __init__(self) -> None:
        self.s3: Once[S3Client] = Once(lambda: _client("s3", read_seconds=20, **_REGIONAL_LINKS))
        self.dynamodb: Once[DynamoDBClient] = Once(lambda: _client("dynamodb", read_seconds=5))
        self.sqs: Once[SQSClient] = Once(lambda: _client("sqs", read_seconds=5))
        self.textract: Once[TextractClient] = Once(lambda: _client("textract", TEXTRACT_READ_SECONDS))
        self._models = {seconds: Once(_model_client(seconds)) for seconds in MODEL_SECONDS}

    def bedrock_runtime(self, seconds: float) -> "BedrockRuntimeClient":
        """A client that waits at most `seconds` for an answer, and never sends a question twice.

        A client has one timeout for good, so there are a few, and the one with the longest that fits is given.
        `UnavailableError` when there is not even time for the shortest.
        """
        fitting = [limit for limit in MODEL_SECONDS if limit <= seconds]
        if not fitting:
            raise UnavailableError("bedrock_no_time", "There is too little time left to ask a model; try again.")
        return self._models[fitting[-1]]()


def _model_client(seconds: int) -> Callable[[], "BedrockRuntimeClient"]:
    return lambda: _client("bedrock-runtime", read_seconds=seconds, attempts=1)


def _client(service: str, read_seconds: int, attempts: int = TOTAL_ATTEMPTS, **given: Any) -> Any:
    """A client that gives up on a silent connection after `read_seconds`."""
    import boto3  # noqa: PLC0415 - loading it takes longer than all else together, and not every request needs it
    from botocore.config import Config  # noqa: PLC0415 - as above

    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=read_seconds,
        retries={"mode": "standard", "total_max_attempts": attempts},
        **given,
    )
    with _making, translated(service):
        return boto3.client(service, config=config)  # type: ignore[call-overload]  # one overload a service name
