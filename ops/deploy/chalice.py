"""`chalice deploy` and `chalice delete` in a folder of their own."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from ops.command import OpsError

_PATIENT = {"AWS_RETRY_MODE": "standard", "AWS_MAX_ATTEMPTS": "10"}  # API Gateway takes a new API every 30 s only
_CHILD = Path(__file__).with_name("chalice_child.py")


def chalice(
    folder: Path,
    arguments: Sequence[str],
    region: str,
    explain: Callable[[str], str | None],
    libraries: Path | None = None,
) -> str:
    """Run Chalice, and what it said; `OpsError` where it fails. `explain` may know a better sentence for its output.

    `libraries` come before those of this environment: an older build is loaded with what it was made with.
    """
    environment = os.environ | {"AWS_DEFAULT_REGION": region, "PYTHONDONTWRITEBYTECODE": "1"} | _PATIENT
    if libraries:
        environment["PYTHONPATH"] = str(libraries)
    with subprocess.Popen(
        [sys.executable, str(_CHILD), *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as child:
        said = child.stdout.read() if child.stdout else ""
        child.wait()  # its standard input stays open until then
    if child.returncode:
        raise OpsError(explain(said) or f"chalice {arguments[0]} failed:\n{said.strip()[-2000:]}")
    return said
