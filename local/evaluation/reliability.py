"""Whether a confidence is a probability: how often values of some confidence are right."""

import math
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

BINS = 10


class Bin(NamedTuple):
    """The values whose confidence is from `low` to `high`: their mean confidence, and the share that is right."""

    low: float
    high: float
    values: int
    confidence: float
    right: float


class Reliability(NamedTuple):
    """`calibration_error` is the expected one over ten bins; `auroc` is for "this value is wrong".

    `auroc` is the probability that a wrong value has less confidence than a right one; `None` if either is lacking.
    """

    values: int
    calibration_error: float | None
    brier: float | None
    auroc: float | None
    bins: tuple[Bin, ...]


Sure = tuple[float, bool]  # a confidence, and whether the value was right


def reliability(values: Sequence[Sure]) -> Reliability:
    """The reliability of confidences (0–1).

    >>> found = reliability([(0.9, True), (0.9, True), (0.9, False), (0.2, False)])
    >>> round(found.calibration_error, 3), found.auroc
    (0.225, 0.75)
    """
    if not values:
        return Reliability(0, None, None, None, ())
    bins = _bins(values)
    error = sum(one.values * abs(one.confidence - one.right) for one in bins) / len(values)
    brier = math.fsum((confidence - is_right) ** 2 for confidence, is_right in values) / len(values)
    return Reliability(len(values), error, brier, _auroc(values), bins)


def _bins(values: Sequence[Sure]) -> tuple[Bin, ...]:
    """The bins that hold something; 1 belongs to the last."""

    def place(value: Sure) -> int:
        return min(int(value[0] * BINS), BINS - 1)

    found = []
    for index, members in groupby(sorted(values, key=place), key=place):
        held = list(members)
        confidence = math.fsum(one for one, _ in held) / len(held)
        right = sum(is_right for _, is_right in held) / len(held)
        found.append(Bin(index / BINS, (index + 1) / BINS, len(held), confidence, right))
    return tuple(found)


def _auroc(values: Sequence[Sure]) -> float | None:
    """By ranks: among values of one confidence, every pair counts half."""
    right = sum(is_right for _, is_right in values)
    wrong = len(values) - right
    if not right or not wrong:
        return None
    below, ordered = 0, 0.0
    for _, members in groupby(sorted(values), key=lambda value: value[0]):
        held = [is_right for _, is_right in members]
        right_here = sum(held)
        wrong_here = len(held) - right_here
        ordered += right_here * (below + wrong_here / 2)
        below += wrong_here
    return ordered / (right * wrong)
