"""One page of a document as a picture, for the OCR engine. Runs only in its sandboxed process."""

import math
from contextlib import closing
from typing import Any

import cv2
import numpy as np
import pypdfium2

from chalicelib.domain.document import MediaType
from chalicelib.errors import RejectedError

# A4 at 170 dpi: more pixels cost time and read no better. A long receipt keeps its width.
MAX_PIXELS = 2_800_000
_POINTS_PER_INCH = 72
_DPI = 200
_MAX_SIDE = 4_700
_PNG_COLOUR_TYPE_AT = 25
_PNG_WITH_ALPHA = frozenset({3, 4, 6})  # 3: a palette, which may hold transparent colours

Image = Any  # numpy array of (height, width, 3) bytes, blue first


def page_image(content: bytes, media_type: MediaType, number: int) -> tuple[Image, float, float]:
    """Page `number` (from 1) as a picture of at most 2.8 million pixels, and the page's own width and height.

    These are points for a PDF and pixels for an image. `RejectedError` `damaged` when the page cannot be decoded.
    """
    if media_type is MediaType.PDF:
        return _pdf_page(content, number - 1)
    image = _decoded(content, media_type, number - 1)
    if image is None:
        raise _damaged()
    height, width = image.shape[:2]
    return _shrunk(image), float(width), float(height)


def _pdf_page(content: bytes, index: int) -> tuple[Image, float, float]:
    try:
        with closing(pypdfium2.PdfDocument(content)) as document, closing(document[index]) as page:
            width, height = page.get_size()
            scale = _scale(width, height)
            bitmap = page.render(scale=scale, no_smoothtext=False, draw_annots=True)
            image = cv2.cvtColor(bitmap.to_numpy(), cv2.COLOR_GRAY2BGR) if bitmap.n_channels == 1 else bitmap.to_numpy()
    except pypdfium2.PdfiumError:
        raise _damaged() from None
    return np.ascontiguousarray(image[:, :, :3]), width, height


def _scale(width: float, height: float) -> float:
    """Pixels per point: 200 dpi, less where that makes too many pixels."""
    area, side = max(width * height, 1.0), max(width, height, 1.0)
    return min(_DPI / _POINTS_PER_INCH, math.sqrt(MAX_PIXELS / area), _MAX_SIDE / side)


def _decoded(content: bytes, media_type: MediaType, index: int) -> Image | None:
    """The picture, turned as its EXIF orientation says, on white where it is transparent."""
    data = np.frombuffer(content, np.uint8)
    try:
        if media_type is MediaType.TIFF:
            done, images = cv2.imdecodemulti(data, cv2.IMREAD_COLOR, range=(index, index + 1))
            return images[0] if done and images else None
        if media_type is MediaType.PNG and content[_PNG_COLOUR_TYPE_AT] in _PNG_WITH_ALPHA:
            return _on_white(cv2.imdecode(data, cv2.IMREAD_UNCHANGED))
        return cv2.imdecode(data, cv2.IMREAD_COLOR)
    except cv2.error:
        return None


def _on_white(image: Image | None) -> Image | None:
    if image is None:
        return None
    if image.dtype == np.uint16:
        image = (image >> 8).astype(np.uint8)
    if image.ndim == 2:
        return cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
    if image.shape[2] < 4:
        return image
    alpha = image[:, :, 3:].astype(np.float32) / 255
    return (image[:, :, :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)


def _shrunk(image: Image) -> Image:
    height, width = image.shape[:2]
    scale = min(math.sqrt(MAX_PIXELS / (width * height)), _MAX_SIDE / max(width, height))
    if scale >= 1:
        return image
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)


def _damaged() -> RejectedError:
    return RejectedError(
        "damaged", "This page's picture is damaged and cannot be shown. Please scan or photograph it again."
    )
