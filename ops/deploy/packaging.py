"""The package for Lambda: made by Chalice's own packager, from copies, so that nothing else comes in."""

import hashlib
import io
import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import chalice
from chalice.deploy.packager import DependencyBuilder, LambdaDeploymentPackager, PipRunner, SubprocessPip
from chalice.utils import UI, OSUtils

from ops.command import OpsError
from ops.deploy.differences import effective
from ops.deploy.importing import import_problem
from ops.deploy.inspecting import faults
from ops.deploy.record import Package
from ops.project import CONFIG, Project

PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
_PACKED = ("app.py", "requirements.txt")
_PACKED_FOLDERS = ("chalicelib", "vendor")
_NOT_PACKED = shutil.ignore_patterns("__pycache__", "*.pyc", ".DS_Store")


class Built(NamedTuple):
    """A package, and the folder from which Chalice deploys it."""

    folder: Path
    package: Package
    content: bytes


def build_folder(project: Project, stage: str) -> Path:
    """A fresh copy of what is deployed, and of nothing else."""
    folder = project.root / "build" / "deploy" / stage
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in _PACKED:
        shutil.copy2(project.root / name, folder / name)
    for name in _PACKED_FOLDERS:
        if (project.root / name).is_dir():
            shutil.copytree(project.root / name, folder / name, ignore=_NOT_PACKED)
    copy_configuration(project, folder)
    return folder


def copy_configuration(project: Project, folder: Path) -> None:
    """Chalice's configuration and the policies, into a build's folder."""
    (folder / ".chalice").mkdir(exist_ok=True)
    for path in (project.root / ".chalice").glob("*.json"):
        shutil.copy2(path, folder / ".chalice" / path.name)


def inputs_of(folder: Path, stage: str) -> dict[str, str]:
    """What Chalice deploys of a stage besides the package: its settings and policies, as text by path."""
    settings = effective((folder / CONFIG).read_text(encoding="utf-8"), stage).values()
    policies = [f".chalice/{name}" for name in sorted({*settings}) if (folder / ".chalice" / name).is_file()]
    return {path: (folder / path).read_text(encoding="utf-8") for path in (CONFIG, "requirements.txt", *policies)}


def source_hash(folder: Path, architecture: str) -> str:
    """What the package is made from, as one hash: the same on every machine, unlike Chalice's own."""
    digest = hashlib.sha256(f"{PYTHON} {architecture} {chalice.__version__}".encode())
    for path in sorted(_sources(folder)):
        digest.update(f"\0{path.relative_to(folder).as_posix()}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def built(project: Project, folder: Path, architecture: str) -> Built:
    """The package of what is in `folder`, made or found in `build/packages`; `OpsError` with all its faults."""
    source = source_hash(folder, architecture)
    kept = project.root / "build" / "packages" / f"{source}.zip"
    if not kept.is_file():
        _make(folder, kept, architecture)
    content = kept.read_bytes()
    return placed(folder, content, described(content, source, architecture))


def placed(folder: Path, content: bytes, package: Package) -> Built:
    """Put a package where Chalice looks for one, so that it takes this and makes none."""
    path = Path(_packager(package.architecture, io.StringIO()).deployment_package_filename(str(folder), package.python))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return Built(folder, package, content)


def described(content: bytes, source: str, architecture: str) -> Package:
    """A package's size and hashes."""
    digest = hashlib.sha256(content).hexdigest()
    return Package(source=source, sha256=digest, size=len(content), python=PYTHON, architecture=architecture)


def runs_here(architecture: str, system: str = sys.platform, machine: str = platform.machine()) -> bool:
    """Whether a machine, by default this one, can run what is made for Lambda's Linux on that architecture.

    >>> runs_here("arm64", "linux", "aarch64"), runs_here("x86_64", "darwin", "x86_64")
    (True, False)
    """
    known = {"amd64": "x86_64", "aarch64": "arm64"}.get(machine.lower(), machine.lower())
    return system == "linux" and known == architecture


def untried(architecture: str, system: str = sys.platform, machine: str = platform.machine()) -> str | None:
    """What a package made here was not tried for, `None` where it was: whether `app` can be imported from it.

    >>> untried("x86_64", "linux", "x86_64") is None
    True
    """
    if runs_here(architecture, system, machine):
        return None
    return (
        f"not tried: importing the app from its package, which is for linux on {architecture}, and this is {system} on "
        f"{machine}; if something is missing in it, the smoke test fails"
    )


def _make(folder: Path, kept: Path, architecture: str) -> None:
    said = io.StringIO()
    made = Path(_packager(architecture, said).create_deployment_package(str(folder), PYTHON))
    content = made.read_bytes()
    made.unlink()
    wrong = [*faults(content, said.getvalue()), *_import_faults(content, architecture)]
    if wrong:
        raise OpsError("The package is not fit for Lambda:\n" + "\n".join(f"  - {fault}" for fault in wrong))
    kept.parent.mkdir(parents=True, exist_ok=True)
    beside = kept.with_suffix(".new")
    beside.write_bytes(content)
    beside.replace(kept)


def _import_faults(content: bytes, architecture: str) -> Iterator[str]:
    """A package that cannot run on this machine has none; `untried` says so."""
    if runs_here(architecture) and (problem := import_problem(content)):
        yield f"app cannot be imported from it: {problem}"


def _packager(architecture: str, said: io.StringIO) -> Any:
    system = OSUtils()
    dependencies = DependencyBuilder(system, PipRunner(SubprocessPip(system), system), architecture=architecture)
    return LambdaDeploymentPackager(system, dependencies, UI(said, said), architecture)


def _sources(folder: Path) -> Iterator[Path]:
    yield from (folder / name for name in _PACKED)
    for name in _PACKED_FOLDERS:
        yield from (path for path in (folder / name).rglob("*") if path.is_file())
