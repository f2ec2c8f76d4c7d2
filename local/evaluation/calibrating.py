"""Learn a calibration from values whose truth is known. Pure and deterministic: the same samples, the same numbers.

A map is a logistic function of all features; or a rising curve over the product's own confidence, where that does
clearly better on what it has not learned. A group of fields gets a map of its own only where that does clearly better
than the one of all fields together: errors are rare, and few of them teach little. All is tried by leaving out whole
layouts, since two documents of one layout are nearly the same document.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from statistics import fmean, stdev
from typing import NamedTuple

from chalicelib.domain.invoice import FieldName
from local.evaluation.calibration import LEAST, MOST, REST, Calibration, Isotonic, Logistic, group_of
from local.evaluation.folds import folds_of
from local.evaluation.linear import solved

_FEWEST = 15  # right and wrong values of a group each
_CLEARLY = 2.0  # standard errors
_FOLDS = 5
_RIDGE = 2.0  # in values: how many it takes to believe in a weight
_PRIOR = 1.0  # of either kind, in each step of a curve
_STEPS = 12
_CLOSE = 1e-7

Map = Logistic | Isotonic


class Sample(NamedTuple):
    """One given value: its field, its features (0–1, in an agreed order), whether it was right, and its layout."""

    name: FieldName
    features: tuple[float, ...]
    is_right: bool
    layout: str


Fit = Callable[[Sequence[Sample]], Map]


def fit(samples: Sequence[Sample], features: Sequence[str]) -> Calibration:
    """The calibration of these samples (at least one). The first feature is the confidence that is calibrated."""
    way, losses = _best_way(samples)
    maps: dict[str, Map] = {REST: way(samples)}
    for group in sorted({group_of(sample.name) for sample in samples} - {REST}):
        places = [place for place, sample in enumerate(samples) if group_of(sample.name) == group]
        held = [samples[place] for place in places]
        if _is_enough(held):
            own_way, own_losses = _best_way(held)
            if _clearly_less(own_losses, [losses[place] for place in places]):
                maps[group] = own_way(held)
    return Calibration(features=tuple(features), groups=maps)


def fit_isotonic(samples: Sequence[Sample], feature: int = 0) -> Isotonic:
    """The rising curve that fits best (pool adjacent violators), each step drawn towards its neighbours' mean a little.

    Between steps it rises in straight lines, so that a better value has a better probability.
    """
    mean = _share(samples)
    pools: list[_Pool] = []
    for pool in _at_each_place(samples, feature):
        pools.append(pool)
        while len(pools) > 1 and pools[-2].height >= pools[-1].height:
            last = pools.pop()
            pools[-1] = pools[-1].with_more(last)
    heights = [(pool.right + 2 * _PRIOR * mean) / (pool.size + 2 * _PRIOR) for pool in pools]
    points: list[tuple[float, float]] = []
    for pool, height in zip(pools, heights, strict=True):
        place = pool.places / pool.size
        points.append((place, max(height, points[-1][1] if points else 0.0)))
    return Isotonic(feature=feature, points=tuple(points))


def fit_logistic(samples: Sequence[Sample]) -> Logistic:
    """The logistic function that fits best, its weights held small (Newton's method with a ridge)."""
    rows = [(1.0, *sample.features) for sample in samples]
    size = len(rows[0])
    weights = [0.0] * size
    for _ in range(_STEPS):
        step = _newton_step(rows, samples, weights)
        weights = [weight + change for weight, change in zip(weights, step, strict=True)]
        if max(map(abs, step)) < _CLOSE:
            break
    return Logistic(bias=weights[0], weights=tuple(weights[1:]))


class _Pool(NamedTuple):
    """Neighbouring samples: how many, how many of them are right, and the sum of their places."""

    size: int
    right: float
    places: float

    @property
    def height(self) -> float:
        return self.right / self.size

    def with_more(self, other: "_Pool") -> "_Pool":
        return _Pool(self.size + other.size, self.right + other.right, self.places + other.places)


def _at_each_place(samples: Sequence[Sample], feature: int) -> Iterator[_Pool]:
    def place(sample: Sample) -> float:
        return sample.features[feature]

    for x, members in groupby(sorted(samples, key=place), key=place):
        held = list(members)
        yield _Pool(len(held), sum(sample.is_right for sample in held), x * len(held))


def _newton_step(rows: Sequence[Sequence[float]], samples: Sequence[Sample], weights: Sequence[float]) -> list[float]:
    size = len(weights)
    gradient = [0.0, *(-_RIDGE * weight for weight in weights[1:])]
    curvature = [[_RIDGE if i == j and i else 0.0 for j in range(size)] for i in range(size)]
    curvature[0][0] = _CLOSE
    for row, sample in zip(rows, samples, strict=True):
        total = sum(weight * one for weight, one in zip(weights, row, strict=True))
        p = 1 / (1 + math.exp(-max(-40.0, min(40.0, total))))
        error, spread = sample.is_right - p, p * (1 - p)
        for i, one in enumerate(row):
            if one:
                gradient[i] += error * one
                weighed = spread * one
                line = curvature[i]
                for j in range(i + 1):
                    line[j] += weighed * row[j]
    mirrored = [[curvature[max(i, j)][min(i, j)] for j in range(size)] for i in range(size)]
    return solved(mirrored, gradient)


def _best_way(samples: Sequence[Sample]) -> tuple[Fit, list[float]]:
    """The way that loses less on layouts that were left out, and what it loses for each sample."""
    if len(samples) < _FEWEST:
        return fit_logistic, [0.0] * len(samples)
    logistic, isotonic = (_losses_elsewhere(way, samples) for way in (fit_logistic, fit_isotonic))
    if _clearly_less(isotonic, logistic):
        return fit_isotonic, isotonic
    return fit_logistic, logistic


def _clearly_less(losses: Sequence[float], others: Sequence[float]) -> bool:
    """Whether the mean loss is less by more than chance explains."""
    saved = [other - loss for loss, other in zip(losses, others, strict=True)]
    return fmean(saved) > _CLEARLY * stdev(saved) / math.sqrt(len(saved))


def _losses_elsewhere(way: Fit, samples: Sequence[Sample]) -> list[float]:
    """The logarithmic loss for each sample, of what was learned without its layout."""
    losses = [0.0] * len(samples)
    for left_out in folds_of([sample.layout for sample in samples], _FOLDS):
        learned = [sample for sample in samples if sample.layout not in left_out]
        found = way(learned) if learned else None
        for place, sample in enumerate(samples):
            if sample.layout in left_out:
                losses[place] = _loss(found.probability(sample.features) if found else 0.5, sample)
    return losses


def _loss(probability: float, sample: Sample) -> float:
    p = max(LEAST, min(MOST, probability))
    return -math.log(p if sample.is_right else 1 - p)


def _is_enough(samples: Sequence[Sample]) -> bool:
    right = sum(sample.is_right for sample in samples)
    return min(right, len(samples) - right) >= _FEWEST


def _share(samples: Iterable[Sample]) -> float:
    held = list(samples)
    return sum(sample.is_right for sample in held) / len(held)
