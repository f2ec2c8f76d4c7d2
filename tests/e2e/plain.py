"""The way without `ops`: the stateful resources by boto3, everything else by `chalice deploy`."""

import boto3

from chalicelib.adapters.aws import resources
from chalicelib.settings import Settings
from tests.e2e.deployment import Deployment
from tests.e2e.environment import REGION
from tests.e2e.stack import Project, Stack


def deploy_plainly(stack: Stack, project: Project, settings: Settings) -> Deployment:
    """A stage whose resources exist, deployed by Chalice alone."""
    s3, sqs = boto3.client("s3"), boto3.client("sqs")
    s3.create_bucket(Bucket=settings.bucket_name, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=settings.bucket_name, VersioningConfiguration={"Status": "Enabled"})
    boto3.client("dynamodb").create_table(**resources.table(settings))
    for queue in (resources.dead_letter_queue(settings), resources.parking_queue(settings)):
        sqs.create_queue(**queue)
    project.chalice("deploy", "--stage", settings.stage)
    api_id = project.deployed(settings.stage)["rest_api"]["rest_api_id"]
    return Deployment(stack, settings, f"{stack.url}/restapis/{api_id}/api/_user_request_")
