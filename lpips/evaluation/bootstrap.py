"""Confidence intervals and p-values of scores, by resampling items (Efron 1979)."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from .scores import Statistic

_K = TypeVar("_K", bound=Hashable)
_DRAWS = 2**21
"""Draws at a time. About ten arrays of this many numbers are in memory."""


def bootstrap(
    count: int,
    statistics: Mapping[_K, Statistic],
    *,
    groups: NDArray[np.intp] | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> dict[_K, NDArray[np.float64]]:
    """Compute statistics of bootstrap samples. All statistics use the same samples, so that they can be paired.

    Args:
        count: number of items.
        statistics: name → function, see `Statistic`.
        groups: number of the group of every item, shape (count,). First groups are drawn, then items within each (the
            two-stage bootstrap of Davison and Hinkley 1997, Section 3.8), because items of one photograph are similar.
            None: single items are drawn.
        resamples: number of resamples.
        seed: of the resampling. The same seed gives the same resamples.

    Returns:
        Name → values, shape (resamples,); NaN if the statistic is NaN.
    """
    return _apply(statistics, _resample(count, groups, resamples, np.random.default_rng(seed)))


def crossed_bootstrap(
    factors: Sequence[NDArray[np.intp]],
    statistics: Mapping[_K, Statistic],
    *,
    resamples: int = 1000,
    seed: int = 0,
) -> dict[_K, NDArray[np.float64]]:
    """Compute statistics of bootstrap samples of items that share levels of several factors.

    The levels of every factor, such as references and types of distortion, are drawn with replacement. An item counts
    as often as the product of the counts of its levels (the pigeonhole bootstrap, Owen 2007). All statistics use the
    same samples, so that they can be paired.

    Args:
        factors: number of the level of every item, shape (N,) each. Factors with one level are left out; if none is
            left, single items are drawn.
        statistics: name → function, see `Statistic`.
        resamples: number of resamples.
        seed: of the resampling. The same seed gives the same resamples.

    Returns:
        Name → values, shape (resamples,); NaN if the statistic is NaN.
    """
    return _apply(statistics, _resample_crossed(factors, resamples, np.random.default_rng(seed)))


def _apply(statistics: Mapping[_K, Statistic], samples: Iterator[NDArray[np.float64]]) -> dict[_K, NDArray[np.float64]]:
    values: dict[_K, list[NDArray[np.float64]]] = {name: [] for name in statistics}
    for counts in samples:
        for name, statistic in statistics.items():
            values[name].append(statistic(counts))
    return {name: np.concatenate(parts) for name, parts in values.items()}


def _resample_crossed(
    factors: Sequence[NDArray[np.intp]], resamples: int, rng: np.random.Generator
) -> Iterator[NDArray[np.float64]]:
    """Yield how often each item was drawn, as `_resample` does."""
    count = len(factors[0])
    numbered = [np.unique(factor, return_inverse=True)[1] for factor in factors]
    drawn_from = [levels for levels in numbered if levels.any()] or [np.arange(count)]
    step = max(1, _DRAWS // count)
    for done in range(0, resamples, step):
        rows = min(step, resamples - done)
        counts = np.ones((rows, count))
        for levels in drawn_from:
            size = levels.max() + 1
            drawn = rng.integers(0, size, (rows, size)) + size * np.arange(rows)[:, None]
            counts *= np.bincount(drawn.ravel(), minlength=rows * size).reshape(rows, size)[:, levels]
        yield counts


def _resample(
    count: int, groups: NDArray[np.intp] | None, resamples: int, rng: np.random.Generator
) -> Iterator[NDArray[np.float64]]:
    """Yield how often each item was drawn: one row per resample, one column per item, some rows at a time."""
    order = np.arange(count) if groups is None else np.argsort(groups, kind="stable")
    sizes = np.ones(count, dtype=np.intp) if groups is None else np.unique(groups, return_counts=True)[1]
    starts = np.cumsum(sizes) - sizes
    step = max(1, _DRAWS // count)
    for done in range(0, resamples, step):
        rows = min(step, resamples - done)
        drawn = rng.integers(0, len(sizes), (rows, len(sizes)))
        # Every drawn group gives as many items as it has. Each is drawn from the whole group.
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
    """Compute the middle `level` of resampled values by percentiles. NaN values are ignored; all NaN gives NaN."""
    if np.isnan(values).all():
        return Interval(float("nan"), float("nan"))
    tail = (1 - level) / 2
    return Interval(float(np.nanquantile(values, tail)), float(np.nanquantile(values, 1 - tail)))


def two_sided_p(differences: NDArray[np.float64]) -> float:
    """Compute the bootstrap p-value of "no difference": twice the smaller share of differences on one side of 0.

    It is never below 2 / (resamples + 1), the resolution of the bootstrap. NaN values are ignored; all NaN gives NaN.
    """
    differences = differences[~np.isnan(differences)]
    if not len(differences):
        return float("nan")
    beyond = min((differences <= 0).sum(), (differences >= 0).sum())
    return float(min(1.0, 2 * (beyond + 1) / (len(differences) + 1)))
