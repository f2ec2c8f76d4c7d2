"""`python -m ops token`, as an operator uses it."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.bootstrap import Services
from chalicelib.domain.client_token import sha256_of
from local.family import EmbeddedAdapters
from local.http_server import PROJECT
from ops.cli import main
from ops.command import OpsError
from ops.stages import settings_of
from tests.builders import a_clock, some_settings


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the stage `local` keeps everything."""
    monkeypatch.setenv("INVOICES_DATA_DIR", str(tmp_path))
    return tmp_path


def ops_token(*arguments: str) -> int:
    """Run the command on the stage of this machine."""
    return main(["token", "--stage", "local", *arguments])


def test_an_added_token_is_shown_once_and_opens_the_door(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ops_token("add", "an-erp") == 0

    shown = capsys.readouterr()
    token = shown.out.strip()
    services = Services(some_settings(data_dir), EmbeddedAdapters(some_settings(data_dir)))
    assert services.authorize(f"Bearer {token}") == "an-erp"
    assert token not in shown.err
    assert "until it is revoked" in shown.err


def test_the_list_shows_whose_tokens_there_are_and_never_the_tokens(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    services = Services(some_settings(data_dir), EmbeddedAdapters(some_settings(data_dir), a_clock()))
    tokens = [
        services.add_token("an-erp").text,
        services.add_token("a-scanner", timedelta(hours=1)).text,
        services.add_token("an-old-one").text,
    ]
    services.revoke_tokens("an-old-one")

    assert ops_token("list") == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["CLIENT", "STATE", "CREATED", "EXPIRES", "SHA-256"]
    assert {tuple(line.split()) for line in lines[1:]} == {
        ("an-erp", "valid", "2026-11-23", "09:14Z", "-", sha256_of(tokens[0])[:8]),
        ("a-scanner", "expired", "2026-11-23", "09:14Z", "2026-11-23", "10:14Z", sha256_of(tokens[1])[:8]),
        ("an-old-one", "revoked", "2026-11-23", "09:14Z", "-", sha256_of(tokens[2])[:8]),
    }


def test_a_revoked_token_opens_nothing_and_the_delay_is_said(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ops_token("add", "an-erp", "--days", "90")
    token = capsys.readouterr().out.strip()

    assert ops_token("revoke", "an-erp") == 0

    assert capsys.readouterr().out == "Revoked the token of an-erp. API Gateway may remember it for 60 seconds more.\n"
    services = Services(some_settings(data_dir), EmbeddedAdapters(some_settings(data_dir)))
    assert services.authorize(f"Bearer {token}") is None
    assert ops_token("revoke", "an-erp") == 0
    assert capsys.readouterr().out == "an-erp had no valid token any more.\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["add", "An ERP"], "'An ERP' cannot be the name of a client."),
        (["revoke", "nobody"], "There is no client 'nobody'."),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(
    data_dir: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    assert ops_token(*arguments) == 1
    assert capsys.readouterr().err.startswith(f"token: {sentence}")


@pytest.mark.parametrize("days", ["0", "-1", "3651", "1.5", "x", "٣"])
def test_days_that_are_none_are_refused(data_dir: Path, days: str) -> None:
    with pytest.raises(SystemExit) as told:
        ops_token("add", "an-erp", f"--days={days}")

    assert told.value.code == 2


def test_a_stage_that_is_none_is_named_with_those_there_are() -> None:
    with pytest.raises(OpsError, match=r"There is no stage 'production'.*there are dev, staging, prod, local"):
        settings_of("production")


def test_the_file_goes_before_the_shell_as_at_the_deployment() -> None:
    settings = settings_of("prod", {"INVOICES_STAGE": "dev", "INVOICES_AUTH": "false", "INVOICES_MAX_PAGES": "7"})

    assert (settings.stage, settings.auth, settings.max_pages) == ("prod", True, 7)


def test_a_stage_without_an_account_is_told_in_a_sentence(tmp_path: Path) -> None:
    nowhere = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true"}
    done = subprocess.run(
        [sys.executable, "-m", "ops", "token", "--stage", "prod", "list"],
        cwd=PROJECT, env=nowhere, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert done.returncode == 1
    assert done.stderr.startswith("token: The service dynamodb refused (NoRegionError)")
    assert "Is this the right account and region, and is prod deployed there?" in done.stderr
