"""Whether the app in a package can be imported from the package alone."""

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

_IMPORT = "import sys; sys.path.insert(0, sys.argv[1]); import app"
_PASSED_ON = ("PATH", "TMPDIR", "LANG", "LC_ALL")
_SECONDS = 120


def import_problem(content: bytes) -> str | None:
    """`None` when `app` of a package is imported with the standard library and the package, and nothing else.

    Otherwise the last lines of what Python says. boto3 is not in the package: whoever needs it imports it when it is
    used. The package must be for this machine.
    """
    with TemporaryDirectory() as folder:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            archive.extractall(folder)
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _IMPORT, folder],
            cwd=Path(folder),
            env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
        )
    return None if done.returncode == 0 else done.stderr.strip()[-600:]
