"""Both families of adapters, ready to be used by a test; `tests/contract` runs every test on each of them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from chalicelib.adapters.aws import resources
from chalicelib.adapters.aws.family import AwsAdapters
from chalicelib.settings import Settings
from local.family import EmbeddedAdapters
from tests.builders import SetClock, some_settings

REGION = "eu-central-1"


@contextmanager
def embedded_family(data_dir: Path, clock: SetClock, **given: Any) -> Iterator[EmbeddedAdapters]:
    """The embedded family in `data_dir`."""
    family = EmbeddedAdapters(some_settings(data_dir, **given), clock)
    yield family
    family.close()


@contextmanager
def aws_family(clock: SetClock, **given: Any) -> Iterator[AwsAdapters]:
    """The AWS family on moto, with its bucket, table and queue."""
    from moto import mock_aws

    settings = Settings(stage="test", **given)
    with patch.dict(os.environ, {"AWS_DEFAULT_REGION": REGION}), mock_aws():
        create_resources(settings)
        yield AwsAdapters(settings, clock)


def create_resources(settings: Settings) -> None:
    """The bucket, the table and the queue, wherever boto3's environment points to."""
    import boto3

    boto3.client("s3").create_bucket(
        Bucket=settings.bucket_name, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    boto3.client("dynamodb").create_table(**resources.table(settings))
    boto3.client("sqs").create_queue(**resources.dead_letter_queue(settings))
