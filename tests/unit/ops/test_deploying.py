"""What `ops deploy` shows before it does anything, and what its plan and `ops destroy` leave."""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ops.aws import stacks
from ops.aws.account import Account
from ops.cli import main
from ops.deploy.deploying import Deploying, Options
from ops.deploy.packaging import build_folder, source_hash
from ops.deploy.removing import Removing
from ops.deploy.site import Site
from ops.project import CONFIG, Project
from tests.cloudformation import the_stack
from tests.deployments import GOOD_FILES, a_zip
from tests.families import moto
from tests.wire import Wire

STACK = "smart-invoice-dev-data"
TEMPLATE = """
Parameters:
  Stage: {Type: String}
Resources:
  DeploymentsBucket:
    Type: AWS::S3::Bucket
    Properties: {BucketName: !Sub "smart-invoice-${Stage}-deployments-123456789012"}
  Key:
    Type: AWS::KMS::Key
    Properties: {KeyPolicy: {Version: "2012-10-17", Statement: []}}
"""


@pytest.fixture
def account() -> Iterator[Account]:
    """An account of the test's own: moto lets two empty stacks have one name."""
    with moto():
        yield Account()


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A small project as the current folder, whose package is made already."""
    config = {"version": "2.0", "app_name": "smart-invoice", "stages": {"dev": {}}}
    texts = {**GOOD_FILES, "requirements.txt": "", CONFIG: json.dumps(config), "infra/data.yaml": TEMPLATE}
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    project, before = Project(tmp_path), Path.cwd()
    kept = tmp_path / "build" / "packages" / f"{source_hash(build_folder(project, 'dev'), 'x86_64')}.zip"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(a_zip())
    os.chdir(tmp_path)
    yield project
    os.chdir(before)


def test_a_plan_shows_what_would_be_added_and_leaves_nothing(
    account: Account, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["deploy", "--stage", "dev", "--plan", "--no-monitoring"]) == 0

    said = capsys.readouterr().out
    assert f"{STACK}: add DeploymentsBucket, Key" in said
    assert said.endswith("Nothing was changed.\n")
    assert stacks.status_of(account.cloudformation, STACK) is None


def test_a_plan_lets_a_colleague_execute_theirs(account: Account, project: Project) -> None:
    client = account.cloudformation
    theirs = stacks.planned(client, STACK, TEMPLATE, {"Stage": "dev"})

    assert main(["deploy", "--stage", "dev", "--plan", "--no-monitoring"]) == 0

    assert client.describe_change_set(ChangeSetName=theirs.change_set or "")["Status"] == "CREATE_COMPLETE"
    stacks.dropped(client, theirs)


def test_a_plan_that_would_take_data_away_is_refused_and_leaves_nothing(account: Account, project: Project) -> None:
    client = account.cloudformation
    stacks.executed(client, stacks.planned(client, STACK, TEMPLATE, {"Stage": "dev"}))
    without_key = TEMPLATE[: TEMPLATE.index("  Key:")]
    project.root.joinpath("infra", "data.yaml").write_text(without_key, encoding="utf-8")

    assert main(["deploy", "--stage", "dev", "--plan", "--no-monitoring"]) == 1

    waiting = [each for each in client.list_change_sets(StackName=STACK)["Summaries"] if each["Status"] != "FAILED"]
    assert [each["ExecutionStatus"] for each in waiting] == ["EXECUTE_COMPLETE"]


def test_what_a_failed_creation_left_is_named_by_the_plan_and_replaced_by_the_deployment(
    account: Account, project: Project
) -> None:
    here = Account()
    Wire(here.cloudformation, "DescribeStacks", [the_stack(STACK, "ROLLBACK_COMPLETE")])
    with ExitStack() as stack:
        deploying = Deploying(Site(project, here, "dev"), Options(monitoring=False), stack)
        assert f"{STACK}: its creation failed and was undone" in deploying.look_ahead(locked=True)
        gone = Wire(here.cloudformation, "DescribeStacks", [the_stack(STACK, "ROLLBACK_COMPLETE")])
        deleted = Wire(here.cloudformation, "DeleteStack", [])

        assert deploying.steps()[0].run() == "done, 2 changes"

    assert [each["StackName"] for each in deleted.requests] == [gone.requests[0]["StackName"]]
    assert stacks.status_of(account.cloudformation, STACK) == "CREATE_COMPLETE"


def test_what_stays_after_destroy_names_the_key_by_what_it_is_called_then(account: Account, project: Project) -> None:
    client = account.cloudformation
    stacks.executed(client, stacks.planned(client, STACK, TEMPLATE, {"Stage": "dev"}))
    keys = [each.id for each in stacks.resources(client, STACK) if each.type == "AWS::KMS::Key"]

    said = Removing(Site(project, account, "dev")).what_stays()

    assert len(keys) == 1
    assert f"aws kms schedule-key-deletion --key-id {keys[0]}" in said
    assert "alias/" not in said
