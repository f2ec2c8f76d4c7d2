"""What a deployment would change in code and configuration."""

from ops.deploy.differences import differences
from ops.project import CONFIG
from tests.deployments import A_CONFIG, a_deployment, a_package

OTHER_CONFIG = A_CONFIG.replace('"INVOICES_STAGE": "dev"', '"INVOICES_STAGE": "dev", "INVOICES_MODELS": ""')
LAST = a_deployment(1, package=a_package(), inputs={CONFIG: A_CONFIG, ".chalice/policy-dev-sweep.json": "{}"})


def test_the_first_deployment_is_called_that() -> None:
    (line,) = differences([], a_package(), {CONFIG: A_CONFIG}, "dev")

    assert "the first deployment" in line


def test_the_same_again_changes_nothing() -> None:
    assert differences([LAST], a_package(), LAST.inputs, "dev") == (f"code: the same as in {LAST.id}",)


def test_other_code_is_shown_by_its_hash() -> None:
    (line,) = differences([LAST], a_package(sha256="b" * 64), LAST.inputs, "dev")

    assert line.startswith("code: bbbbbbbb")
    assert f"other than in {LAST.id} (aaaaaaaa" in line


def test_a_setting_of_the_stage_is_shown_before_and_after() -> None:
    inputs = {**LAST.inputs, CONFIG: OTHER_CONFIG}

    lines = differences([LAST], a_package(), inputs, "dev")

    assert lines[1:] == ("config: environment_variables.INVOICES_MODELS: not set → ",)


def test_a_setting_of_another_stage_is_not_shown() -> None:
    inputs = {**LAST.inputs, CONFIG: OTHER_CONFIG}

    assert len(differences([LAST], a_package(), inputs, "prod")) == 1


def test_policies_that_changed_came_or_went_are_named() -> None:
    inputs = {CONFIG: A_CONFIG, ".chalice/policy-dev-authorize.json": "{}"}

    lines = differences([LAST], a_package(), inputs, "dev")

    assert lines[1:] == ("changed: .chalice/policy-dev-authorize.json", "changed: .chalice/policy-dev-sweep.json")


def test_after_everything_was_taken_away_all_is_new() -> None:
    gone = a_deployment(2, kind="destroy", package=None, inputs={})

    (line,) = differences([gone], a_package(), {CONFIG: A_CONFIG}, "dev")

    assert "took everything away" in line
