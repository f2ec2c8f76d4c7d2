"""What the sample documents must give, as `samples/expected.json` says."""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from chalicelib.errors import ConfigurationError
from local.client import Result

Expectation = Mapping[str, Any]


def expectations(folder: Path) -> dict[Path, Expectation]:
    """The path of every sample, and what is expected of it."""
    path = folder / "expected.json"
    try:
        wanted = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError("no_samples", f"The samples cannot be read from {path}: {error}") from error
    return {folder / name: expected for name, expected in sorted(wanted.items())}


def mismatches(expected: Expectation, result: Result) -> list[str]:
    """Every difference between what was expected and what came, as sentences; none is good news."""
    if "rejected" in expected:
        return list(_compared("rejected with", expected["rejected"], result.rejected_with))
    return list(_differences(expected, result.document))


def _differences(expected: Expectation, document: Mapping[str, Any]) -> Iterator[str]:
    if "error" in document:
        yield f"{document['error'].get('code')}: {document['error'].get('message')}"
        return
    for name in ("decision", "document_type"):
        if name in expected:
            yield from _compared(name, expected[name], document.get(name))
    read = document["fields"]
    if expected.get("decision") == "needs_review":  # a person sees the suggestions, too
        read = {**document.get("suggestions", {}), **read}
    for name, value in expected.get("fields", {}).items():
        yield from _compared(name, value, read.get(name, {}).get("value"))
    yield from _line_differences(expected.get("line_items"), document["line_items"])


def _line_differences(
    expected: Sequence[Mapping[str, str]] | int | None, found: Sequence[Mapping[str, str]]
) -> Iterator[str]:
    """Lines may be expected by their number alone, or each with what it must have."""
    if expected is None:
        return
    count = expected if isinstance(expected, int) else len(expected)
    yield from _compared("number of lines", count, len(found))
    if isinstance(expected, int) or count != len(found):
        return
    for number, (wanted, line) in enumerate(zip(expected, found, strict=True), start=1):
        for name, value in wanted.items():
            if not _is_same(value, line.get(name)):
                yield from _compared(f"line {number}, {name}", value, line.get(name))


def _compared(what: str, expected: object, found: object) -> Iterator[str]:
    if expected != found:
        yield f"{what} should be {expected!r}, and is {found!r}"


def _is_same(expected: str, found: str | None) -> bool:
    """Whether two texts, or two numbers however they are written, are the same."""
    try:
        return expected == found or Decimal(expected) == Decimal(found or "")
    except InvalidOperation:
        return False
