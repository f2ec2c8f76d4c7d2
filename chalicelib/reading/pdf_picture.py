"""What is drawn on a PDF page besides its words: images, lines, coloured areas."""

import ctypes
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice, repeat
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

_BACKGROUND_COVER = 0.8
_MAX_OBJECTS = 20_000
_MAX_DEPTH = 4
_WHITE = 250
_EPSILON = 1e-9
_CONTAINING_IMAGES = frozenset({pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM})
_AREAS = frozenset({pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_SHADING})

Edges = tuple[float, float, float, float]  # left, bottom, right, top in user space
_Matrix = tuple[float, float, float, float, float, float]
_UPRIGHT: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


class Picture(NamedTuple):
    """The picture of one page."""

    path_count: int
    cover: float = 0.0  # share (0–1) of the page that images take
    covers_text: bool = False  # an opaque image was laid over all the text
    painted: tuple[Edges, ...] = ()  # areas that are not white: what makes white text legible


class _Drawn(NamedTuple):
    kind: int
    handle: Any
    matrix: _Matrix


def picture_of(page: Any, crop: Edges, *, with_painted: bool = False) -> Picture:
    """The picture of a raw `FPDF_PAGE` within `crop`. Only the first 20,000 objects are looked at.

    `painted` is filled only when it is asked for: it takes a look at every line of every table.
    """
    count = pdfium.FPDFPage_CountObjects(page)
    kinds = list(map(pdfium.FPDFPageObj_GetType, map(pdfium.FPDFPage_GetObject, repeat(page, count), range(count))))
    if not with_painted and _CONTAINING_IMAGES.isdisjoint(kinds):
        return Picture(path_count=sum(1 for kind in kinds if kind in _AREAS))
    return _full_picture(list(_objects(page)), crop, with_painted=with_painted)


def _full_picture(drawn: Sequence[_Drawn], crop: Edges, *, with_painted: bool) -> Picture:
    area = max((crop[2] - crop[0]) * (crop[3] - crop[1]), _EPSILON)
    images = {index: _edges(one) for index, one in enumerate(drawn) if one.kind == pdfium.FPDF_PAGEOBJ_IMAGE}
    shares = {index: _overlap(edges, crop) / area for index, edges in images.items()}
    paths = [one for one in drawn if one.kind in _AREAS]
    return Picture(
        path_count=len(paths),
        cover=min(sum(shares.values()), 1.0),
        covers_text=_covers_text(drawn, shares),
        painted=(*images.values(), *(_edges(one) for one in paths if _is_coloured(one))) if with_painted else (),
    )


def _covers_text(drawn: Sequence[_Drawn], shares: Mapping[int, float]) -> bool:
    """Whether an opaque image over (nearly) the whole page was painted after the last words."""
    texts = (index for index, one in enumerate(drawn) if one.kind == pdfium.FPDF_PAGEOBJ_TEXT)
    last_text = max(texts, default=None)
    return last_text is not None and any(
        share >= _BACKGROUND_COVER and not pdfium.FPDFPageObj_HasTransparency(drawn[index].handle)
        for index, share in shares.items()
        if index > last_text
    )


def _objects(page: Any) -> Iterator[_Drawn]:
    count, take = pdfium.FPDFPage_CountObjects(page), pdfium.FPDFPage_GetObject
    return islice(_walk(page, count, take, _UPRIGHT, 0), _MAX_OBJECTS)


def _walk(container: Any, count: int, take: Callable[[Any, int], Any], matrix: _Matrix, depth: int) -> Iterator[_Drawn]:
    """Every object in the order it is painted; forms are opened, others yielded."""
    for index in range(count):
        handle = take(container, index)
        kind = pdfium.FPDFPageObj_GetType(handle)
        if kind != pdfium.FPDF_PAGEOBJ_FORM:
            yield _Drawn(kind, handle, matrix)
        elif depth < _MAX_DEPTH:
            inner = _combined(_matrix_of(handle), matrix)
            size = pdfium.FPDFFormObj_CountObjects(handle)
            yield from _walk(handle, size, pdfium.FPDFFormObj_GetObject, inner, depth + 1)


def _matrix_of(handle: Any) -> _Matrix:
    matrix = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(handle, matrix):
        return _UPRIGHT
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _combined(inner: _Matrix, outer: _Matrix) -> _Matrix:
    """The matrix that applies `inner` first."""
    a, b, c, d, e, f = inner
    oa, ob, oc, od, oe, of = outer
    return (
        a * oa + b * oc, a * ob + b * od,
        c * oa + d * oc, c * ob + d * od,
        e * oa + f * oc + oe, e * ob + f * od + of,
    )  # fmt: skip


def _edges(drawn: _Drawn) -> Edges:
    """Where an object stands, in user space; nowhere when PDFium does not know."""
    parts = [ctypes.c_float() for _ in range(4)]
    if not pdfium.FPDFPageObj_GetBounds(drawn.handle, *parts):
        return 0.0, 0.0, 0.0, 0.0
    left, bottom, right, top = (part.value for part in parts)
    if drawn.matrix == _UPRIGHT:
        return left, bottom, right, top
    a, b, c, d, e, f = drawn.matrix
    corners = ((left, bottom), (left, top), (right, bottom), (right, top))
    xs = [a * x + c * y + e for x, y in corners]
    ys = [b * x + d * y + f for x, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _overlap(one: Edges, other: Edges) -> float:
    """The area two rectangles share."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return width * height if width > 0 and height > 0 else 0.0


def _is_coloured(drawn: _Drawn) -> bool:
    """Whether an object fills an area with anything but white."""
    if drawn.kind == pdfium.FPDF_PAGEOBJ_SHADING:
        return True
    mode, stroke = ctypes.c_int(), ctypes.c_int()
    if not pdfium.FPDFPath_GetDrawMode(drawn.handle, mode, stroke) or mode.value == pdfium.FPDF_FILLMODE_NONE:
        return False
    rgba = [ctypes.c_uint() for _ in range(4)]
    if not pdfium.FPDFPageObj_GetFillColor(drawn.handle, *rgba):
        return True
    red, green, blue, alpha = (part.value for part in rgba)
    return alpha > 0 and min(red, green, blue) < _WHITE
