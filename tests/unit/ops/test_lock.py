"""When a lock counts."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest

from ops.deploy.lock import LIFETIME, Lock, Verdict, is_alive, verdict
from tests.deployments import A_MOMENT

MINE = Lock(token="t", owner="ada", place="here", process=7, taken_at=A_MOMENT, expires_at=A_MOMENT + LIFETIME)
LATER = A_MOMENT + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("lock", "place", "now", "alive", "expected"),
    [
        (None, "here", LATER, False, Verdict.FREE),
        (MINE, "here", LATER, True, Verdict.HELD),
        (MINE, "here", LATER, False, Verdict.ABANDONED),
        (MINE, "elsewhere", LATER, False, Verdict.HELD),
        (MINE, "elsewhere", A_MOMENT + LIFETIME, True, Verdict.EXPIRED),
        (MINE, "here", A_MOMENT + LIFETIME, False, Verdict.EXPIRED),
    ],
)
def test_a_lock_counts_until_it_runs_out_or_its_process_here_is_gone(
    lock: Lock | None, place: str, now: object, alive: bool, expected: Verdict
) -> None:
    assert verdict(lock, place, now, alive=alive) is expected  # type: ignore[arg-type]


def test_a_process_is_alive_until_it_has_ended() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert is_alive(process.pid)

    assert not is_alive(process.pid)
    assert is_alive(os.getpid())
