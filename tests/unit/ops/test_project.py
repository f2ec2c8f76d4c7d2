"""Chalice's configuration, read and written."""

import json
from pathlib import Path

import pytest

from ops.command import OpsError
from ops.project import BUCKET, Project, with_variable

OURS = (Path(__file__).parents[3] / ".chalice" / "config.json").read_text(encoding="utf-8")


def a_project(folder: Path, config: str) -> Project:
    """A project with this configuration."""
    (folder / ".chalice").mkdir()
    (folder / ".chalice" / "config.json").write_text(config, encoding="utf-8")
    return Project(folder)


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_our_own_configuration_keeps_its_layout(stage: str) -> None:
    text = with_variable(OURS, stage, "INVOICES_SOMETHING", "here")

    assert json.loads(text)["stages"][stage]["environment_variables"]["INVOICES_SOMETHING"] == "here"
    assert text.replace('"INVOICES_SOMETHING": "here", ', "") == OURS


@pytest.mark.parametrize(
    "config",
    [
        '{"stages": {"dev": {}}}',
        '{"stages": {"dev": {"environment_variables": {}}}}',
        '{"stages": {"dev": {}, "prod": {"environment_variables": {"A": "b"}}}}',
        '{"x": "stages", "stages": {"prod": {"environment_variables": {"A": "b"}}, "dev": {"tags": {}}}}',
    ],
)
def test_whatever_the_layout_the_variable_ends_up_in_its_stage_and_nowhere_else(config: str) -> None:
    wanted = json.loads(config)
    wanted["stages"]["dev"].setdefault("environment_variables", {})["NAME"] = "value"

    assert json.loads(with_variable(config, "dev", "NAME", "value")) == wanted


def test_the_bucket_is_written_once_and_never_over_another(tmp_path: Path) -> None:
    project = a_project(tmp_path, '{"stages": {"dev": {"environment_variables": {"A": "b"}}}}')

    assert project.remember_bucket("dev", "mine")
    assert not project.remember_bucket("dev", "other")
    assert project.environment("dev") == {BUCKET: "mine", "A": "b"}


def test_a_setting_of_the_stage_goes_before_that_of_all(tmp_path: Path) -> None:
    project = a_project(tmp_path, '{"xray": true, "x": 1, "stages": {"dev": {"xray": false}}}')

    assert project.setting("dev", "xray") is False
    assert project.setting("dev", "x") == 1
    assert project.setting("dev", "y") is None


def test_a_configuration_that_is_no_json_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(OpsError, match=r"config.json is not valid JSON: .*Please correct it"):
        a_project(tmp_path, "{").config()
