"""`python -m ops policies`: write the policy file of every function and stage from `ops/grants.py`."""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chalicelib.settings import Settings
from ops.command import Command, OpsError
from ops.grants import GRANTS, Names, statements

PROJECT = Path(__file__).resolve().parents[1]
STAGES = ("dev", "staging", "prod")


def policies(config: Mapping[str, Any]) -> Mapping[str, str]:
    """The text of every policy file by its name, for the stages of a `.chalice/config.json`."""
    found = {}
    for stage in STAGES:
        names = Names.of(Settings.from_environment(_environment(config, stage)))
        for function in GRANTS:
            document = {"Version": "2012-10-17", "Statement": statements(function, names)}
            found[policy_file(stage, function)] = json.dumps(document, indent=2) + "\n"
    return found


def policy_file(stage: str, function: str) -> str:
    """The name of a policy file in `.chalice/`."""
    return f"policy-{stage}-{function}.json"


def write(project: Path = PROJECT) -> list[str]:
    """Write the files that are not as they should be, and return their names."""
    folder = project / ".chalice"
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    stale = [(name, text) for name, text in policies(config).items() if _text(folder / name) != text]
    for name, text in stale:
        (folder / name).write_text(text, encoding="utf-8")
    return [name for name, _ in stale]


def _environment(config: Mapping[str, Any], stage: str) -> Mapping[str, str]:
    """The variables of a stage's functions, as Chalice puts them together."""
    return {**config.get("environment_variables", {}), **config["stages"][stage]["environment_variables"]}


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is not as it should be")


def _run(parsed: Namespace) -> int:
    if parsed.check:
        return _check()
    for name in write():
        print(f"wrote .chalice/{name}")
    return 0


def _check(project: Path = PROJECT) -> int:
    folder = project / ".chalice"
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    stale = [name for name, text in policies(config).items() if _text(folder / name) != text]
    if stale:
        raise OpsError(f"These files are out of date: {', '.join(stale)}. Please run: python -m ops policies")
    return 0


COMMAND = Command("policies", "Write the policy files of all functions and stages.", _arguments, _run)
