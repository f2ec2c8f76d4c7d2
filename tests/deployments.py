"""Deployments, packages and what is found in an account, to test with."""

import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ops.deploy.record import Deployment, Package, State
from ops.project import CONFIG

A_MOMENT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
A_CONFIG = '{"stages": {"dev": {"environment_variables": {"INVOICES_STAGE": "dev"}}, "staging": {}, "prod": {}}}'
A_BUILD = "20260504-120000-aaaaaaaa"


def a_package(**given: Any) -> Package:
    """A package."""
    usual = {
        "source": "5" * 64,
        "sha256": "a" * 64,
        "size": 9_500_000,
        "python": "python3.11",
        "architecture": "x86_64",
    }
    return Package(**{**usual, **given})


def a_deployment(number: int = 0, **given: Any) -> Deployment:
    """A deployment that passed; the higher its number, the later it was made."""
    name = f"20260504-12{number:02}00-aaaaaaaa"
    usual = {
        "id": name,
        "kind": "deploy",
        "build": given.get("id", name),
        "stage": "dev",
        "account": "123456789012",
        "region": "eu-central-1",
        "who": "arn:aws:iam::123456789012:user/ada",
        "started_at": A_MOMENT.replace(minute=number),
        "state": State.PASSED,
        "package": a_package(sha256=f"{number:064x}"),
        "inputs": {CONFIG: A_CONFIG},
    }
    return Deployment(**{**usual, **given})


GOOD_FILES: Mapping[str, str] = {
    "app.py": "import chalicelib.settings\n",
    "chalice/app.py": "",
    "chalice/__init__.py": "",
    "chalicelib/__init__.py": "",
    "chalicelib/settings.py": "NAME = 'dev'\n",
    "pydantic/__init__.py": "",
    "pydantic-2.14.3.dist-info/WHEEL": "Tag: py3-none-any\n",
}


def a_zip(files: Mapping[str, str] = GOOD_FILES, **more: str) -> bytes:
    """A package's content; `more` are files whose names have `__` for `/` and end in `.py`."""
    content = io.BytesIO()
    named = {f"{name.replace('__', '/')}.py": text for name, text in more.items()}
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {**files, **named}.items():
            archive.writestr(name, text)
    return content.getvalue()
