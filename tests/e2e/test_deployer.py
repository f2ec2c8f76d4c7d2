"""Whoever has the two policies of `infra/`, and nothing else, can deploy, try, hand out tokens, watch and destroy."""

import json
import sys
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.e2e.environment import PROJECT
from tests.e2e.stack import Project, Stack, a_stack

STAGE = "dev"
_POLICIES = ("deployer-policy", "provisioner-policy")

# Where AWS looks at the function or the rule that is named, the emulator knows none of them (`core/iam_actions.py`).
_OF_THE_EMULATOR: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "lambda:CreateFunction", "lambda:CreateEventSourceMapping", "lambda:DeleteEventSourceMapping",
                "lambda:UpdateEventSourceMapping", "events:PutTargets", "events:RemoveTargets",
                "events:ListTargetsByRule", "events:PutRule", "events:DeleteRule", "events:DescribeRule",
            ],
            "Resource": ["*"],
        }
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """An account in which nothing is yet."""
    with a_stack(tmp_path_factory.mktemp("fresh")) as running:
        yield running


@pytest.fixture(scope="module")
def project(fresh: Stack) -> Project:
    """A folder from which such a user deploys."""
    iam = boto3.client("iam")
    iam.create_user(UserName="deployer")
    for name in _POLICIES:
        text = (PROJECT / "infra" / f"{name}.json").read_text(encoding="utf-8")
        iam.put_user_policy(UserName="deployer", PolicyName=name, PolicyDocument=text)
    iam.put_user_policy(UserName="deployer", PolicyName="emulator", PolicyDocument=json.dumps(_OF_THE_EMULATOR))
    key = iam.create_access_key(UserName="deployer")["AccessKey"]
    folder = fresh.project("deployer")
    folder.environment |= {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    return folder


def test_the_policies_open_nothing_else(project: Project) -> None:
    with pytest.raises(AssertionError, match="UnauthorizedOperation"):
        project.run(sys.executable, "-c", "import boto3; boto3.client('ec2').describe_vpcs()")


def test_a_stage_is_deployed_and_passes_its_smoke_test(project: Project) -> None:
    said = project.ops("deploy", "--stage", STAGE, "--yes", "--no-monitoring").stdout

    assert "user/deployer" in said
    assert "smoke … " in said
    assert "auto_approve" in said


def test_it_is_deployed_again_tried_and_watched(project: Project) -> None:
    project.ops("deploy", "--stage", STAGE, "--yes", "--no-monitoring")

    assert "All is well." in project.ops("smoke", "--stage", STAGE).stdout
    with pytest.raises(AssertionError, match="Not enough traffic"):  # the emulator counts nothing for CloudWatch
        project.ops("watch", "--stage", STAGE, "--minutes", "1", "--since", "2026-01-01T00:00Z")


def test_tokens_are_made_listed_and_revoked(project: Project) -> None:
    token = project.ops("token", "--stage", STAGE, "add", "an-erp").stdout.strip()
    listed = project.ops("token", "--stage", STAGE, "list").stdout
    revoked = project.ops("token", "--stage", STAGE, "revoke", "an-erp").stdout

    assert token.startswith("si_")
    assert "an-erp  valid" in listed
    assert token not in listed
    assert "Revoked" in revoked


def test_and_destroyed(project: Project) -> None:
    project.ops("destroy", "--stage", STAGE, "--yes")

    assert not boto3.client("lambda").list_functions()["Functions"]
