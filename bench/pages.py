"""Time against pages: generated invoices of 1, 10 and 50 pages, to see whether it grows in proportion."""

from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from pydantic import BaseModel, ConfigDict
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from bench.processes import ours, run

COUNTS = (1, 10, 50)
_LINES_A_PAGE = 30
_COLUMNS = (50, 90, 330, 420, 540)
_TOP, _LEADING = 640, 17


class PageTimes(BaseModel):
    """Milliseconds of the whole extraction by number of pages, medians of the rounds.

    `growth` is the cost of a further page from 10 to 50 pages, to that from 1 to 10: 1.0 is a straight line.
    """

    model_config = ConfigDict(frozen=True)

    by_pages: dict[int, float]
    rounds: int
    growth: float


def page_times(rounds: int) -> PageTimes:
    """Generate the invoices and read them in turn, in one process."""
    with TemporaryDirectory() as folder:
        paths = [_invoice(Path(folder) / f"{count}-pages.pdf", count) for count in COUNTS]
        seconds = run(ours("whole"), paths * rounds).seconds
    times = {count: 1000 * median(seconds[index :: len(COUNTS)]) for index, count in enumerate(COUNTS)}
    return PageTimes(
        by_pages=times, rounds=rounds, growth=((times[50] - times[10]) / 40) / ((times[10] - times[1]) / 9)
    )


def _invoice(path: Path, pages: int) -> Path:
    """An invoice of so many pages, each full of lines; the totals are on the last."""
    canvas = Canvas(str(path), pagesize=A4, invariant=True)
    net = 0
    for page in range(pages):
        _head(canvas, page, pages)
        for line in range(_LINES_A_PAGE):
            net += _line(canvas, page * _LINES_A_PAGE + line, _TOP - _LEADING * line)
        if page == pages - 1:
            _totals(canvas, net)
        canvas.showPage()
    canvas.save()
    return path


def _head(canvas: Canvas, page: int, pages: int) -> None:
    canvas.setFont("Helvetica", 10)
    for row, text in enumerate(("Quillfeather Paper Ltd", "4 Foundry Lane, Marlow SL7 1AB", "United Kingdom")):
        canvas.drawString(50, 790 - 13 * row, text)
    for row, text in enumerate(("Invoice", "Invoice no. QP-50217", "Invoice date 3 March 2025", "Currency GBP")):
        canvas.drawString(400, 790 - 13 * row, text)
    canvas.drawString(50, 720, "Bill to: Ashdown Reading Rooms, 9 Mill Street, Bath BA1 2QT")
    canvas.drawString(400, 30, f"Page {page + 1} of {pages}")
    for place, name in zip(_COLUMNS, ("Pos", "Description", "Quantity", "Unit price", "Amount"), strict=True):
        canvas.drawString(place, 665, name) if place < 400 else canvas.drawRightString(place, 665, name)


def _line(canvas: Canvas, number: int, height: int) -> int:
    """Draw one line; its amount in pence."""
    quantity, price = 1 + number % 7, 250 + 35 * (number % 11)
    amount = quantity * price
    canvas.drawString(_COLUMNS[0], height, str(number + 1))
    canvas.drawString(_COLUMNS[1], height, f"Laid paper, sort {number % 23 + 1}, ream of 500")
    for place, text in zip(_COLUMNS[2:], (str(quantity), _money(price), _money(amount)), strict=True):
        canvas.drawRightString(place, height, text)
    return amount


def _totals(canvas: Canvas, net: int) -> None:
    tax = net // 5
    for row, (name, pence) in enumerate((("Subtotal", net), ("VAT 20 %", tax), ("Total GBP", net + tax))):
        canvas.drawString(400, 110 - 15 * row, name)
        canvas.drawRightString(540, 110 - 15 * row, _money(pence))


def _money(pence: int) -> str:
    return f"{pence / 100:,.2f}"
