"""Every row of the list of failure modes is a test named after it (`test_f07_…`), or says here why there is none."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
LIST = TESTS.parents[1] / "shared" / "reference" / "failure-modes.md"

NOT_TESTED: Mapping[str, str] = {
    "f15": "throttled invocations stay in Lambda's own queue: no code of ours is involved, and an alarm tells of it",
    "f19": "one deployment serves one organisation: there is no other whose data could be left in a process",
    "f27": "letters are moved by hand, as there is no command for it; one that was moved back is read: see f26",
    "f68": "there is no `Idempotency-Key`: the bytes are the key, and other bytes are another invoice: see f67",
}
_OF_OPERATING = range(80, 89)  # floods, deployments, alarms: beside what this folder is about


def rows_with_a_test() -> set[str]:
    """The rows that have a test."""
    names = (re.findall(r"def test_(f\d\d)_", path.read_text(encoding="utf-8")) for path in TESTS.rglob("test_*.py"))
    return {name for found in names for name in found}


def test_no_row_is_both_tested_and_excused() -> None:
    assert not rows_with_a_test() & set(NOT_TESTED)


def test_no_row_is_forgotten() -> None:
    if not LIST.is_file():
        pytest.skip(f"The list of failure modes is not here ({LIST.name}), so nothing can be compared with it.")
    listed = {int(number) for number in re.findall(r"^\| F(\d+) \|", LIST.read_text(encoding="utf-8"), re.MULTILINE)}

    wanted = {f"f{number:02}" for number in listed - set(_OF_OPERATING)}

    assert len(wanted) > 70
    assert wanted - rows_with_a_test() == set(NOT_TESTED)
