"""Both families of adapters, ready to be used by a test; `tests/contract` runs every test on each of them."""

import itertools
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from chalicelib.adapters.aws import resources
from chalicelib.adapters.aws.family import AwsAdapters
from chalicelib.ports import Clock
from chalicelib.settings import Settings
from local.bucket_server import BucketServer
from local.family import EmbeddedAdapters
from tests.builders import some_settings

REGION: Final = "eu-central-1"
_stages = (f"test{number}" for number in itertools.count(1))


@contextmanager
def embedded_family(data_dir: Path, clock: Clock, **given: Any) -> Iterator[EmbeddedAdapters]:
    """The embedded family in `data_dir`."""
    family = EmbeddedAdapters(some_settings(data_dir, **given), clock)
    yield family
    family.close()


@contextmanager
def serving_bucket(family: EmbeddedAdapters) -> Iterator[BucketServer]:
    """The server of the family's links and forms, in a thread."""
    with family.bucket_server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@contextmanager
def moto() -> Iterator[None]:
    """AWS as moto plays it: everything boto3 says goes there."""
    from moto import mock_aws

    with patch.dict(os.environ, {"AWS_DEFAULT_REGION": REGION}), mock_aws(), _one_call_at_a_time(), _exact_sums():
        yield


@contextmanager
def moto_server() -> Iterator[None]:
    """The same as a server, for other processes as well: what they stored outlives them."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # or each request would be a line
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    with _exact_sums():
        server.start()
        host, port = server.get_host_and_port()
        where = {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_DEFAULT_REGION": REGION}
        nobody = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
        with patch.dict(os.environ, {**where, **nobody}):
            yield
        server.stop()
        server._server.server_close()  # type: ignore[union-attr]  # it was started


def an_aws_family(clock: Clock | None = None, **given: Any) -> AwsAdapters:
    """The AWS family on a running `moto()`, with a bucket, a table and queues that no other family has."""
    settings = aws_settings(**given)
    create_resources(settings)
    return AwsAdapters(settings, clock)


def aws_settings(**given: Any) -> Settings:
    """Settings of a stage of its own."""
    return Settings(**{"stage": next(_stages), **given})


def create_resources(settings: Settings) -> None:
    """The bucket, the table and the queues, wherever boto3's environment points to."""
    import boto3

    boto3.client("s3").create_bucket(
        Bucket=settings.bucket_name, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    boto3.client("dynamodb").create_table(**resources.table(settings))
    for queue in (resources.dead_letter_queue(settings), resources.parking_queue(settings)):
        boto3.client("sqs").create_queue(**queue)


@contextmanager
def _one_call_at_a_time() -> Iterator[None]:
    """Let moto answer one call after the other, and none that a `Wire` has answered.

    AWS is safe to call at once, moto's tables are not.
    """
    from moto.core.botocore_stubber import BotocoreStubber

    from tests.wire import is_answered

    lock, answer = threading.Lock(), BotocoreStubber.__call__

    def answer_alone(stubber: BotocoreStubber, event_name: str, request: Any, **named: Any) -> Any:
        with lock:
            return None if is_answered(request) else answer(stubber, event_name, request, **named)

    with patch.object(BotocoreStubber, "__call__", answer_alone):
        yield


@contextmanager
def _exact_sums() -> Iterator[None]:
    """Let moto add as DynamoDB does: its own addition fails on what Python writes as `1E-7`, and on `0E-12`."""
    from moto.dynamodb.models.dynamo_type import DynamoType

    def add(first: DynamoType, second: DynamoType) -> DynamoType:
        return DynamoType({"N": format(Decimal(first.value) + Decimal(second.value), "f")})

    with patch.object(DynamoType, "__add__", add):
        yield
