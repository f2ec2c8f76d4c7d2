"""How OCR is asked: for how many pages, and under which name the answer is kept."""

from pathlib import Path

from chalicelib.costs.ladder import Level, permissions
from chalicelib.domain.document import MediaType, ReadDocument
from chalicelib.domain.usage import Unit, Usage
from chalicelib.pipeline.looking import Look
from chalicelib.ports import Depth, OcrReading
from tests.pages import a_page
from tests.paid import Till


class PaidOcr:
    """An engine that has a price, and reads the same on every page."""

    depths = frozenset({Depth.WORDS})

    def estimate(self, pages: int, depth: Depth = Depth.WORDS) -> Usage:
        return Usage.of("textract", "DetectDocumentText", pages=pages)

    def read_pages(self, content, media_type, numbers, depth=Depth.WORDS, seconds=None) -> OcrReading:  # type: ignore[no-untyped-def]  # as the port says
        pages = tuple(a_page("Total 119.00 EUR")._replace(number=number) for number in numbers)
        return OcrReading(pages, self.estimate(len(numbers)))


def test_any_number_of_pages_can_be_kept(tmp_path: Path) -> None:
    till = Till(tmp_path, max_ocr_pages=100)
    scan = ReadDocument(MediaType.PDF, 100, (), ocr_pages=tuple(range(1, 101)))
    look = Look(PaidOcr(), lambda: permissions(Level.NORMAL), till.settings)

    first, again = (look(b"scan", scan, till.purse()) for _ in range(2))

    assert len(first.read.pages) == 100
    assert again.read == first.read
    assert [charge.usage.count(Unit.PAGES) for charge in till.charges()] == [2, 98]
    till.adapters.close()
