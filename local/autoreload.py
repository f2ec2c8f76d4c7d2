"""Keep Chalice's autoreload to the project's own files."""

import os
from collections.abc import Iterator
from pathlib import Path

from chalice.cli.filewatch.stat import StatFileWatcher

_CACHE = "__pycache__"
_SETTINGS = ".chalice"


def ignore_what_is_written(data_dir: Path) -> None:
    """Restart `chalice local` for changes of sources and settings only, and not for what the running app writes.

    Chalice (1.34) watches every file below the project: the data folder, Python's caches, and `.venv`. So each invoice
    would restart the server and end the work that is going on in it, and there is no setting for that.
    """
    written = data_dir.resolve()

    def watched(watcher: StatFileWatcher, root_dir: str) -> Iterator[str]:
        """The files to watch. The others are forgotten, or they would count as removed."""
        known = watcher._mtime_cache  # noqa: SLF001 - what Chalice noted before this was in place
        for path in [path for path in known if not _is_watched(Path(path), Path(root_dir), written)]:
            del known[path]
        return _files(root_dir, written)

    StatFileWatcher._recursive_walk_files = watched  # type: ignore[assignment, method-assign]  # noqa: SLF001 - see above


def _files(root_dir: str, written: Path) -> Iterator[str]:
    for folder, folders, names in os.walk(root_dir):
        folders[:] = [name for name in folders if _is_watched(Path(folder, name, "_"), Path(root_dir), written)]
        yield from (os.path.join(folder, name) for name in names)  # noqa: PTH118 - spelt as Chalice spells them


def _is_watched(path: Path, root: Path, written: Path) -> bool:
    folders = path.relative_to(root).parts[:-1]
    is_source = all(name == _SETTINGS or not name.startswith((".", _CACHE)) for name in folders)
    return is_source and written not in path.resolve().parents
