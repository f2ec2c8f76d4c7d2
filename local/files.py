"""Files that follow keys, and are either there whole or not at all, even after a power cut."""

import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from chalicelib.errors import ConfigurationError, RejectedError, UnavailableError

_MAX_KEY_BYTES = 1024  # S3's own limit
_MAX_NAME_CHARACTERS = 200  # file systems end at 255
_PLAIN = " ()+,&'!@="  # what stands in a file's name as it is, beside letters, digits and _.-~
_PASSING = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE})


def file_of(root: Path, key: str) -> Path:
    """The file of a key: always below `root`, and never that of another key.

    >>> file_of(Path("bucket"), "uploads/2026/../../etc/passwd").as_posix()
    'bucket/uploads/2026/%2E%2E/%2E%2E/etc/passwd'
    """
    try:
        size = len(key.encode())
    except UnicodeEncodeError:
        size = 0
    if not 0 < size <= _MAX_KEY_BYTES:
        raise RejectedError("bad_key", f"A document's key has 1 to {_MAX_KEY_BYTES} bytes of valid text.")
    return root.joinpath(*(_name_of(segment) for segment in key.split("/")))


def new_draft(folder: Path) -> Path:
    """A path in `folder`, which is made if need be, that nobody else was given."""
    with disk_errors(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / secrets.token_hex(16)


def publish(draft: Path, path: Path) -> None:
    """Move a finished draft to its place: the place holds the old file or the new one whole, and then for good."""
    with disk_errors(path):
        _flush(draft)
        _make_folder(path.parent)
        draft.replace(path)
        _flush(path.parent)


def remove(path: Path) -> None:
    """Remove a file for good, or a folder with all that is in it; return if there is none.

    A folder into which somebody writes at the same moment stays, with what came too late.
    """
    with disk_errors(path):
        inside = sorted(path.rglob("*"), reverse=True) if path.is_dir() else ()
        for one in (*inside, path):
            if one.is_dir():
                with suppress(OSError):
                    one.rmdir()
            else:
                one.unlink(missing_ok=True)
        if path.parent.is_dir():
            _flush(path.parent)


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """The file system's errors as ours."""
    try:
        yield
    except OSError as error:
        why = error.strerror or type(error).__name__
        if error.errno in _PASSING:
            raise UnavailableError("disk_busy", f"{path} could not be used just now ({why}); try again.") from error
        raise ConfigurationError("data_dir_unusable", f"{path} cannot be used: {why}.") from error


def _name_of(segment: str) -> str:
    """One segment of a key as a name; `%` starts what is spelled differently, so that no two segments share one."""
    name = quote(segment, safe=_PLAIN)
    if len(name) > _MAX_NAME_CHARACTERS:
        return f"{name[:100]}%~{hashlib.sha256(segment.encode()).hexdigest()}"
    if name.strip(".") == "":
        return name.replace(".", "%2E") or "%"
    return name


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, each entered durably into the one above."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    _flush(folder.parent)


def _flush(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
