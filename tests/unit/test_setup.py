"""`requirements/install`, which every make target begins with: one clear line for what can go wrong."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.http_server import PROJECT


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with nothing but its requirements."""
    shutil.copytree(PROJECT / "requirements", tmp_path / "requirements")
    return tmp_path


def installing(project: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the setup with these variables."""
    return subprocess.run(
        [str(project / "requirements" / "install"), "local"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_a_python_that_is_not_there_is_named(project: Path) -> None:
    done = installing(project, PYTHON="python-of-tomorrow")

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "There is no python-of-tomorrow here. Please install Python 3.11, 3.12 or 3.13, or set PYTHON."
    ]


def test_a_python_out_of_range_is_named(project: Path) -> None:
    old = project / "python2"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 2.7.18\n')
    old.chmod(0o755)

    done = installing(project, PYTHON=str(old))

    assert done.returncode == 1
    assert "is Python 2.7.18, and 3.11, 3.12 or 3.13 is needed" in done.stderr


def test_a_python_that_does_not_run_is_named(project: Path) -> None:
    broken = project / "broken"
    broken.write_text("#!/bin/sh\nexit 127\n")
    broken.chmod(0o755)

    assert "broken does not run." in installing(project, PYTHON=str(broken)).stderr


def test_another_python_than_before_is_taken(project: Path) -> None:
    python = project / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\n[ $# = 2 ] && echo 3 99\n")
    python.chmod(0o755)
    index = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull}

    installing(project, PYTHON=sys.executable, PIP_NO_CACHE_DIR="1", PIP_RETRIES="0", **index)

    version = subprocess.run([str(python), "--version"], capture_output=True, text=True, check=True).stdout
    assert version.split()[1].split(".")[:2] == [str(part) for part in sys.version_info[:2]]


def test_a_machine_without_python_is_told_what_to_install(project: Path) -> None:
    tools = project / "bin"
    tools.mkdir()
    for name in ("bash", "cat", "cksum", "dirname", "env", "grep", "mkdir", "rm"):
        found = shutil.which(name)
        assert found is not None
        (tools / name).symlink_to(found)

    done = installing(project, PATH=str(tools), PYTHON="")

    assert done.returncode == 1
    assert done.stderr.startswith("Python 3.11, 3.12 or 3.13 is needed and was not found.")


def test_a_package_index_out_of_reach_is_one_line_and_a_log(project: Path) -> None:
    index = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull}

    done = installing(project, PYTHON=sys.executable, PIP_NO_CACHE_DIR="1", PIP_RETRIES="0", **index)

    assert done.returncode == 1
    assert "The package index could not be reached." in done.stderr.splitlines()[-1]
    assert (project / ".venv" / "install.log").read_text()


def test_what_is_installed_already_is_left_alone(project: Path) -> None:
    python = project / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    checksum = subprocess.run(
        "cksum < requirements/local.txt", shell=True, cwd=project, capture_output=True, text=True, check=True
    )
    (project / ".venv" / "installed-local").write_text(checksum.stdout)

    done = installing(project)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
