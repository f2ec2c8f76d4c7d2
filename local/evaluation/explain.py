"""`--explain`: one document, drawn with everything that was seen on it, beside what was chosen and why."""

from pathlib import Path

from chalicelib.errors import ConfigurationError, RejectedError
from chalicelib.extraction.extract import read_out
from local.evaluation.corpus import Case, read_corpus
from local.evaluation.drawing import marks_of
from local.evaluation.evidence import rivals_of
from local.evaluation.explanation_page import Explanation, explanation_page
from local.evaluation.marking import invoice_of, marked
from local.evaluation.page_pictures import page_pictures
from local.evaluation.reading import Reading, reader_of
from local.evaluation.scoring import Judgement

_FOLDER = Path(".local/explain")


def explain(name: str, corpus: Path | None, out: Path | None, cache: Path | None) -> int:
    """Write `<name>.html` into `out` (`.local/explain`), and print its path.

    `name` is a file, or a document of the corpus (`<set>/<id>`); the right answers are shown if the corpus has them.
    Raises `RejectedError("usage", …)` when there is no such document.
    """
    cases = read_corpus(corpus, "all") if corpus else []
    path, case = _document(name, cases)
    page = explanation_page(_explanation(path, case, reader_of(cache)(path)))
    print(_written((out or _FOLDER) / f"{path.stem}.html", page))
    return 0


def _document(name: str, cases: list[Case]) -> tuple[Path, Case | None]:
    path = Path(name)
    by_key = {case.key: case for case in cases}
    if name in by_key:
        return by_key[name].path, by_key[name]
    if not path.is_file():
        raise RejectedError("usage", f"There is no file {name}, nor a document of that name in the corpus.")
    return path, next((case for case in cases if case.path.resolve() == path.resolve()), None)


def _explanation(path: Path, case: Case | None, reading: Reading) -> Explanation:
    judgements: dict[str, Judgement] = {}
    if case:
        judgements = {judgement.field: judgement for judgement in marked(case, reading).judgements}
    name = case.key if case else path.name
    if reading.read is None:
        return Explanation(name, reading.record, None, {}, (), {}, (), judgements)
    read = reading.read
    extraction = read_out(read.pages)
    rivals = rivals_of(extraction)
    marks = marks_of(invoice_of(reading.record), rivals, extraction, read.pages)
    pictures = page_pictures(path.read_bytes(), read)
    return Explanation(name, reading.record, read, rivals, marks, pictures, extraction.languages, judgements)


def _written(path: Path, text: str) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError("out_unusable", f"{path} cannot be written: {error.strerror}.") from error
    return path
