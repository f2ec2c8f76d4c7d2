"""The process that draws pages for explanations: `python -m local.evaluation.picture_child MEMORY CPU_SECONDS`.

A question names a page and the boxes of its words; the answer is a JPEG of the page, turned and levelled as the words
are: an OCR engine says where words stand on the upright page, but not how it was turned.
"""

import sys
from collections.abc import Sequence
from typing import Any

from chalicelib.adapters.sandbox.frames import Frame
from chalicelib.adapters.sandbox.serving import Answer, serve

_WIDTH = 1200  # pixels
_PROBE_WIDTH = 500
_MOST_SKEW = 6.0  # degrees
_QUALITY = 72


def _prepare() -> Answer:
    from chalicelib.domain.document import MediaType  # noqa: PLC0415 - after the limits are set
    from local.page_images import page_image  # noqa: PLC0415

    def answer(question: Frame) -> Frame:
        header = question.header
        image, _, _ = page_image(question.block, MediaType(header["media_type"]), header["number"])
        return Frame({}, _jpeg(_as_read(image, header["boxes"]) if header["boxes"] else image))

    return answer


def _as_read(image: Any, boxes: Sequence[Sequence[float]]) -> Any:
    """The picture in the position in which most of its ink lies within the boxes of the words."""
    import numpy as np  # noqa: PLC0415

    turned = max((np.rot90(image, turns) for turns in range(4)), key=lambda one: _covered(_shrunk(one), boxes))
    small = _shrunk(turned)
    angle = 0.0
    for reach, step in ((_MOST_SKEW, 1.0), (0.8, 0.2)):
        angles = [angle + step * place for place in range(-round(reach / step), round(reach / step) + 1)]
        angle = max(angles, key=lambda one: (round(_covered(_levelled(small, one), boxes), 4), -abs(one)))
    return _levelled(turned, angle)


def _levelled(image: Any, degrees: float) -> Any:
    """The picture turned around its middle, on white."""
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    if abs(degrees) < 0.05:
        return image
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    flat = np.ascontiguousarray(image)
    return cv2.warpAffine(flat, matrix, (width, height), borderMode=cv2.BORDER_CONSTANT, borderValue=(255, 255, 255))


def _covered(image: Any, boxes: Sequence[Sequence[float]]) -> float:
    """The share of the dark pixels that lies within the boxes, beside the share of the page that they take."""
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    grey = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_BGR2GRAY)
    ink = cv2.absdiff(grey, cv2.medianBlur(grey, 15)).astype(np.float32)
    height, width = ink.shape
    within = np.zeros(ink.shape, bool)
    for left, top, wide, high in boxes:
        within[
            round(top * height) : round((top + high) * height), round(left * width) : round((left + wide) * width)
        ] = 1
    return float(ink[within].sum() / (ink.sum() + 1) - within.mean())


def _shrunk(image: Any, most: int = _PROBE_WIDTH) -> Any:
    import cv2  # noqa: PLC0415

    height, width = image.shape[:2]
    if width <= most:
        return image
    return cv2.resize(image, (most, max(1, round(height * most / width))), interpolation=cv2.INTER_AREA)


def _jpeg(image: Any) -> bytes:
    import cv2  # noqa: PLC0415

    done, encoded = cv2.imencode(".jpg", _shrunk(image, _WIDTH), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return bytes(encoded) if done else b""


if __name__ == "__main__":
    serve(_prepare, memory_bytes=int(sys.argv[1]), cpu_seconds=float(sys.argv[2]))
