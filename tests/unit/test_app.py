"""What `app.py` promises: light to import, nothing but declarations, and nothing that tells too much."""

import ast
import json
import subprocess
import sys
from itertools import pairwise

import pytest

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


# Deletion wins: who erases removes all versions and the pointer of the content; who works on a document and loses it to
# an erasure removes what it wrote; and a new version of a document lets go of the old content. Nothing else is deleted.
_DELETES = {"s3:DeleteObject", "s3:DeleteObjectVersion", "dynamodb:DeleteItem"}
_MAY_DELETE = {
    "arn:aws:s3:::smart-invoice-*-invoices/uploads/*",
    "arn:aws:s3:::smart-invoice-*-invoices/derived/*",
    "arn:aws:dynamodb:*:*:table/smart-invoice-*-invoices",
}


@pytest.mark.parametrize("function", ["api_handler", "authorize", "inference", "reprocess", "sweep", "health_check"])
def test_every_function_has_a_policy_of_its_own_without_wildcard_actions(function: str) -> None:
    config = json.loads((PROJECT / ".chalice" / "config.json").read_text())
    name = config["lambda_functions"][function]["iam_policy_file"]
    policy = json.loads((PROJECT / ".chalice" / name).read_text())

    actions = [action for statement in policy["Statement"] for action in statement["Action"]]
    everywhere = {
        action for statement in policy["Statement"] if "*" in statement["Resource"] for action in statement["Action"]
    }
    assert config["autogen_policy"] is False
    assert not [action for action in actions if "*" in action]
    assert "dynamodb:Scan" not in actions
    deletes = [one for one in policy["Statement"] if any(":Delete" in action for action in one["Action"])]
    not_of_queues = [one for one in deletes if not one["Action"][0].startswith("sqs:")]
    assert {action for one in not_of_queues for action in one["Action"] if ":Delete" in action} <= _DELETES
    assert {resource for one in not_of_queues for resource in one["Resource"]} <= _MAY_DELETE
    assert not (function == "health_check" and not_of_queues)
    assert {action.split(":")[0] for action in everywhere} <= {"xray", "textract"}  # which have no resources
