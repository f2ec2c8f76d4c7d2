"""The documents say what is so: links lead somewhere, every code is explained, every command exists."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.domain.invoice import DocumentType, FieldName
from chalicelib.domain.record import Status
from chalicelib.settings import Settings
from chalicelib.validation.decision import NOT_LOOKED_AT

PROJECT = Path(__file__).resolve().parents[2]
PAGES = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")])
SOURCES = sorted([*(PROJECT / "chalicelib").rglob("*.py"), *(PROJECT / "local").rglob("*.py")])

_ERRORS = {
    "RejectedError", "NotFoundError", "ConflictError", "UnavailableError", "ConfigurationError", "BudgetExhaustedError",
}  # fmt: skip
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_MAKE = re.compile(r"(?<![\w/])make ([a-z]+)\b")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_relative_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    broken = [link for link in _links(page) if not _leads_somewhere(page, link)]

    assert broken == []


def test_every_page_of_docs_is_linked_from_another_page() -> None:
    linked = {_target(page, link)[0] for page in PAGES for link in _links(page)}

    assert [page for page in PAGES if page.is_relative_to(PROJECT / "docs") and page not in linked] == []


def test_every_error_code_is_explained() -> None:
    explained = _codes_in("docs/how-to/read-an-error.md")

    assert sorted(code for code in _error_codes() if not _is_among(code, explained)) == []


def test_every_finding_reason_and_check_is_explained() -> None:
    explained = _codes_in("docs/format.md")

    assert sorted(code for code in _codes_of_checks() if not _is_among(code, explained)) == []


def test_no_page_explains_a_finding_that_does_not_exist() -> None:
    page = (PROJECT / "docs/format.md").read_text(encoding="utf-8")
    table = page.partition("## Findings")[2].partition("## Decision")[0]
    explained = set(re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE))

    assert explained - {"missing_<field>"} <= {code for code in _codes_of_checks() if "<" not in code}


def test_every_field_status_and_document_type_is_explained() -> None:
    names = {str(name) for kind in (FieldName, Status, DocumentType) for name in kind}

    assert names - _codes_in("docs/format.md") == set()


def test_every_setting_that_is_named_exists() -> None:
    named = {name for page in PAGES for name in re.findall(r"INVOICES_([A-Z_]+)\b", page.read_text(encoding="utf-8"))}

    assert {name.lower() for name in named} <= set(Settings.model_fields)


def test_only_make_targets_that_exist_are_named() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {name for page in PAGES for line in _code_in(page) for name in _MAKE.findall(line)}

    assert named <= targets


def test_every_folder_that_the_readme_maps_exists() -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    mapped = re.findall(r"^\| `([\w./]+)`", readme.partition("## Where things are")[2], re.MULTILINE)

    assert [place for place in mapped if not (PROJECT / place).exists()] == []


def _links(page: Path) -> list[str]:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [link for link in _LINK.findall(text) if not link.startswith(("http://", "https://"))]


def _target(page: Path, link: str) -> tuple[Path, str]:
    path, _, anchor = link.partition("#")
    return (page.parent / path).resolve() if path else page, anchor


def _leads_somewhere(page: Path, link: str) -> bool:
    path, anchor = _target(page, link)
    return path.exists() and (not anchor or anchor in _anchors(path))


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _code_in(page: Path) -> Iterator[str]:
    """What stands in code blocks and between backticks."""
    text = page.read_text(encoding="utf-8")
    for block in re.findall(r"```.*?```", text, re.DOTALL):
        yield from block.splitlines()
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


def _codes_in(page: str) -> set[str]:
    """Everything between backticks on a page."""
    return set(re.findall(r"`([\w<>]+)`", (PROJECT / page).read_text(encoding="utf-8")))


def _is_among(code: str, explained: set[str]) -> bool:
    """Whether a code is explained: as it is, or as `missing_<field>`."""
    made_at_run_time = re.compile(code.replace("<>", r"<\w+>"))
    return any(made_at_run_time.fullmatch(name) or _stands_for(name, code) for name in explained)


def _stands_for(name: str, code: str) -> bool:
    return "<" in name and re.fullmatch(re.sub(r"<\w+>", r"\\w+", name), code) is not None


def _error_codes() -> set[str]:
    """The codes with which our errors are raised, and those of problems."""
    return {code for call in _calls() if (code := _code_of_error(call)) is not None}


def _codes_of_checks() -> set[str]:
    """Codes of findings, names of checks, remarks of the reader, and reasons of the decision."""
    found = {code for call in _calls() if _name(call) == "Finding" and (code := _keyword(call, "code")) is not None}
    found |= {name for call in _calls() if _name(call) == "Passed" and (name := _keyword(call, "check")) is not None}
    found |= set(_yielded("chalicelib/validation/decision.py")) | {"not_an_invoice", NOT_LOOKED_AT}
    return found | {text for file in ("pdf.py", "read.py") for text in _remarks(f"chalicelib/reading/{file}")}


def _remarks(path: str) -> Iterator[str]:
    """Codes that the reader yields, or returns in tuples beside what it read."""
    yield from _yielded(path)
    for node in ast.walk(ast.parse((PROJECT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Return) and node.value is not None:
            tuples = [part for part in ast.walk(node.value) if isinstance(part, ast.Tuple)]
            yield from (text for part in tuples for item in part.elts if (text := _text(item)) is not None)


def _yielded(path: str) -> Iterator[str]:
    for node in ast.walk(ast.parse((PROJECT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Yield) and (text := _text(node.value)) is not None:
            yield text


def _calls() -> Iterator[ast.Call]:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield node


def _code_of_error(call: ast.Call) -> str | None:
    if _name(call) == "Problem":
        return _keyword(call, "code")
    return _text(call.args[0]) if _name(call) in _ERRORS and call.args else None


def _name(call: ast.Call) -> str:
    return getattr(call.func, "id", "") or getattr(call.func, "attr", "")


def _keyword(call: ast.Call, name: str) -> str | None:
    return next((_text(keyword.value) for keyword in call.keywords if keyword.arg == name), None)


def _text(node: ast.expr | None) -> str | None:
    """A text in the code; what is put in at run time is `<>`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "<>" for part in node.values)
    return None
