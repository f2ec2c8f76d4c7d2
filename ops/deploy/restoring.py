"""A build's folder, made again from its package and its record."""

import io
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

from ops.command import OpsError
from ops.deploy.packaging import PYTHON, Built, placed, runs_here
from ops.deploy.record import Deployment
from ops.project import Project

_OURS = ("app.py", "chalicelib/")
_CHALICES = "chalice/"  # only its runtime; Chalice itself is in this environment


def restored(project: Project, build: Deployment, fetch: Callable[[str], bytes]) -> tuple[Built, Path | None]:
    """The build's folder as Chalice wants it, and the libraries it was made with, where they run on this machine.
    `fetch` gives a package by its hash.

    `OpsError` where it was made for another Python: Chalice deploys for the one that it runs on.
    """
    package = build.package
    if package is None:
        raise OpsError(f"{build.id} took the app away; there is nothing to put back.")
    if package.python != PYTHON:
        raise OpsError(f"{build.id} is for {package.python}, and this is {PYTHON}. Please run this with that one.")
    content = fetch(package.sha256)
    folder = project.root / "build" / "deploy" / build.stage
    libraries = project.root / "build" / "deploy" / f"{build.stage}-libraries"
    for each in (folder, libraries):
        shutil.rmtree(each, ignore_errors=True)
        each.mkdir(parents=True)
    _unpack(content, folder, libraries)
    for path, text in build.inputs.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return placed(folder, content, package), libraries if runs_here(package.architecture) else None


def _unpack(content: bytes, folder: Path, libraries: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if not name.startswith(_CHALICES):
                archive.extract(name, folder if name.startswith(_OURS) else libraries)
