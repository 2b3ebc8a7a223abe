"""Areas under curves of "small distance" as a detector of "similar"."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .scores import Statistic, vectors


def roc_auc(distance: ArrayLike, similar: ArrayLike) -> float:
    """Compute the probability that a similar pair is nearer than a different one; equal distances count half.

    It is the area under the ROC curve, and Mann-Whitney's U over the number of (similar, different).

    Args:
        distance: shape (N,).
        similar: 1 or 0, shape (N,).

    Returns:
        In [0, 1]; NaN if no pair is similar, or none different.

    Examples:
        >>> roc_auc([0.1, 0.2, 0.2, 0.3], [1, 1, 0, 0])
        0.875
    """
    return float(roc_auc_statistic(distance, similar)(np.ones((1, np.size(distance))))[0])


def average_precision(distance: ArrayLike, similar: ArrayLike) -> float:
    """Compute the average precision: Σ (R_n - R_{n-1}) P_n over all thresholds of distance, without interpolation.

    It is the area under the precision-recall curve as scikit-learn's `average_precision_score` has it. Pairs of equal
    distance pass a threshold together.

    Args:
        distance: shape (N,).
        similar: 1 or 0, shape (N,).

    Returns:
        In [0, 1]; NaN if no pair is similar.

    Examples:
        >>> average_precision([0.1, 0.2, 0.3], [1, 0, 1])
        0.8333333333333333
    """
    return float(average_precision_statistic(distance, similar)(np.ones((1, np.size(distance))))[0])


def roc_auc_statistic(distance: ArrayLike, similar: ArrayLike) -> Statistic:
    """Make the statistic `roc_auc` from its arguments. Pairs are sorted only once."""
    runs = _Runs(distance, similar)

    def statistic(counts: NDArray[np.float64]) -> NDArray[np.float64]:
        similar, different = runs.sums(counts)
        nearer = np.cumsum(different, axis=1) - different / 2
        total = different.sum(axis=1)
        with np.errstate(invalid="ignore"):  # 0 / 0 without similar or different pairs
            return (similar * (total[:, None] - nearer)).sum(axis=1) / (similar.sum(axis=1) * total)

    return statistic


def average_precision_statistic(distance: ArrayLike, similar: ArrayLike) -> Statistic:
    """Make the statistic `average_precision` from its arguments. Pairs are sorted only once."""
    runs = _Runs(distance, similar)

    def statistic(counts: NDArray[np.float64]) -> NDArray[np.float64]:
        similar, different = runs.sums(counts)
        true, false = np.cumsum(similar, axis=1), np.cumsum(different, axis=1)
        with np.errstate(invalid="ignore"):  # 0 / 0 before the first counted pair, or without similar pairs
            precision = np.nan_to_num(true / (true + false))
            return (similar * precision).sum(axis=1) / true[:, -1]

    return statistic


class _Runs:
    """Pairs ordered by distance; those of equal distance are one run."""

    def __init__(self, distance: ArrayLike, similar: ArrayLike) -> None:
        values, marks = vectors(distance=distance, similar=similar)
        self._order = np.argsort(values, kind="stable")
        ordered = values[self._order]
        self._starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
        self._similar = marks[self._order]

    def sums(self, counts: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return how many similar and different pairs every run has, R×runs each."""
        counts = counts[:, self._order]
        return (
            np.add.reduceat(counts * self._similar, self._starts, axis=1),
            np.add.reduceat(counts * (1 - self._similar), self._starts, axis=1),
        )
