"""`python -m local extract`: whole trees in, one JSON file an invoice out."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local.cli import main
from local.http_server import PROJECT
from tests.builders import a_document
from tests.bundles import a_pdf_of, an_invoice_page
from tests.fatture import a_body, a_fattura
from tests.waiting import eventually

_XML = b"<?xml version='1.0'?><letter>Dear Sir or Madam</letter>"


class Run:
    """What a command gave."""

    def __init__(self, *arguments: str | Path) -> None:
        command = [sys.executable, "-m", "local", "extract", *map(str, arguments)]
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300, check=False)
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr


def files_below(folder: Path) -> set[str]:
    """The files below a folder, as relative paths."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def a_file(path: Path, content: bytes | None = None) -> Path:
    """A file, with the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(a_document(str(path)) if content is None else content)
    return path


def result(path: Path) -> dict[str, Any]:
    """A JSON file that was written."""
    return dict(json.loads(path.read_text(encoding="utf-8")))


def test_the_tree_below_each_given_path_is_kept(tmp_path: Path) -> None:
    a_file(tmp_path / "in" / "top.pdf")
    a_file(tmp_path / "in" / "2026" / "deep.pdf")
    single = a_file(tmp_path / "elsewhere" / "single.pdf")
    out = tmp_path / "out"

    run = Run("--out", out, tmp_path / "in", single)

    assert run.status == 0, run.err
    assert files_below(out) == {"top.json", "2026/deep.json", "single.json"}
    assert run.out == ""
    assert "3 of 3 files" in run.err


def test_files_that_differ_only_in_their_ending_keep_it(tmp_path: Path) -> None:
    for name in ("a.pdf", "a.xml", "a.pdf.xml", "b.pdf", "c/a.pdf"):
        a_file(tmp_path / "in" / name)
    out = tmp_path / "out"

    Run("--out", out, tmp_path / "in")

    assert files_below(out) == {"a.pdf.json", "a.xml.json", "a.pdf.xml.json", "b.json", "c/a.json"}


def test_a_bad_file_stops_nothing_and_its_json_says_why(tmp_path: Path) -> None:
    a_file(tmp_path / "in" / "a.pdf", b"%PDF-1.7 and then nothing")
    a_file(tmp_path / "in" / "b.pdf")
    a_file(tmp_path / "in" / "c.txt", b"Dear Sir or Madam")
    a_file(tmp_path / "in" / "d.pdf", b"")
    out = tmp_path / "out"

    run = Run("--out", out, tmp_path / "in", "--jobs", "2")

    codes = {name: result(out / name).get("error", {}).get("code") for name in sorted(files_below(out))}
    assert run.status == 1
    assert codes == {"a.json": "truncated", "b.json": None, "c.json": "not_a_document", "d.json": "empty"}
    assert result(out / "a.json")["decision"] == "rejected"
    assert result(out / "c.json")["status"] == "rejected"


def test_one_document_is_printed_as_the_invoice_document(tmp_path: Path) -> None:
    path = a_file(tmp_path / "a.pdf")

    run = Run(path)

    document = json.loads(run.out)
    assert document["document"]["filename"] == "a.pdf"
    assert document["document"]["pages"] == 1


def test_many_documents_are_printed_as_lines_in_order(tmp_path: Path) -> None:
    paths = [a_file(tmp_path / f"{number}.pdf") for number in range(4)]

    run = Run(*paths, "--jobs", "2")

    names = [json.loads(line)["document"]["filename"] for line in run.out.splitlines()]
    assert names == ["0.pdf", "1.pdf", "2.pdf", "3.pdf"]


def test_csv_has_one_line_a_document(tmp_path: Path) -> None:
    a_file(tmp_path / "in" / "a.pdf")
    a_file(tmp_path / "in" / "=b.txt", b"Dear Sir or Madam")

    run = Run(tmp_path / "in", "--format", "csv")

    rows = list(csv.DictReader(io.StringIO(run.out)))
    assert [Path(row["file"]).name for row in rows] == ["=b.txt", "a.pdf"]
    assert rows[0]["reasons"] == "not_a_document"


def test_a_table_has_one_row_a_document(tmp_path: Path) -> None:
    path = a_file(tmp_path / "a-document.pdf")

    assert "a-document.pdf" in Run(path, "--format", "table").out.replace("\n", "")


@pytest.mark.parametrize(
    "arguments",
    [["nowhere.pdf"], ["--jobs", "0", "x.pdf"], ["--format", "yaml", "x.pdf"], [], ["--out"], ["--unknown", "x"]],
)
def test_a_command_that_is_not_understood_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        status: object = main(["extract", *arguments])
    except SystemExit as error:
        status = error.code

    assert status == 2
    assert capsys.readouterr().err


def test_an_empty_folder_is_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["extract", str(tmp_path)]) == 2
    assert "no files" in capsys.readouterr().err


def test_two_files_that_would_be_written_to_one_place_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = a_file(tmp_path / "one" / "a.pdf"), a_file(tmp_path / "two" / "a.pdf")

    assert main(["extract", "--out", str(tmp_path / "out"), str(first), str(second)]) == 2
    assert "a.pdf.json" in capsys.readouterr().err


@pytest.mark.parametrize("folder", [".", "out"])
def test_what_was_written_before_is_not_read_again(tmp_path: Path, folder: str) -> None:
    a_file(tmp_path / "a.pdf")
    Run("--out", tmp_path / folder, tmp_path)

    run = Run("--out", tmp_path / folder, tmp_path)

    assert "1 of 1 files" in run.err


def test_results_may_go_beside_the_documents(tmp_path: Path) -> None:
    path = a_file(tmp_path / "a.pdf")

    run = Run("--out", tmp_path, path)

    assert run.status == 0
    assert files_below(tmp_path) == {"a.pdf", "a.json"}


def test_ctrl_c_stops_soon_and_keeps_what_was_written(tmp_path: Path) -> None:
    for number in range(2000):
        a_file(tmp_path / "in" / f"{number:04d}.pdf")
    out = tmp_path / "out"
    command = [sys.executable, "-m", "local", "extract", "--out", str(out), str(tmp_path / "in")]
    process = subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.PIPE, text=True, start_new_session=True)

    eventually((out / "0003.json").exists, "the fourth result")
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "Stopped." in err
    assert "Traceback" not in err
    assert all(result(out / name) for name in files_below(out) if not name.startswith("."))


def test_several_invoices_in_one_file_are_written_beside_each_other(tmp_path: Path) -> None:
    bundle = a_pdf_of([an_invoice_page("INV-1041"), an_invoice_page("INV-1042", day="9 March 2026", net=200)])
    source, out = a_file(tmp_path / "in" / "post.pdf", bundle), tmp_path / "out"
    a_file(tmp_path / "in" / "post.2.pdf")

    run = Run("--out", out, source.parent)
    first, second = result(out / "post.json"), result(out / "post.2_.json")

    assert run.status == 0, run.err
    assert files_below(out) == {"post.json", "post.2.json", "post.2_.json"}
    assert "2 of 2 files, 3 invoices" in run.err
    assert [one["fields"]["total"]["value"] for one in (first, second)] == ["180.00", "240.00"]
    assert first["further_invoices"] == [second["invoice_id"]] == [f"{first['invoice_id']}-2"]
    assert (second["part_of"], second["document"]["page_range"]) == (first["invoice_id"], {"first": 2, "last": 2})


def test_several_invoices_are_printed_as_json_lines(tmp_path: Path) -> None:
    fattura = a_file(tmp_path / "in.xml", a_fattura(a_body(number="1/A"), a_body(number="2/A")))

    numbers = [json.loads(line)["fields"]["invoice_number"]["value"] for line in Run(fattura).out.splitlines()]

    assert numbers == ["1/A", "2/A"]
