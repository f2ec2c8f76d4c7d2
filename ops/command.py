"""What every command of `python -m ops` is made of."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import NamedTuple


class Command(NamedTuple):
    """A command: its name, one line of help, its arguments, and what it does (the exit code comes back)."""

    name: str
    summary: str
    arguments: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], int]


class OpsError(Exception):
    """What stops a command, in a sentence that says what to do."""
