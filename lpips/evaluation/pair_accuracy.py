"""The share of pairs of distorted images that a metric orders as people do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .scores import Statistic, vectors

PairSums: TypeAlias = Callable[[NDArray[np.float64]], tuple[NDArray[np.float64], NDArray[np.float64]]]
"""A function from counts of items, R×N, to the pairs in the right order and to all pairs that count, R each."""

_BLOCK = 2**22
"""Pairs at a time."""


def pair_accuracy(distance: ArrayLike, damage: ArrayLike, reference: ArrayLike, least: float) -> float:
    """Compute the share of pairs of one reference, with clearly different scores, that a metric orders as people do.

    Σ right / Σ 1 over pairs with |damage difference| > least, where right is 1 if the image with more damage has the
    larger distance, ½ if both distances are equal, and 0 otherwise. It is the share of "better or worse" decisions of
    Krasula, Fliegel, Le Callet and Klíma 2016, with a stated difference in the place of a significance test.

    Args:
        distance: of a metric, shape (N,).
        damage: people's scores, shape (N,), higher for worse images.
        reference: number of the reference image, shape (N,).
        least: difference of scores that a pair must exceed, in their unit.

    Returns:
        In [0, 1]; NaN if no pair counts.

    Raises:
        BappsmithError: shapes differ, or a value is NaN.

    Examples:
        >>> round(pair_accuracy([0.1, 0.2, 0.4, 0.3], [1, 2, 3, 4], [0, 0, 0, 0], 1.5), 6)  # 3 of 3 pairs
        1.0
        >>> round(pair_accuracy([0.1, 0.2, 0.4, 0.3], [1, 2, 3, 4], [0, 0, 0, 0], 0.5), 6)  # 5 of 6
        0.833333
    """
    statistic = pair_statistic(pair_sums(distance, damage, reference, least))
    return float(statistic(np.ones((1, np.size(distance))))[0])


def pair_statistic(sums: PairSums) -> Statistic:
    """Make the statistic `pair_accuracy`. A pair counts as often as the product of the counts of its items."""

    def statistic(counts: NDArray[np.float64]) -> NDArray[np.float64]:
        right, total = sums(counts)
        with np.errstate(invalid="ignore"):  # 0 / 0: no pair counts
            return right / total

    return statistic


def pair_sums(distance: ArrayLike, damage: ArrayLike, reference: ArrayLike, least: float) -> PairSums:
    """Make the sums of `pair_accuracy` from its arguments, for `pair_statistic`."""
    distance, damage, reference = vectors(distance=distance, damage=damage, reference=reference)
    order = np.argsort(reference, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(reference[order])) + 1)

    def blocks() -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        for group in groups:
            rows = max(1, _BLOCK // len(group))
            for start in range(0, len(group), rows):
                yield group[start : start + rows], group

    def sums(counts: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        right, total = np.zeros(len(counts)), np.zeros(len(counts))
        for rows, columns in blocks():
            gap = damage[rows, None] - damage[columns]
            further = distance[rows, None] - distance[columns]
            pair = (np.abs(gap) > least).astype(np.float64)
            ordered = pair * (0.5 + 0.5 * np.sign(gap) * np.sign(further))
            for sum_, matrix in ((right, ordered), (total, pair)):
                sum_ += np.einsum("rn,rn->r", counts[:, rows] @ matrix, counts[:, columns])
        return right / 2, total / 2  # each pair was met twice

    return sums


def pairs_with(sums: PairSums, members: NDArray[np.bool_]) -> tuple[float, float]:
    """Return (in the right order, all) of the pairs in which at least one of two items is a member, shape (N,)."""
    right, total = sums(np.stack([np.ones(len(members)), (~members).astype(np.float64)]))
    return float(right[0] - right[1]), float(total[0] - total[1])
