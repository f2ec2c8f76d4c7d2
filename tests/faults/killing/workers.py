"""Whoever starts the processes that are killed."""

import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

from tests.faults.killing.worker import Ended, Task

_ROOT = Path(__file__).parents[3]


class Workers:
    """Runs tasks in processes of their own, for `with`. Their environment is this process's at the start."""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.faults.killing"]
        self._process = subprocess.Popen(
            command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(os.environ)
        )
        self.runs = 0
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def __call__(self, task: Task) -> Ended:
        """What became of a task."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.runs += 1
        self._process.stdin.write(pickle.dumps(task))
        self._process.stdin.flush()
        ended: Any = pickle.load(self._process.stdout)
        assert isinstance(ended, Ended)
        return ended
