"""What `app.py` promises: light to import, nothing but declarations, and nothing that tells too much."""

import ast
import subprocess
import sys
from itertools import pairwise

import app
from local.http_server import PROJECT

_SOURCE = (PROJECT / "app.py").read_text(encoding="utf-8")
_HANDLERS = [
    node
    for node in ast.parse(_SOURCE).body
    if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None
]


def test_it_is_imported_with_an_empty_environment_and_loads_no_sdk_and_no_laptop() -> None:
    code = "import sys, app; print([m for m in sys.modules if m.split('.')[0] in ('boto3', 'local', 'pypdfium2')])"

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, env={}, capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout == "[]\n"


def test_a_mistake_in_the_settings_is_named_at_once() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import app"],
        cwd=PROJECT,
        env={"INVOICES_MAX_PAGE": "7", "INVOICES_STAGE": "PROD!"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert "INVOICES_MAX_PAGE" in done.stderr
    assert "INVOICES_STAGE" in done.stderr


def test_it_declares_and_does_nothing_else() -> None:
    assert len(_SOURCE.splitlines()) <= 150
    assert {handler.name: len(handler.body) - 1 for handler in _HANDLERS if len(handler.body) - 1 > 3} == {}


def test_its_handlers_have_the_names_that_the_runbook_knows() -> None:
    assert {"inference", "reprocess", "health_check"} <= set(app.app.handler_map)
    assert set(app.app.routes) == {
        "/costs",
        "/health",
        "/invoices",
        "/invoices/{invoice_id}",
        "/invoices/{invoice_id}/document",
        "/uploads",
    }


def test_it_never_shows_stack_traces() -> None:
    assert app.app.debug is False


def test_documents_reach_it_byte_for_byte() -> None:
    accepted = app.app.routes["/invoices"]["POST"].content_types

    assert set(accepted) <= set(app.app.api.binary_types)
    assert all(first < second for first, second in pairwise(sorted(app.app.api.binary_types)))  # none twice
