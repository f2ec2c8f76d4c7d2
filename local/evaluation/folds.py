"""Parts of a corpus that share no layout, so that nothing is measured on what it was learned from."""

from collections import Counter
from collections.abc import Iterable


def folds_of(layouts: Iterable[str], count: int) -> list[frozenset[str]]:
    """At most `count` sets of layouts with about as many documents each; the same layouts give the same folds.

    >>> [sorted(fold) for fold in folds_of(["a", "a", "a", "b", "b", "c"], 2)]
    [['a'], ['b', 'c']]
    """
    sizes = Counter(layouts)
    folds: list[set[str]] = [set() for _ in range(min(count, len(sizes)))]
    held = [0] * len(folds)
    for layout, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0])):
        smallest = held.index(min(held))
        folds[smallest].add(layout)
        held[smallest] += size
    return [frozenset(fold) for fold in folds]
