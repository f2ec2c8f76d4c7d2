"""Which documents are measured: those that were asked for, the corpus if it is there, or the samples."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.processes import PROJECT, BenchError
from chalicelib.domain.document import MediaType, ReadDocument
from chalicelib.errors import RejectedError
from chalicelib.pipeline.interpret import needs_ocr
from chalicelib.reading.limits import Limits
from chalicelib.reading.read import read_document

_CORPUS = PROJECT.parent / "shared" / "corpus" / "docs"
_BORN_DIGITAL = ("facturx_visual", "i2d", "samples_pdf", "jens_digital")


class Documents(NamedTuple):
    """The PDFs to measure with, where they come from, and how many were left out because nobody could read them."""

    paths: tuple[Path, ...]
    origin: str
    pages: int
    left_out: int


def documents(asked: Sequence[Path]) -> Documents:
    """Born-digital PDFs: below the paths asked for, or by default. A PDF without words of its own is left out.

    Without OCR neither program reads those, and with it the OCR engine would be measured. `BenchError` when none is
    left.
    """
    origin, found = _found(asked)
    read = {path: document for path in found if (document := _read(path)) is not None}
    if not read:
        raise BenchError("There are no PDFs with words of their own to measure with; name some with --files.")
    pages = sum(document.page_count for document in read.values())
    return Documents(tuple(read), origin, pages, len(found) - len(read))


def _found(asked: Sequence[Path]) -> tuple[str, list[Path]]:
    if asked:
        return "--files", list(_pdfs(asked))
    corpus = [_CORPUS / name for name in _BORN_DIGITAL if (_CORPUS / name).is_dir()]
    if corpus:
        return f"corpus: {', '.join(folder.name for folder in corpus)}", list(_pdfs(corpus))
    return "samples", list(_pdfs([PROJECT / "samples"]))


def _pdfs(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.exists():
            raise BenchError(f"There is no file or folder {path}.")
        yield from [path] if path.is_file() else sorted(path.rglob("*.pdf"))


def _read(path: Path) -> ReadDocument | None:
    """A PDF that has words of its own, or `None`."""
    try:
        document = read_document(path.read_bytes(), Limits())
    except RejectedError:
        return None
    return document if document.media_type is MediaType.PDF and not needs_ocr(document) else None
