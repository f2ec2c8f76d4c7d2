"""Who calls, in which account and region, and the clients for it."""

import os
from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from ops.command import OpsError

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client

# Whoever is wrong about where AWS is should hear of it soon. Once it answers, there is time.
_BRISK = Config(retries={"mode": "standard", "max_attempts": 2}, connect_timeout=10, read_timeout=20)
_PATIENT = Config(retries={"mode": "standard", "max_attempts": 8}, connect_timeout=10, read_timeout=120)


class Account:
    """An AWS account as one caller sees it from one region. `AWS_ENDPOINT_URL` may lead to an emulator instead."""

    def __init__(self) -> None:
        """Ask who calls; `OpsError` without a region, and whatever boto3 says without credentials."""
        region = os.environ.get("AWS_REGION") or boto3.Session().region_name
        if not region:
            raise OpsError("No region is set. Please set one, for example: export AWS_REGION=eu-central-1")
        self.region = region
        self._session = boto3.Session(region_name=region)
        caller = self._session.client("sts", config=_BRISK).get_caller_identity()
        self.id, self.caller = caller["Account"], caller["Arn"]

    @cached_property
    def cloudformation(self) -> "CloudFormationClient":
        """Stacks."""
        return self._session.client("cloudformation", config=_PATIENT)

    @cached_property
    def s3(self) -> "S3Client":
        """Buckets."""
        return self._session.client("s3", config=_PATIENT)

    @cached_property
    def functions(self) -> "LambdaClient":
        """Lambda."""
        return self._session.client("lambda", config=_PATIENT)

    @cached_property
    def gateway(self) -> "APIGatewayClient":
        """REST APIs."""
        return self._session.client("apigateway", config=_PATIENT)

    @cached_property
    def events(self) -> "EventBridgeClient":
        """Schedules."""
        return self._session.client("events", config=_PATIENT)

    @cached_property
    def iam(self) -> "IAMClient":
        """Roles."""
        return self._session.client("iam", config=_PATIENT)

    @cached_property
    def logs(self) -> "CloudWatchLogsClient":
        """Log groups."""
        return self._session.client("logs", config=_PATIENT)

    @cached_property
    def metrics(self) -> "CloudWatchClient":
        """CloudWatch's metrics."""
        return self._session.client("cloudwatch", config=_PATIENT)
