"""ministack in a virtual environment of its own, so that its requirements and ours never meet."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
REGION = "eu-central-1"
ACCOUNT = "000000000000"

_REQUIREMENTS = PROJECT / "requirements" / "e2e.txt"
_HOME = PROJECT / "build" / "e2e"
_STAMP = _HOME / "requirements.txt"  # a copy of what was installed
_INSTALL_SECONDS = 600


def emulator_python() -> Path:
    """The Python that runs the emulator and, in it, the functions; installed first if need be.

    It is of the same version as the one that builds the package: what is built for one does not load in another.
    """
    python = _HOME / "bin" / "python"
    wanted = f"# {sys.version_info[:2]}\n{_REQUIREMENTS.read_text(encoding='utf-8')}"
    if not _STAMP.exists() or _STAMP.read_text(encoding="utf-8") != wanted:
        _run([sys.executable, "-m", "venv", "--clear", str(_HOME)])
        _run([str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", str(_REQUIREMENTS)])
        _STAMP.write_text(wanted, encoding="utf-8")
    return python


def bare_environment(home: Path) -> dict[str, str]:
    """Variables for a child: nothing of whoever runs the tests, and no way to a real account.

    Files that are left behind end up in `home`, which its owner removes.
    """
    kept = {name: text for name, text in os.environ.items() if name in {"PATH", "LANG", "LC_ALL", "SSL_CERT_FILE"}}
    return {**kept, **_package_index(), "HOME": str(home), "TMPDIR": str(home), **_CREDENTIALS}


_CREDENTIALS: Mapping[str, str] = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}


def _package_index() -> Mapping[str, str]:
    return {name: text for name, text in os.environ.items() if name.startswith(("PIP_", "HTTP", "NO_PROXY"))}


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=_INSTALL_SECONDS)
