"""For which changes `chalice local` restarts."""

import os
from pathlib import Path

import pytest
from chalice.cli.filewatch.stat import StatFileWatcher

from local.autoreload import ignore_what_is_written


class Watched:
    """A project that Chalice watches, and that has run once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._watcher = StatFileWatcher()
        for name in ("app.py", ".chalice/config.json", ".local/invoices.sqlite", "data/invoices.sqlite-wal"):
            self.write(name)
        self._watcher._seed_mtime_cache(str(root))
        ignore_what_is_written(root / "data")

    def write(self, name: str, content: str = "") -> None:
        """Write a file, later than all before."""
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        moment = path.stat().st_mtime + len(content)
        os.utime(path, (moment, moment))

    def restarts(self) -> bool:
        """Whether what has happened since would restart the server."""
        calls: list[bool] = []
        self._watcher._single_pass_poll(str(self._root), lambda: calls.append(True))
        return bool(calls)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watched:
    """A watched project; Chalice's watcher is as it was afterwards."""
    monkeypatch.setattr(StatFileWatcher, "_recursive_walk_files", StatFileWatcher._recursive_walk_files)
    return Watched(tmp_path)


def test_nothing_new_does_not_restart(project: Watched) -> None:
    assert not project.restarts()


@pytest.mark.parametrize("name", ["app.py", "chalicelib/new.py", ".chalice/config.json"])
def test_a_source_or_setting_that_changes_restarts(project: Watched, name: str) -> None:
    project.write(name, "changed")

    assert project.restarts()


@pytest.mark.parametrize(
    "name", ["data/invoices.sqlite", ".local/invoices.sqlite", "chalicelib/__pycache__/a.pyc", ".venv/lib/a.py"]
)
def test_what_the_running_app_writes_does_not_restart(project: Watched, name: str) -> None:
    project.write(name, "changed")

    assert not project.restarts()


def test_data_that_goes_away_does_not_restart(project: Watched, tmp_path: Path) -> None:
    (tmp_path / "data" / "invoices.sqlite-wal").unlink()

    assert not project.restarts()


def test_a_source_that_goes_away_restarts(project: Watched, tmp_path: Path) -> None:
    (tmp_path / "app.py").unlink()

    assert project.restarts()
