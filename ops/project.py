"""The project folder: Chalice's configuration, which `ops` reads, and the one setting that it writes there."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ops.command import OpsError

BUCKET = "INVOICES_BUCKET"
CONFIG = ".chalice/config.json"


class Project(NamedTuple):
    """A folder with `app.py`, `chalicelib/` and `.chalice/config.json`."""

    root: Path

    @classmethod
    def here(cls) -> "Project":
        """The project in the current folder; `OpsError` elsewhere."""
        found = cls(Path.cwd())
        if not (found.root / "app.py").is_file() or not found.config_path.is_file():
            raise OpsError(
                "There is no app.py with a .chalice/config.json here. Please run this in the project's folder."
            )
        return found

    @property
    def config_path(self) -> Path:
        """Where Chalice's configuration is."""
        return self.root / CONFIG

    def deployed_path(self, stage: str) -> Path:
        """Where Chalice keeps what it has deployed of a stage."""
        return self.root / ".chalice" / "deployed" / f"{stage}.json"

    def config(self) -> dict[str, Any]:
        """Chalice's configuration; `OpsError` where it is not JSON."""
        try:
            return dict(json.loads(self.config_path.read_text(encoding="utf-8")))
        except ValueError as error:
            raise OpsError(f"{CONFIG} is not valid JSON: {error}. Please correct it.") from None

    def stages(self) -> tuple[str, ...]:
        """Every stage of the configuration, the laptop's `local` too."""
        return tuple(self.config()["stages"])

    def environment(self, stage: str) -> dict[str, str]:
        """The variables that the functions of a stage get."""
        config = self.config()
        everywhere = config.get("environment_variables", {})
        return dict(everywhere | config["stages"].get(stage, {}).get("environment_variables", {}))

    def setting(self, stage: str, name: str) -> Any:
        """One of Chalice's settings, for a stage or else for all."""
        config = self.config()
        return config["stages"].get(stage, {}).get(name, config.get(name))

    def remember_bucket(self, stage: str, bucket: str) -> bool:
        """Write the bucket's name into the stage's variables, where there is none; whether that was necessary."""
        if BUCKET in self.environment(stage):
            return False
        text = self.config_path.read_text(encoding="utf-8")
        write_whole(self.config_path, with_variable(text, stage, BUCKET, bucket))
        return True


def with_variable(text: str, stage: str, name: str, value: str) -> str:
    r"""A configuration with one more variable in a stage, otherwise as it was, its layout too where that can be kept.

    >>> with_variable('{"stages": {"dev": {"environment_variables": {"A": "b"}}}}', "dev", "C", "d")
    '{"stages": {"dev": {"environment_variables": {"C": "d", "A": "b"}}}}'
    """
    wanted = json.loads(text)
    wanted["stages"][stage].setdefault("environment_variables", {})[name] = value
    edited = _inserted(text, stage, f"{json.dumps(name)}: {json.dumps(value)}, ")
    return edited if _same(edited, wanted) else json.dumps(wanted, indent=2) + "\n"


def write_whole(path: Path, text: str) -> None:
    """Write a file so that whoever reads it, or stops this, meets the old or the new text, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def _inserted(text: str, stage: str, entry: str) -> str:
    """The text with `entry` first among the stage's variables, wherever these seem to be; the caller checks."""
    at = -1
    for mark in ('"stages"', f'"{stage}"', '"environment_variables"', "{"):
        at = text.find(mark, at + 1)
        if at < 0:
            return text
    return text[: at + 1] + entry + text[at + 1 :]


def _same(text: str, wanted: Mapping[str, Any]) -> bool:
    try:
        return bool(json.loads(text) == wanted)
    except ValueError:
        return False
