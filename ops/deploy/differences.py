"""What is different from what was deployed last."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ops.deploy.record import Deployment, Package
from ops.project import CONFIG


def differences(
    history: Sequence[Deployment], package: Package, inputs: Mapping[str, str], stage: str
) -> tuple[str, ...]:
    """Lines for people: the code, the configuration, the policies."""
    if not history:
        return (f"code: {_told(package)}, the first deployment",)
    return tuple(_lines(history[0], package, inputs, stage))


def effective(config: str, stage: str) -> dict[str, str]:
    """A stage's configuration as `name: value`, what is set for it before what is set for all.

    >>> effective('{"xray": true, "stages": {"dev": {"environment_variables": {"A": "b"}}, "prod": {}}}', "dev")
    {'environment_variables.A': 'b', 'xray': 'true'}
    """
    whole = json.loads(config)
    stages = whole.pop("stages", {})
    return dict(sorted((dict(_flat(whole)) | dict(_flat(stages.get(stage, {})))).items()))


def configuration(inputs: Mapping[str, str], stage: str) -> dict[str, str]:
    """All that a deployment takes besides its package: the stage's settings by name, and files by path."""
    files = {path: text for path, text in inputs.items() if path != CONFIG}
    return {**effective(inputs[CONFIG], stage), **files} if CONFIG in inputs else files


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """What is added, changed and removed.

    >>> list(changed({"a": "1", "b": "2"}, {"b": "3", "c": "4"}))
    ['a: 1 → not set', 'b: 2 → 3', 'c: not set → 4']
    """
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield f"{name}: {before.get(name, 'not set')} → {after.get(name, 'not set')}"


def _lines(last: Deployment, package: Package, inputs: Mapping[str, str], stage: str) -> Iterator[str]:
    yield _code(last, package)
    if last.package is None:
        return
    for line in changed(effective(last.inputs[CONFIG], stage), effective(inputs[CONFIG], stage)):
        yield f"config: {line}"
    for path in sorted((last.inputs.keys() | inputs.keys()) - {CONFIG}):
        if last.inputs.get(path) != inputs.get(path):
            yield f"changed: {path}"


def _code(last: Deployment, package: Package) -> str:
    if last.package is None:
        return f"code: {_told(package)}; {last.id} took everything away"
    if last.package.sha256 == package.sha256:
        return f"code: the same as in {last.id}"
    return f"code: {_told(package)}; other than in {last.id} ({_told(last.package)})"


def _told(package: Package) -> str:
    return f"{package.sha256[:8]}, {package.size / 1e6:.1f} MB, {package.python} {package.architecture}"


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, inner in value.items():
        if isinstance(inner, dict):
            yield from _flat(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", inner if isinstance(inner, str) else json.dumps(inner)
