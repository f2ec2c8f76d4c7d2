"""`python -m ops deploy|rollback|deploys|destroy`, as far as they go without anything deployed."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from ops.aws.account import Account
from ops.cli import main
from ops.command import OpsError
from ops.deploy.deploys import table
from ops.deploy.record import State
from ops.deploy.site import Site
from ops.progress import Step, agreed, walk
from ops.project import CONFIG, Project
from tests.deployments import a_deployment

PROJECT = Path(__file__).parents[3]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A copy of what `ops` needs of the project, as the current folder."""
    for name in ("app.py", "requirements.txt", CONFIG):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, tmp_path / name)
    before = Path.cwd()
    os.chdir(tmp_path)
    yield Project(tmp_path)
    os.chdir(before)


def test_prod_is_not_taken_away_by_accident(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["destroy", "--stage", "prod", "--yes"]) == 1

    assert "add --i-mean-it" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["deploy", "rollback", "deploys", "destroy"])
def test_outside_of_a_project_it_says_where_to_go(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = Path.cwd()
    os.chdir(tmp_path)

    assert main([command, "--stage", "dev"]) == 1

    os.chdir(before)
    assert "Please run this in the project's folder." in capsys.readouterr().err


def test_without_a_region_it_says_how_to_set_one(project: Project, tmp_path: Path) -> None:
    said = ops(tmp_path, "deploys", "--stage", "dev")

    assert "export AWS_REGION=" in said


def test_without_credentials_it_says_how_to_sign_in(project: Project, tmp_path: Path) -> None:
    said = ops(tmp_path, "deploys", "--stage", "dev", AWS_REGION="eu-central-1")

    assert "There are no credentials for AWS" in said
    assert "aws sso login" in said


def test_the_region_of_aws_region_is_everybodys(account: Account, project: Project) -> None:
    with patch.dict(os.environ, {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-central-1"}):
        assert main(["deploys", "--stage", "dev"]) == 0

        assert os.environ["AWS_DEFAULT_REGION"] == "eu-west-1"


def ops(home: Path, *arguments: str, **environment: str) -> str:
    """What a command that fails prints, for somebody who has nothing set up."""
    bare = {"PATH": os.environ["PATH"], "HOME": str(home), "AWS_EC2_METADATA_DISABLED": "true", **environment}
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from ops.cli import main; sys.exit(main(sys.argv[1:]))", *arguments],
        env={**bare, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_stage_without_deployments_has_none_to_list(
    account: Account, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["deploys", "--stage", "dev"]) == 0

    assert (
        f"Nothing was deployed to stage dev, account {account.id}, region {account.region}" in capsys.readouterr().out
    )


def test_a_stage_without_deployments_has_nothing_to_go_back_to(
    account: Account, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rollback", "--stage", "dev", "--yes"]) == 1

    assert "Nothing was deployed to dev" in capsys.readouterr().err


def test_a_bucket_of_another_account_stops_everything(account: Account, project: Project) -> None:
    project.remember_bucket("dev", "smart-invoice-dev-invoices-999999999999")

    with pytest.raises(OpsError, match=rf"{account.id}, region {account.region}.*belongs to 999999999999"):
        Site(project, account, "dev")


def test_a_wrong_setting_is_named_with_its_file_and_stage(account: Account, project: Project) -> None:
    text = project.config_path.read_text(encoding="utf-8")
    project.config_path.write_text(text.replace('"INVOICES_STAGE": "dev"', '"INVOICES_STAGE": "dev", "INVOICES_X": ""'))

    with pytest.raises(OpsError, match=r"config.json, stage dev: .*INVOICES_X"):
        Site(project, account, "dev").settings()


def test_api_throttling_is_read_from_the_configuration_and_typing_errors_are_named(
    account: Account, project: Project
) -> None:
    config = project.config_path.read_text(encoding="utf-8")

    project.config_path.write_text(config.replace("{", '{"api_throttling": {"rate": 5, "burst": 6},', 1))
    assert Site(project, account, "dev").throttle()[:2] == (5, 6)

    project.config_path.write_text(config.replace("{", '{"api_throttling": {"rates": 5},', 1))
    with pytest.raises(OpsError, match="may have rate, burst, day, and no other"):
        Site(project, account, "dev").throttle()


def test_an_emulator_answers_for_its_apis_and_aws_for_its_own(account: Account, project: Project) -> None:
    site = Site(project, account, "dev")

    assert site.url("a1") == "https://a1.execute-api.eu-central-1.amazonaws.com/dev/"
    with patch.dict(os.environ, {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566/"}):
        assert site.url("a1") == "http://127.0.0.1:4566/restapis/a1/dev/_user_request_/"


def test_deployments_are_listed_with_who_made_them_and_how_it_went() -> None:
    back = a_deployment(2, kind="rollback", build="20260504-120000-aaaaaaaa", state=State.FAILED)

    headings, first, second = table([back, a_deployment(1, commit="0123456789")]).splitlines()

    assert re.split(" {2,}", headings) == ["id", "what", "when (UTC)", "how it went", "commit", "who"]
    assert "back to 20260504-120000-aaaaaaaa" in first
    assert "smoke test failed" in first
    assert re.split(" {2,}", second)[3:] == ["passed", "01234567", "user/ada"]


def test_steps_are_told_one_by_one_and_the_first_that_fails_ends_it(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> str:
        raise OpsError("no luck")

    steps = [Step("one", lambda: "done, 3 changes"), Step("two", fail), Step("three", lambda: "done")]
    with pytest.raises(OpsError):
        walk(steps)

    assert capsys.readouterr().out == "1/3 one … done, 3 changes\n2/3 two … "


@pytest.mark.parametrize(
    ("typed", "expected"), [("y\n", True), ("YES\n", True), ("\n", False), ("n\n", False), ("", False)]
)
def test_only_a_yes_is_a_yes(typed: str, expected: int) -> None:
    asked = "from ops.progress import agreed; import sys; sys.exit(agreed('Deploy this?', without_asking=False))"
    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=PROJECT, input=typed, text=True, capture_output=True, check=False
    )

    assert bool(done.returncode) is expected
    assert "Deploy this? [y/N]" in done.stdout


def test_who_does_not_want_to_be_asked_is_not_asked() -> None:
    assert agreed("Deploy this?", without_asking=True)
