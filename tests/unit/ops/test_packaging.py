"""The package: what goes in, what must not, and that Chalice takes the one it is given."""

import io
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from chalice.deploy.packager import DependencyBuilder, LambdaDeploymentPackager, PipRunner, SubprocessPip
from chalice.utils import UI, OSUtils

from ops.command import OpsError
from ops.deploy import chalice_child
from ops.deploy.chalice import chalice
from ops.deploy.importing import import_problem
from ops.deploy.inspecting import MOST_BYTES, faults
from ops.deploy.packaging import PYTHON, build_folder, described, inputs_of, placed, source_hash, untried
from ops.deploy.restoring import restored
from ops.project import CONFIG, Project
from tests.deployments import A_CONFIG, GOOD_FILES, a_deployment, a_package, a_zip


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A small project, with things beside it that are not deployed."""
    texts = {
        "app.py": "",
        "requirements.txt": "",
        "chalicelib/__init__.py": "",
        "chalicelib/settings.py": "NAME = 'dev'",
        "chalicelib/__pycache__/settings.cpython-311.pyc": "bytes of this machine",
        "tests/test_it.py": "",
        "ops/__init__.py": "",
        CONFIG: A_CONFIG,
        ".chalice/policy-dev-sweep.json": "{}",
        ".chalice/deployed/dev.json": "{}",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return Project(tmp_path)


def test_a_build_holds_what_is_deployed_and_nothing_else(project: Project) -> None:
    folder = build_folder(project, "dev")

    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()) == [
        ".chalice/config.json",
        ".chalice/policy-dev-sweep.json",
        "app.py",
        "chalicelib/__init__.py",
        "chalicelib/settings.py",
        "requirements.txt",
    ]


def test_a_build_holds_nothing_of_the_one_before(project: Project) -> None:
    build_folder(project, "dev").joinpath("chalicelib", "old.py").write_text("")

    assert not build_folder(project, "dev").joinpath("chalicelib", "old.py").exists()


def test_the_same_sources_have_the_same_hash_wherever_they_are(project: Project, tmp_path_factory: object) -> None:
    elsewhere = project.root / "elsewhere"
    shutil.copytree(build_folder(project, "dev"), elsewhere)

    assert source_hash(elsewhere, "x86_64") == source_hash(build_folder(project, "staging"), "x86_64")


@pytest.mark.parametrize("changed", ["app.py", "requirements.txt", "chalicelib/settings.py", "chalicelib/new.json"])
def test_a_changed_source_changes_the_hash(project: Project, changed: str) -> None:
    before = source_hash(build_folder(project, "dev"), "x86_64")
    (project.root / changed).write_text("# other", encoding="utf-8")

    assert source_hash(build_folder(project, "dev"), "x86_64") != before


def test_the_architecture_changes_the_hash_and_the_configuration_does_not(project: Project) -> None:
    before = source_hash(build_folder(project, "dev"), "x86_64")
    project.config_path.write_text("{}", encoding="utf-8")

    assert source_hash(build_folder(project, "dev"), "x86_64") == before
    assert source_hash(build_folder(project, "dev"), "arm64") != before


def test_a_record_has_the_policies_of_its_stage_and_no_others(project: Project) -> None:
    config = """{"stages": {
        "dev": {"lambda_functions": {"sweep": {"iam_policy_file": "policy-dev-sweep.json"}}},
        "prod": {"lambda_functions": {"sweep": {"iam_policy_file": "policy-prod-sweep.json"}}}
    }}"""
    project.config_path.write_text(config, encoding="utf-8")
    (project.root / ".chalice" / "policy-prod-sweep.json").write_text("{}", encoding="utf-8")

    inputs = inputs_of(build_folder(project, "dev"), "dev")

    assert inputs == {CONFIG: config, "requirements.txt": "", ".chalice/policy-dev-sweep.json": "{}"}


@pytest.mark.parametrize("architecture", ["x86_64", "arm64"])
def test_chalice_takes_the_package_that_was_placed_and_makes_none(project: Project, architecture: str) -> None:
    folder = build_folder(project, "dev")
    placed(folder, b"the package", a_package(python=PYTHON, architecture=architecture))

    system, said = OSUtils(), io.StringIO()
    dependencies = DependencyBuilder(system, PipRunner(SubprocessPip(system), system), architecture=architecture)
    packager = LambdaDeploymentPackager(system, dependencies, UI(said, said), architecture)
    taken = packager.create_deployment_package(str(folder), PYTHON)

    assert Path(taken).read_bytes() == b"the package"
    assert "Reusing existing deployment package" in said.getvalue()


def test_a_good_package_has_no_faults() -> None:
    assert faults(a_zip(), "Creating deployment package.") == ()


@pytest.mark.parametrize(
    ("files", "said", "fault"),
    [
        ({"boto3/__init__.py": ""}, "", "the AWS SDK, which Lambda has itself is in it: boto3"),
        ({"botocore-1.44.5.dist-info/WHEEL": ""}, "", "the AWS SDK, which Lambda has itself is in it: botocore"),
        ({"numpy/__init__.py": ""}, "", "the OCR engine of the local stack is in it: numpy"),
        ({"tests/x.py": "", "ops/x.py": ""}, "", "what is not deployed is in it: ops, tests"),
        (
            {"pillow-12.0.dist-info/WHEEL": "Wheel-Version: 1.0\nTag: cp311-cp311-linux_x86_64\n"},
            "",
            "pillow was compiled on this machine (cp311-cp311-linux_x86_64) and may not run on Lambda",
        ),
        (
            {},
            "Could not install dependencies:\npikepdf==10.0\nYou will have to build these yourself and vendor\n",
            "some requirements have no wheel for Lambda: pikepdf==10.0",
        ),
    ],
)
def test_every_fault_of_a_package_is_named(files: dict[str, str], said: str, fault: str) -> None:
    assert faults(a_zip({**GOOD_FILES, **files}), said) == (fault,)


@pytest.mark.parametrize("missing", ["app.py", "chalice/app.py", "chalicelib/settings.py"])
def test_what_is_missing_in_a_package_is_named(missing: str) -> None:
    assert faults(a_zip({name: text for name, text in GOOD_FILES.items() if name != missing}), "") == (
        f"{missing} is missing",
    )


def test_a_package_that_is_too_large_is_refused() -> None:
    import random

    large = random.Random(5).randbytes(MOST_BYTES).decode("latin-1")

    (fault,) = faults(a_zip({**GOOD_FILES, "large.bin": large}), "")

    assert "16 MB are the most" in fault


def test_a_package_that_holds_all_it_imports_is_imported() -> None:
    assert import_problem(a_zip()) is None


@pytest.mark.parametrize("module", ["pydantic_settings_that_nobody_has", "boto3", "chalice.deploy", "pytest"])
def test_a_package_is_imported_without_what_this_environment_has_installed(module: str) -> None:
    problem = import_problem(a_zip({**GOOD_FILES, "app.py": f"import {module}\n"}))

    assert problem is not None
    assert "ModuleNotFoundError" in problem


@pytest.mark.parametrize(
    ("architecture", "system", "machine"),
    [("x86_64", "darwin", "x86_64"), ("x86_64", "linux", "aarch64"), ("arm64", "linux", "x86_64")],
)
def test_it_is_said_where_a_package_cannot_be_imported_to_try_it(architecture: str, system: str, machine: str) -> None:
    said = untried(architecture, system, machine) or ""

    assert said.startswith("not tried: importing the app from its package")
    assert f"for linux on {architecture}, and this is {system} on {machine}" in said


@pytest.mark.parametrize(("architecture", "machine"), [("x86_64", "AMD64"), ("x86_64", "x86_64"), ("arm64", "aarch64")])
def test_where_a_package_was_tried_nothing_is_said(architecture: str, machine: str) -> None:
    assert untried(architecture, "linux", machine) is None


def test_a_build_is_made_again_from_its_package_and_record(project: Project) -> None:
    content = a_zip()
    inputs = {CONFIG: A_CONFIG, "requirements.txt": "pydantic", ".chalice/policy-dev-old.json": "{}"}
    build = a_deployment(package=described(content, "5" * 64, "x86_64"), inputs=inputs)

    built, libraries = restored(project, build, lambda _: content)

    assert {name: (built.folder / name).read_text() for name in inputs} == inputs
    assert (built.folder / "chalicelib" / "settings.py").read_text() == GOOD_FILES["chalicelib/settings.py"]
    assert not (built.folder / "pydantic").exists()
    folder = project.root / "build" / "deploy" / "dev-libraries"
    assert (folder / "pydantic" / "__init__.py").is_file()
    assert not (folder / "chalice").exists()
    assert libraries in {folder, None}


def test_a_build_for_another_python_is_not_put_back_with_this_one(project: Project) -> None:
    build = a_deployment(package=a_package(python="python3.10"))

    with pytest.raises(OpsError, match=r"is for python3.10, and this is python3"):
        restored(project, build, lambda _: b"")


def an_app(project: Project, text: str) -> None:
    """An app for Chalice to load."""
    (project.root / "app.py").write_text(text, encoding="utf-8")
    project.config_path.write_text('{"version": "2.0", "app_name": "x", "stages": {"dev": {}}}', encoding="utf-8")


def test_chalice_ends_when_whoever_started_it_is_gone(project: Project) -> None:
    """The app waits for ever while it is loaded; nobody but its starter's end can end it."""
    an_app(project, "import threading\nprint('loading', flush=True)\nthreading.Event().wait()")
    child = subprocess.Popen(
        [sys.executable, str(chalice_child.__file__), "generate-models"],
        cwd=project.root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"loading\n"
        assert child.stdin is not None
        child.stdin.close()

        assert child.wait() == 1


def test_what_chalice_says_when_it_fails_is_told(project: Project) -> None:
    an_app(project, "raise ValueError('no such luck')")

    with pytest.raises(OpsError, match=r"(?s)chalice generate-models failed.*no such luck"):
        chalice(project.root, ["generate-models"], "eu-central-1", lambda _: None)


def test_a_better_sentence_than_chalices_is_told_instead(project: Project) -> None:
    an_app(project, "raise ValueError('no such luck')")

    with pytest.raises(OpsError, match=r"^Try again$"):
        chalice(project.root, ["generate-models"], "eu-central-1", lambda said: "Try again" if "luck" in said else None)


@pytest.mark.parametrize("fault", ["raise ValueError('no such luck')", "app = None", "import sys\nsys.exit(3)"])
def test_a_deployment_that_fails_ends_with_a_status_that_says_so(project: Project, fault: str) -> None:
    """Chalice's command line returns its status, and does not exit with it."""
    an_app(project, fault)

    assert status_of_child(project, "deploy", "--stage", "dev") not in {0, None}


def test_what_chalice_does_well_ends_with_a_status_of_zero(project: Project) -> None:
    an_app(project, "from chalice import Chalice\napp = Chalice('x')")

    assert status_of_child(project, "gen-policy") == 0


def test_a_deployment_that_aws_refuses_ends_with_a_status_that_says_so(project: Project) -> None:
    """Nobody answers where AWS should be."""
    an_app(project, "from chalice import Chalice\napp = Chalice('x')")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"

        assert status_of_child(project, "deploy", "--stage", "dev", AWS_ENDPOINT_URL=url) == 2


def status_of_child(project: Project, *arguments: str, **environment: str) -> int | None:
    """How `chalice_child.py` ends, for somebody with credentials that are worth nothing."""
    keys = {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none", "AWS_DEFAULT_REGION": "eu-central-1"}
    with subprocess.Popen(
        [sys.executable, str(chalice_child.__file__), *arguments],
        cwd=project.root,
        env={**os.environ, **keys, "AWS_MAX_ATTEMPTS": "1", "AWS_ENDPOINT_URL": "http://127.0.0.1:9", **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as child:
        return child.wait()
