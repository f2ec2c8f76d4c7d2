"""Places on a page. Everything is a fraction of the page, from its upper left corner, as the reader sees it."""

from collections.abc import Iterable
from operator import add
from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle in fractions (0–1) of the page's width and height.

    A named tuple and not a model: a page has hundreds of them, and they are made in the hottest loop.
    """

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge, a fraction of the page's width."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """The lower edge, a fraction of the page's height."""
        return self.top + self.height

    @property
    def middle(self) -> float:
        """The height of the middle line, a fraction of the page's height."""
        return self.top + self.height / 2

    @property
    def centre(self) -> float:
        """The horizontal centre, a fraction of the page's width."""
        return self.left + self.width / 2


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box around all of `boxes` (at least one).

    >>> around([Box(0.1, 0.1, 0.1, 0.1), Box(0.3, 0.1, 0.2, 0.1)])
    Box(left=0.1, top=0.1, width=0.4, height=0.1)
    """
    boxes = tuple(boxes)
    if len(boxes) == 1:  # most cells and values are one word
        left, top, width, height = boxes[0]
        return Box(left, top, left + width - left, top + height - top)
    lefts, tops, widths, heights = zip(*boxes, strict=True)  # in C: this is asked of every cell and value
    left, top = min(lefts), min(tops)
    return Box(left, top, max(map(add, lefts, widths)) - left, max(map(add, tops, heights)) - top)
