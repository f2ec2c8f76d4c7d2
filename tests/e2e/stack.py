"""Everything that stands for AWS: the emulator, with fakes of what it has not, and a project to deploy to it."""

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import boto3
import pypdfium2

from chalicelib.domain.document import Page
from chalicelib.reading.limits import Limits
from chalicelib.reading.read import read_document
from local.fakes.bedrock import FakeBedrock
from local.fakes.textract import FakeTextract
from tests.e2e.environment import PROJECT, bare_environment, emulator_python
from tests.waiting import eventually
from tests.web import a_free_port

_SCANNED = PROJECT / "samples" / "gb-stationer.pdf"

_DEPLOYED = ("app.py", "requirements.txt", "chalicelib", "ops", "infra", ".chalice")
_LOG_LINES = 80


class Decision(NamedTuple):
    """A line of the journal: a role asked for this, and a statement of its policy let it, or none."""

    role: str
    action: str
    resource: str
    sid: str | None


class Stack:
    """A running emulator and its fakes. `boto3.client(…)` speaks to it, as the account's owner."""

    def __init__(self, home: Path, url: str, textract: FakeTextract, bedrock: FakeBedrock) -> None:
        self.home = home
        self.url = url
        self.textract = textract
        self.bedrock = bedrock
        self._journal: list[Decision] = []
        self._read_to = 0

    def journal(self) -> Sequence[Decision]:
        """What roles asked for so far."""
        with (self.home / "journal").open("rb") as file:
            file.seek(self._read_to)
            whole = file.read().rpartition(b"\n")[0]
        self._read_to += len(whole) + (1 if whole else 0)
        self._journal += [Decision(**json.loads(line)) for line in whole.splitlines()]
        return self._journal

    def log(self) -> str:
        """The end of what the emulator and, through it, the functions have printed."""
        return "\n".join((self.home / "emulator.log").read_text(encoding="utf-8").splitlines()[-_LOG_LINES:])

    def project(self, name: str) -> "Project":
        """A copy of what is deployed, to deploy it from: deploying writes into its folder."""
        folder = self.home / name
        folder.mkdir()
        for part in _DEPLOYED:
            source = PROJECT / part
            if source.is_dir():
                shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__", "deployed", "deployments"))
            elif source.exists():
                shutil.copy(source, folder / part)
        return Project(folder, self.url)


class Project:
    """A folder to deploy from."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.environment = {**bare_environment(folder.parent), "AWS_ENDPOINT_URL": url}

    def chalice(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Chalice in it."""
        return self.run(str(Path(sys.executable).parent / "chalice"), *arguments)

    def ops(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of `ops` in it."""
        return self.run(sys.executable, "-m", "ops", *arguments)

    def killed_after(self, step: str, *arguments: str) -> str:
        """Run a command of `ops`, and kill it as soon as it says that a step is done; what it printed until then."""
        command = [sys.executable, "-m", "ops", *arguments]
        with subprocess.Popen(
            command, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            assert process.stdout is not None
            said: list[str] = []
            while not _is_told(said, step):
                line = process.stdout.readline()
                assert line, "".join(said)
                said.append(line)
            process.kill()
        return "".join(said)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in it; an `AssertionError` with what it printed when it fails."""
        done = subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
        return done

    def set(self, stage: str, **variables: str) -> None:
        """Add environment variables of a stage to the configuration."""
        path = self.folder / ".chalice" / "config.json"
        config = json.loads(path.read_text(encoding="utf-8"))
        config["stages"][stage]["environment_variables"].update(variables)
        path.write_text(json.dumps(config, indent=2), encoding="utf-8")

    def deployed(self, stage: str) -> Mapping[str, Any]:
        """Chalice's record of what is deployed, by name."""
        path = self.folder / ".chalice" / "deployed" / f"{stage}.json"
        return {one["name"]: one for one in json.loads(path.read_text(encoding="utf-8"))["resources"]}


def _is_told(said: Sequence[str], step: str) -> bool:
    return any(f" {step} …" in line for line in said)


@contextmanager
def a_stack(home: Path) -> Iterator[Stack]:
    """A stack in an empty folder, which is removed at the end with whatever was left in it."""
    port = a_free_port()
    url = f"http://127.0.0.1:{port}"
    with _fakes(url) as (textract, bedrock), _clients_of(home, url):
        stack = Stack(home, url, textract, bedrock)
        with _emulator(stack, port):
            yield stack
    shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _fakes(url: str) -> Iterator[tuple[FakeTextract, FakeBedrock]]:
    def get(bucket: str, key: str) -> bytes | None:
        client = boto3.client("s3", endpoint_url=url)
        return client.get_object(Bucket=bucket, Key=key)["Body"].read()  # type: ignore[no-any-return]

    with FakeTextract(_scanned, get) as textract, FakeBedrock(lambda *_: {}) as bedrock:
        yield textract, bedrock
    assert textract.problems == []
    assert bedrock.problems == []


def _scanned(content: bytes, numbers: Sequence[int]) -> Sequence[Page]:
    """What Textract reads: a whole invoice on pages in portrait, and hardly anything on those in landscape."""
    page = read_document(_SCANNED.read_bytes(), Limits()).pages[0]
    words = page.words[:60] if _is_landscape(content) else page.words
    return [page._replace(number=number, words=words) for number in numbers]


def _is_landscape(content: bytes) -> bool:
    with closing(pypdfium2.PdfDocument(content)) as document:
        width, height = document[0].get_size()
        return bool(width > height)


@contextmanager
def _clients_of(home: Path, url: str) -> Iterator[None]:
    variables = {**bare_environment(home), "AWS_ENDPOINT_URL": url}
    names = {name for name in os.environ if name.startswith("AWS_")}
    with patch.dict(os.environ, {name: text for name, text in variables.items() if name.startswith("AWS_")}):
        for name in names - variables.keys():
            del os.environ[name]
        boto3.setup_default_session()
        yield


@contextmanager
def _emulator(stack: Stack, port: int) -> Iterator[None]:
    chosen = {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "AUTH": "true",
        "MINISTACK_REGION": bare_environment(stack.home)["AWS_DEFAULT_REGION"],
        "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.05",
        "IOT_MTLS_ENABLED": "0",
        "E2E_JOURNAL": str(stack.home / "journal"),
        "E2E_TEXTRACT": stack.textract.url,
        "E2E_BEDROCK": stack.bedrock.url,
    }
    command = [str(emulator_python()), "-m", "tests.e2e.emulator"]
    environment = {**bare_environment(stack.home), **chosen}
    (stack.home / "journal").touch()
    with (stack.home / "emulator.log").open("w") as log:
        process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=log, stderr=log)
        try:
            eventually(lambda: _is_up(stack, process), "the emulator's answer")
            yield
        finally:
            process.terminate()
            process.wait()


def _is_up(stack: Stack, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, stack.log()
    try:
        with urllib.request.urlopen(f"{stack.url}/_ministack/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
