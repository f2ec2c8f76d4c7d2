"""Make the samples: `python -m samples.make_samples [FOLDER]` writes the documents, `expected.json` and `README.md`.

The same versions of the libraries give the same bytes, whenever and wherever it runs.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from samples.making.catalogue import Sample, all_samples

_README = """# Samples

Documents of companies that do not exist, for `make run`, the tests and a first look. Addresses are invented, mail and
web are under `example.com`, tax ids and IBANs have valid check digits on registers and banks that were never issued.

`python -m samples.make_samples` makes all of it anew, from the data in `making/`: the documents, `expected.json` and
this page. Nothing in this folder is written by hand but the script. `making/fonts/` holds DejaVu Sans, reduced to
Latin letters, under its own licence.

`expected.json` says what each document must give: `document_type`, `decision`, `fields`, `taxes` and `line_items`
with the names and notations of the invoice document (identifiers without spaces, dots and dashes, and a country prefix
only where it is printed), or the code with which it is `rejected`.

| file | what it is | must give |
|---|---|---|
"""


def main(arguments: Sequence[str]) -> None:
    """Write everything into the folder named by the first argument, or beside this script."""
    folder = Path(arguments[0]) if arguments else Path(__file__).parent
    write_samples(folder)
    print(f"{len(all_samples())} samples are in {folder}")


def write_samples(folder: Path) -> None:
    """Write the documents, `expected.json` and `README.md` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    samples = all_samples()
    for sample in samples:
        (folder / sample.filename).write_bytes(sample.make())
    expected = {sample.filename: sample.expected for sample in samples}
    text = json.dumps(expected, indent=2, ensure_ascii=False) + "\n"
    (folder / "expected.json").write_text(text, encoding="utf-8")
    (folder / "README.md").write_text(_README + "".join(_row(sample) for sample in samples), encoding="utf-8")


def _row(sample: Sample) -> str:
    outcome = sample.expected.get("decision") or f"rejected: {sample.expected['rejected']}"
    return f"| `{sample.filename}` | {sample.about} | {outcome} |\n"


if __name__ == "__main__":
    main(sys.argv[1:])
