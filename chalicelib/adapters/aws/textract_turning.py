"""Textract's boxes are those of the picture as it was sent. A page of ours is upright, and its rows are level."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from chalicelib.adapters.aws.textract_answers import box_of, hull, mapping, polygon_of, text_of
from chalicelib.domain.geometry import Box

_MIN_TURNED_WORDS = 5
_MOST = 0.6  # of the text on a page that is turned as a whole
_MIN_SKEW, _MAX_SKEW = math.radians(0.3), math.radians(10)
_QUARTER = math.pi / 2


class Turn(NamedTuple):
    """How a page of `width` and `height` (in one unit) becomes upright: by `angle` (radians) anticlockwise."""

    width: float
    height: float
    angle: float = 0.0

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the upright page."""
        return (self.height, self.width) if round(self.angle / _QUARTER) % 2 else (self.width, self.height)

    def box(self, geometry: object) -> Box | None:
        """The box of a `Geometry` on the upright page; `None` where it has none."""
        box = box_of(geometry)
        if box is None or not self.angle:
            return box
        corners = [(box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom)]
        return hull([self._turned(x, y) for x, y in polygon_of(geometry) or corners])

    def _turned(self, x: float, y: float) -> tuple[float, float]:
        across, down = (x - 0.5) * self.width, (y - 0.5) * self.height
        cosine, sine = math.cos(self.angle), math.sin(self.angle)
        width, height = self.size
        return (across * cosine + down * sine) / width + 0.5, (down * cosine - across * sine) / height + 0.5


def turn_of(words: Iterable[Mapping[str, Any]], width: float, height: float) -> Turn:
    """The turn that a page of this size needs, from the directions in which its words (blocks) run.

    A word's polygon begins at the upper left corner of its text, however the page lies.
    """
    angles = [found for word in words if (found := _angle(word, width, height))]
    quarters = Counter[int]()
    for angle, length in angles:
        quarters[round(angle / _QUARTER) % 4] += length
    if len(angles) < _MIN_TURNED_WORDS:
        return Turn(width, height)
    quarter, length = quarters.most_common(1)[0]
    if length < _MOST * quarters.total():
        return Turn(width, height)
    rests = [(_rest(angle, quarter), length) for angle, length in angles]
    skew = _median([(rest, length) for rest, length in rests if abs(rest) < _MAX_SKEW])
    return Turn(width, height, quarter * _QUARTER + (skew if abs(skew) > _MIN_SKEW else 0.0))


def _angle(word: Mapping[str, Any], width: float, height: float) -> tuple[float, int] | None:
    """The direction in which a word runs (radians, clockwise on the page), and its length in characters."""
    length = len(text_of(word.get("Text")))
    corners = polygon_of(mapping(word.get("Geometry")))
    if length < 3 or len(corners) < 4:
        return None
    (left, upper), (right, lower) = corners[:2]
    return math.atan2((lower - upper) * height, (right - left) * width), length


def _rest(angle: float, quarter: int) -> float:
    """What is left of an angle after so many quarter turns, from minus half a turn to half a turn."""
    return math.remainder(angle - quarter * _QUARTER, 2 * math.pi)


def _median(weighted: list[tuple[float, int]]) -> float:
    """The median of numbers with weights; 0 without any."""
    half, passed = sum(weight for _, weight in weighted) / 2, 0.0
    for number, weight in sorted(weighted):
        passed += weight
        if passed >= half:
            return number
    return 0.0
