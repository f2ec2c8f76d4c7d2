"""invoice2data in a virtual environment of its own, so that its requirements and ours never meet."""

import subprocess
import sys
from pathlib import Path

from bench.processes import BUILD, PROJECT, BenchError

_REQUIREMENTS = PROJECT / "requirements" / "bench-peer.txt"
_HOME = BUILD / "bench-peer"
_STAMP = _HOME / "requirements.txt"  # a copy of what was installed
_INSTALL_SECONDS = 600


def peer_command() -> list[str]:
    """The command that measures invoice2data, which is installed first if need be; `BenchError` when it cannot be."""
    python = _HOME / "bin" / "python"
    wanted = _REQUIREMENTS.read_text(encoding="utf-8")
    if not _STAMP.exists() or _STAMP.read_text(encoding="utf-8") != wanted:
        _install(python)
        _STAMP.write_text(wanted, encoding="utf-8")
    return [str(python), str(PROJECT / "bench" / "runs" / "peer.py")]


def _install(python: Path) -> None:
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(_REQUIREMENTS)]
    for command in ([sys.executable, "-m", "venv", "--clear", str(_HOME)], install):
        try:
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=_INSTALL_SECONDS)
        except subprocess.CalledProcessError as error:
            raise BenchError(f"invoice2data was left out, for it could not be installed: {_last_line(error)}") from None
        except subprocess.TimeoutExpired:
            raise BenchError("invoice2data was left out: the package index did not answer in time.") from None


def _last_line(error: subprocess.CalledProcessError) -> str:
    lines = str(error.stderr or error.stdout).strip().splitlines()
    return lines[-1] if lines else f"exit status {error.returncode}"
