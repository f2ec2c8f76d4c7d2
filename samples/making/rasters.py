"""Paper as machines see it: a skewed, noisy scan, and a photo of a receipt on a table."""

from io import BytesIO
from typing import NamedTuple

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray
from reportlab.lib.pagesizes import A4

from samples.making.sheet import Sheet

Image = NDArray[np.uint8]


class Scanner(NamedTuple):
    """How a scanner sees: dots an inch, degrees the page lies askew, noise in grey levels."""

    dots_per_inch: int = 175
    degrees: float = 1.5
    noise: float = 9.0
    quality: int = 55
    seed: int = 20250505


class Photo(NamedTuple):
    """How a photo is taken: pixels of the picture, corners of the receipt in it, noise in levels."""

    width: int = 1200
    height: int = 1800
    corners: tuple[tuple[int, int], ...] = ((205, 95), (1010, 128), (968, 1712), (182, 1668))
    noise: float = 5.0
    quality: int = 82
    seed: int = 20250712


OFFICE_SCANNER = Scanner()
PHONE = Photo()


def scanned(pdf: bytes, scanner: Scanner = OFFICE_SCANNER) -> bytes:
    """The first page of a PDF, printed and scanned: a PDF that holds one grey JPEG and no text."""
    page = cv2.cvtColor(_rendered(pdf, scanner.dots_per_inch), cv2.COLOR_BGR2GRAY)
    height, width = page.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), scanner.degrees, 1.0)
    askew = cv2.warpAffine(page, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=(250.0,))
    faded = 18 + cv2.GaussianBlur(askew, (3, 3), 0.7).astype(np.float64) * (232 / 255)
    jpeg = _jpeg(_with_noise(faded, scanner.noise, scanner.seed), scanner.quality)
    sheet = Sheet("Scan", size=A4)
    sheet.image(jpeg, (0, 0, sheet.width, sheet.height))
    return sheet.pdf()


def photographed(pdf: bytes, photo: Photo = PHONE) -> bytes:
    """The first page of a PDF as a strip of paper on a wooden table, in a JPEG."""
    paper = _rendered(pdf, 400)
    height, width = paper.shape[:2]
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    lens = cv2.getPerspectiveTransform(flat, np.array(photo.corners, dtype=np.float32))
    size = (photo.width, photo.height)
    laid = cv2.warpPerspective(paper, lens, size, flags=cv2.INTER_AREA).astype(np.float64)
    mask = cv2.warpPerspective(np.full((height, width), 255, np.uint8), lens, size, flags=cv2.INTER_LINEAR)
    cover = (mask.astype(np.float64) / 255)[:, :, None]
    scene = _table(photo) * (1 - cover) + (laid * 0.9 + 12) * cover
    blurred = cv2.GaussianBlur(scene * _shade(photo), (3, 3), 0.8)
    return _jpeg(_with_noise(blurred, photo.noise, photo.seed), photo.quality)


def _rendered(pdf: bytes, dots_per_inch: int) -> Image:
    document = pypdfium2.PdfDocument(BytesIO(pdf))
    try:
        return np.array(document[0].render(scale=dots_per_inch / 72).to_numpy()[:, :, :3], dtype=np.uint8)
    finally:
        document.close()


def _table(photo: Photo) -> NDArray[np.float64]:
    down = np.arange(photo.height)[:, None]
    across = np.arange(photo.width)[None, :]
    grain = 8 * np.sin(across / 31 + 0.6 * np.sin(down / 210)) + 5 * np.sin(across / 7.3 + down / 400)
    wood = np.array([62.0, 92.0, 128.0])  # blue, green, red
    return np.asarray(wood[None, None, :] + grain[:, :, None], dtype=np.float64)


def _shade(photo: Photo) -> NDArray[np.float64]:
    down = np.linspace(0, 1, photo.height)[:, None]
    across = np.linspace(0, 1, photo.width)[None, :]
    return np.asarray((1.02 - 0.22 * down * across - 0.1 * across)[:, :, None], dtype=np.float64)


def _with_noise(image: NDArray[np.float64], noise: float, seed: int) -> Image:
    grains = np.random.default_rng(seed).normal(0, noise, image.shape)
    return np.clip(np.rint(image + grains), 0, 255).astype(np.uint8)


def _jpeg(image: Image, quality: int) -> bytes:
    return bytes(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1])
