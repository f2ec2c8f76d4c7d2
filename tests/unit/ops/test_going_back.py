"""Which build a rollback puts back."""

import pytest

from ops.command import OpsError
from ops.deploy.going_back import target
from ops.deploy.record import State
from ops.project import CONFIG
from tests.deployments import A_CONFIG, a_deployment

FIRST, SECOND, THIRD = a_deployment(1), a_deployment(2), a_deployment(3)
BACK = SECOND.model_copy(update={"id": "20260504-120400-aaaaaaaa", "kind": "rollback"})


def test_the_last_good_build_before_the_present_one_is_put_back() -> None:
    assert target([THIRD, SECOND, FIRST], None) == SECOND


@pytest.mark.parametrize("state", [State.STARTED, State.DEPLOYED, State.FAILED])
def test_builds_that_did_not_pass_are_left_out(state: State) -> None:
    failed = SECOND.model_copy(update={"state": state})

    assert target([THIRD, failed, FIRST], None) == FIRST


def test_a_second_rollback_goes_back_further_and_not_forward() -> None:
    assert target([BACK, THIRD, SECOND, FIRST], None) == FIRST


def test_a_present_build_that_failed_gives_way_to_the_last_good_one() -> None:
    failed = THIRD.model_copy(update={"state": State.FAILED})

    assert target([failed, SECOND, FIRST], None) == SECOND


def test_a_deployment_of_the_very_same_is_no_build_to_go_back_to() -> None:
    again = a_deployment(4, package=THIRD.package)

    assert target([again, THIRD, SECOND], None) == SECOND


def test_settings_of_other_stages_make_no_other_build() -> None:
    other = {CONFIG: A_CONFIG.replace('"prod": {}', '"prod": {"xray": true}')}
    again = a_deployment(4, package=THIRD.package, inputs=other)

    assert target([again, THIRD, SECOND], None) == SECOND


def test_other_configuration_of_the_same_code_is_a_build_to_go_back_to() -> None:
    other = THIRD.model_copy(
        update={"id": "20260504-120900-aaaaaaaa", "build": "20260504-120900-aaaaaaaa", "inputs": {}}
    )

    assert target([other, THIRD], None) == THIRD


def test_after_everything_was_taken_away_the_last_build_comes_back() -> None:
    gone = a_deployment(5, kind="destroy", package=None, inputs={})

    assert target([gone, THIRD], None) == THIRD


def test_the_beginning_of_an_id_names_a_build() -> None:
    assert target([THIRD, SECOND, FIRST], "20260504-1201") == FIRST


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ("2026", "may be .* or .*write more"),
        ("20260504-1204", "never passed"),
        ("1999", "There is no build 1999"),
    ],
)
def test_a_name_that_names_no_build_is_refused(wanted: str, why: str) -> None:
    with pytest.raises(OpsError, match=why):
        target([BACK, THIRD, SECOND, FIRST], wanted)


@pytest.mark.parametrize("history", [[], [FIRST], [FIRST.model_copy(update={"state": State.FAILED})]])
def test_without_an_earlier_build_there_is_nothing_to_go_back_to(history: list[object]) -> None:
    with pytest.raises(OpsError, match=r"nothing to go back to|no earlier build"):
        target(history, None)  # type: ignore[arg-type]
