"""`python -m local evaluate`: a small corpus in, figures and explanations out."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from local.cli import main
from tests.corpora import Entry, a_corpus
from tests.papers import a_pdf, a_ubl_invoice, lines

_ANSWERS = {"invoice_number": "HM-204", "issue_date": "2025-03-14", "currency": "GBP", "total": "120.00", "iban": None}
_XML_ANSWERS = {
    "invoice_number": "RE-7",
    "total": "119.00",
    "line_items": [{"description": "Oak board", "amount": "100.00"}],
}


def an_invoice_pdf() -> bytes:
    """A page with the answers on it."""
    return a_pdf(lines("Halden & Moor Ltd", "Invoice no. HM-204", "Invoice date 14 March 2025", "Total GBP 120.00"))


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Four documents: a page, the same with a wrong answer, an e-invoice, and a file that cannot be read."""
    return a_corpus(
        tmp_path / "corpus",
        {
            "pages/right": Entry(an_invoice_pdf(), _ANSWERS),
            "pages/wrong": Entry(an_invoice_pdf() + b"\n", {**_ANSWERS, "total": "130.00"}),
            "xml/exact": Entry(a_ubl_invoice(), _XML_ANSWERS, "einvoice_xml", suffix=".xml"),
            "pages/broken": Entry(b"%PDF-1.7 and then nothing", {"total": "1.00"}),
        },
        {"pages/later": Entry(an_invoice_pdf() + b"\n\n", _ANSWERS)},
    )


def evaluated(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """What the command printed; it must end well."""
    status = main(["evaluate", *map(str, arguments), "--jobs", "1"])
    captured = capsys.readouterr()
    assert status == 0, captured.err
    return captured.out


def from_json(path: Path) -> dict[str, Any]:
    """A JSON file that was written."""
    return dict(json.loads(path.read_text(encoding="utf-8")))


def test_the_figures_are_printed_and_written(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"

    printed = evaluated(capsys, corpus, "--out", out, "--cache", tmp_path / "cache", "--cv")

    for title in (
        "Header fields",
        "By field",
        "Straight-through",
        "Calibration",
        "Errors by kind",
        "Slowest",
        "Cross-val",
    ):
        assert title in printed
    report = from_json(out / "report.json")
    assert report["categories"]["all"]["documents"] == 4
    assert report["categories"]["einvoice_xml"]["line_items"]["f1"] == 1.0
    assert report["categories"]["born_digital_pdf"]["all_fields"]["wrong"] == 1
    assert from_json(out / "pages" / "right.json")["fields"]["total"]["value"] == "120.00"
    assert from_json(out / "pages" / "broken.json")["decision"] == "rejected"
    assert (out / "reliability.svg").read_text().startswith("<svg")
    assert report["cross_validation"]
    assert from_json(out / "calibration.json")["groups"]


def test_every_error_is_a_line(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    evaluated(capsys, corpus, "--out", tmp_path / "out")

    with (tmp_path / "out" / "errors.tsv").open(encoding="utf-8", newline="") as file:
        errors = list(csv.DictReader(file, delimiter="\t"))

    assert [(one["document"], one["field"], one["truth"], one["value"]) for one in errors] == [
        ("pages/broken", "total", "1.00", ""),
        ("pages/wrong", "total", "130.00", "120.00"),
    ]
    assert errors[1]["kind"].startswith("wrong")


def test_a_second_time_reads_from_the_cache(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cache = tmp_path / "cache"
    evaluated(capsys, corpus, "--cache", cache, "--out", tmp_path / "first")
    kept = sorted(cache.rglob("*.json"))

    evaluated(capsys, corpus, "--cache", cache, "--out", tmp_path / "second")

    assert len(kept) == 3
    assert sorted(cache.rglob("*.json")) == kept
    reports = [from_json(tmp_path / name / "report.json") for name in ("first", "second")]
    assert reports[0]["categories"] == reports[1]["categories"]


def test_a_document_that_fails_for_our_own_fault_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus = a_corpus(tmp_path / "corpus", {"pages/gone": Entry(an_invoice_pdf(), _ANSWERS)})
    (corpus / "docs" / "pages" / "gone.pdf").unlink()

    assert main(["evaluate", str(corpus), "--jobs", "1"]) == 1
    assert "1 of 1 documents failed" in capsys.readouterr().err


def test_a_split_is_read_alone(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    evaluated(capsys, corpus, "--split", "holdout", "--out", tmp_path)

    assert from_json(tmp_path / "report.json")["categories"]["all"]["documents"] == 1


def test_markdown_names_no_document_and_no_layout(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = evaluated(capsys, corpus, "--markdown", "--cv")

    assert printed.startswith("### Header fields and line items\n")
    assert "| all | 4 |" in printed
    for name in ("pages/", "xml/", "exact", "broken"):
        assert name not in printed


def test_a_document_is_explained_with_its_answers(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = evaluated(capsys, corpus, "--explain", "pages/wrong", "--out", tmp_path / "out")

    path = Path(printed.strip())
    page = path.read_text(encoding="utf-8")
    assert path == tmp_path / "out" / "wrong.html"
    assert "wrong 130.00" in page
    assert "data:image/jpeg;base64,/9j/" in page


def test_any_file_is_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "an invoice.pdf"
    file.write_bytes(an_invoice_pdf())

    path = Path(evaluated(capsys, "--explain", file, "--out", tmp_path).strip())

    assert "HM-204" in path.read_text(encoding="utf-8")


def test_an_explanation_of_a_broken_file_says_why(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path(evaluated(capsys, corpus, "--explain", "pages/broken", "--out", tmp_path).strip())

    assert "truncated" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "arguments",
    [[], ["nowhere"], ["--explain", "nowhere.pdf"], ["--split", "test", "nowhere"], ["--jobs", "0", "nowhere"]],
)
def test_a_command_that_is_not_understood_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        status: object = main(["evaluate", *arguments])
    except SystemExit as error:
        status = error.code

    assert status == 2
    assert capsys.readouterr().err


def test_an_empty_split_is_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(a_corpus(tmp_path / "empty", {}))]) == 2
    assert "no documents" in capsys.readouterr().err
