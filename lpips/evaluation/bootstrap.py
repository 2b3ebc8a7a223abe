"""Confidence intervals and p-values of scores, by resampling items (Efron 1979)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .scores import Statistic

_DRAWS = 2**21
"""Draws at a time: some ten arrays of so many numbers are in memory."""


def bootstrap(
    count: int,
    statistics: Mapping[str, Statistic],
    *,
    groups: NDArray[np.intp] | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, NDArray[np.float64]]:
    """Statistics under the bootstrap. Items are drawn once, for all of them, so that they can be paired.

    Args:
        count: number of items.
        statistics: name → see `Statistic`.
        groups: number of the group of every item, shape (count,). Groups are drawn then, and items within each
            (the two-stage bootstrap of Davison and Hinkley 1997, Section 3.8), because items that share a
            photograph are more alike than others; without it, single items.
        resamples: number of resamples.
        seed: of the resampling; the same seed gives the same resamples.

    Returns:
        Name → shape (resamples,); NaN where the statistic is.
    """
    values = {name: np.empty(resamples) for name in statistics}
    start = 0
    for counts in _resample(count, groups, resamples, np.random.default_rng(seed)):
        for name, statistic in statistics.items():
            values[name][start : start + len(counts)] = statistic(counts)
        start += len(counts)
    return values


def _resample(
    count: int, groups: NDArray[np.intp] | None, resamples: int, rng: np.random.Generator
) -> Iterator[NDArray[np.float64]]:
    """How often each item was drawn: rows of resamples, columns of items, some rows at a time."""
    order = np.arange(count) if groups is None else np.argsort(groups, kind="stable")
    sizes = np.ones(count, dtype=np.intp) if groups is None else np.unique(groups, return_counts=True)[1]
    starts = np.cumsum(sizes) - sizes
    step = max(1, _DRAWS // count)
    for done in range(0, resamples, step):
        rows = min(step, resamples - done)
        drawn = rng.integers(0, len(sizes), (rows, len(sizes)))
        # Every group that was drawn gives as many items as it has, each drawn from all of it.
        of_group = np.repeat(drawn.ravel(), sizes[drawn].ravel())
        row = np.repeat(np.arange(rows), sizes[drawn].sum(axis=1))
        within = 0 if groups is None else (rng.random(len(of_group)) * sizes[of_group]).astype(np.intp)
        item = order[starts[of_group] + within]
        yield np.bincount(row * count + item, minlength=rows * count).reshape(rows, count).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval.

    Attributes:
        low: lower end.
        high: upper end.
    """

    low: float
    high: float


def interval(values: NDArray[np.float64], level: float = 0.95) -> Interval:
    """The middle `level` of resampled values, by percentiles; NaN values do not count, and NaN where all are."""
    if np.isnan(values).all():
        return Interval(float("nan"), float("nan"))
    tail = (1 - level) / 2
    return Interval(float(np.nanquantile(values, tail)), float(np.nanquantile(values, 1 - tail)))


def two_sided_p(differences: NDArray[np.float64]) -> float:
    """Bootstrap p-value of "no difference": twice the smaller share of resampled differences on either side of 0.

    It is never below 2 / (resamples + 1), which is as much as so many resamples can tell.
    """
    beyond = min((differences <= 0).sum(), (differences >= 0).sum())
    return float(min(1.0, 2 * (beyond + 1) / (len(differences) + 1)))
