"""Krippendorff's alpha for two categories, and other averages over items, with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
"""Bootstrap samples."""
FEWEST_ITEMS = 10
"""Items from which on there is an interval: samples of a few items hardly differ. Chosen here."""


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval; NaN if there is too little data, the interval also with few items.

    Attributes:
        value: the figure.
        low: 2.5 % quantile over bootstrap samples of items.
        high: 97.5 % quantile.
    """

    value: float
    low: float
    high: float


def krippendorff_alpha(positive: NDArray[np.int64], votes: NDArray[np.int64]) -> float:
    """Compute Krippendorff's alpha for nominal data of two categories; any number of votes may be missing.

    alpha = 1 - D_o / D_e. Over the items with m ≥ 2 votes, k of them positive, n votes in all:
    D_o = Σ 2 k (m - k) / (m - 1) / n and D_e = 2 K (n - K) / (n (n - 1)), K = Σ k (Krippendorff 2004, Content Analysis,
    Section 11.3).

    Args:
        positive: votes for one category, k, shape (N,).
        votes: number of votes, m, shape (N,).

    Returns:
        At most 1; 0 if people agree as by chance; NaN if no item has two votes, or all votes are equal.

    Examples:
        >>> krippendorff_alpha(np.array([2, 0, 1, 2]), np.array([2, 2, 2, 2]))
        0.533...
    """
    return _alpha(positive.astype(float), votes.astype(float), np.ones(len(votes)))


def _alpha(k: NDArray[np.float64], m: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    weight = weight * (m > 1)
    n, positive = float((weight * m).sum()), float((weight * k).sum())
    expected = positive * (n - positive)
    if expected <= 0:
        return float("nan")
    observed = float((weight * k * (m - k) / np.maximum(m - 1, 1)).sum())
    return 1 - (n - 1) * observed / expected


def alpha_with_interval(positive: NDArray[np.int64], votes: NDArray[np.int64], *, seed: int = 0) -> Estimate:
    """Compute alpha and its interval by resampling items; arguments as for `krippendorff_alpha`."""
    return with_interval(_alpha, positive, votes, seed=seed)


Statistic = Callable[[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]], float]
"""(k, m, weights of items), shape (M,) each → a figure."""


def with_interval(
    statistic: Statistic, positive: NDArray[np.int64], votes: NDArray[np.int64], *, seed: int = 0
) -> Estimate:
    """Compute a figure over items and its 95 % interval (percentile bootstrap over items, Efron 1979).

    Items with the same numbers of votes are interchangeable, so the numbers of items of every kind are drawn at once,
    from a multinomial distribution. The time does not depend on the number of items.

    Args:
        statistic: see `Statistic`.
        positive: votes for one category, shape (N,).
        votes: number of votes, shape (N,).
        seed: of the resampling.
    """
    kinds, counts = np.unique(np.stack([positive, votes]), axis=1, return_counts=True)
    k, m = kinds.astype(float)
    value = statistic(k, m, counts.astype(float)) if len(counts) else float("nan")
    if np.isnan(value) or counts.sum() < FEWEST_ITEMS:
        return Estimate(value, float("nan"), float("nan"))
    drawn = np.random.default_rng(seed).multinomial(counts.sum(), counts / counts.sum(), RESAMPLES)
    values = np.array([statistic(k, m, weights.astype(float)) for weights in drawn])
    low, high = np.nanquantile(values, (0.025, 0.975))
    return Estimate(value, float(low), float(high))
