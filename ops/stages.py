"""Stages: what the app of each is told by `.chalice/config.json`, and its use cases from outside."""

import json
import os
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from chalicelib.bootstrap import Services, wired
from chalicelib.errors import ConfigurationError, SmartInvoiceError
from chalicelib.settings import PREFIX, Settings
from ops.command import OpsError

PROJECT: Final = Path(__file__).resolve().parents[1]
LOCAL: Final = "local"

_EMBEDDED = "local.family:EmbeddedAdapters"  # those of config.json would start a server of their own


def add_stage(parser: ArgumentParser) -> None:
    """The argument `--stage`, which every command has."""
    parser.add_argument("--stage", required=True, metavar="STAGE", help="a stage of .chalice/config.json, such as dev")


def settings_of(stage: str, shell: Mapping[str, str] = os.environ) -> Settings:
    """The settings of the app in a stage: as Chalice does it, the file goes before the shell.

    `OpsError` when there is no such stage, or a setting is wrong.
    """
    config = json.loads((PROJECT / ".chalice" / "config.json").read_text(encoding="utf-8"))
    if stage not in config["stages"]:
        raise OpsError(f"There is no stage {stage!r} in .chalice/config.json; there are {', '.join(config['stages'])}.")
    given = {name: text for name, text in shell.items() if name.startswith(PREFIX)}
    with told(stage):
        return Settings.from_environment({**given, **_environment(config, stage)})


def services_of(stage: str, shell: Mapping[str, str] = os.environ) -> Services:
    """The use cases of a stage, on its own table and bucket."""
    with told(stage):
        return wired(settings_of(stage, shell))


@contextmanager
def told(stage: str) -> Iterator[None]:
    """Errors of the app as what stops a command."""
    try:
        yield
    except ConfigurationError as error:
        raise OpsError(
            f"{error.message} Is this the right account and region, and is {stage} deployed there?"
        ) from error
    except SmartInvoiceError as error:
        raise OpsError(error.message) from error


def _environment(config: Mapping[str, Any], stage: str) -> dict[str, str]:
    """What Chalice sets for the functions of a stage."""
    everywhere = config.get("environment_variables", {})
    embedded = {f"{PREFIX}ADAPTERS": _EMBEDDED} if stage == LOCAL else {}
    return {**everywhere, **config["stages"][stage].get("environment_variables", {}), **embedded}
