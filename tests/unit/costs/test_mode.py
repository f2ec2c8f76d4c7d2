"""The mode that is set by hand."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from chalicelib.costs.mode import AUTO, Mode, ModeName
from chalicelib.errors import ConfigurationError
from tests.builders import A_MOMENT

AN_HOUR = timedelta(hours=1)


def a_mode(name: ModeName = ModeName.RULES_ONLY) -> Mode:
    """A mode for an hour."""
    return Mode(name=name, reason="Bedrock is slow", who="ada", since=A_MOMENT, until=A_MOMENT + AN_HOUR)


def test_a_mode_ends_at_its_moment() -> None:
    mode = a_mode()

    assert mode.at(A_MOMENT + AN_HOUR - timedelta(seconds=1)) == mode
    assert mode.at(A_MOMENT + AN_HOUR) == AUTO


def test_a_mode_survives_being_stored() -> None:
    assert Mode.from_json(a_mode().model_dump_json()) == a_mode()


@pytest.mark.parametrize("missing", ["reason", "who", "until"])
@pytest.mark.parametrize("name", ["rules_only", "reject"])
def test_any_mode_but_auto_says_why_by_whom_and_until_when(name: str, missing: str) -> None:
    given = {"name": name, "reason": "slow", "who": "ada", "until": A_MOMENT}

    with pytest.raises(ValidationError):
        Mode.model_validate({key: value for key, value in given.items() if key != missing})


def test_a_mode_that_cannot_be_read_is_reported() -> None:
    with pytest.raises(ConfigurationError, match="bad_shared_state"):
        Mode.from_json('{"name": "sleep"}')
