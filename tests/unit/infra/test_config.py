"""`.chalice/config.json`, as Chalice itself reads it: what it does not know it ignores without a word."""

import json
from pathlib import Path
from typing import Any

import chalice.config
import pytest
from chalice.config import Config

import app
from chalicelib.settings import Settings
from local.http_server import PROJECT
from ops.grants import GRANTS
from ops.policies import STAGES, policy_file

RAW: dict[str, Any] = json.loads((PROJECT / ".chalice" / "config.json").read_text(encoding="utf-8"))

# chalice/config.py, 1.34: the keys it knows, and those of them that may differ by function.
BY_FUNCTION = {
    "autogen_policy",
    "iam_policy_file",
    "iam_role_arn",
    "manage_iam_role",
    "lambda_memory_size",
    "lambda_timeout",
    "layers",
    "reserved_concurrency",
    "security_group_ids",
    "subnet_ids",
    "xray",
}
OURS = {"api_throttling"}  # read by `ops deploy`, see docs/deploying.md
BY_STAGE = (
    BY_FUNCTION
    | OURS
    | {
        "api_gateway_endpoint_type",
        "api_gateway_stage",
        "automatic_layer",
        "environment_variables",
        "lambda_architecture",
        "lambda_functions",
        "minimum_compression_size",
        "tags",
    }
)
AT_THE_TOP = BY_STAGE | {"app_name", "stages", "version"}


def read(stage: str, function: str) -> Config:
    """What Chalice makes of it for one function."""
    return Config(chalice_stage=stage, function_name=function, config_from_disk=RAW)


def handlers() -> set[str]:
    """The functions that `app.py` declares, by the names that they have in the configuration."""
    declared: tuple[Any, ...] = (*app.app.event_sources, *app.app.pure_lambda_functions, *app.app.builtin_auth_handlers)
    return {"api_handler", *(handler.name for handler in declared)}


def test_there_is_no_key_that_neither_chalice_nor_we_read() -> None:
    assert set(RAW) <= AT_THE_TOP
    assert all(set(stage) <= BY_STAGE for stage in RAW["stages"].values())
    for place in (RAW, *RAW["stages"].values()):
        assert all(set(function) <= BY_FUNCTION for function in place.get("lambda_functions", {}).values())


def test_logs_are_kept_by_the_template_because_chalice_names_the_wrong_group() -> None:
    assert "log_retention_in_days" not in json.dumps(RAW)


def test_every_function_is_configured_and_has_its_policy_in_each_stage() -> None:
    assert {"api_handler", "inference", "sweep"} <= handlers() <= set(GRANTS)
    for stage in STAGES:
        for function in GRANTS:
            config = read(stage, function)
            assert config.iam_policy_file == policy_file(stage, function)
            assert config.autogen_policy is False
            assert config.xray_enabled is True


@pytest.mark.parametrize("stage", STAGES)
def test_stages_are_regional_compressed_and_of_one_architecture(stage: str) -> None:
    config = read(stage, "api_handler")

    assert config.api_gateway_endpoint_type == "REGIONAL"
    assert 0 < config.minimum_compression_size <= 10_485_760
    assert config.lambda_architecture == "x86_64"
    assert config.tags == {
        "application": "smart-invoice",
        "stage": stage,
        "aws-chalice": config.tags["aws-chalice"],
    }


def test_arm_is_chosen_by_one_line() -> None:
    chosen = {**RAW, "stages": {**RAW["stages"], "prod": {**RAW["stages"]["prod"], "lambda_architecture": "arm64"}}}

    assert Config(chalice_stage="prod", config_from_disk=chosen).lambda_architecture == "arm64"


@pytest.mark.parametrize("stage", STAGES)
def test_functions_have_the_time_and_memory_that_their_work_needs(stage: str) -> None:
    for function in ("inference", "reprocess", "sweep"):
        config = read(stage, function)
        assert (config.lambda_timeout, config.lambda_memory_size) == (300, 1769)  # one whole processor
    assert read(stage, "api_handler").lambda_timeout <= 29  # API Gateway waits no longer
    assert read(stage, "authorize").lambda_timeout <= 10
    assert read(stage, "api_handler").lambda_memory_size >= 512  # below, a cold start takes seconds


def test_what_works_in_the_background_is_held_back_and_the_api_is_not() -> None:
    reserved = {
        stage: {function: one for function in GRANTS if (one := read(stage, function).reserved_concurrency) is not None}
        for stage in STAGES
    }

    assert reserved["dev"] == {}  # a new account has nothing to reserve
    assert reserved["staging"] == {"inference": 5, "reprocess": 5, "sweep": 1}
    assert reserved["prod"] == {"inference": 20, "reprocess": 5, "sweep": 1}


def test_a_claim_outlasts_the_longest_run() -> None:
    longest = max(read("prod", function).lambda_timeout for function in GRANTS)

    assert Settings().claim_seconds > longest


def test_stages_know_who_they_are() -> None:
    for stage in (*STAGES, "local"):
        variables = read(stage, "api_handler").environment_variables
        assert Settings.from_environment(variables).stage == stage


def test_the_chalice_that_is_installed_knows_these_keys() -> None:
    source = Path(str(chalice.config.__file__)).read_text(encoding="utf-8")

    assert all(f"'{key}'" in source for key in BY_STAGE - {"lambda_functions"})
