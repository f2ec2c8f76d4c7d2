"""Stages from outside: the settings of the app in each, and its use cases on the stage's own table and queues."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from chalicelib.bootstrap import Services, wired
from chalicelib.errors import ConfigurationError, SmartInvoiceError
from chalicelib.settings import PREFIX, Settings
from ops.command import OpsError
from ops.project import Project

LOCAL: Final = "local"

# The adapters of config.json would start a server of their own.
_EMBEDDED = {f"{PREFIX}ADAPTERS": "local.family:EmbeddedAdapters", f"{PREFIX}STAGE": LOCAL}


def settings_of(stage: str, shell: Mapping[str, str] = os.environ) -> Settings:
    """The settings of the app in a stage: as Chalice does it, `.chalice/config.json` goes before the shell.

    On one machine it is the other way round, as for `python -m local`.

    `OpsError` when there is no such stage, or a setting is wrong.
    """
    project = Project.here()
    if stage not in project.stages():
        raise OpsError(f"There is no stage {stage!r} in .chalice/config.json; there are {', '.join(project.stages())}.")
    given = {name: text for name, text in shell.items() if name.startswith(PREFIX)}
    written = project.environment(stage)
    with told(stage):
        return Settings.from_environment({**written, **given, **_EMBEDDED} if stage == LOCAL else {**given, **written})


def services_of(stage: str, shell: Mapping[str, str] = os.environ) -> Services:
    """The use cases of a stage."""
    with told(stage):
        return wired(settings_of(stage, shell))


@contextmanager
def told(stage: str) -> Iterator[None]:
    """Errors of the app as what stops a command."""
    try:
        yield
    except ConfigurationError as error:
        where = f"Is this the right account and region, and is {stage} deployed there?"
        raise OpsError(f"{error.message} {where}") from error
    except SmartInvoiceError as error:
        raise OpsError(error.message) from error
