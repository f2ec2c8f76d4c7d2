"""The stacks of one stage: templates, parameters, and what they would change."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from ops.command import OpsError
from ops.deploy.site import Site
from ops.deploy.stack_state import Change, endangered

PARAMETERS = "infra/parameters.json"


class Stack(NamedTuple):
    """One template, the stack that it becomes, and its parameters."""

    name: str
    template: str
    parameters: Mapping[str, str]


def stacks(site: Site, *, monitoring: bool) -> tuple[Stack, ...]:
    """The stacks, in the order in which they are made; `infra/parameters.json` may set their options by stage."""
    wanted = {"data": site.names.data_stack} | ({"monitoring": site.names.monitoring_stack} if monitoring else {})
    options = _options(site.project.root / PARAMETERS).get(site.stage, {})
    return tuple(
        Stack(name, _template(site.project.root, kind), {"Stage": site.stage, **options.get(kind, {})})
        for kind, name in wanted.items()
    )


def check(name: str, changes: tuple[Change, ...]) -> None:
    """`OpsError` where changes would take data away: that is never done by a deployment."""
    if lost := endangered(changes):
        raise OpsError(
            f"This would take data away: {', '.join(f'{each.resource} ({each.type})' for each in lost)} of {name} "
            "would be replaced or removed. Please change the template so that they stay, or do it by hand, with a "
            "backup."
        )


def _template(root: Path, kind: str) -> str:
    path = root / "infra" / f"{kind}.yaml"
    if not path.is_file():
        raise OpsError(f"infra/{kind}.yaml is missing. Please run this in a complete copy of the project.")
    return path.read_text(encoding="utf-8")


def _options(path: Path) -> dict[str, dict[str, dict[str, str]]]:
    if not path.is_file():
        return {}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:
        raise OpsError(f"{PARAMETERS} is not valid JSON: {error}. Please correct it.") from None
