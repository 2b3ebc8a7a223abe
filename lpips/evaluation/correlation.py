"""Rank correlations between a metric and people's scores, also on bootstrap samples."""

# pyright: reportMissingTypeStubs=false
# scipy has no stubs.

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .scores import Statistic, vectors

_Ranks = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""A function from counts of items, R×N, to the ranks of the items in each of the R samples, R×N."""


def srocc(distance: ArrayLike, damage: ArrayLike) -> float:
    """Compute Spearman's rank correlation ρ (Spearman 1904): the linear correlation of ranks.

    Equal values get the mean of their ranks. Distance and damage are both higher for worse images, so a metric that
    orders as people do has 1, and one that orders the other way round -1.

    Args:
        distance: of a metric, shape (N,).
        damage: people's scores, shape (N,), higher for worse images; see `MosSet.damage`.

    Returns:
        In [-1, 1]; NaN if all distances or all scores are equal.

    Raises:
        BappsmithError: shapes differ, or a value is NaN.

    Examples:
        >>> round(srocc([0.1, 0.2, 0.4, 0.3], [1, 2, 3, 4]), 6)
        0.8
    """
    return float(srocc_statistic(distance, damage)(np.ones((1, np.size(distance))))[0])


def srocc_statistic(distance: ArrayLike, damage: ArrayLike) -> Statistic:
    """Make the statistic `srocc` from its arguments. Values are sorted only once."""
    first, second = (_ranks(values) for values in vectors(distance=distance, damage=damage))
    return lambda counts: pearson(first(counts), second(counts), counts)


def krocc(distance: ArrayLike, damage: ArrayLike) -> float:
    """Compute Kendall's rank correlation τ-b (Kendall 1945): pairs in the same order minus pairs in the opposite order.

    (P - Q) / √((P + Q + T)·(P + Q + U)), where T pairs have equal distances only, and U pairs equal scores only.

    Args:
        distance: of a metric, shape (N,).
        damage: people's scores, shape (N,), higher for worse images.

    Returns:
        In [-1, 1]; NaN if all distances or all scores are equal.

    Raises:
        BappsmithError: shapes differ, or a value is NaN.

    Examples:
        >>> round(krocc([0.1, 0.2, 0.4, 0.3], [1, 2, 3, 4]), 6)
        0.666667
    """
    return float(krocc_statistic(distance, damage)(np.ones((1, np.size(distance))))[0])


def krocc_statistic(distance: ArrayLike, damage: ArrayLike) -> Statistic:
    """Make the statistic `krocc` from its arguments. Counts are whole numbers."""
    from scipy.stats import kendalltau  # takes half a second: import it only if people's scores are used

    first, second = vectors(distance=distance, damage=damage)

    def tau(counts: NDArray[np.float64]) -> float:
        drawn = np.repeat(np.arange(len(counts)), counts.astype(np.intp))
        if len(drawn) < 2:
            return float("nan")
        # Only the p-value, which is not used, depends on the method. The fast one divides by zero for two items.
        method = "exact" if len(drawn) == 2 else "asymptotic"
        result: Any = kendalltau(first[drawn], second[drawn], method=method)
        return float(result.statistic)

    return lambda counts: np.array([tau(row) for row in counts])


def pearson(
    first: NDArray[np.float64], second: NDArray[np.float64], counts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Compute Pearson's linear correlation of samples.

    Args:
        first: values of items, N, or R×N if they differ between samples.
        second: the same.
        counts: how often each item is in each sample, R×N.

    Returns:
        Shape (R,), in [-1, 1]; NaN where all values of a sample are equal.
    """
    with np.errstate(invalid="ignore", divide="ignore"):  # 0 / 0: an empty sample, or equal values
        total = counts.sum(axis=1, keepdims=True)
        centred = [values - (counts * values).sum(axis=1, keepdims=True) / total for values in (first, second)]
        norms = [(counts * values**2).sum(axis=1) for values in centred]
        scales = [(counts * np.square(values)).sum(axis=1) for values in (first, second)]
        for norm, scale in zip(norms, scales, strict=True):
            norm[norm <= 1e-24 * scale] = 0.0  # all values are equal, up to rounding
        return np.clip((counts * centred[0] * centred[1]).sum(axis=1) / np.sqrt(norms[0] * norms[1]), -1.0, 1.0)


def _ranks(values: NDArray[np.float64]) -> _Ranks:
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))  # starts of runs of equal values
    lengths = np.diff(starts, append=len(values))
    back = np.argsort(order)

    def ranks(counts: NDArray[np.float64]) -> NDArray[np.float64]:
        equal = np.add.reduceat(counts[:, order], starts, axis=1)
        middle = np.cumsum(equal, axis=1) - equal + (equal + 1) / 2
        return np.repeat(middle, lengths, axis=1)[:, back]

    return ranks
