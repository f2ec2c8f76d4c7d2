"""Comparing what a sample gave with what it must give."""

import pytest

from local.client import Result
from local.samples import mismatches

_DOCUMENT = {
    "status": "completed",
    "decision": "auto_approve",
    "document_type": "invoice",
    "fields": {"total": {"value": "119.00"}},
    "line_items": [{"description": "Oak board", "unit_price": "50.00"}],
}


@pytest.mark.parametrize(
    "expected",
    [
        {"decision": "auto_approve", "document_type": "invoice"},
        {"fields": {"total": "119.00"}, "line_items": 1},
        {"line_items": [{"description": "Oak board", "unit_price": "50"}]},
    ],
)
def test_what_came_out_as_expected_has_no_mismatch(expected: dict[str, object]) -> None:
    assert mismatches(expected, Result(_DOCUMENT)) == []


@pytest.mark.parametrize(
    "expected",
    [
        {"decision": "needs_review"},
        {"fields": {"total": "119.0"}},
        {"fields": {"tax": "19.00"}},
        {"line_items": 2},
        {"line_items": [{"description": "Ash board"}]},
        {"line_items": [{"quantity": "1"}]},
        {"rejected": "encrypted"},
    ],
)
def test_every_difference_is_a_mismatch(expected: dict[str, object]) -> None:
    assert len(mismatches(expected, Result(_DOCUMENT))) == 1


@pytest.mark.parametrize(
    "document",
    [
        {"error": {"code": "encrypted", "message": "…"}},
        {"status": "rejected", "decision": "rejected", "reasons": ["encrypted"], "error": {"code": "encrypted"}},
        {"status": "rejected", "decision": "rejected", "reasons": ["encrypted"]},
    ],
)
def test_a_document_may_be_refused_at_the_door_or_after_it_was_read(document: dict[str, object]) -> None:
    assert mismatches({"rejected": "encrypted"}, Result(document)) == []


def test_a_failure_is_no_rejection() -> None:
    failure = {"status": "failed", "error": {"code": "encrypted", "message": "…"}}

    assert mismatches({"rejected": "encrypted"}, Result(failure)) != []
