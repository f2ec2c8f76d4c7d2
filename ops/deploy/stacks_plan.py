"""The stacks of one stage: templates, parameters, and what they would change."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from ops.command import OpsError
from ops.deploy.site import Site
from ops.deploy.stack_state import Change, endangered

_MOST_BYTES = 51_200


class Stack(NamedTuple):
    """One template, and the stack that it becomes."""

    name: str
    template: str


def stacks(site: Site, *, monitoring: bool) -> tuple[Stack, ...]:
    """The stacks, in the order in which they are made."""
    wanted = {"data": site.names.data_stack} | ({"monitoring": site.names.monitoring_stack} if monitoring else {})
    return tuple(Stack(name, _template(site.project.root, kind)) for kind, name in wanted.items())


def options(given: Iterable[str]) -> dict[str, str]:
    """`Name=Value` as a mapping; `OpsError` for anything else.

    >>> options(["AlarmEmail=us@example.com"])
    {'AlarmEmail': 'us@example.com'}
    """
    parted = [each.partition("=") for each in given]
    if wrong := [name for name, equals, _ in parted if not (name and equals)]:
        raise OpsError(f"--set takes Name=Value, not {wrong[0]!r}.")
    return {name: value for name, _, value in parted}


def check_options(given: Mapping[str, str], declared: Iterable[str]) -> None:
    """`OpsError` where an option is none of those that the templates have."""
    known = sorted(set(declared) - {"Stage"})
    if unknown := sorted(given.keys() - set(known)):
        raise OpsError(f"There is no option {', '.join(unknown)}. There are {', '.join(known)}; see infra/.")


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
    template = path.read_text(encoding="utf-8")
    if len(template.encode()) > _MOST_BYTES:
        raise OpsError(
            f"infra/{kind}.yaml is larger than the {_MOST_BYTES} bytes that CloudFormation takes. Please split it."
        )
    return template
