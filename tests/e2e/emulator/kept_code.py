"""Unpack and compile each package once: as it comes, every new worker would do both again, and take seconds for it."""

import compileall
import hashlib
import os
import shutil
import tempfile
import threading
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ministack.core import lambda_runtime

_lock = threading.Lock()


def install() -> None:
    """Give workers links to what was unpacked before."""
    lambda_runtime.zipfile = SimpleNamespace(ZipFile=_KeptZip, BadZipFile=zipfile.BadZipFile)


class _KeptZip(zipfile.ZipFile):
    def extractall(self, path: Any = None, members: Any = None, pwd: bytes | None = None) -> None:
        """As ever, but by way of a folder that is kept."""
        digest = hashlib.sha256(Path(str(self.filename)).read_bytes()).hexdigest()
        kept = Path(tempfile.gettempdir()) / f"code-{digest}"
        with _lock:
            if not kept.exists():
                super().extractall(kept, members, pwd)
                unchecked = compileall.PycInvalidationMode.UNCHECKED_HASH  # type: ignore[attr-defined]
                compileall.compile_dir(kept, quiet=2, invalidation_mode=unchecked)
        shutil.copytree(kept, path, copy_function=os.link, dirs_exist_ok=True)
