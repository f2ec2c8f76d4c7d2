"""The package that goes to Lambda: made by Chalice's own packager, weighed, and looked through."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import BaseModel, ConfigDict

from bench.processes import PROJECT, BenchError
from ops.deploy.inspecting import faults

_CHALICE = "from chalice.cli import main; main()"  # what its script does; `-m chalice.cli` does not
_SECONDS = 600


class Package(BaseModel):
    """Sizes in MB (10⁶ bytes); `faults` says what is wrong with it, and should be empty."""

    model_config = ConfigDict(frozen=True)

    zipped_mb: float
    unzipped_mb: float
    files: int
    largest: tuple[tuple[str, float], ...]
    faults: tuple[str, ...]


def package() -> Package:
    """Package the app for Terraform (Chalice cannot do it for CloudFormation, with S3 events) and look into the zip.

    Needs a package index, but neither credentials nor an AWS account. `BenchError` when Chalice fails.
    """
    with TemporaryDirectory() as folder:
        said = _packaged(Path(folder))
        archive = Path(folder) / "deployment.zip"
        with zipfile.ZipFile(archive) as opened:
            return Package(
                zipped_mb=archive.stat().st_size / 1e6,
                unzipped_mb=sum(file.file_size for file in opened.infolist()) / 1e6,
                files=len(opened.infolist()),
                largest=_largest(opened),
                faults=faults(archive.read_bytes(), said),
            )


def _packaged(folder: Path) -> str:
    """What Chalice said while it packaged into `folder`."""
    arguments = ["package", "--stage", "dev", "--pkg-format", "terraform", str(folder)]
    done = subprocess.run(
        [sys.executable, "-c", _CHALICE, *arguments],
        cwd=PROJECT,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    )
    if done.returncode:
        raise BenchError(f"chalice package failed:\n{(done.stderr or done.stdout).strip()[-2000:]}")
    return done.stdout + done.stderr


def _environment() -> dict[str, str]:
    """Ours, with a region (Chalice wants one) and without credentials (it needs none)."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("AWS_", "INVOICES_"))}
    return kept | {"AWS_DEFAULT_REGION": "eu-central-1"}


def _top(name: str) -> str:
    """The package or distribution that a file belongs to, without version."""
    return re.sub(r"-[\d.]+\.(dist-info|data)$", "", name.split("/", maxsplit=1)[0])


def _largest(archive: zipfile.ZipFile) -> tuple[tuple[str, float], ...]:
    """The five heaviest parts, in zipped MB."""
    sizes: dict[str, int] = {}
    for file in archive.infolist():
        sizes[_top(file.filename)] = sizes.get(_top(file.filename), 0) + file.compress_size
    heaviest = sorted(sizes.items(), key=lambda item: -item[1])[:5]
    return tuple((name, size / 1e6) for name, size in heaviest)
