"""One process at a time works on a data directory."""

import fcntl
import os
from pathlib import Path

from chalicelib.errors import ConfigurationError

_NAME = "lock"


class DirectoryLock:
    """The operating system's lock on `<data>/lock`; it ends with the process, however that ends."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock; `ConfigurationError("data_dir_in_use", …)` while another process has it."""
        if not self.try_acquire():
            raise ConfigurationError(
                "data_dir_in_use",
                f"Another Smart Invoice is working on the data folder {self._data_dir}. "
                "Stop it first, or choose another folder with --data DIR.",
            )

    def try_acquire(self) -> bool:
        """Take the lock if it is free."""
        descriptor = _opened(self._data_dir)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Give the lock back; nothing happens when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _opened(data_dir: Path) -> int:
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(data_dir / _NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigurationError(
            "data_dir_unusable",
            f"The data folder {data_dir} cannot be used: {error.strerror}. Choose another with --data DIR.",
        ) from error
