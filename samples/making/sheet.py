"""A sheet of paper to draw on: millimetres from the upper left corner, text in points."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader, simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfdoc import PDFDocument
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

FONTS = Path(__file__).parent / "fonts"
POINT: float = 1 / mm  # in millimetres


class Typeface(NamedTuple):
    """The names of a regular and a bold font."""

    regular: str
    bold: str


SANS = Typeface("Helvetica", "Helvetica-Bold")
SERIF = Typeface("Times-Roman", "Times-Bold")
MONO = Typeface("Courier", "Courier-Bold")
DEJAVU = Typeface("DejaVuSans", "DejaVuSans-Bold")  # for signs that the standard fonts lack


class Ink(NamedTuple):
    """How text looks: `size` in points, `align` is left, right or centre of the given x."""

    size: float = 9
    bold: bool = False
    align: str = "left"
    colour: str = "#1a1a1a"


PLAIN = Ink()


class Sheet:
    """One PDF being drawn. The same calls give the same bytes, whenever they are made."""

    def __init__(
        self,
        title: str,
        typeface: Typeface = SANS,
        size: tuple[float, float] = A4,
        encryption: StandardEncryption | None = None,
    ) -> None:
        self._file = BytesIO()
        self._typeface = _registered(typeface)
        self.width, self.height = size[0] / mm, size[1] / mm
        self.canvas = Canvas(
            self._file,
            pagesize=size,
            invariant=1,
            pageCompression=0,  # so that the bytes do not hang on the version of zlib
            encrypt=encryption,
            initialFontName=typeface.regular,
        )
        self.canvas.setTitle(title)
        self.canvas.setAuthor("Smart Invoice samples")

    def text(self, x: float, y: float, words: str, ink: Ink = PLAIN) -> None:
        """Write one line with its baseline at `y`."""
        self.canvas.setFont(self._font(ink), ink.size)
        self.canvas.setFillColor(HexColor(ink.colour))
        draw = {
            "left": self.canvas.drawString,
            "right": self.canvas.drawRightString,
            "centre": self.canvas.drawCentredString,
        }
        draw[ink.align](x * mm, self._up(y), words)

    def block(self, x: float, y: float, lines: Sequence[str], ink: Ink = PLAIN, leading: float = 4.4) -> float:
        """Write lines below each other; return the baseline that would come next."""
        for line in lines:
            self.text(x, y, line, ink)
            y += leading
        return y

    def wrapped(self, words: str, width: float, ink: Ink = PLAIN) -> list[str]:
        """The lines that `words` takes in `width` millimetres."""
        lines: list[str] = simpleSplit(words, self._font(ink), ink.size, width * mm)
        return lines

    def rule(self, left: float, right: float, y: float, colour: str = "#1a1a1a", width: float = 0.6) -> None:
        """A horizontal line; `width` in points."""
        self._stroke(colour, width)
        self.canvas.line(left * mm, self._up(y), right * mm, self._up(y))

    def post(self, x: float, top: float, bottom: float, colour: str = "#1a1a1a", width: float = 0.6) -> None:
        """A vertical line; `width` in points."""
        self._stroke(colour, width)
        self.canvas.line(x * mm, self._up(top), x * mm, self._up(bottom))

    def frame(self, box: tuple[float, float, float, float], colour: str = "#1a1a1a", width: float = 0.6) -> None:
        """An empty rectangle; `box` is left, top, width, height."""
        left, top, across, down = box
        self._stroke(colour, width)
        self.canvas.rect(left * mm, self._up(top + down), across * mm, down * mm, stroke=1, fill=0)

    def fill(self, box: tuple[float, float, float, float], colour: str) -> None:
        """A filled rectangle; `box` is left, top, width, height."""
        left, top, across, down = box
        self.canvas.setFillColor(HexColor(colour))
        self.canvas.rect(left * mm, self._up(top + down), across * mm, down * mm, stroke=0, fill=1)

    def disc(self, x: float, y: float, radius: float, colour: str) -> None:
        """A filled circle around (`x`, `y`)."""
        self.canvas.setFillColor(HexColor(colour))
        self.canvas.circle(x * mm, self._up(y), radius * mm, stroke=0, fill=1)

    def polygon(self, points: Sequence[tuple[float, float]], colour: str) -> None:
        """A filled polygon through `points`."""
        path = self.canvas.beginPath()
        path.moveTo(points[0][0] * mm, self._up(points[0][1]))
        for x, y in points[1:]:
            path.lineTo(x * mm, self._up(y))
        path.close()
        self.canvas.setFillColor(HexColor(colour))
        self.canvas.drawPath(path, stroke=0, fill=1)

    def next_page(self) -> None:
        """Begin another page."""
        self.canvas.showPage()

    def pdf(self) -> bytes:
        """The finished document."""
        self.canvas.save()
        return self._file.getvalue()

    def image(self, jpeg: bytes, box: tuple[float, float, float, float]) -> None:
        """A JPEG as it is, stretched into `box`: left, top, width, height."""
        left, top, across, down = box
        self.canvas.drawImage(ImageReader(BytesIO(jpeg)), left * mm, self._up(top + down), across * mm, down * mm)

    @property
    def document(self) -> PDFDocument:
        """The PDF's own structure, for what a page cannot show."""
        return self.canvas._doc  # noqa: SLF001  # reportlab offers no other way to its catalogue

    def _font(self, ink: Ink) -> str:
        return self._typeface.bold if ink.bold else self._typeface.regular

    def _stroke(self, colour: str, width: float) -> None:
        self.canvas.setStrokeColor(HexColor(colour))
        self.canvas.setLineWidth(width)

    def _up(self, y: float) -> float:
        up: float = (self.height - y) * mm
        return up


def _registered(typeface: Typeface) -> Typeface:
    if typeface == DEJAVU and DEJAVU.regular not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont(DEJAVU.regular, FONTS / "DejaVuSans-Latin.ttf"))
        pdfmetrics.registerFont(TTFont(DEJAVU.bold, FONTS / "DejaVuSans-Bold-Latin.ttf"))
    return typeface
