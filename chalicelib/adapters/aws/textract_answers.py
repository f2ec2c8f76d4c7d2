"""What Textract answers, looked at with care: anything may be missing, or of another type than it should be."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.domain.geometry import Box, around

_Point = tuple[float, float]


def mapping(thing: object) -> Mapping[str, Any]:
    """The thing, if it is a mapping; an empty one otherwise."""
    return thing if isinstance(thing, Mapping) else {}


def mappings(thing: object) -> list[Mapping[str, Any]]:
    """The mappings in a list, without whatever else it holds."""
    return [item for item in thing if isinstance(item, Mapping)] if isinstance(thing, list) else []


def text_of(thing: object) -> str:
    """The thing without outer blanks, if it is a text; an empty one otherwise."""
    return thing.strip() if isinstance(thing, str) else ""


def number_of(thing: object) -> float | None:
    """The thing, if it is a finite number."""
    if isinstance(thing, bool) or not isinstance(thing, int | float):
        return None
    try:
        return float(thing) if math.isfinite(thing) else None
    except OverflowError:
        return None


def count_of(thing: object) -> int | None:
    """The thing, if it is a whole number from 1."""
    return thing if isinstance(thing, int) and not isinstance(thing, bool) and thing >= 1 else None


def confidence_of(*things: object) -> float:
    """The smallest `Confidence` (0 to 100 there) of those that have one, as 0 to 1; 0 where none has."""
    numbers = [number for thing in things if (number := number_of(mapping(thing).get("Confidence"))) is not None]
    return min(max(min(numbers, default=0.0) / 100, 0.0), 1.0)


def box_of(geometry: object) -> Box | None:
    """The box of a `Geometry`, within the page; `None` where it has none that makes sense."""
    found = mapping(mapping(geometry).get("BoundingBox"))
    edges = [number_of(found.get(name)) for name in ("Left", "Top", "Width", "Height")]
    left, top, width, height = (edge if edge is not None else math.nan for edge in edges)
    if not (width >= 0 and height >= 0 and math.isfinite(left + top + width + height)):
        return hull(polygon_of(geometry))
    return hull([(left, top), (left + width, top + height)])


def polygon_of(geometry: object) -> list[_Point]:
    """The corners of a `Geometry`, the text's own upper left first, then clockwise."""
    points = (
        (number_of(point.get("X")), number_of(point.get("Y"))) for point in mappings(mapping(geometry).get("Polygon"))
    )
    return [(x, y) for x, y in points if x is not None and y is not None]


def hull(points: Sequence[_Point]) -> Box | None:
    """The box around points, cut off at the edges of the page; `None` without any."""
    if not points:
        return None
    within = [(min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)) for x, y in points]
    return around(Box(x, y, 0.0, 0.0) for x, y in within)
